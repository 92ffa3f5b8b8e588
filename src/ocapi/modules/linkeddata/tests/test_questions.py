"""Questions over open services: what is in the index, how it follows, what is refused.

Not covered: the protocol (tests/conformance/sparql), how the page looks (tests/journeys).
"""

import shutil

import pytest

from ocapi.kernel.jobs import api as jobs
from ocapi.lib import clock, codec
from ocapi.lib.rdf import asking, index
from ocapi.lib.rdf.asking import Question, QuestionRefused, QuestionStopped
from ocapi.modules.linkeddata import api, indexing
from ocapi.modules.linkeddata.models import ObjectRow, ServiceRow, VersionRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization

pytestmark = pytest.mark.usefixtures("services")
NAMES = "SELECT ?n { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?n } ORDER BY ?n"


@pytest.fixture(autouse=True)
def no_index(services):
    """Start without files of an earlier test: the database is rolled back, they are not."""
    shutil.rmtree(indexing.folder(), ignore_errors=True)


def make(service="open", **changes):
    return api.create_object(
        service=service, term="Organisatie", body=an_organization(**changes), actor=OPERATOR, now=clock.now()
    )


def rows(query, **more):
    answer = api.ask(question=Question(query=query, **more), actor=OPERATOR)
    found = codec.decode_untyped(answer.body)
    return [{k: v["value"] for k, v in row.items()} for row in found["results"]["bindings"]]


def names():
    return [each["n"] for each in rows(NAMES)]


class TestIndex:
    def test_holds_what_open_services_say_and_nothing_else(self, browse):
        make(naam="Open")
        make(service="organization", naam="Intern")
        make(service="personal", naam="Persoon")
        api.rebuild(now=clock.now())
        assert names() == ["Open"]
        graphs = rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
        assert graphs == [{"g": f"{api.base()}/data/open"}]

    def test_follows_every_change_like_one_that_is_made_anew(self):
        kept = make(naam="Blijft", vestiging=[{"@type": "Vestiging", "plaats": "Dorp 1"}])
        gone = make(naam="Weg")
        assert api.keep_index(service="open", now=clock.now()) == 2
        for number in range(3):
            body = an_organization(
                naam=f"Blijft {number}", vestiging=[{"@type": "Vestiging", "plaats": f"Dorp {number}"}]
            )
            api.replace_object(
                service="open",
                term="Organisatie",
                uuid=kept.uuid,
                body=body,
                sequence=number + 1,
                actor=OPERATOR,
                now=clock.now(),
            )
        api.delete_object(
            service="open", term="Organisatie", uuid=gone.uuid, sequence=1, actor=OPERATOR, now=clock.now()
        )
        assert api.keep_index(service="open", now=clock.now()) == 4
        assert api.keep_index(service="open", now=clock.now()) == 0
        everything = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        followed = (names(), rows(everything))
        assert followed[0] == ["Blijft 2"]
        api.rebuild(now=clock.now())
        assert (names(), rows(everything)) == followed

    def test_follows_many_changes_in_a_few_turns_of_a_job(self, monkeypatch):
        monkeypatch.setattr(indexing, "AT_ONCE", 20)
        jobs.finish(now=clock.now(), budget_ms=60_000, max_jobs=1_000)
        for number in range(50):
            make(naam=f"N{number:02}")
        done = jobs.finish(now=clock.now(), budget_ms=60_000, max_jobs=1_000).did
        assert len(names()) == 50
        assert done < 50 + 20  # the facts, and far fewer jobs than two for each

    def test_does_the_same_again_after_a_crash_before_the_position_was_kept(self, monkeypatch):
        make(naam="Een")

        def breaks(path, content):
            raise OSError("power")

        with monkeypatch.context() as broken:
            broken.setattr(index.durable, "write_file", breaks)
            with pytest.raises(OSError, match="power"):
                api.keep_index(service="open", now=clock.now())
        assert index.readable(indexing.folder()) is None
        assert api.keep_index(service="open", now=clock.now()) == 1
        assert names() == ["Een"]

    def test_starts_a_service_anew_when_its_objects_were_restored_from_before(self):
        make(naam="Een")
        make(naam="Twee")
        api.keep_index(service="open", now=clock.now())
        VersionRow.objects.filter(number=2).delete()
        ObjectRow.objects.filter(title="Twee").delete()
        ServiceRow.objects.filter(code="open").update(last_number=1)
        assert api.keep_index(service="open", now=clock.now()) == 1
        assert names() == ["Een"]

    def test_is_written_by_one_at_a_time(self):
        make()
        with index.writing(indexing.folder()), pytest.raises(index.IndexBusy):
            api.keep_index(service="open", now=clock.now())

    def test_keeps_no_more_copies_than_are_read(self):
        for number in range(5):
            make(naam=f"N{number}")
            api.keep_index(service="open", now=clock.now())
        assert len(list(indexing.folder().glob("copy-*"))) == 2
        assert len(list(indexing.folder().glob("index-*"))) == 1

    def test_has_no_answer_before_anything_was_indexed(self):
        with pytest.raises(QuestionStopped, match="noIndex"):
            names()


