"""Old and present codes of public bodies lead to what they stand for. Not covered: the whole register."""

from datetime import date

import pytest

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import (
    EventResult,
    Identifier,
    OrganizationKind,
    OrganizationStatus,
    RegisterEvent,
    RegisterRecord,
)
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import actor as actors
from ocapi.modules.linkeddata import authorities
from ocapi.modules.linkeddata.tests.test_packs import load, profile  # noqa: F401

ROOT = "/api/linkeddata/v1/identifiers"
SYSTEM = actors.system("test")


@pytest.fixture
def register(tenant):
    """The part of the register about Knesselare, which Aalter took the place of, and Wingene."""
    shipped = {each.key: each for each in authorities.registry.shipped_local_authorities()[0]}
    kinds = {"municipality": OrganizationKind.MUNICIPALITY, "psw_centre": OrganizationKind.PSW_CENTRE}
    records = [
        RegisterRecord(
            key=key,
            kind=kinds[shipped[key].kind],
            status=OrganizationStatus(shipped[key].status),
            identifiers=tuple(
                Identifier(
                    scheme=each.scheme, value=each.value, valid_from=each.valid_from, valid_to=each.valid_to
                )
                for each in shipped[key].identifiers
            ),
        )
        for key in ("aalter", "aalter-voor-2019", "knesselare", "ocmw-aalter", "wingene")
    ]
    gone = ("aalter-voor-2019", "knesselare")
    merger = RegisterEvent(
        key="merger",
        change_type="merger",
        on=date(2019, 1, 1),
        originals=gone,
        resulting=("aalter",),
        results=(
            EventResult(key="aalter", status=OrganizationStatus.ACTIVE),
            *(EventResult(key=each, status=OrganizationStatus.ENDED) for each in gone),
        ),
    )
    report = accounts.load_local_authorities(records, (merger,), source="test", actor=SYSTEM, now=NOW)
    assert report.refused == ()


@pytest.mark.usefixtures("register")
class TestIdentifiers:
    def test_of_a_merged_municipality_say_what_replaced_it(self, browse):
        for scheme, value in (("nis", "44029"), ("kbo", "0207.449.544"), ("ovo", "ovo001993")):
            answer = browse().get(f"{ROOT}/{scheme}/{value}")
            assert answer.status_code == 200, value
            told = answer.json()
            assert told["status"] == "ended", value
            (heir,) = told["replacedBy"]
            assert (heir["name"], heir["identifiers"]["nis"]) == ("Aalter", "44084")
            page = browse().get(f"/id/{scheme}/{value}").content.decode()
            assert "bestaat niet meer" in page and "44084" in page

    def test_of_a_municipality_that_goes_on_under_another_code_give_that_code(self, browse):
        told = browse().get(f"{ROOT}/nis/37018").json()
        assert (told["status"], told["currentValue"], told["replacedBy"]) == ("renumbered", "37021", [])
        assert "37021" in browse().get("/id/nis/37018").content.decode()

    def test_lead_to_the_published_body_where_there_is_one(self, browse, profile):  # noqa: F811
        load()
        told = browse().get(f"{ROOT}/nis/44029").json()
        sent = browse().get("/id/nis/44029")
        assert sent.status_code == 303
        assert told["body"]["href"].endswith(sent["Location"])
        page = browse().get(sent["Location"]).content.decode()
        heir = told["replacedBy"][0]
        assert f'<a href="{heir["iri"]}">{heir["name"]}</a>' in page
        assert browse().get("/id/nis/44084")["Location"] != sent["Location"]

    def test_of_any_public_body_lead_to_it_when_it_is_published(self, browse, profile):  # noqa: F811
        from ocapi.modules.linkeddata import api
        from ocapi.modules.linkeddata.data import RegisteredThing

        assert browse().get(f"{ROOT}/kbo/0738733786").status_code == 404
        load()
        codes = [("kbo", "0738733786", None), ("ovo", "OVO000099", "2020-01-01"), ("ovo", "OVO000100", None)]
        body = {
            "naam": "AG Erfgoed",
            "classificatie": f"{authorities.CLASSIFICATION}{authorities.KINDS['municipality']}",
            "identificator": [
                {"@type": "Identificator", "notatie": value, "stelsel": scheme}
                | ({"geldigTot": until} if until else {})
                for scheme, value, until in codes
            ],
        }
        gone = {
            **body,
            "naam": "Oud",
            "toestand": "Niet actief",
            "identificator": [{"@type": "Identificator", "notatie": "0820307620", "stelsel": "kbo"}],
        }
        api.load_register(
            service="bestuurseenheden",
            things=[
                RegisteredThing(key="ag", term="Bestuurseenheid", body=body),
                RegisteredThing(key="oud", term="Bestuurseenheid", body=gone, replaced_by=("ag",)),
            ],
            actor=api.LOADER,
            now=NOW,
        )
        told = browse().get(f"{ROOT}/kbo/0738.733.786").json()
        assert (told["status"], told["body"]["name"]) == ("current", "AG Erfgoed")
        assert browse().get("/id/kbo/0738733786").status_code == 303
        told = browse().get(f"{ROOT}/ovo/ovo000099").json()
        assert (told["status"], told["currentValue"]) == ("renumbered", "OVO000100")
        told = browse().get(f"{ROOT}/kbo/0820307620").json()
        assert (told["status"], told.get("currentValue", "")) == ("ended", "")

    def test_of_an_area_are_of_the_municipality_and_not_of_its_centre(self, browse):
        assert browse().get(f"{ROOT}/nis/44084").json()["body"]["name"] == "Aalter"

    @pytest.mark.parametrize("path", ["nis/99999", "nis/x", "insz/44084", f"nis/{'4' * 400}", "nis/%27%20or"])
    def test_that_nobody_has_are_not_found(self, browse, path):
        answer = browse().get(f"{ROOT}/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert browse().get(f"/id/{path}").status_code == 404

    def test_of_an_enterprise_lead_nowhere_for_it_may_be_of_a_person(self, browse):
        accounts.create_organization(
            kind=OrganizationKind.ENTERPRISE,
            identifiers=(
                Identifier(scheme="kbo", value="0207448455"),
                Identifier(scheme="name", value="Jan"),
            ),
            actor=SYSTEM,
            now=NOW,
        )
        assert browse().get(f"{ROOT}/kbo/0207448455").status_code == 404
        assert browse().get("/id/kbo/0207448455").status_code == 404
