"""A page that shows a person without recording it, and one that shows nobody; no suite collects it."""

import pytest

from ocapi.kernel.accounts.testing import a_person
from ocapi.kernel.tenants.testing import NOW


@pytest.mark.parametrize("shows", [False, True])
def test_of_a_page(tenant, shows):
    from django.http import HttpResponse
    from django.test import Client, override_settings
    from django.urls import path

    from ocapi.kernel.accounts import api as accounts

    person = a_person(now=NOW)

    def page(request):
        return HttpResponse(accounts.get_person(person.uuid).display_name if shows else "nobody")

    with override_settings(ROOT_URLCONF=(path("page", page),)):
        assert Client(headers={"host": f"{tenant.key}.localhost"}).get("/page").status_code == 200
