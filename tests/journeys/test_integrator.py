"""What an integrator does: register a key, take a token, call the API, receive signed events."""

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from ocapi.lib import clock
from tests.journeys import scene
from tests.journeys.people import CITIZEN, INTEGRATOR, Visitor

Visit = Callable[..., Visitor]
SCOPES = ("cases:cases:read", "cases:cases:write")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CALL = """async ([method, address, headers, body]) => {
  const answer = await fetch(address, {method, headers, body, credentials: "omit"});
  const text = await answer.text();
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  return {status: answer.status, etag: answer.headers.get("etag"), body: isJson ? JSON.parse(text) : text};
}"""
PATIENCE_S = 40.0


@dataclass(kw_only=True)
class Application:
    """A registered machine account with its key, calling as its owner's program would."""

    visitor: Visitor
    key: ECKey
    page: str
    client_id: str
    token_address: str

    @classmethod
    def register(cls, visitor: Visitor, *, scopes: tuple[str, ...] = SCOPES) -> "Application":
        key = scene.new_key()
        public = json.dumps({**key.as_dict(private=False), "kid": "eerste"})
        page = scene.registers_application(visitor, scopes=scopes, public=public)
        values = visitor.page.locator("main dd").all_inner_texts()
        return cls(visitor=visitor, key=key, page=page, client_id=values[0], token_address=values[1])

    def call(
        self, method: str, address: str, *, headers: dict[str, str] | None = None, body: str | None = None
    ) -> dict[str, Any]:
        return dict(self.visitor.page.evaluate(CALL, [method, address, headers or {}, body]))

    def ask_token(self) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.token_address, "iat": now,
            "exp": now + 60, "jti": secrets.token_urlsafe(12),
        }
        assertion = jwt.encode({"alg": "ES256", "kid": "eerste"}, claims, self.key)
        form = urlencode({
            "grant_type": "client_credentials", "client_assertion_type": JWT_BEARER,
            "client_assertion": assertion,
        })
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", self.token_address, headers=kind, body=form)

    def ask(
        self, method: str, address: str, *, body: object = None, **headers: str
    ) -> dict[str, Any]:
        token = self.ask_token()["body"]["access_token"]
        sent = {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if body is None:
            return self.call(method, address, headers=sent)
        return self.call(method, address, headers={"Content-Type": "application/json", **sent},
                         body=json.dumps(body))


@dataclass(kw_only=True)
class Receiver:
    """A small server that agrees to events and keeps what it got."""

    address: str = ""
    asked_by: list[str] = field(default_factory=list)
    events: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:  # noqa: N802 (the name http.server calls)
            origin = self.headers.get("WebHook-Request-Origin", "")
            kept.asked_by.append(origin)
            self.send_response(200)
            self.send_header("WebHook-Allowed-Origin", origin)
            self.end_headers()

        def do_POST(self) -> None:  # noqa: N802 (the name http.server calls)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.events.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()
            kept.arrived.set()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.address = f"http://localhost:{server.server_port}/in"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield kept
    server.shutdown()


class TestApplication:
    def test_gets_a_token_with_its_key_and_lists_cases(self, visit: Visit) -> None:
        visit(CITIZEN).files_request()
        made = Application.register(visit(INTEGRATOR))
        answer = made.ask_token()
        assert (answer["status"], answer["body"]["token_type"]) == (200, "Bearer")
        listed = made.ask("GET", "/api/cases/v1/cases?pageSize=5")
        assert listed["status"] == 200, listed
        assert 1 <= len(listed["body"]["items"]) <= 5

    def test_must_name_the_version_it_changes(self, visit: Visit) -> None:
        made = Application.register(visit(INTEGRATOR))
        case = visit(CITIZEN).files_request().rpartition("/")[2]
        address = f"/api/cases/v1/cases/{case}"
        etag = made.ask("GET", address)["etag"]
        change = {"assignee": None}
        assert made.ask("PATCH", address, body=change)["status"] == 428
        assert made.ask("PATCH", address, body=change, If_Match='"999"')["status"] == 412
        assert made.ask("PATCH", address, body=change, If_Match=etag)["status"] == 200

    def test_is_told_which_member_is_unknown(self, visit: Visit) -> None:
        made = Application.register(visit(INTEGRATOR))
        case = visit(CITIZEN).files_request().rpartition("/")[2]
        address = f"/api/cases/v1/cases/{case}"
        etag = made.ask("GET", address)["etag"]
        refused = made.ask("PATCH", address, body={"asignee": None}, If_Match=etag)
        assert refused["status"] == 400 and "asignee" in json.dumps(refused["body"])

    def test_loses_all_access_when_it_is_revoked(self, visit: Visit) -> None:
        sam = visit(INTEGRATOR)
        made = Application.register(sam)
        token = made.ask_token()["body"]["access_token"]
        sam.follows("Trek de toepassing in")
        sam.page.locator("main form button").last.click()
        assert made.ask_token()["status"] == 401
        held = made.call("GET", "/api/cases/v1/cases", headers={"Authorization": f"Bearer {token}"})
        assert held["status"] == 401

    def test_never_hands_in_a_private_key(self, visit: Visit) -> None:
        sam = visit(INTEGRATOR)
        sam.goes_to("/desk/koppelingen/nieuw/")
        sam.fills_in(name="Onvoorzichtig", keys=json.dumps(scene.new_key().as_dict(private=True)))
        sam.presses("Registreer")
        assert sam.page.title().startswith("Fout: ")


class TestWebhook:
    def test_delivers_signed_events_to_a_receiver_that_agreed(
        self, visit: Visit, receiver: Receiver
    ) -> None:
        sam = visit(INTEGRATOR)
        sam.goes_to("/desk/webhooks/nieuw/")
        sam.fills_in(url=receiver.address, patterns="be.ocapi.cases.*")
        sam.presses("Voeg het abonnement toe")
        row = sam.page.locator("tbody tr", has_text=receiver.address)
        for _ in range(int(PATIENCE_S)):
            if "Actief" in row.inner_text():
                break
            sam.page.wait_for_timeout(1000)
            sam.page.reload()
        assert receiver.asked_by
        visit(CITIZEN).files_request()
        assert receiver.arrived.wait(PATIENCE_S)
        headers, body = receiver.events[0]
        keys = sam.page.evaluate("async () => await (await fetch('/oauth/jwks')).json()")["keys"]
        assert self.is_signed(headers, body, keys)
        assert not self.is_signed(headers, body.replace(b"cases", b"casus"), keys)
        event = json.loads(body)
        assert event["specversion"] == "1.0" and event["type"].startswith("be.ocapi.cases.")

    def is_signed(self, headers: dict[str, str], body: bytes, keys: list[dict[str, str]]) -> bool:
        """Check a delivery as docs/howto/integrate.md says."""
        protected, _, signature = headers["ocapi-signature"].split(".")
        kid = json.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))["kid"]
        (found,) = [key for key in keys if key["kid"] == kid]
        prefix = f"{headers['ocapi-event-id']}.{headers['ocapi-timestamp']}."
        signed = protected.encode() + b"." + prefix.encode() + body
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        public = ECKey.import_key(dict(found)).get_op_key("verify")
        return verified(public, raw, signed)


def verified(public: Any, raw: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    try:
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
