"""Records statement tapes: what the product really asks of SQLite while it does the work of each store.

Run inside the product's settings: `FOLDER`. Per store it leaves `<store>.before.sqlite`, `<store>.tape.json`
(the statements in order, values filled in, commits included) and `<store>.after.sqlite`.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

KEY = "power"
READS = ("SELECT", "PRAGMA", "EXPLAIN", "--")


class Recorder:
    """Writes down every statement of the connections that are made while it listens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def store(self, name: str, connection: Any) -> Iterator[None]:
        """Record one store's work on a Django connection, from one checkpointed file to another."""
        connection.ensure_connection()
        raw, tape = connection.connection, list[str]()
        self._copy(raw, f"{name}.before.sqlite")
        raw.set_trace_callback(lambda sql: None if sql.upper().startswith(READS) else tape.append(sql))
        try:
            yield
        finally:
            raw.set_trace_callback(None)
        self._copy(raw, f"{name}.after.sqlite")
        (self._folder / f"{name}.tape.json").write_text(json.dumps(tape))

    def _copy(self, raw: sqlite3.Connection, name: str) -> None:
        raw.execute("PRAGMA wal_checkpoint(truncate)").fetchall()
        path = Path(raw.execute("PRAGMA database_list").fetchone()[2])
        (self._folder / name).write_bytes(path.read_bytes())


def control(now: datetime) -> None:
    """Organizations come."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind

    for number in range(8):
        tenants.create(key=f"new{number}", kind=Kind.MUNICIPALITY, now=now)


def outbox(now: datetime) -> None:
    """Facts are published, put in order, relayed to handlers and deliveries, and their jobs run."""
    from django.db import transaction

    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.outbox import api as facts
    from ocapi.kernel.outbox.data import ChangedPersons, ChangeRecorded
    from ocapi.lib import actor, ids

    for number in range(24):
        with transaction.atomic():
            facts.publish(
                ChangeRecorded(
                    action=f"proof.number_{number}", resource=f"proof/{number}", fields=(),
                    personal=ChangedPersons(persons=(str(ids.new_uuid(now)),)),
                ),
                actor=actor.system("proof"), now=now,
            )
        if number % 6 == 5:
            jobs.visit(now=now, budget_ms=5000)


def audit(now: datetime) -> None:
    """Consultations and changes are logged, put into the tree and covered by signed heads."""
    from ocapi.kernel.audit import api as log
    from ocapi.lib import actor, ids

    for number in range(24):
        now += timedelta(seconds=3)
        about = (ids.new_uuid(now),)
        common: dict[str, Any] = {"actor": actor.system("proof"), "resource": f"case/{number}", "now": now}
        log.consulted(operation="cases.read", about=about, fields=("name",), **common)
        log.changed(operation="cases.create", about=about, fields=("state",), **common)
        if number % 5 == 4:
            log.seal(now=now)


def capture(now: datetime) -> None:
    """Readings of the inbox are rolled up, and hours of an import taken in."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import batched, codec, inbox, seglog
    from ocapi.modules.capture import api as streams
    from ocapi.modules.capture.data import HourlyFigure, StreamFacts

    facts = StreamFacts(code="p", title="Proef", unit="1", place="", source="", license="", quality="")
    hour = now.replace(minute=0, second=0, microsecond=0)
    writer = seglog.Writer(tenants.folder() / "inbox")
    for number in range(12):
        at = hour - timedelta(hours=number)
        figures = [HourlyFigure(hour=at, n=2, total=9, minimum=4, maximum=5)]
        streams.load_hours(facts=facts, figures=figures, now=now)
        sent = [{"id": f"{number}-{each}", "at": at, "value": each} for each in range(4)]
        raw = codec.encode_json({"observations": sent})
        writer.append([inbox.record(raw, stream="p", client="proof", received_at=now)])
        streams.roll_up()
    entities = seglog.Writer(tenants.folder() / "capture" / "log")
    for number in range(3):
        reading = {"type": "Property", "value": number, "modifiedAt": now.isoformat()}
        entities.append([codec.encode_json({
            "kind": "history", "id": "urn:x:1", "types": ["T"], "modified": now.isoformat(),
            "set": {"n": [reading]},
        })])
        sent = [{"id": "urn:x:2", "type": "T", "n": {"type": "Property", "value": number}}]
        entities.append([codec.encode_record(batched.entities(
            sent, now=now.isoformat(), names={"n": "n"}, types={"T": "T"}, moments={}, made=[now.isoformat()],
            since=[now.isoformat()],
        ))])
        streams.compact(now=now)
    writer.close()


def cases(now: datetime) -> None:
    """Cases come in, are decided, and everything that follows from that is done."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.modules.cases.tests.factories import a_case, in_status

    for _number in range(5):
        in_status(a_case(now=now), "start", "decide", now=now)
        jobs.visit(now=now, budget_ms=2000, max_jobs=10)


def processes(now: datetime) -> None:
    """A model is deployed; instances run through tasks, timers and a message."""
    from ocapi.modules.processes import api
    from ocapi.modules.processes.tests import factories
    from ocapi.modules.processes.tests.test_api import MESSAGE, WAIT_DAY, A

    factories.deployed(WAIT_DAY + A, "s>t", "t>a", "a>e", key="timed")
    waiting = '<receiveTask id="r" messageRef="m"/>'
    factories.deployed(waiting + A, "s>r", "r>a", "a>e", shared=MESSAGE, key="told")
    for number in range(5):
        factories.started(key="timed", business_key=f"t{number}")
        factories.started(key="told", business_key=f"m{number}")
        api.fire_timers(now=factories.NOW + timedelta(days=2))
        api.correlate_message(name="paid", key=f"m{number}", variables={}, actor=factories.SYSTEM, now=now)
        for task in factories.tasks():
            api.complete_task(task=task.uuid, variables={}, actor=factories.CLERK, now=factories.NOW)


WORK: dict[str, Callable[[datetime], None]] = {
    "outbox": outbox, "audit": audit, "capture": capture, "cases": cases, "processes": processes,
}


def main(arguments: list[str]) -> int:
    """Record every store."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection, connections

    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.kernel.tenants.testing import NOW
    from ocapi.modules.cases.tests.factories import load_content

    recorder = Recorder(Path(arguments[0]))
    tenants.prepare_platform(now=NOW)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, now=NOW)
    with recorder.store("control", connections["platform"]):
        control(NOW)
    with tenants.bind(KEY):
        load_content()
        for name, work in WORK.items():
            with recorder.store(name, connection):
                work(NOW)
    print(json.dumps(["control", *WORK]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
