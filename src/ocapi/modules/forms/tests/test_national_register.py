"""The register as a source, over a stand-in for the door of exchange. Not covered here: exchange itself."""

from types import SimpleNamespace

import pytest

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_citizen
from ocapi.lib import ids
from ocapi.lib.actor import Subject
from ocapi.modules import exchange
from ocapi.modules.forms import api
from ocapi.modules.forms.adapters.national_register import NationalRegister
from ocapi.modules.forms.data import Address, FieldType, PrefillState
from ocapi.modules.forms.extensions import FieldRef

KNOWN = {
    "person.given_name": "Fien",
    "person.address.street_name": "Proefstraat",
    "person.address.house_number": "12",
    "person.address.postal_code": "9880",
    "person.address.municipality": "Aalter",
}
NAME = FieldRef(form="f", field="name", type=FieldType.TEXT, path="person.given_name")
ADDRESS = FieldRef(form="f", field="home", type=FieldType.ADDRESS, path="person.address")
BIRTH = FieldRef(form="f", field="birth", type=FieldType.DATE, path="person.birth_date")


@pytest.fixture
def asked(monkeypatch):
    """Stand in for exchange; gives what was asked, and takes the state or refusal to answer with."""
    told = {"state": "ok", "requests": [], "raises": None}

    def consult_national_register(**request):
        told["requests"].append(request)
        if told["raises"]:
            raise told["raises"]
        return SimpleNamespace(state=told["state"], values=KNOWN if told["state"] == "ok" else {})

    fake = SimpleNamespace(consult_national_register=consult_national_register)
    monkeypatch.setattr(exchange, "api", fake, raising=False)
    monkeypatch.setattr(registry, "is_mounted", lambda module: True)
    return told


def fetch(*fields, kind="person"):
    citizen = a_citizen()
    subject = Subject(kind=kind, uuid=citizen.person)
    found = NationalRegister().fetch(
        fields=fields, subject=subject, actor=citizen, purpose="Verhuizen", reference="draft/1", now=NOW
    )
    return {each.field: (each.state, each.value) for each in found}


class TestNationalRegister:
    def test_joins_the_whole_name_of_both_names(self, asked, monkeypatch):
        monkeypatch.setitem(KNOWN, "person.family_name", "Boomgaard")
        whole = FieldRef(form="f", field="whole", type=FieldType.TEXT, path="person.whole_name")
        assert fetch(whole, NAME)["whole"] == (PrefillState.OK, "Fien Boomgaard")
        assert asked["requests"][0]["fields"] == ("person.given_name", "person.family_name")

    def test_asks_for_all_fields_at_once_and_reads_them_by_type(self, asked):
        assert fetch(NAME, ADDRESS, BIRTH) == {
            "name": (PrefillState.OK, "Fien"),
            "home": (
                PrefillState.OK,
                Address(
                    street_name="Proefstraat", house_number="12", postal_code="9880", municipality="Aalter"
                ),
            ),
            "birth": (PrefillState.EMPTY, None),
        }
        assert [request["fields"] for request in asked["requests"]] == [
            ("person.given_name", "person.address", "person.birth_date")
        ]
        assert asked["requests"][0]["purpose"] == "Verhuizen"

    def test_says_that_it_is_down(self, asked):
        asked["state"] = "sourceDown"
        assert fetch(NAME) == {"name": (PrefillState.SOURCE_DOWN, None)}

    def test_has_nothing_on_organizations_and_asks_nothing(self, asked):
        assert fetch(NAME, kind="organization") == {}
        assert asked["requests"] == []

    def test_fills_in_nothing_for_whom_exchange_refuses(self, asked):
        asked["raises"] = NotAllowed(operation="exchange.consult", reason=Reason.NOT_PERMITTED)
        assert fetch(NAME) == {}

    def test_is_down_where_exchange_is_not_mounted(self, monkeypatch):
        monkeypatch.setattr(registry, "is_mounted", lambda module: False)
        assert NationalRegister().check_config()
        assert fetch(NAME) == {"name": (PrefillState.SOURCE_DOWN, None)}

    def test_fills_a_draft_of_a_product_form(self, asked, tenant):
        registry.load_pack(name="forms", now=NOW)
        draft = api.start(form="verhuizing", actor=a_citizen(person=ids.new_uuid(NOW)), now=NOW)
        assert {each.field: each.source for each in draft.answers} == {
            "given_name": "national-register",
            "address": "national-register",
        }
        assert len(asked["requests"]) == 1
