"""Fixtures of services. Covers nothing itself."""

import pytest


@pytest.fixture
def catalogue(tenant):
    """An organization with every shipped service it offers."""
    from ocapi.kernel.tenants.testing import NOW
    from ocapi.modules.services import api
    from ocapi.modules.services.tests.factories import CONTENT, a_file

    for path in sorted((CONTENT / "services").glob("*.yaml")):
        api.load_service(file=a_file(path.stem), now=NOW)


@pytest.fixture
def addresses():
    """The addresses of services, mounted as the manifest says."""
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="ocapi.modules.services.tests.addresses"):
        yield


@pytest.fixture
def nobody(tenant):
    """Give a browser of a visitor."""
    from django.test import Client

    return Client(headers={"host": f"{tenant.key}.localhost"})
