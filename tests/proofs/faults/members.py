"""Three members share the series; one is killed at full load and comes back with its disk, one is drained.

The worker's part, collecting, runs here beside them as `ocapi.lib.members.mirror` does it in the worker.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from ocapi.lib import batched, clock, codec, durable, inbox, seglog, snapshot
from ocapi.lib.members import membership, mirror, places
from ocapi.lib.members.calling import Away, Calls
from ocapi.lib.members.ring import Ring
from ocapi.lib.members.signing import Signer
from ocapi.lib.snapshot import ApplicationGrant, Limits, Receiver, Stream, TenantEntry, TenantPart
from tests.performance import procfs
from tests.performance.programs import Program, fetch, free_port, granian

NAMES = ("a", "b", "c")
SECRET = "proof-of-members-" + "x" * 32
TENANTS = {f"gemeente-{each}": UUID(int=0x01A20AEE << 96 | 7 << 76 | 8 << 60 | each) for each in range(4)}
SCOPES = (
    "capture:entities:read", "capture:entities:write", "capture:subscriptions:manage",
    "capture:observations:write",
)
STREAMS = tuple(f"telraam-{number}" for number in range(6))
WRITERS = 3
ENTITIES = 5  # in one batch
READINGS = 20
PAUSE_S = 0.2  # between two rounds of the worker
PATIENCE_S = 30.0


@dataclass(slots=True)
class Seen:
    """What clients were told and what stands there in the end.

    readings, values: sent and acknowledged; sent: all that was tried. kept, logged: how often each stands in
    the inbox and in the log of entities. told: what the subscriber heard. lists: what each member gives.
    """

    readings: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    doubtful: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    logged: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    lists: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    back_s: float = 0.0


def wrong(seen: Seen) -> str:
    """Give what breaks the promise, or nothing."""
    found = {
        "readings lost": len(seen.readings - set(seen.kept)),
        "values lost": len(seen.values - set(seen.logged)),
        "readings nobody sent": len(set(seen.kept) - seen.sent),
        "values nobody sent": len(set(seen.logged) - seen.sent),
        "values doubled": sum(1 for count in seen.logged.values() if count > 1),
        "values not told": len(seen.values - set(seen.told)),
        "members that give another list": len(set(seen.lists.values())) - 1,
        "answers of another kind": sum(n for each, n in seen.statuses.items() if each not in ALLOWED),
    }
    found |= {} if seen.readings and seen.values else {"nothing acknowledged": 1}
    return ", ".join(f"{count} {what}" for what, count in found.items() if count)


ALLOWED = (0, 201, 202, 204, 503)  # 0: the connection broke with the member


def wrong_ring(owners: Iterable[Callable[[str], str]], keys: Iterable[str]) -> str:
    """Give the first series that has two owners, or nothing."""
    every = list(owners)
    two = (key for key in keys if len({owner(key) for owner in every}) != 1)
    found = next(two, "")
    return f"{found} has two owners" if found else ""


class _Ear(BaseHTTPRequestHandler):
    """Takes notifications."""

    heard: Counter[str]

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        self.heard.update(str(each["number"]) for each in json.loads(raw)["data"] if "number" in each)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class Members:
    """Three processes, a worker beside them, and clients."""

    def __init__(self, folder: Path, ledger: procfs.Ledger, ending: ExitStack, seed: int) -> None:
        self.seen, self._seed, self._ledger, self._folder = Seen(), seed, ledger, folder
        self.ports = {name: free_port() for name in NAMES}
        text = " ".join(f"{name}=http://127.0.0.1:{port}" for name, port in self.ports.items())
        self._text = text
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._ear = ThreadingHTTPServer(("127.0.0.1", 0), type("Ear", (_Ear,), {"heard": self.seen.told}))
        threading.Thread(target=self._ear.serve_forever, daemon=True).start()
        ending.callback(self._ear.server_close)
        ending.callback(self._ear.shutdown)
        self._publish()
        self.calls = self._calls("")
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._numbers = iter(range(1, 1 << 40))
        self._tokens = {tenant: self._token(uuid) for tenant, uuid in TENANTS.items()}
        self.programs = {name: self._program(name) for name in NAMES}
        for program in self.programs.values():
            ending.callback(program.stop, ledger)
        with ThreadPoolExecutor() as together:
            list(together.map(lambda each: each.start(ledger), self.programs.values()))

    def _calls(self, drained: str) -> Calls:
        found = membership.read(self._text, drained=drained)
        assert found is not None
        return Calls(found, Signer("", [SECRET]))

    def _program(self, name: str) -> Program:
        environment = {
            "OCAPI_DATA": str(self._folder / "data"), "OCAPI_SECRET": SECRET, "OCAPI_MEMBER": name,
            "OCAPI_MEMBERS": self._text, "OCAPI_MEMBER_DISK": str(self._folder / f"disk-{name}"),
        }
        return Program(
            owner=f"member-{name}", command=granian("asgi", "ocapi.main.asgi:application", self.ports[name]),
            port=self.ports[name], folder=self._folder / f"run-{name}", environment=environment,
            ready_path="/health",
        )

    def _publish(self) -> None:
        parts = tuple(
            TenantPart(
                tenant=TenantEntry(uuid=uuid, key=key, hosts=(f"{key}.localhost",), state="active"),
                grants=(ApplicationGrant(client_id="meter", tenant=key, scopes=SCOPES, state="active"),),
                receivers=(
                    Receiver(host="127.0.0.1", port=self._ear.server_address[1], is_internal=True),
                ),
                streams=tuple(Stream(name=each) for each in STREAMS),
                limits=Limits(requests_per_minute=1_000_000, body_bytes=8 << 20),
            )
            for key, uuid in TENANTS.items()
        )
        folder = self._folder / "data" / "snapshot"
        snapshot.write_index(folder, parts=parts, generation=1, key=self._key, now=clock.now())
        jwk = self._jwk().as_dict(private=False) | {"kid": "k1"}
        durable.write_file(folder / "platform.jwk", codec.encode_json(jwk))

    def _jwk(self) -> ECKey:
        return ECKey.import_key(self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))

    def _token(self, uuid: UUID) -> str:
        issued, name = int(clock.now().timestamp()), f"urn:uuid:{uuid}"
        claims = {
            "iss": name, "aud": name, "client_id": "meter", "scope": " ".join(SCOPES), "iat": issued,
            "exp": issued + 300,
        }
        protected = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}
        return jws.serialize_compact(protected, codec.encode_json(claims), self._jwk())

    def ask(
        self, name: str, tenant: str, method: str, path: str, body: object = None
    ) -> tuple[int, bytes]:
        """Ask one member; status 0 when no answer came."""
        headers = {"Authorization": f"Bearer {self._tokens[tenant]}"}
        raw = b"" if body is None else json.dumps(body).encode()
        headers |= {"Content-Type": "application/json"} if raw else {}
        try:
            answer = fetch(
                self.ports[name], path, host=f"{tenant}.localhost", headers=headers, method=method, body=raw
            )
        except OSError:
            return 0, b""
        return answer.status, answer.body

    def until(self, name: str, tenant: str, method: str, path: str, body: object = None) -> bytes:
        """Ask again until the answer is a good one."""
        until = time.monotonic() + PATIENCE_S
        while True:
            status, raw = self.ask(name, tenant, method, path, body)
            if 200 <= status < 300:
                return raw
            if time.monotonic() > until:
                raise TimeoutError(f"{method} {path} at {name}: {status} {raw[:300]!r}")
            time.sleep(0.1)  # between two tries

    def collect(self) -> None:
        """Do one round of the worker."""
        for tenant in TENANTS:
            folder = self._folder / "data" / "tenants" / tenant
            with suppress(Away, mirror.Busy):
                mirror.collect_entities(self.calls, tenant=tenant, capture=folder / "capture")
            mirror.collect_inbox(self.calls, tenant=tenant, folder=folder / "inbox")

    def work(self) -> None:
        """Be the worker until the end."""
        while not self.ending.is_set():
            self.collect()
            self.ending.wait(PAUSE_S)

    def write(self, number: int) -> None:
        """Be a client that sends to any member."""
        coin = random.Random(f"{self._seed}:{number}")
        while not self.ending.is_set():
            name, tenant = coin.choice(NAMES), coin.choice(list(TENANTS))
            if coin.random() < 0.5:
                self._send_readings(name, tenant, coin.choice(STREAMS))
            else:
                self._send_values(name, tenant, number)

    def _take(self, count: int) -> list[int]:
        with self._lock:
            return [next(self._numbers) for _ in range(count)]

    def _send_readings(self, name: str, tenant: str, code: str) -> None:
        sent = [f"m{each}" for each in self._take(READINGS)]
        body = {"observations": [
            {"id": each, "at": "2026-11-28T09:00:00Z", "value": 1.5} for each in sent
        ]}
        self.seen.sent.update(f"{tenant} {code} {each}" for each in sent)
        path = f"/ingest/v1/streams/{code}/observations"
        for _ in range(50):  # a client sends again what was not acknowledged
            status, _raw = self.ask(name, tenant, "POST", path, body)
            self.seen.statuses[status] += 1
            if status == 202:
                self.seen.readings.update(f"{tenant} {code} {each}" for each in sent)
                return
            self.seen.doubtful += 1
            name = NAMES[(NAMES.index(name) + 1) % len(NAMES)]

    def _send_values(self, name: str, tenant: str, writer: int) -> None:
        sent = self._take(ENTITIES)
        body = [
            {"id": f"urn:ngsi-ld:Meter:{writer}-{place}", "type": "Meter",
             "number": {"type": "Property", "value": each}}
            for place, each in enumerate(sent)
        ]
        self.seen.sent.update(map(str, sent))
        status, _raw = self.ask(name, tenant, "POST", "/ngsi-ld/v1/entityOperations/upsert", body)
        self.seen.statuses[status] += 1
        if status in (201, 204):
            self.seen.values.update(map(str, sent))
        else:
            self.seen.doubtful += 1
            time.sleep(0.05)  # as a client does that is told to come back

    def subscribe(self) -> None:
        """Let one subscriber of each organization be told of every value."""
        wish = {
            "type": "Subscription", "entities": [{"type": "Meter"}],
            "notification": {"format": "keyValues", "endpoint": {
                "uri": f"http://127.0.0.1:{self._ear.server_address[1]}/in", "cooldown": 1000,
            }},
        }
        for place, tenant in enumerate(TENANTS):
            self.until(NAMES[place % 3], tenant, "POST", "/ngsi-ld/v1/subscriptions", wish)

    def holder(self, tenant: str) -> str:
        """Give who holds the entities of an organization."""
        place = places.read(self._folder / "data" / "tenants" / tenant / "capture")
        assert place is not None
        return place.member

    def drain(self, name: str) -> None:
        """Let a member hand over all it holds."""
        self.calls = self._calls(name)
        until = time.monotonic() + PATIENCE_S
        while any(self.holder(tenant) == name for tenant in TENANTS) and time.monotonic() < until:
            self.collect()

    def count(self) -> None:
        """Read what stands where."""
        for tenant in TENANTS:
            folder = self._folder / "data" / "tenants" / tenant
            for record in seglog.read(folder / "inbox") if (folder / "inbox").is_dir() else ():
                for each in inbox.readings_of(record.payload):
                    self.seen.kept[f"{tenant} {each.stream} {each.id}"] += 1
            for record in seglog.read(folder / "capture" / "log"):
                for each in batched.expanded(json.loads(record.payload)):
                    self.seen.logged.update(numbers_of(each))
        for name in NAMES:
            path = "/ngsi-ld/v1/entities?type=Meter&format=keyValues&limit=1000"
            self.seen.lists[name] = "\n".join(
                self.until(name, tenant, "GET", path).decode() for tenant in TENANTS
            )


def numbers_of(record: Mapping[str, Any]) -> list[str]:
    """Give the values a record of the log of entities sets."""
    if record["kind"] != "put":
        return []
    return [
        str(each["value"]) for name, held in record["set"].items() if name.endswith("number")
        for each in held.values()
    ]


def lose_one(folder: Path, *, seconds: float, seed: int = 1) -> tuple[str, str]:
    """Load three members, kill one, let it come back, drain one; gives the fault, and what was done."""
    with ExitStack() as ending:
        ledger = procfs.Ledger()
        members = Members(folder, ledger, ending, seed)
        members.collect()  # gives every organization its place
        members.subscribe()
        jobs = [threading.Thread(target=members.work)]
        jobs += [threading.Thread(target=members.write, args=(each,)) for each in range(WRITERS)]
        for each in jobs:
            each.start()
        try:
            members.ending.wait(seconds / 2)
            victim = members.holder(next(iter(TENANTS)))
            members.programs[victim].kill(ledger)
            members.ending.wait(seconds / 4)
            members.seen.back_s = members.programs[victim].start(ledger)
            members.ending.wait(seconds / 4)
        finally:
            members.ending.set()
            for each in jobs:
                each.join()
        members.collect()
        members.drain(victim)
        members.count()
        until = time.monotonic() + PATIENCE_S
        while not members.seen.values <= set(members.seen.told) and time.monotonic() < until:
            time.sleep(0.1)  # until the last notification came
    seen = members.seen
    return wrong(seen) or ring_fault(), (
        f"members: {len(seen.readings)} readings and {len(seen.values)} values acknowledged, "
        f"{seen.doubtful} requests in doubt, {sum(seen.kept.values()) - len(seen.kept)} records twice in the "
        f"inbox (added once, by id), {len(seen.told)} told, "
        f"{sum(seen.told.values()) - len(seen.told)} of them twice, "
        f"{victim} back in {seen.back_s:.1f} s and drained"
    )


def ring_fault() -> str:
    """Ask every member's ring for many series."""
    text = " ".join(f"{name}=http://127.0.0.1:{place + 1}" for place, name in enumerate(NAMES))
    found = [membership.read(text, own=name) for name in NAMES]
    owners = [each.ring.owner for each in found if each is not None]
    return wrong_ring(owners, (f"gemeente/{number}" for number in range(2_000)))


def sees_two_owners() -> bool:
    """Plant a member whose ring has a name more."""
    keys = [f"gemeente/{number}" for number in range(2_000)]
    assert not wrong_ring([Ring("abc").owner, Ring("cba").owner], keys)
    return bool(wrong_ring([Ring("abc").owner, Ring("abcd").owner], keys))
