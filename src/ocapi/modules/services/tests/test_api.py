"""Loading, product pages and imports through the door. Not covered: pages and REST (see their own tests)."""

import dataclasses

import pytest

from ocapi.kernel.registry import api as registry
from ocapi.kernel.search import api as search
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.actor import system
from ocapi.lib.codec import MalformedInput
from ocapi.modules.services import api
from ocapi.modules.services.data import EntryKind, InvalidCursor, ServiceNotFound
from ocapi.modules.services.tests.factories import CONTENT, a_file


class TestLoadService:
    def test_reads_every_shipped_text(self, tenant):
        for path in sorted((CONTENT / "services").glob("*.yaml")):
            assert api.load_service(file=a_file(path.stem), now=NOW).refused == ()

    def test_leaves_out_what_this_kind_of_organization_does_not_offer(self, catalogue):
        with pytest.raises(ServiceNotFound):
            api.get_service(code="financiele-hulp", address_form="formal")

    def test_withdraws_a_service_that_is_no_longer_offered(self, catalogue):
        moved = a_file("kapvergunning", municipality="psw_centre")
        api.load_service(file=moved, now=NOW)
        with pytest.raises(ServiceNotFound):
            api.get_service(code="kapvergunning", address_form="formal")
        assert search.find(text="kapvergunning").hits == ()

    def test_shows_the_newest_version_and_keeps_the_uuid(self, catalogue):
        before = api.get_service(code="reispas", address_form="formal")
        api.load_service(file=a_file("reispas", version="2"), now=NOW)
        after = api.get_service(code="reispas", address_form="formal")
        assert (after.uuid, after.version) == (before.uuid, "2")
        codes = [each.code for each in api.list_services(address_form="formal")]
        assert codes.count("reispas") == 1

    def test_names_an_unknown_member(self, tenant):
        broken = dataclasses.replace(a_file("reispas"), raw=b"code: x\nprice: 3\n")
        with pytest.raises(MalformedInput, match="price"):
            api.load_service(file=broken, now=NOW)

    def test_refuses_a_text_that_contradicts_itself(self, tenant):
        broken = a_file("kapvergunning", **{"minimum_assurance: substantial": "minimum_assurance: strong"})
        done = api.load_service(file=broken, now=NOW)
        assert done.written == 0
        assert "minimum_assurance" in done.refused[0].reason
        assert api.list_services(address_form="formal") == ()


@pytest.mark.usefixtures("catalogue")
class TestGetService:
    @pytest.mark.parametrize(
        ("form", "label"),
        [
            ("formal", "Vraag uw kapvergunning aan"),
            ("informal", "Vraag je kapvergunning aan"),
        ],
    )
    def test_speaks_in_one_address_form_only(self, form, label):
        page = api.get_service(code="kapvergunning", address_form=form)
        words = f" {page} ".lower().replace("'", " ").split()
        assert page.action.label == label
        assert ("uw" in words) == (form == "formal")
        assert ("je" in words) == (form == "informal")

    def test_lists_by_domain_in_the_order_of_the_organization(self):
        found = api.list_services(address_form="formal", domain="environment")
        assert [each.code for each in found][0] == "kapvergunning"
        assert {each.domain for each in found} == {"environment"}

    def test_names_at_most_six_top_tasks(self):
        found = api.list_top(address_form="formal")
        assert 0 < len(found) <= 6
        assert all(each.top_task for each in found)

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("verhuizen", "verhuizing"),
            ("kapvergunnig", "kapvergunning"),
            ("omhakken", "kapvergunning"),
            ("paspoort", "reispas"),
        ],
    )
    def test_is_found_by_words_people_use(self, typed, code):
        assert search.find(text=typed).hits[0].url == f"/dienst/{code}"

    def test_is_shown_in_the_form_the_organization_addresses_its_people_in(self):
        for form, words in (("formal", "Meld uw nieuwe adres"), ("informal", "Meld je nieuwe adres")):
            registry.save_setting(
                name="organization.address_form", value=form, actor=system("test"), now=NOW
            )
            assert search.find(text="verhuizing").hits[0].summary.startswith(words)

    def test_is_found_by_its_iri(self):
        page = api.get_service(code="reispas", address_form="formal")
        assert api.find_page(uuid=str(page.uuid)) == "/dienst/reispas"

    def test_names_the_shipped_domains(self):
        assert "environment" in {domain.code for domain in api.list_domains()}


