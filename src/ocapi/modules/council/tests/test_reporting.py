"""Telling the supervisor: what is sent, and what becomes of the answer. Not covered: the egress client."""

import argparse

import pytest

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import codec, egress
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.council import api, commands, reporting
from ocapi.modules.council.data import DocumentKind, Refused, SubmissionState
from ocapi.modules.council.models import ReportingRow, SubmissionRow
from ocapi.modules.council.tests.factories import a_held_meeting, released

ENDPOINT = "https://loket.example.org/melding"
PUBLISHER = "https://leverancier.example.org/ocapi"

pytestmark = pytest.mark.usefixtures("tenant")


class Loket:
    """The endpoint of the region: keeps what it gets and answers as it is told."""

    def __init__(
        self, status=201, body=b'{"submission": "https://data.example.org/s/1", "job": "https://j/1"}'
    ):
        self.status, self.body, self.got = status, body, []

    def send(self, *, method, url, headers, body, allowed, limits):
        self.got.append((url, codec.decode_untyped(body), allowed))
        if self.status == 0:
            raise egress.EgressFailed(egress.Failure.TIMED_OUT, "loket.example.org")
        return egress.Answer(status=self.status, headers={}, body=self.body, url=url)


@pytest.fixture
def extract():
    """A published regulation, which is reported; gives its public page's document."""
    town, item, _secret = a_held_meeting()
    release = released(town, DocumentKind.EXTRACT, item)
    return api.get_publication(release=release, actor=ANONYMOUS).release


def report(loket):
    """Report what waits as the worker does, waiting for the endpoint; gives how many arrived."""
    before = count(SubmissionState.SENT)
    while (asked := reporting.report(now=NOW, send=loket.send)) is not None:
        waiting = count(SubmissionState.WAITING)
        asked.settle(asked.ask, now=NOW)
        if count(SubmissionState.WAITING) == waiting:
            break
    return count(SubmissionState.SENT) - before


def count(state):
    return SubmissionRow.objects.filter(state=state.value).count()


def switched_on():
    api.report_to(endpoint=ENDPOINT, publisher=PUBLISHER, key="AB-12", now=NOW)


class TestReport:
    def test_sends_nothing_until_it_is_switched_on(self, extract):
        loket = Loket()
        assert (report(loket), loket.got) == (0, [])

    def test_names_the_page_and_the_decision_and_never_an_overview(self, extract):
        switched_on()
        loket = Loket()
        assert report(loket) == 1
        url, body, allowed = loket.got[0]
        base = tenants.current().base_iri
        assert url == ENDPOINT
        assert body["href"] == f"{base}/besluiten/documenten/{extract.document}"
        assert body["submittedResource"].startswith(f"{base}/id/besluit/")
        assert body["publisher"] == {"uri": PUBLISHER, "key": "AB-12"}
        assert body["status"].endswith("f6330856-e261-430f-b949-8e510d20d0ff")
        assert [each.host for each in allowed.destinations] == ["loket.example.org"]

    def test_is_done_once_and_shown_beside_the_publication(self, extract):
        switched_on()
        loket = Loket()
        report(loket)
        assert report(loket) == 0
        assert len(loket.got) == 1
        assert api.get_publication(release=extract.uuid, actor=ANONYMOUS).reported_at == NOW

    def test_goes_on_with_the_next_at_once(self, monkeypatch):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        released(town, DocumentKind.DECISION_LIST)
        switched_on()
        loket = Loket()
        monkeypatch.setitem(reporting.report.__kwdefaults__, "send", loket.send)
        jobs.enqueue(job="council.report", arguments={}, due_at=NOW)
        jobs.visit(now=NOW, budget_ms=60_000, only=("council.report",))
        assert (len(loket.got), count(SubmissionState.SENT)) == (2, 2)

    @pytest.mark.parametrize("status", [0, 500, 503, 429])
    def test_tries_again_when_the_endpoint_is_away(self, extract, status):
        switched_on()
        assert report(Loket(status)) == 0
        assert report(Loket()) == 1

    def test_gives_up_what_is_refused_and_says_so(self, extract):
        switched_on()
        assert report(Loket(400)) == 0
        row = SubmissionRow.objects.get()
        assert (row.state, row.problem) == ("refused", "answer 400")

    @pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"submission": {"a": 1}}'])
    def test_takes_any_answer_of_success(self, extract, body):
        switched_on()
        assert report(Loket(200, body)) == 1

    def test_is_not_made_of_an_agenda(self):
        a_held_meeting()
        assert SubmissionRow.objects.count() == 0


class TestSwitch:
    def test_keeps_the_key_sealed(self):
        switched_on()
        assert b"AB-12" not in bytes(ReportingRow.objects.get().sealed_key)

    def test_refuses_an_address_that_is_not_encrypted(self):
        with pytest.raises(Refused, match="notAnAddress"):
            api.report_to(endpoint="http://loket.example.org/", publisher=PUBLISHER, key="x", now=NOW)

    def test_reads_the_key_from_a_file_and_goes_off_by_a_word(self, tmp_path, capsys):
        (tmp_path / "key").write_text("AB-12\n")
        options = argparse.Namespace(endpoint=ENDPOINT, publisher=PUBLISHER, key_file=tmp_path / "key")
        assert commands.report_to(options) == 0
        assert ReportingRow.objects.count() == 1
        assert commands.report_to(argparse.Namespace(endpoint="off", publisher="", key_file=None)) == 0
        assert ReportingRow.objects.count() == 0
        assert "AB-12" not in capsys.readouterr().out

    def test_refuses_a_key_that_is_not_there(self, tmp_path, capsys):
        options = argparse.Namespace(endpoint=ENDPOINT, publisher=PUBLISHER, key_file=tmp_path / "none")
        assert commands.report_to(options) == 1
        assert "nothing was changed" in capsys.readouterr().err
