"""A client of NGSI-LD with a real token at a real gate, upon a data plane in a folder of the test."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests.asgi import Got, ask, plan, running
from ocapi.lib import clock, codec, durable, snapshot
from ocapi.lib.snapshot import ApplicationGrant, Broker, Limits, Receiver, Stream, TenantEntry, TenantPart

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
AALTER = UUID("01a20aee-1434-734a-989a-71178ea18aaf")
BETA = UUID("01a20aee-1434-734a-989a-71178ea18ab0")
KEY = ec.generate_private_key(ec.SECP256R1())
READ, WRITE = "capture:entities:read", "capture:entities:write"
SUBSCRIBE = "capture:subscriptions:manage"
BASE = "/ngsi-ld/v1"
SCOPES = (READ, WRITE, SUBSCRIBE, "capture:observations:write")


def publish(
    folder: Path,
    *,
    state: str = "active",
    receiver_port: int = 0,
    generation: int = 1,
    grant: str = "active",
    brokers: tuple[Broker, ...] = (),
    streams: tuple[Stream, ...] = (Stream(name="bikes"),),
    scopes: tuple[str, ...] = SCOPES,
) -> None:
    """Write a policy snapshot with two organizations, each with one machine account."""
    parts = tuple(
        TenantPart(
            tenant=TenantEntry(uuid=uuid, key=key, hosts=(f"{key}.localhost",), state=state),
            grants=tuple(
                ApplicationGrant(client_id=client, tenant=key, scopes=scopes, state=grant)
                for client in ("meter", "other")
            ),
            receivers=(Receiver(host="127.0.0.1", port=receiver_port, is_internal=True),)
            if receiver_port
            else (),
            streams=streams,
            brokers=brokers if key == "aalter" else (),
            limits=Limits(requests_per_minute=100_000, body_bytes=8 << 20),
        )
        for key, uuid in (("aalter", AALTER), ("beta", BETA))
    )
    snapshot.write_index(folder / "snapshot", parts=parts, generation=generation, key=KEY, now=NOW)
    jwk = ECKey.import_key(_pem()).as_dict(private=False) | {"kid": "k1"}
    durable.write_file(folder / "snapshot" / "platform.jwk", codec.encode_json(jwk))


def _pem() -> bytes:
    return KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def bearer(scopes: tuple[str, ...] = SCOPES, *, uuid: UUID = AALTER, client_id: str = "meter") -> bytes:
    """Give the header of a token with these scopes."""
    issued, name = int(NOW.timestamp()), f"urn:uuid:{uuid}"
    claims = {
        "iss": name,
        "aud": name,
        "client_id": client_id,
        "scope": " ".join(scopes),
        "iat": issued,
        "exp": issued + 300,
    }
    protected = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}
    text = jws.serialize_compact(protected, codec.encode_json(claims), ECKey.import_key(_pem()))
    return f"Bearer {text}".encode()


@dataclass
class Client:
    """One caller."""

    plane: DataPlane
    token: bytes = b""
    host: bytes = b"aalter.localhost:8000"

    async def ask(self, method: str, target: str, body: Any = None, **headers: str) -> Got:
        """Send a request below /ngsi-ld/v1; header names with `_` for `-`."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        said = {} if body is None else {"content_type": "application/json"}
        pairs = tuple(
            (name.replace("_", "-").encode(), value.encode()) for name, value in {**said, **headers}.items()
        )
        token = ((b"authorization", self.token),) if self.token else ()
        address = target if target.startswith(("/ngsi-ld", "/sta/")) else f"{BASE}{target}"
        return await ask(
            self.plane, method, address, headers=(*token, *pairs), chunks=(raw,), host=self.host
        )

    async def get(self, target: str, **headers: str) -> Any:
        """Give the decoded body of a GET that must succeed."""
        got = await self.ask("GET", target, **headers)
        assert got.status == 200, (got.status, got.body)
        return json.loads(got.body)

    async def make(self, *entities: dict[str, Any]) -> None:
        """Make entities, which must succeed."""
        for each in entities:
            got = await self.ask("POST", "/entities", each)
            assert got.status == 201, (got.status, got.body)


def drive(folder: Path, story: Callable[[Client], Awaitable[None]], **changes: Any) -> None:
    """Run a story with a client on a fresh start of the data plane; the folder is kept between two."""

    async def run() -> None:
        with clock.Travelling(NOW):
            if not (folder / "snapshot").exists():
                publish(folder)
            its_plan = plan(folder, **changes)
            object.__setattr__(its_plan, "upload_bytes", 32 << 20)
            async with running(its_plan) as plane:
                await story(Client(plane, bearer()))

    asyncio.run(run())


def room(number: int = 1, **attributes: Any) -> dict[str, Any]:
    """Give a room with a temperature and a place."""
    return {
        "id": f"urn:ngsi-ld:Room:{number}",
        "type": "Room",
        "temperature": {
            "type": "Property",
            "value": 20 + number,
            "unitCode": "CEL",
            "observedAt": "2026-11-28T09:00:00Z",
        },
        **attributes,
    }
