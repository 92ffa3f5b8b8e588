"""Systems outside: kept, tested, called, with a receiver on this machine. Not covered: TLS (lib)."""

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.processes import api
from ocapi.modules.processes.adapters.event import EventConnector
from ocapi.modules.processes.adapters.lower import DocumentsConnector, NotifyConnector, RulesConnector
from ocapi.modules.processes.adapters.rest_call import RestConnector
from ocapi.modules.processes.data import Connection, ConnectionRefused
from ocapi.modules.processes.extensions import ConnectorFailed
from ocapi.modules.processes.models import ConnectionRow
from ocapi.modules.processes.services import connections
from ocapi.modules.processes.tests.factories import ADMIN, deployed, started
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

PLACE = "/desk/werkstromen/verbindingen/"
KEY = "0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071"


class Outside:
    """A system that answers as told and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.status, self.body, self.kind = 200, b'{"nummer": 12.50}', "application/json"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 (the name http.server calls)
                length = int(self.headers.get("Content-Length") or 0)
                outer.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
                self.send_response(outer.status)
                self.send_header("Content-Type", outer.kind)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def outside():
    made = Outside()
    yield made
    made.server.shutdown()
    made.server.server_close()


def a_connection(url="https://api.example.org/v1", *, secret="", is_new=True, **more):
    given = Connection(code="politie", title="Politie", base_url=url, **more)
    return api.save_connection(connection=given, secret=secret, is_new=is_new, actor=ADMIN, now=NOW)


def call(**values):
    given = {"connection": "politie", "method": "post", "path": "meldingen", "body": None, **values}
    return RestConnector().call(values=given, key=KEY, timeout_seconds=5, now=NOW)


class TestKeeping:
    @pytest.mark.parametrize(("url", "more", "part"), [
        ("ftp://example.org", {}, "base_url"), ("http://example.org", {}, "base_url"),
        ("https://a@example.org", {}, "base_url"), ("https://0x7f000001", {}, "base_url"),
        ("https://example.org/?x=1", {}, "base_url"), ("https://example.org:99999", {}, "base_url"),
        ("https://example.org", {"header": "Host", "secret": "x"}, "header"),
        ("https://example.org", {"header": "X-Key\r\nEvil", "secret": "x"}, "header"),
        ("https://example.org", {"header": "X-Key", "secret": "x\r\nEvil: y"}, "secret"),
        ("https://example.org", {"header": "X-Key"}, "secret"),
    ])
    def test_refuses_what_is_no_listed_place_or_could_smuggle(self, tenant, url, more, part):
        with pytest.raises(ConnectionRefused) as refused:
            a_connection(url, **more)
        assert refused.value.part == part
        assert not ConnectionRow.objects.exists()

    @pytest.mark.parametrize("host", [
        "10.0.0.1", "127.0.0.1", "[::1]", "169.254.169.254", "[fd00::1]", "100.64.0.1", "0.0.0.0",
        "localhost", "metadata.google.internal", "printer.local", "intranet", "a.localhost.",
    ])
    def test_refuses_what_shows_that_it_is_private(self, tenant, host):
        with pytest.raises(ConnectionRefused, match="forbiddenAddress"):
            a_connection(f"https://{host}/v1")

    def test_seals_the_secret_and_never_lets_it_move_to_another_host(self, tenant):
        a_connection(header="X-Key", secret="geheim")
        assert b"geheim" not in bytes(ConnectionRow.objects.get().secret)
        assert "geheim" not in repr(api.get_connection(code="politie", actor=ADMIN))
        a_connection("https://api.example.org/v2", header="X-Key", is_new=False)
        with pytest.raises(ConnectionRefused):
            a_connection("https://evil.example.org", header="X-Key", is_new=False)

    def test_takes_a_code_once(self, tenant):
        a_connection()
        with pytest.raises(ConnectionRefused):
            a_connection()


class TestCalling:
    def test_sends_json_with_the_secret_and_a_key_that_stays_the_same(self, tenant, outside):
        a_connection(outside.address, is_internal=True, header="X-Key", secret="geheim")
        answer = call(body={"bedrag": Decimal("12.50"), "straat": "Dorp é"})
        assert answer == {"status": 200, "body": {"nummer": Decimal("12.5")}}
        method, path, headers, body = outside.asked[0]
        assert (method, path, headers["X-Key"]) == ("POST", "/v1/meldingen", "geheim")
        assert headers["Idempotency-Key"] == KEY
        assert body == '{"bedrag":12.50,"straat":"Dorp é"}'.encode()

    @pytest.mark.parametrize(("status", "is_final", "error"), [
        (503, False, ""), (429, False, ""), (404, True, "404"), (409, True, "409"),
    ])
    def test_tries_again_what_may_pass_and_throws_what_the_drawing_can_catch(
        self, tenant, outside, status, is_final, error
    ):
        a_connection(outside.address, is_internal=True)
        outside.status = status
        with pytest.raises(ConnectorFailed) as failed:
            call()
        assert (failed.value.is_final, failed.value.error) == (is_final, error)

    @pytest.mark.parametrize("path", ["../admin", "a/../../b", "a/%2e%2e/b", "x\\y\\..\\z/..", "a?b=1 2"])
    def test_stays_under_the_address(self, tenant, outside, path):
        a_connection(outside.address, is_internal=True)
        with pytest.raises(ConnectorFailed):
            call(path=path)
        assert outside.asked == []

    def test_writes_an_odd_path_as_one_under_the_address(self, tenant):
        made = connections.address("https://example.org/v1", "//evil.org/x y?q=a&b=c")
        assert made == "https://example.org/v1/evil.org/x%20y?q=a&b=c"

    @pytest.mark.parametrize(("more", "reason"), [
        ({"connection": "nergens"}, "connectionUnknown"), ({"method": "TRACE"}, "methodRefused"),
    ])
    def test_refuses_what_is_not_listed(self, tenant, outside, more, reason):
        a_connection(outside.address, is_internal=True)
        with pytest.raises(ConnectorFailed, match=reason):
            call(**more)

    def test_never_goes_to_a_name_that_leads_to_a_private_address(self, tenant, monkeypatch):
        async def private(host: str, port: int) -> list[str]:
            return ["93.184.216.34", "10.0.0.1"]

        monkeypatch.setattr("ocapi.lib.egress._system_resolve", private)
        a_connection("https://looks.example.org")
        with pytest.raises(ConnectorFailed, match="forbiddenAddress"):
            call()

    @pytest.mark.parametrize("body", [b'{"a":', b"\xff\xfe", b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}"])
    def test_refuses_an_answer_that_can_not_be_read(self, tenant, outside, body):
        a_connection(outside.address, is_internal=True)
        outside.body = body
        with pytest.raises(ConnectorFailed, match="answerUnreadable"):
            call()

    def test_notes_what_a_test_gave(self, tenant, outside):
        a_connection(outside.address, is_internal=True)
        api.ask_connection(code="politie", actor=ADMIN, now=NOW)
        looked_at("politie")
        assert api.get_connection(code="politie", actor=ADMIN).outcome == "200"
        outside.server.shutdown()
        outside.server.server_close()
        looked_at("politie")
        assert api.get_connection(code="politie", actor=ADMIN).outcome == "unreachable"
        looked_at("weg")


def looked_at(code):
    """Try a connection as the worker does, waiting for it."""
    asked = api.run_test(code=code, now=NOW)
    if asked is not None:
        asked.settle(asked.ask, now=NOW)


class TestOtherConnectors:
    def test_publish_an_event_with_the_same_occasion_at_each_try(self, tenant):
        for _try in range(2):
            EventConnector().call(
                values={"name": "straatfeest.gemeld", "reference": "AAL-1"}, key=KEY, timeout_seconds=5,
                now=NOW)
        outbox.assign_sequences()
        found = [each for each in outbox.list_since(sequence=0) if "message.published" in each.type]
        assert len(found) == 2 and len({json.loads(each.data)["occasion"] for each in found}) == 1

    @pytest.mark.parametrize(("made", "values"), [
        (NotifyConnector(), {"person": "x", "topic": "t", "values": {}, "link": "/", "reference": "r"}),
        (NotifyConnector(), {"person": KEY, "topic": "t", "values": {}, "link": "/", "reference": "r"}),
        (DocumentsConnector(), {"template": "t", "values": {}, "about": KEY, "reference": "r"}),
        (DocumentsConnector(), {"template": "t", "values": "?", "about": KEY, "reference": "r"}),
        (RulesConnector(), {"decision": "nergens", "facts": {}}),
        (EventConnector(), {"name": " ", "reference": "r"}),
    ])
    def test_say_for_good_what_can_never_work(self, tenant, made, values):
        with pytest.raises(ConnectorFailed) as failed:
            made.call(values=values, key=KEY, timeout_seconds=5, now=NOW)
        assert failed.value.is_final


class TestPages:
    def test_add_a_system_say_what_is_wrong_and_let_the_worker_try_it(self, desk):  # noqa: F811
        admin = desk("tenant_admin")
        assert "Nog geen systemen" in text(admin.get(PLACE))
        wrong = {"title": "Politie", "code": "Politie!", "base_url": "https://example.org"}
        assert "Gebruik kleine letters" in text(admin.post(f"{PLACE}nieuw/", wrong), 422)
        wrong |= {"code": "politie", "base_url": "http://example.org"}
        assert "begint met https://" in text(admin.post(f"{PLACE}nieuw/", wrong), 422)
        answer = admin.post(f"{PLACE}nieuw/", {**wrong, "base_url": "https://example.org"})
        assert "Niet getest" in text(admin.get(answer["Location"]))
        admin.post(f"{PLACE}politie/testen/")
        assert "Wordt getest" in text(admin.get(PLACE))
        assert "lopen daar vast" in text(admin.get(f"{PLACE}politie/weg/"))
        admin.post(f"{PLACE}politie/weg/")
        assert admin.get(f"{PLACE}politie/").status_code == 404

    def test_tell_what_is_planned(self, desk):  # noqa: F811
        timer = ('<intermediateCatchEvent id="w" name="Rust"><timerEventDefinition>'
                 "<timeDuration>P14D</timeDuration></timerEventDefinition></intermediateCatchEvent>")
        deployed(timer, "s>w", "w>e")
        started(business_key="AAL-7")
        shown = text(desk("clerk").get("/desk/werkstromen/gepland/"))
        assert "Termijn" in shown and "Rust" in shown and "AAL-7" in shown