class TestQuestion:
    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "service"),
            ("select * { service silent ?x { ?s ?p ?o } }", "service"),
            ("SELECT * { ?s ?p 'it#s' . SERVICE<http://a/>{} }", "service"),
            ("LOAD <http://127.0.0.1/>", "update"),
            ("INSERT DATA { <urn:a> <urn:b> 1 }", "update"),
            ("SELECT", "notAQuery"),
            ("hallo", "notAQuery"),
            ("SELECT * { ?s ?p }", "notAQuery"),
            ("ASK {}" + " " * asking.MAX_QUERY, "tooLong"),
            ("SELECT * {" + "{" * 30_000, "notAQuery"),
        ],
    )
    def test_is_refused_with_the_reason(self, query, reason):
        api.rebuild(now=clock.now())
        with pytest.raises((QuestionRefused, QuestionStopped)) as refused:
            api.ask(question=Question(query=query), actor=OPERATOR)
        assert refused.value.reason in (reason, "memory")

    @pytest.mark.parametrize(
        "query",
        [
            "SELECT ?service { ?service ?p ?o }",
            "SELECT * { ?s ?p 'SERVICE' }",
            "# SERVICE\nSELECT * { ?s ?p ?o }",
            "PREFIX service: <urn:s:> SELECT * { ?s service:SERVICE ?o }",
            "SELECT * { ?s <urn:SERVICE> ?o }",
            'SELECT * { ?s ?p """een "SERVICE" """ }',
        ],
    )
    def test_may_speak_of_a_service(self, query):
        assert "SERVICE" not in asking.words_of(query)

    def test_that_is_not_written_right_says_where_and_not_the_whole_grammar(self, browse):
        api.rebuild(now=clock.now())
        page = browse().get("/vraag-de-data/", {"query": "SELECT * {"}).content.decode()
        assert "regel 1, teken 11" in page
        assert "expected" not in page

    def test_that_never_ends_is_stopped(self, monkeypatch):
        monkeypatch.setattr("ocapi.modules.linkeddata.api.querying.PATIENCE", 1.0)
        for number in range(30):
            make(naam=f"N{number}")
        api.rebuild(now=clock.now())
        endless = "SELECT (COUNT(*) AS ?n) {" + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(8)) + "}"
        with pytest.raises(QuestionStopped, match="time"):
            api.ask(question=Question(query=endless), actor=OPERATOR)


CONFINED = """
import os, socket
from ocapi.lib import confined
confined.confine(memory_bytes=1 << 30, cpu_seconds=5)
refused = 0
for attempt in (
    lambda: socket.socket(), lambda: socket.socketpair(), lambda: os.execv("/bin/true", ["true"]),
):
    try:
        attempt()
    except PermissionError:
        refused += 1
print(refused, len(open("/proc/self/status").read()) > 0)
"""


class TestConfinement:
    def test_takes_sockets_and_other_programs_away_and_leaves_files(self):
        import subprocess
        import sys

        done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["3", "True"]
