"""`bench portal`: a cached page, its 304, and the worklist with authorizations on (performance.md 3.6)."""

import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.performance import peers, procfs, product
from tests.performance.arms import Arm, HttpArm, Sample, Window, get, same_fields
from tests.performance.engine import Gate, Scenario
from tests.performance.jobs import Plan, Scenarios
from tests.performance.programs import PROJECT, Program, fetch, free_port, granian
from tests.performance.servers import wagtail

NAMES = ("page", "not-modified", "list")
CASES = {"small": 1_000, "medium": 100_000, "large": 1_000_000}
PAGES = ("/", "/dienst/kapvergunning", product.COUNTER_PATH)
FIELDS = ("id", "reference", "caseType", "status", "receivedOn", "dueOn", "service", "channel", "assignee",
          "outcome")
LIST = "/api/cases/v1/cases?pageSize=100&sort=-receivedOn"
LEAVES = "SELECT count(*) FROM audit_leaf WHERE operation = 'cases.worklist'"
PER_CPU = "units_per_cpu_s"


def scenarios(plan: Plan) -> Scenarios:
    """Give the scenarios asked for; one `ocapi up` serves them all."""
    held = product.prepare(plan.folder / "ours", cases=CASES[plan.size], seed=plan.seed, cache=plan.cache)
    ours = product.up(held.folder)
    try:
        if plan.wants("page"):
            yield _page(plan, ours)
        if plan.wants("not-modified"):
            yield _not_modified(plan, ours)
        if plan.wants("list"):
            yield from _list(plan, ours, held)
    finally:
        ours.stop(plan.ledger)


def python_server(owner: str, interface: str, target: str, folder: Path, *more: str, **told: str) -> Program:
    """Give one of the small programs beside this package, behind our server's flags."""
    port = free_port()
    command = granian(interface, f"tests.performance.servers.{target}:application", port, *more)
    return Program(
        owner=owner, command=command, port=port, folder=folder,
        environment={"PYTHONPATH": str(PROJECT), **told},
    )


def _hello(plan: Plan, name: str) -> HttpArm:
    program = python_server("limit", "asgi", "hello", plan.folder / f"hello-{name}")
    return HttpArm(
        name="limit", role="limit", program=program, requests=(get("/", host="127.0.0.1:{port}"),),
        has_background=False,
    )


def _ours(program: Program, *requests: str, **more: object) -> HttpArm:
    return HttpArm(name="ours", role="ours", program=program, requests=requests, is_shared=True, **more)  # type: ignore[arg-type]


def _window(plan: Plan, connections: int, *, least: float = 0.0) -> Window:
    return Window(seconds=max(plan.seconds, least), connections=plan.connections or connections)


def _page(plan: Plan, program: Program) -> Scenario:
    host = product.host_of(product.KEY, program.port)
    arms: list[Arm] = [_ours(program, *(get(path, host=host) for path in PAGES)), _hello(plan, "page"),
                       _wagtail(plan)]
    arms += _peers(plan, "page")
    return Scenario(
        job="portal", name="page", arms=arms, window=_window(plan, 16),
        settings={"pages": list(PAGES), "cache": "front, 60 s", "connections": plan.connections or 16},
        gates=[
            Gate(basis=PER_CPU, better="higher", goal=0.5, against="limit"),
            Gate(basis=PER_CPU, better="higher", goal=4.0, against="wagtail"),
            Gate(basis="latency_ms.p99", better="lower", goal=None, name="p99 ms"),
            Gate(basis=PER_CPU, better="higher", goal=None, name="per cpu-s"),
        ],
    )


def _wagtail(plan: Plan) -> HttpArm:
    folder, port, absent = plan.folder / "wagtail", free_port(), ""
    if not wagtail.version():
        absent = "Wagtail is not installed"
    else:
        try:
            wagtail.make(folder, cache=plan.cache)
        except subprocess.CalledProcessError as failure:
            absent = f"its site cannot be made: {failure.stderr[-300:]}"
    program = Program(
        owner="wagtail", folder=folder, port=port,
        command=granian("wsgi", "bench_site.wsgi:application", port, "--blocking-threads", "1"),
        environment={"DJANGO_SETTINGS_MODULE": "bench_site.settings.measured", "PYTHONPATH": str(folder)},
    )
    return HttpArm(name="wagtail", role="peer", program=program, absent=absent,
                   requests=(get("/", host="127.0.0.1:{port}"),))


def _peers(plan: Plan, scenario: str) -> list[Arm]:
    found = (peers.read(path, folder=plan.folder, scenario=scenario) for path in plan.peers)
    return [arm for arm in found if arm is not None]


