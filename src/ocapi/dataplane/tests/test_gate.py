"""Gate, snapshot and ingest with real keys and a real inbox. Not covered: how the snapshot is made."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from ocapi.dataplane import snapshot as policy
from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests.asgi import Got, ask, plan, running
from ocapi.lib import clock, codec, durable, inbox, seglog, snapshot, successors
from ocapi.lib.snapshot import ApplicationGrant, Limits, Stream, TenantEntry, TenantPart

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
AALTER = UUID("01a20aee-1434-734a-989a-71178ea18aaf")
BETA = UUID("01a20aee-1434-734a-989a-71178ea18ab0")
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
READ, WRITE = "capture:streams:read", "capture:observations:write"
STREAMS = "/ingest/v1/streams"
OBSERVATIONS = "/ingest/v1/streams/bikes/observations"
GOOD = b'{"observations":[{"id":"a1","at":"2026-11-23T09:00:00Z","value":12.5}]}'
JSON = (b"content-type", b"application/json")


def part(key: str, uuid: UUID, *, state: str = "active", per_minute: int = 600) -> TenantPart:
    return TenantPart(
        tenant=TenantEntry(uuid=uuid, key=key, hosts=(f"{key}.localhost",)),
        grants=(ApplicationGrant(client_id="meter", tenant=key, scopes=(READ, WRITE), state=state),),
        streams=(Stream(name="bikes"), Stream(name="air")), limits=Limits(requests_per_minute=per_minute),
    )


def publish(
    folder: Path, *, generation: int = 1, state: str = "active", key: ec.EllipticCurvePrivateKey = KEY,
    at: datetime = NOW, per_minute: int = 600,
) -> None:
    parts = (part("aalter", AALTER, state=state, per_minute=per_minute), part("beta", BETA))
    snapshot.write_index(folder / "snapshot", parts=parts, generation=generation, key=key, now=at)
    jwk = ECKey.import_key(pem(KEY)).as_dict(private=False) | {"kid": "k1"}
    durable.write_file(folder / "snapshot" / "platform.jwk", codec.encode_json(jwk))


def publish_changed(folder: Path, **tenant: object) -> None:
    """Publish that something is the matter with the organization itself."""
    publish(folder)
    whole = part("aalter", AALTER)
    parts = (replace(whole, tenant=replace(whole.tenant, **tenant)), part("beta", BETA))  # type: ignore[arg-type]
    snapshot.write_index(folder / "snapshot", parts=parts, generation=2, key=KEY, now=NOW)


def hand_over(folder: Path, *, signer: ec.EllipticCurvePrivateKey) -> None:
    jwk = ECKey.import_key(pem(OTHER_KEY)).as_dict(private=False)
    made = successors.signed(kid="k2", x=str(jwk["x"]), y=str(jwk["y"]), by="k1", key=signer)
    successors.write(folder / "snapshot", [made])


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def token(
    *, key: ec.EllipticCurvePrivateKey = KEY, header: dict[str, str] | None = None, **changes: object
) -> str:
    issued = int(NOW.timestamp())
    name = f"urn:uuid:{AALTER}"
    claims = {
        "iss": name, "aud": name, "client_id": "meter", "scope": f"{READ} {WRITE}", "iat": issued,
        "exp": issued + 300, **changes,
    }
    protected = {"alg": "ES256", "typ": "at+jwt", "kid": "k1", **(header or {})}
    return jws.serialize_compact(protected, codec.encode_json(claims), ECKey.import_key(pem(key)))


def bearer(text: str) -> tuple[bytes, bytes]:
    return (b"authorization", f"Bearer {text}".encode())


def unsigned() -> str:
    header, payload, _ = token().split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"  # {"alg":"none","typ":"at+jwt"}
    return f"{none}.{payload}."


def keyed_with_public_key() -> str:
    """Sign HS256 with the public key as secret: the old confusion of algorithms."""
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    payload = codec.encode_json({"iss": f"urn:uuid:{AALTER}", "aud": f"urn:uuid:{AALTER}"})
    return jws.serialize_compact({"alg": "HS256", "typ": "at+jwt"}, payload, OctKey.import_key(public.hex()))


Scenario = Callable[[DataPlane], Awaitable[Got]]


def run(folder: Path, scenario: Scenario, *, at: datetime = NOW) -> Got:
    async def play() -> Got:
        async with running(plan(folder)) as app:
            return await scenario(app)

    with clock.Travelling(at):
        return asyncio.run(play())


def get(text: str, *, host: bytes = b"aalter.localhost:8000", target: str = STREAMS) -> Scenario:
    return lambda app: ask(app, "GET", target, headers=(bearer(text),), host=host)


def post(body: bytes, *, headers: tuple[tuple[bytes, bytes], ...] = (JSON,)) -> Scenario:
    return lambda app: ask(app, "POST", OBSERVATIONS, headers=(bearer(token()), *headers), chunks=(body,))


class TestGate:
    def test_a_good_token_lists_the_streams_of_its_organization(self, tmp_path: Path) -> None:
        publish(tmp_path)
        got = run(tmp_path, get(token()))
        assert got.status == 200
        assert [item["id"] for item in codec.decode_untyped(got.body)["items"]] == ["air", "bikes"]  # type: ignore

    @pytest.mark.parametrize(("bad", "kind"), [
        (lambda: token(key=OTHER_KEY), "invalidAccessToken"),
        (unsigned, "invalidAccessToken"),
        (keyed_with_public_key, "invalidAccessToken"),
        (lambda: token(aud="urn:uuid:other"), "invalidAccessToken"),
        (lambda: token(iss=f"urn:uuid:{BETA}"), "invalidAccessToken"),
        (lambda: token(exp=int(NOW.timestamp()) + 301), "invalidAccessToken"),
        (lambda: token(exp="soon"), "invalidAccessToken"),
        (lambda: token(iat=int(NOW.timestamp()) + 61), "invalidAccessToken"),
        (lambda: token(client_id="stranger"), "invalidAccessToken"),
        (lambda: token(header={"typ": "JWT"}), "invalidAccessToken"),
        (lambda: token(header={"kid": "k2"}), "invalidAccessToken"),
        (lambda: "a.b.c", "invalidAccessToken"),
        (lambda: "x" * 5000, "invalidAccessToken"),
    ])
    def test_a_bad_token_is_refused(self, tmp_path: Path, bad: Callable[[], str], kind: str) -> None:
        publish(tmp_path)
        got = run(tmp_path, get(bad()))
        assert (got.status, codec.decode_untyped(got.body)["type"]) == (  # type: ignore
            401, f"urn:problem-type:belgif:{kind}"
        )
        assert "www-authenticate" in got.headers

    def test_an_expired_token_says_so_after_the_leeway(self, tmp_path: Path) -> None:
        publish(tmp_path)
        assert run(tmp_path, get(token()), at=NOW + timedelta(seconds=360)).status == 200
        got = run(tmp_path, get(token()), at=NOW + timedelta(seconds=361))
        assert (got.status, b"expiredAccessToken" in got.body) == (401, True)

    def test_without_a_token_it_asks_for_one(self, tmp_path: Path) -> None:
        publish(tmp_path)
        got = run(tmp_path, lambda app: ask(app, "GET", STREAMS))
        assert (got.status, b"noAccessToken" in got.body) == (401, True)

    def test_the_scope_must_be_in_token_and_grant(self, tmp_path: Path) -> None:
        publish(tmp_path)
        assert run(tmp_path, get(token(scope=WRITE))).status == 403

    def test_a_token_of_another_organization_does_not_open_this_host(self, tmp_path: Path) -> None:
        publish(tmp_path)
        assert run(tmp_path, get(token(), host=b"beta.localhost")).status == 401

    def test_an_unknown_parameter_is_named(self, tmp_path: Path) -> None:
        publish(tmp_path)
        got = run(tmp_path, get(token(), target=f"{STREAMS}?pagina=2"))
        assert (got.status, b"pagina" in got.body) == (400, True)

    def test_more_than_the_limit_in_a_minute_is_429(self, tmp_path: Path) -> None:
        publish(tmp_path, per_minute=1)

        async def twice(app: DataPlane) -> Got:
            await get(token())(app)
            return await get(token())(app)

        got = run(tmp_path, twice)
        assert (got.status, "retry-after" in got.headers) == (429, True)


class TestNewKey:
    """OTHER_KEY, id k2, comes after KEY, id k1."""

    def test_is_believed_when_the_pinned_one_signed_for_it(self, tmp_path: Path) -> None:
        publish(tmp_path)

        async def replace(app: DataPlane) -> list[int]:
            hand_over(tmp_path, signer=KEY)
            publish(tmp_path, generation=2, key=OTHER_KEY)
            assert app.policy.refresh()
            told = [token(), token(key=OTHER_KEY, header={"kid": "k2"})]
            return [(await get(each)(app)).status for each in told]

        assert run(tmp_path, replace) == [200, 200]  # type: ignore

    def test_is_refused_when_a_stranger_signed_for_it(self, tmp_path: Path) -> None:
        publish(tmp_path)

        async def replace(app: DataPlane) -> int:
            hand_over(tmp_path, signer=ec.generate_private_key(ec.SECP256R1()))
            publish(tmp_path, generation=2, key=OTHER_KEY)
            assert not app.policy.refresh()
            return (await get(token(key=OTHER_KEY, header={"kid": "k2"}))(app)).status

        assert run(tmp_path, replace) == 401  # type: ignore

    def test_ends_the_old_one_when_its_last_token_has_expired(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(tmp_path)

        async def replace(app: DataPlane) -> int:
            hand_over(tmp_path, signer=KEY)
            publish(tmp_path, generation=2, key=OTHER_KEY)
            assert app.policy.refresh()
            later = clock.monotonic() + policy.OLD_KEYS_S
            monkeypatch.setattr(clock, "monotonic", lambda: later)
            return (await get(token())(app)).status

        assert run(tmp_path, replace) == 401  # type: ignore


class TestSnapshot:
    def test_a_revocation_counts_as_soon_as_its_generation_is_read(self, tmp_path: Path) -> None:
        publish(tmp_path)

        async def revoke(app: DataPlane) -> Got:
            assert (await get(token())(app)).status == 200
            publish(tmp_path, generation=2, state="revoked")
            assert app.policy.refresh()
            return await get(token())(app)

        assert run(tmp_path, revoke).status == 401

    def test_a_datagram_wakes_the_reader(self, tmp_path: Path) -> None:
        publish(tmp_path)

        async def revoke(app: DataPlane) -> Got:
            publish(tmp_path, generation=2, state="revoked")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"", str(tmp_path / "run" / "snapshot.sock"))
            for _ in range(10):
                await asyncio.sleep(0)
            return await get(token())(app)

        assert run(tmp_path, revoke).status == 401

    def test_a_lower_generation_or_a_foreign_signature_changes_nothing(self, tmp_path: Path) -> None:
        publish(tmp_path, generation=5)

        async def tamper(app: DataPlane) -> Got:
            publish(tmp_path, generation=4, state="revoked")
            assert not app.policy.refresh()
            publish(tmp_path, generation=6, state="revoked", key=OTHER_KEY)
            assert not app.policy.refresh()
            return await get(token())(app)

        assert run(tmp_path, tamper).status == 200

    def test_without_a_snapshot_or_past_its_end_it_fails_closed(self, tmp_path: Path) -> None:
        assert run(tmp_path, get(token())).status == 503
        publish(tmp_path)

        async def a_day_later(app: DataPlane) -> Got:
            with clock.Travelling(NOW + timedelta(hours=24)):
                return await get(token())(app)

        assert run(tmp_path, a_day_later).status == 503


class TestIngest:
    def test_accepted_observations_are_in_the_inbox(self, tmp_path: Path) -> None:
        publish(tmp_path)
        got = run(tmp_path, post(GOOD))
        assert (got.status, got.body) == (202, b'{"accepted":1}')
        records = list(seglog.read(tmp_path / "tenants" / "aalter" / "inbox"))
        assert codec.decode_untyped(records[0].payload) == {
            "stream": "bikes", "client": "meter", "receivedAt": "2026-11-23T09:30:00Z",
            "batch": json.loads(GOOD),
        }
        assert inbox.readings_of(records[0].payload) == [inbox.Reading(
            stream="bikes", id="a1", at=NOW - timedelta(minutes=30), value=12.5, client="meter",
            receivedAt=NOW,
        )]

    def test_an_organization_that_was_replaced_takes_none_and_names_its_successor(
        self, tmp_path: Path
    ) -> None:
        heir = {"replaced_at": NOW, "successor": "https://pajottegem.example"}
        publish_changed(tmp_path, **heir)
        got = run(tmp_path, post(GOOD))
        told = codec.decode_untyped(got.body)
        assert (got.status, told["type"]) == (410, "urn:problem-type:ocapi:organization:replaced")  # type: ignore
        assert got.headers.get("link") == '<https://pajottegem.example/>; rel="successor-version"'
        assert not (tmp_path / "tenants" / "aalter" / "inbox").exists()
        read = run(tmp_path, get(token()))
        assert (read.status, read.headers.get("link")) == (200, got.headers.get("link"))

    def test_an_organization_that_is_to_be_replaced_still_takes_them(self, tmp_path: Path) -> None:
        publish_changed(tmp_path, replaced_at=NOW + timedelta(seconds=1), successor="https://x.example")
        assert run(tmp_path, post(GOOD)).status == 202

    def test_a_parked_organization_takes_none_and_says_when_to_come_back(self, tmp_path: Path) -> None:
        publish_changed(tmp_path, state="readOnly")
        got = run(tmp_path, post(GOOD))
        assert (got.status, got.headers.get("content-type")) == (503, "application/problem+json")
        assert int(got.headers["retry-after"]) > 0

    @pytest.mark.parametrize(("body", "named"), [
        (b'{"observations":[{"id":"a","at":"2026-11-23T09:00:00Z","value":1,"kleur":2}]}', b"kleur"),
        (b'{"observations":[{"id":"a","at":"2026-11-23T09:00:00Z"}]}', b"value"),
        (b'{"observations":[{"id":"a","at":"2026-11-23T09:00:00","value":1}]}', b"zone"),
        (b'{"observations":[{"id":"a","at":"0001-01-01T00:00:00+14:00","value":1}]}', b"calendar"),
        (b'{"observations":[{"id":"","at":"2026-11-23T09:00:00Z","value":1}]}', b"$.observations[0].id"),
        (b'{"observations":[{"id":"a","id":"b","at":"2026-11-23T09:00:00Z","value":1}]}', b"stands twice"),
        (b'{"observations":[]}', b"$.observations"),
        (b"[" * 5000, b"badRequest"),
        (b"\xff", b"badRequest"),
    ])
    def test_bad_input_is_400_with_the_place_and_stores_nothing(
        self, tmp_path: Path, body: bytes, named: bytes
    ) -> None:
        publish(tmp_path)
        got = run(tmp_path, post(body))
        assert (got.status, named in got.body) == (400, True)
        assert got.headers["content-type"] == "application/problem+json"
        assert not (tmp_path / "tenants" / "aalter" / "inbox").exists()

    def test_another_media_type_is_415_and_an_unknown_stream_404(self, tmp_path: Path) -> None:
        publish(tmp_path)
        assert run(tmp_path, post(GOOD, headers=())).status == 415
        unknown = "/ingest/v1/streams/none/observations"
        assert run(
            tmp_path, lambda app: ask(app, "POST", unknown, headers=(bearer(token()), JSON), chunks=(GOOD,))
        ).status == 404

    def test_a_batch_above_the_limit_is_413(self, tmp_path: Path) -> None:
        publish(tmp_path)
        headers = (JSON, (b"content-length", str(2 << 20).encode()))
        assert run(tmp_path, post(b"x", headers=headers)).status == 413