CONCEPT = b"""
@prefix lpdc: <https://productencatalogus.data.vlaanderen.be/ns/ipdc-lpdc#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://catalogue.example.org/id/> .

ex:one a lpdc:ConceptualPublicServiceSnapshot ; dct:title "Generated"@nl-BE-x-generated-formal , "Boom"@nl ;
  <http://vocab.belgif.be/ns/publicservice#hasRequirement> [ dct:title "Eigenaar"@nl ] ;
  ex:unheard "x" .

ex:two a lpdc:ConceptualPublicServiceSnapshot ; dct:description "no title"@nl .
ex:three a lpdc:ConceptualPublicServiceSnapshot ; dct:title "Fiets"@nl-be-x-informal .
"""


@pytest.fixture
def concepts(tmp_path):
    path = tmp_path / "concepts.ttl"
    path.write_bytes(CONCEPT)
    return path


@pytest.mark.usefixtures("tenant")
class TestImportCatalog:
    def test_reports_a_bad_subject_with_its_line_and_loads_the_rest(self, concepts):
        done = api.import_catalog(path=concepts, kind=EntryKind.CONCEPT, now=NOW)
        assert (done.written, len(done.refused)) == (2, 1)
        assert (
            done.refused[0].line
            == CONCEPT.decode()
            .splitlines()
            .index('ex:two a lpdc:ConceptualPublicServiceSnapshot ; dct:description "no title"@nl .')
            + 1
        )
        assert "no title" in done.refused[0].reason

    def test_warns_of_a_property_it_does_not_know_and_keeps_it(self, concepts):
        done = api.import_catalog(path=concepts, kind=EntryKind.CONCEPT, now=NOW)
        assert "unheard" in done.warnings[0].reason
        boom = api.list_catalog(actor=a_staff_member(), text="boom").items[0]
        assert "unheard" in api.get_entry(entry=boom.uuid, actor=a_staff_member()).raw

    def test_prefers_own_words_over_generated_ones_for_the_title(self, concepts):
        api.import_catalog(path=concepts, kind=EntryKind.CONCEPT, now=NOW)
        assert [each.title for each in api.list_catalog(actor=a_staff_member()).items] == ["Boom", "Fiets"]

    def test_keeps_every_language_variant_and_nested_things(self, concepts):
        api.import_catalog(path=concepts, kind=EntryKind.CONCEPT, now=NOW)
        boom = api.list_catalog(actor=a_staff_member(), text="eigenaar").items[0]
        facts = {f.property: f.values for f in api.get_entry(entry=boom.uuid, actor=a_staff_member()).facts}
        assert {v.language for v in facts["title"]} == {"nl", "nl-be-x-generated-formal"}
        assert facts["hasRequirement > title"][0].text == "Eigenaar"

    def test_changes_nothing_the_second_time(self, concepts):
        api.import_catalog(path=concepts, kind=EntryKind.CONCEPT, now=NOW)
        again = api.import_catalog(path=concepts, kind=EntryKind.CONCEPT, now=NOW)
        assert (again.written, again.unchanged) == (0, 2)

    def test_writes_nothing_of_a_file_that_is_not_turtle(self, tmp_path):
        path = tmp_path / "broken.ttl"
        path.write_bytes(CONCEPT + b"ex:four a lpdc:Broken ; ; dct:title 'open")
        with pytest.raises(MalformedInput, match=r"line \d+.*broken.ttl is not Turtle"):
            api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=NOW)
        assert api.list_catalog(actor=a_staff_member()).items == ()

    def test_is_no_business_of_citizens(self, concepts):
        with pytest.raises(PermissionError):
            api.list_catalog(actor=a_citizen())

    def test_refuses_a_cursor_of_its_own_making(self, concepts):
        with pytest.raises(InvalidCursor):
            api.list_catalog(actor=a_staff_member(), cursor="zz")

    @pytest.mark.parametrize(
        ("pattern", "kind", "least", "refused"),
        [
            ("concept-data__*.ttl", EntryKind.CONCEPT, 8, 1),
            ("instance*.ttl", EntryKind.INSTANCE, 10, 0),
        ],
    )
    def test_reads_the_real_files_and_names_what_has_no_title(self, shared, pattern, kind, least, refused):
        done = [
            api.import_catalog(path=path, kind=kind, now=NOW)
            for path in sorted((shared / "data" / "services" / "lpdc").glob(pattern))
        ]
        assert sum(each.written + each.unchanged for each in done) >= least
        reasons = [row.reason for each in done for row in each.refused]
        assert len(reasons) == refused
        assert all("has no title" in reason for reason in reasons)
