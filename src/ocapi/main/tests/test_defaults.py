"""What a fresh installation is safe from without any setting. Not covered: what an operator then opens."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.models import PersonRow, RoleRow, User
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.lib import clock
from ocapi.lib.actor import Capacity
from ocapi.main import commands, environment
from ocapi.main.tests.addresses import addresses

WRITTEN_BY_READING = ("audit_", "django_session")  # leaves of looks, the session's last use
SOURCE = Path(__file__).resolve().parents[2]
KEEPING = re.compile(
    r"localStorage|sessionStorage|indexedDB|document\.cookie|hx-push-url|hx-boost|hx-history"
)
PRODUCTION = {"OCAPI_SECRET": "x" * 40}


@pytest.fixture
def administrator(tenant) -> Iterator[Client]:
    """A browser of somebody who may do everything at the desk."""
    now = clock.now()
    person = a_person(now=now)
    accounts.grant_role(person=person.uuid, code="tenant_admin", unit="", actor=ACTOR, now=now)
    browser = Client(headers={"host": f"{tenant.key}.localhost"}, raise_request_exception=False)
    signed_in(browser, person=person.uuid, capacity=Capacity.STAFF, now=now)
    yield browser


def counts() -> dict[str, int]:
    models = [model for model in apps.get_models() if model._meta.app_label != "tenants"]
    tables = {model._meta.db_table: model for model in models}
    return {
        name: model._default_manager.count() for name, model in tables.items()
        if not name.startswith(WRITTEN_BY_READING)
    }


class TestFreshOrganization:
    def test_has_no_account_no_person_and_no_role(self, committed_tenant):
        assert (User.objects.count(), PersonRow.objects.count(), RoleRow.objects.count()) == (0, 0, 0)


class TestProduction:
    def test_refuses_to_show_how_it_works_inside(self):
        with pytest.raises(environment.SettingRefused, match="OCAPI_DEBUG"):
            environment.read({**PRODUCTION, "OCAPI_DEBUG": "1"})
        assert environment.read({**PRODUCTION, "OCAPI_DEBUG": "1", "OCAPI_DEMO": "1"}).is_debug

    def test_wants_a_secret_of_some_length(self, tmp_path):
        for secret in ("", "x" * 31):
            with pytest.raises(environment.SettingRefused, match="OCAPI_SECRET"):
                environment.read({"OCAPI_SECRET": secret, "OCAPI_DATA": str(tmp_path)})


class TestSettings:
    def test_that_are_wrong_are_one_line_and_no_traceback(self, monkeypatch, capsys):
        monkeypatch.setenv("OCAPI_PORT", "99999")
        assert commands.run(["nginx"]) == 2
        assert capsys.readouterr().err == "OCAPI_PORT='99999': use a whole number from 1 to 65535\n"


class TestReading:
    def test_changes_nothing_whatever_address_is_asked_for(self, administrator):
        before = counts()
        answered = [administrator.get(path).status_code for path in addresses()]
        assert answered.count(200) > 10
        after = counts()
        assert {name: (before[name], after[name]) for name in after if after[name] != before[name]} == {}

    def test_offers_signing_out_on_every_page_of_somebody_signed_in(self, administrator):
        pages = {path: administrator.get(path) for path in addresses()}
        shown = {
            path: page.content.decode() for path, page in pages.items()
            if page.status_code == 200 and page.headers["content-type"].startswith("text/html")
        }
        assert len(shown) > 5
        assert [path for path, text in shown.items() if "/account/afmelden/" not in text] == []


class TestBrowser:
    """htmx keeps pages in the browser only where an address is pushed."""

    def test_is_given_nothing_to_keep(self):
        found = (path for kind in ("*.html", "*.js") for path in SOURCE.rglob(kind))
        files = [path for path in found if "vendor" not in path.parts]
        assert len(files) > 40
        assert [str(path) for path in files if KEEPING.search(path.read_text())] == []

    @pytest.mark.parametrize("planted", [
        "localStorage.setItem('insz', x)", "document.cookie = x", '<a hx-push-url="true">',
        "indexedDB.open('x')",
    ])
    def test_would_be_caught_keeping(self, planted):
        assert KEEPING.search(planted)


class TestSessions:
    def test_have_a_key_nobody_guesses(self, administrator):
        (key,) = {cookie.value for name, cookie in administrator.cookies.items() if "session" in name}
        assert (len(key), key.isalnum()) == (32, True)  # of 36 characters: 165 bits
