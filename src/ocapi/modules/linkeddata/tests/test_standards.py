"""The standards register: read, kept, matched with services. Not covered: looks (the journeys do)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.codec import MalformedInput
from ocapi.modules.linkeddata import standards
from ocapi.modules.linkeddata.data import StandardCategory
from ocapi.modules.linkeddata.tests.test_packs import load, profile  # noqa: F401

REPOSITORY = "https://github.com/Informatievlaanderen/OSLOthema-"
BUILD_LIST = [
    {"repository": f"{REPOSITORY}lokaleBesluiten", "configuration": "ap-besluit-publicatie-config.json"},
    {"repository": f"{REPOSITORY}lokaleBesluiten", "configuration": "voc-besluit-config.json"},
    {
        "repository": f"{REPOSITORY}omgevingsvergunning",
        "configuration": "ap-omgevingsvergunning-config.json",
        "status": "kandidaat-standaard",
    },
    {"repository": f"{REPOSITORY}bodem", "configuration": "bodem-AP-Bodem-config.json"},
    {"repository": f"{REPOSITORY}infrastructuur", "configuration": "ap-config.json"},
]

MEMBERS = ("title", "configuration", "repository", "status", "publicationDate", "category")
VALUES = st.none() | st.integers(-9, 9) | st.text(st.sampled_from("aB-_/ :é.0\n"), max_size=12)


def loaded(tmp_path, entries):
    path = tmp_path / "register.json"
    path.write_text(json.dumps(entries))
    return registry.import_file(path=path, format_name="", now=NOW)


class TestReading:
    def test_takes_kind_and_name_from_the_configuration_and_guesses_nothing_else(self):
        found, refused = standards.read(json.dumps(BUILD_LIST).encode())
        assert refused == ()
        assert [(each.title, each.category.value) for each in found] == [
            ("Besluit publicatie", "applicationProfile"),
            ("Besluit", "vocabulary"),
            ("Omgevingsvergunning", "applicationProfile"),
            ("Bodem bodem", "applicationProfile"),
            ("Infrastructuur", "applicationProfile"),
        ]
        assert [each.status for each in found] == ["", "", "kandidaat-standaard", "", ""]
        assert {(each.usage, each.published_on) for each in found} == {("", None)}

    def test_takes_what_the_register_itself_says(self):
        said = {
            "title": "Besluit Publicatie",
            "category": "Applicatieprofiel",
            "usage": "Verplicht",
            "status": "erkende standaard",
            "publicationDate": "2019-03-14",
        }
        ((entry,), _refused) = standards.read(json.dumps([said]).encode())
        assert entry.category is StandardCategory.PROFILE
        assert (entry.usage, entry.published_on.isoformat()) == ("Verplicht", "2019-03-14")

    @pytest.mark.parametrize("raw", [b"", b"{}", b"[", b'"x"', b"[" * 5_000, b"\xff"])
    def test_refuses_what_is_no_register(self, raw):
        with pytest.raises(MalformedInput):
            standards.read(raw)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(VALUES | st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=4), max_size=4))
    def test_reads_or_reports_whatever_a_list_holds(self, entries):
        found, refused = standards.read(json.dumps(entries).encode())
        assert len(found) + len(refused) <= len(entries)
        assert all(each.code and each.title for each in found)

    def test_of_the_real_file_leaves_nothing_out(self, shared, capsys):
        raw = (shared / "data" / "oslo" / "standards-register.json").read_bytes()
        found, refused = standards.read(raw)
        total = len(json.loads(raw))
        with capsys.disabled():
            print(f"\nstandards register: {len(found)} / {total}")
        assert (len(found), refused) == (total, ())


class TestRegister:
    def test_says_which_service_goes_by_a_profile_and_since_when(self, tmp_path, profile, browse):  # noqa: F811
        load()
        assert loaded(tmp_path, BUILD_LIST).written == 5
        told = browse().get("/api/linkeddata/v1/standards").json()
        by_title = {each["title"]: each for each in told["items"]}
        (service,) = by_title["Besluit publicatie"]["services"]
        assert (service["id"], service["objects"]) == ("bestuurseenheden", 5)
        assert service["checkedAt"] and len(service["digest"]) == 64
        assert by_title["Besluit"]["services"] == [] == by_title["Omgevingsvergunning"]["services"]
        assert "usage" not in by_title["Besluit"]
        page = browse().get("/standaarden/").content.decode()
        assert "5 objecten" in page and "niet bekend" in page and "Kandidaat standaard" in page
        assert "5 standaarden" in page

    def test_takes_the_place_of_the_one_before(self, tmp_path, tenant, browse):
        loaded(tmp_path, BUILD_LIST)
        again = loaded(tmp_path, BUILD_LIST)
        assert (again.written, again.unchanged) == (0, 5)
        bad = {**BUILD_LIST[1], "publicationDate": "x"}
        changed = [{**BUILD_LIST[0], "status": "erkende-standaard"}, 7, bad]
        done = loaded(tmp_path, changed)
        assert (done.written, [each.line for each in done.refused]) == (1, [2, 3])
        told = browse().get("/api/linkeddata/v1/standards").json()
        assert [(each["title"], each["status"]) for each in told["items"]] == [
            ("Besluit publicatie", "erkende-standaard")
        ]

    def test_is_read_page_by_page_and_by_words(self, tmp_path, tenant, browse):
        loaded(tmp_path, BUILD_LIST)
        seen, address = [], "/api/linkeddata/v1/standards?pageSize=2"
        while address:
            told = browse().get(address).json()
            seen += [each["title"] for each in told["items"]]
            address = told.get("next", "").partition("localhost")[2]
        assert seen == sorted(seen) and len(seen) == len(BUILD_LIST)
        page = browse().get("/standaarden/?q=besluit").content.decode()
        assert "Besluit publicatie" in page and "Omgevingsvergunning" not in page
        assert "woord minder" in browse().get("/standaarden/?q=qqq").content.decode()
        assert browse().get("/api/linkeddata/v1/standards?cursor=x").status_code == 400
        assert browse().get("/standaarden/?cursor=x").status_code == 302

    def test_says_that_it_is_empty(self, tenant, browse):
        assert "nog niet ingeladen" in browse().get("/standaarden/").content.decode()


class TestLoadingByScreen:
    ADDRESS = "/desk/standaarden/"

    def test_takes_a_register_and_names_what_it_could_not_read(self, browse):
        from django.core.files.uploadedfile import SimpleUploadedFile

        admin = browse("tenant_admin")
        assert "Het register is leeg" in admin.get(self.ADDRESS).content.decode()
        file = SimpleUploadedFile("r.json", json.dumps([*BUILD_LIST, 7]).encode())
        page = admin.post(self.ADDRESS, {"bestand": file}).content.decode()
        assert "5 standaarden zijn nieuw of gewijzigd" in page
        assert "Item 6: dit is geen object van JSON." in page
        assert "5 standaarden" in browse().get("/standaarden/").content.decode()

    @pytest.mark.parametrize("raw", [b"", b"{", b"{}", b"[]", b"[7]", b"\xff"])
    def test_refuses_what_is_no_register_and_changes_nothing(self, browse, raw):
        from django.core.files.uploadedfile import SimpleUploadedFile

        answer = browse("tenant_admin").post(self.ADDRESS, {"bestand": SimpleUploadedFile("r.json", raw)})
        assert answer.status_code == 422
        assert "nog niet ingeladen" in browse().get("/standaarden/").content.decode()

    def test_is_for_administrators(self, browse):
        assert browse("clerk").get(self.ADDRESS).status_code == 403
        assert self.ADDRESS in browse("tenant_admin").get("/standaarden/").content.decode()
        assert self.ADDRESS not in browse().get("/standaarden/").content.decode()