def _not_modified(plan: Plan, program: Program) -> Scenario:
    host = product.host_of(product.KEY, program.port)

    def ask_for_etags(arm: HttpArm) -> None:
        # anew before each window: a page that changed meanwhile has another one
        arm.requests = tuple(
            get(path, host=host, headers={"If-None-Match": _etag(program.port, path, host)}) for path in PAGES
        )

    return Scenario(
        job="portal", name="not-modified", window=_window(plan, 16),
        arms=[_ours(program, get("/", host=host), expected=(304,), before=ask_for_etags),
              _hello(plan, "not-modified")],
        settings={"pages": list(PAGES), "connections": plan.connections or 16},
        gates=[Gate(basis=PER_CPU, better="higher", goal=0.7, against="limit"),
               Gate(basis=PER_CPU, better="higher", goal=None, name="per cpu-s")],
    )


def _etag(port: int, path: str, host: str) -> str:
    head = fetch(port, path, host=host).head
    named = (line.partition(":") for line in head.split("\r\n"))
    return next((value.strip() for name, _, value in named if name.lower() == "etag"), '"none"')


def _list(plan: Plan, program: Program, held: product.Installation) -> Scenarios:
    host = product.host_of(product.KEY, program.port)
    leaves = plan.folder / "rawlist" / "leaves.sqlite"
    raw = python_server(
        "limit", "asgi", "rawlist", leaves.parent, BENCH_DATABASE=str(held.database), BENCH_LEAVES=str(leaves)
    )
    raw.ready_path = "/?pageSize=1"
    counted = {"durability": "one consultation row synced before the answer"}
    newcomers = product.Newcomers(held.folder, plan.seed, plan.ledger)
    request = get(LIST, host=host, headers={"Cookie": held.facts["cookie"], "Accept": "application/json"})
    arms: list[Arm] = [
        _ours(program, request, normalize=same_fields(FIELDS), before=_counting(held.database, LEAVES),
              after=_recounted(held.database, LEAVES), **counted),
        HttpArm(name="limit", role="limit", program=raw, normalize=same_fields(FIELDS),
                requests=(get("/?pageSize=100&sort=-receivedOn", host="127.0.0.1:{port}"),),
                before=_counting(leaves, "SELECT count(*) FROM leaf"),
                after=_recounted(leaves, "SELECT count(*) FROM leaf"), **counted),
        *_peers(plan, "list"),
    ]
    try:
        yield Scenario(
            job="portal", name="list", arms=arms, window=_window(plan, 1, least=1.5), equal=("ours", "limit"),
            between=lambda number: _receive(newcomers, program, plan),
            finish=lambda: _survives(program, held.database, plan.ledger),
            settings={"cases": CASES[plan.size], "rows": 100, "role": "clerk", "sqlite_synchronous": 2,
                      "connections": plan.connections or 1},
            notes=["a new case comes in before every round: an answer kept from an earlier one is wrong"],
            gates=[Gate(basis=PER_CPU, better="higher", goal=1 / 3, against="limit"),
                   Gate(basis="latency_ms.p95", better="lower", goal=100.0, name="p95 ms"),
                   Gate(basis=PER_CPU, better="higher", goal=None, name="per cpu-s")],
        )
    finally:
        newcomers.close()


def _receive(newcomers: product.Newcomers, program: Program, plan: Plan) -> None:
    newcomers.receive()
    program.settle(plan.ledger, within_s=5.0)  # its letter and message are not the list's work


def _count(database: Path, sql: str) -> int:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def _counting(database: Path, sql: str) -> Callable[[HttpArm], None]:
    def before(arm: HttpArm) -> None:
        arm.state["rows"] = _count(database, sql)

    return before


def _recounted(database: Path, sql: str) -> Callable[[HttpArm, Sample], None]:
    def after(arm: HttpArm, sample: Sample) -> None:
        sample["unsynced_pages"] = unsynced(database)
        sample["acked"] = sample["units"]
        sample["found"] = arm.state["total"] = _count(database, sql)
        sample["found"] -= arm.state["rows"]
        sample["lost"] = max(sample["acked"] - sample["found"], 0)
        sample["duplicated"] = max(sample["found"] - sample["acked"], 0)

    return after


def unsynced(database: Path) -> int | None:
    """Give the pages of a database the disk lacks while nobody writes; None where it cannot be told.

    The least of a few looks: a checkpoint under way is no acknowledged write left behind.
    """
    found: list[int] = []
    for _look in range(10):
        parts = [Path(f"{database}{end}") for end in ("", "-wal")]
        pages = [procfs.unsynced_pages(path) for path in parts if path.exists()]
        if any(each is None for each in pages):
            return None
        found.append(sum(each or 0 for each in pages))
        if found[-1] == 0:
            return 0
        time.sleep(0.02)
    return min(found)


def _survives(program: Program, database: Path, ledger: procfs.Ledger) -> list[str]:
    """Kill everything at once and count again: what was acknowledged must be there."""
    before = _count(database, LEAVES)
    program.kill(ledger)
    after = _count(database, LEAVES)
    return [] if after == before else [f"lost: {before - after} consultations after kill -9 (ours)"]
