"""Reference processes from pack and public file to door. Not covered here: following or deviating."""

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.rdf import turtle
from ocapi.modules.onboarding import api
from ocapi.modules.onboarding.data import InvalidCursor

CLERK = a_staff_member()


@pytest.fixture
def loaded(tenant):
    registry.load_pack(name="reference-processes", now=NOW)


@pytest.mark.usefixtures("loaded")
class TestListProcesses:
    def all_titles(self, **filters: str) -> list[str]:
        titles, cursor = [], ""
        while True:
            page = api.list_processes(actor=CLERK, cursor=cursor, **filters)
            titles += [each.title for each in page.items]
            cursor = page.next_cursor
            if not cursor:
                return titles

    def test_pages_through_all_534_without_skipping_or_doubling(self):
        iris = set()
        cursor = ""
        while True:
            page = api.list_processes(actor=CLERK, cursor=cursor)
            assert not iris & {each.iri for each in page.items}
            iris |= {each.iri for each in page.items}
            cursor = page.next_cursor
            if not cursor:
                break
        assert len(iris) == 534

    def test_finds_every_word_wherever_it_stands(self):
        assert all("belasting" in title.lower() or title for title in self.all_titles(q="belastingen"))
        assert self.all_titles(q="xyzzy") == []

    def test_filters_by_domain(self):
        domain = api.list_domains(actor=CLERK)[0]
        assert len(self.all_titles(domain=domain.code)) == domain.processes

    def test_refuses_a_cursor_nobody_gave(self):
        with pytest.raises(InvalidCursor):
            api.list_processes(actor=CLERK, cursor="x")

    def test_is_not_for_citizens(self):
        with pytest.raises(NotAllowed):
            api.list_processes(actor=a_citizen())

    def test_changes_nothing_on_a_second_load(self):
        assert registry.load_pack(name="reference-processes", now=NOW).written == 0


class TestProcessReference:
    def test_reads_the_public_files(self, tenant, shared):
        path = shared / "data/services/openproceshuis/conceptual-processes.ttl"
        done = registry.import_file(path=path, format_name="process-reference", now=NOW)
        assert done.written == 534

    def test_reports_a_process_without_title_and_loads_the_rest(self, tenant, tmp_path):
        path = tmp_path / "p.ttl"
        path.write_text(
            "@prefix p: <http://lblod.data.gift/vocabularies/openproceshuis/> .\n"
            "@prefix dct: <http://purl.org/dc/terms/> .\n"
            '<http://x.example/1> a p:ConceptueelProces ; dct:title "Goed" .\n'
            "<http://x.example/2> a p:ConceptueelProces .\n"
        )
        done = registry.import_file(path=path, format_name="process-reference", now=NOW)
        assert done.written == 1
        assert "http://x.example/2" in done.refused[0].reason

    def test_leaves_nothing_of_a_malformed_file(self, tenant, tmp_path):
        path = tmp_path / "p.ttl"
        path.write_text("<http://x.example/1> a ")
        with pytest.raises(turtle.MalformedRdf):
            registry.import_file(path=path, format_name="process-reference", now=NOW)
        assert api.list_processes(actor=CLERK).items == ()
