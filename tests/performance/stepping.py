"""The programs of `bench process`: one arm each, told line by line what to do; each answers with one line.

    python -m tests.performance.stepping ours|limit|floor|spiff FOLDER

A line is JSON: {"do": "steps", "seconds": 1.0, ...}; the answer holds units, latencies and what came out.
"""

import json
import os
import sqlite3
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.performance import stats

AMOUNT = 10
COPIED = 1_000  # finished by steps, before the rest are copies of them
ACKNOWLEDGED = "acknowledged"
MODEL = Path(__file__).parent / "models"
Told = dict[str, Any]


def timed(act: Callable[[], int], seconds: float, *, steps: list[float] | None = None) -> Told:
    """Act until the time is up; each act gives its units.

    steps: filled by an act of several steps, the seconds of each; without it an act is one.
    """
    took = [] if steps is None else steps
    units, began = 0, perf_counter()
    while perf_counter() - began < seconds or not took:
        started = perf_counter()
        units += act()
        if steps is None:
            took.append(perf_counter() - started)
    took.sort()
    wall = perf_counter() - began
    places = {f"p{each}": round(stats.quantile(took, each / 100) * 1000, 3) for each in (50, 95, 99)}
    return {"units": units, "wall_s": wall, "latency_ms": {**places, "loop": "closed"}}


class Limit:
    """One-row durable transactions by the driver itself."""

    def __init__(self, folder: Path) -> None:
        self._number = 0
        url = os.environ.get("OCAPI_DATABASE_URL", "")
        self._postgres = url.startswith("postgres")
        if self._postgres:
            import psycopg

            self._held: Any = psycopg.connect(url, autocommit=True)
            self._held.execute("CREATE TABLE IF NOT EXISTS one (id bigint PRIMARY KEY, value bigint)")
            self._held.execute("INSERT INTO one VALUES (1, 0) ON CONFLICT DO NOTHING")
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._held = sqlite3.connect(folder / "one.sqlite", isolation_level=None)
        self._held.execute("PRAGMA journal_mode = wal")
        self._held.execute("PRAGMA synchronous = full")
        self._held.execute("CREATE TABLE IF NOT EXISTS one (id integer PRIMARY KEY, value integer)")
        self._held.execute("INSERT OR IGNORE INTO one VALUES (1, 0)")

    def steps(self, *, seconds: float) -> Told:
        """Update the row, again and again."""
        return timed(self._one, seconds)

    def _one(self) -> int:
        self._number += 1
        if self._postgres:
            self._held.execute("BEGIN")
            self._held.execute("UPDATE one SET value = %s WHERE id = 1", (self._number,))
        else:
            self._held.execute("BEGIN IMMEDIATE")
            self._held.execute("UPDATE one SET value = ? WHERE id = 1", (self._number,))
        self._held.execute("COMMIT")
        return 1


class Spiff:
    """SpiffWorkflow: load, step and save in three durable transactions an instance."""

    def __init__(self, folder: Path) -> None:
        from lxml import etree
        from SpiffWorkflow.bpmn.parser import BpmnParser
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring((MODEL / "steps-spiff.bpmn").read_bytes()))
        self._spec = parser.get_spec("bench")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        url = os.environ.get("OCAPI_DATABASE_URL", "")
        self._mark = "%s" if url.startswith("postgres") else "?"
        self._number = 0
        if url.startswith("postgres"):
            import psycopg

            self._held: Any = psycopg.connect(url, autocommit=True)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._held = sqlite3.connect(folder / "spiff.sqlite", isolation_level=None)
            self._held.execute("PRAGMA journal_mode = wal")
            self._held.execute("PRAGMA synchronous = full")
        self._held.execute("CREATE TABLE flow (id bigint PRIMARY KEY, state text)")

    def steps(self, *, seconds: float) -> Told:
        """Run whole instances."""
        answers: set[str] = set()
        return timed(lambda: self._instance(answers), seconds) | {"answer": ",".join(sorted(answers))}

    def _instance(self, answers: set[str]) -> int:
        from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
        from SpiffWorkflow.util.task import TaskState

        self._number += 1
        flow = BpmnWorkflow(self._spec)
        flow.task_tree.data["amount"] = AMOUNT
        flow.do_engine_steps()
        self._save(f"INSERT INTO flow (state, id) VALUES ({self._mark}, {self._mark})", flow)
        for _step in range(2):
            held = self._held.execute(f"SELECT state FROM flow WHERE id = {self._mark}", (self._number,))
            flow = self._serializer.deserialize_json(held.fetchone()[0])
            task = flow.get_tasks(state=TaskState.READY, manual=True)[0]
            task.data["note"] = "ok"
            task.run()
            flow.do_engine_steps()
            self._save(f"UPDATE flow SET state = {self._mark} WHERE id = {self._mark}", flow)
        answers.add(f"{flow.completed} {flow.last_task.data['done']}")
        return 3

    def _save(self, text: str, flow: Any) -> None:
        state = self._serializer.serialize_json(flow)
        self._held.execute("BEGIN" if self._mark == "%s" else "BEGIN IMMEDIATE")
        self._held.execute(text, (state, self._number))
        self._held.execute("COMMIT")


class Ours:
    """Processes by their door, bound to an organization of an installation of its own."""

    def __init__(self, folder: Path) -> None:
        import django

        django.setup()
        from django.conf import settings

        from ocapi.kernel.tenants import api as tenants
        from ocapi.kernel.tenants.data import Kind
        from ocapi.kernel.tenants.testing import a_staff_member
        from ocapi.lib import clock
        from ocapi.modules.processes import api
        from ocapi.modules.processes.models import InstanceRow, TaskRow

        self._api, self._now, self._clock = api, clock.now(), clock.now
        self._read_uuid = tenants.read_uuid
        self._tasks = tenants.Statement(
            "SELECT t.{t.uuid} FROM {i} i JOIN {t} t ON t.{t.instance} = i.{i.id}"
            " WHERE i.{i.uuid} = %s AND t.{t.ended_at} IS NULL ORDER BY t.{t.id}", i=InstanceRow, t=TaskRow,
        )
        is_new = not (folder / "made").exists()  # else it was killed
        if is_new:
            tenants.prepare_platform(now=self._now)
            tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
            tenants.create(key="bench", kind=Kind.MUNICIPALITY, now=self._now)
            (folder / "made").touch()
        self._bound = tenants.bind("bench")
        self._bound.__enter__()
        self._clerk, self._admin = a_staff_member("clerk"), a_staff_member("tenant_admin")
        self._started, self._named = 0, "bench"
        for name in ("steps", "loop", "many", "timer") if is_new else ():
            api.deploy(raw=(MODEL / f"{name}.bpmn").read_bytes(), actor=self._admin, now=self._now)

    def _start(self, process: str, **variables: Any) -> uuid.UUID:
        self._started += 1
        return self._api.start(
            process=process, business_key=f"{self._named}-{self._started}", variables=variables,
            actor=self._clerk, now=self._clock(),
        ).uuid

    def _open(self, instance: uuid.UUID) -> list[uuid.UUID]:
        """Give the open tasks of an instance by one plain statement: the client is not what is measured."""
        return [self._read_uuid(row[0]) for row in self._tasks.rows(instance)]

    def _complete(self, task: uuid.UUID) -> None:
        self._api.complete_task(task=task, variables={"note": "ok"}, actor=self._clerk, now=self._clock())

    def fill(self, *, instances: int) -> Told:
        """Let instances stand at their first task."""
        for _each in range(instances):
            self._start("bench", amount=AMOUNT)
        return {"units": instances}

    def store(self, *, finished: int, live: int) -> Told:
        """Have instances that are at their end, a few by steps and the rest copies, and live ones."""
        from tests.performance.copying import double

        for _each in range(min(finished, COPIED)):
            self._instance(set(), [])
        copies = min(finished, COPIED)
        while copies < finished:
            copies += double(copies)
        self.fill(instances=live)
        return {"units": copies + live}

    def rounds(self, *, seconds: float) -> Told:
        """Do what a clerk and a coordinator do: an instance of three steps, and each page they look at."""
        parts: dict[str, list[float]] = {}
        told = timed(lambda: self._round(parts), seconds)
        return told | {"ms": {name: round(stats.quantile(sorted(took), 0.5) * 1000, 2)
                              for name, took in parts.items()}}

    def _round(self, parts: dict[str, list[float]]) -> int:
        from ocapi.modules.processes.data import InstanceState

        api, clerk, key = self._api, self._clerk, f"bench-{self._started}"
        version = next(each.uuid for each in api.list_definitions(actor=clerk) if each.key == "bench")
        begun = api.list_instances(definition=version, actor=clerk).items[0].uuid
        acts: dict[str, Callable[[], object]] = {
            "three steps": lambda: self._instance(set(), []),
            "tasks": lambda: api.list_tasks(actor=clerk, page_size=50),
            "tasks about a reference": lambda: api.list_tasks(actor=clerk, about=key),
            "counts of all processes": lambda: api.list_figures(actor=clerk),
            "counts per element": lambda: api.list_node_figures(definition=version, actor=clerk),
            "runs": lambda: api.list_instances(definition=version, actor=clerk),
            "runs that go on": lambda: api.list_instances(
                definition=version, state=InstanceState.RUNNING, actor=clerk),
            "runs about a reference": lambda: api.list_instances(definition=version, about=key, actor=clerk),
            "runs cancelled": lambda: api.list_instances(
                definition=version, state=InstanceState.CANCELLED, actor=clerk),
            "path": lambda: api.get_path(instance=begun, actor=clerk),
            "incidents": lambda: api.list_incidents(actor=clerk),
            "planned": lambda: api.list_planned(actor=clerk),
        }
        for name, act in acts.items():
            began = perf_counter()
            act()
            parts.setdefault(name, []).append(perf_counter() - began)
        return 1

    def steps(self, *, seconds: float) -> Told:
        """Run whole instances of three steps."""
        from ocapi.modules.processes.models import InstanceRow

        done = InstanceRow.objects.filter(state="completed")
        before = done.count()
        answers: set[uuid.UUID] = set()
        took: list[float] = []
        told = timed(lambda: self._instance(answers, took), seconds, steps=took)
        shown = self._api.get_instance(instance=answers.pop(), actor=self._clerk, now=self._clock())
        found = done.count() - before
        return told | {
            "answer": f"{shown.state.value == 'completed'} {shown.variables['done']}",
            "acked": told["units"] // 3, "found": found, "lost": told["units"] // 3 - found,
        }

    def _instance(self, answers: set[uuid.UUID], took: list[float]) -> int:
        began = perf_counter()
        instance = self._start("bench", amount=AMOUNT)
        took.append(perf_counter() - began)
        for _step in range(2):
            began = perf_counter()
            self._complete(self._open(instance)[0])
            took.append(perf_counter() - began)
        answers.clear()
        answers.add(instance)
        return 3

    def endless(self, *, turn: int) -> Told:
        """Run instances until killed, and acknowledge each step by a line as soon as it is taken."""
        self._named = f"killed-{turn}"
        while True:
            instance = self._start("bench", amount=AMOUNT)
            print(ACKNOWLEDGED, flush=True)
            for _step in range(2):
                self._complete(self._open(instance)[0])
                print(ACKNOWLEDGED, flush=True)

    def recount(self, *, turn: int) -> Told:
        """Count the steps that a killed program left, and take those that it had not taken yet."""
        from django.db.models import Count

        from ocapi.kernel.outbox.models import EventRow
        from ocapi.modules.processes.models import InstanceRow, TaskRow

        begun = InstanceRow.objects.filter(business_key__startswith=f"killed-{turn}-")
        tasks = TaskRow.objects.filter(instance__in=begun)
        found = begun.count() + tasks.filter(state="completed").count()
        for instance in begun.filter(state="running").values_list("uuid", flat=True):
            while left := self._open(instance):
                self._complete(left[0])
        told = EventRow.objects.filter(type="be.ocapi.processes.task.completed.v1")
        doubled = told.values("subject").annotate(times=Count("id")).filter(times__gt=1).count()
        # a step raises the revision by one: three of each instance, whoever took them
        odd = begun.exclude(state="completed", revision=3).count() + abs(tasks.count() - 2 * begun.count())
        untold = TaskRow.objects.filter(state="completed").count() - told.count()
        return {"found": found, "wrong": doubled + odd + abs(untold)}

    def past(self, *, instances: int, tasks: int) -> Told:
        """Give instances a number of tasks that are done."""
        self._looping = [self._start("loop") for _each in range(instances)]
        for instance in self._looping:
            for _each in range(tasks):
                self._complete(self._open(instance)[0])
        self._turn = 0
        return {"units": instances * tasks}

    def history(self, *, seconds: float) -> Told:
        """Take further steps of those instances, turn by turn."""
        return timed(self._next, seconds)

    def _next(self) -> int:
        self._turn += 1
        self._complete(self._open(self._looping[self._turn % len(self._looping)])[0])
        return 1

    def multi(self, *, items: int, seconds: float) -> Told:
        """Start a repetition side by side and complete every run of it."""
        return timed(lambda: self._many(items), seconds)

    def _many(self, items: int) -> int:
        instance = self._start("many", n=items)
        for task in self._open(instance):
            self._complete(task)
        assert not self._open(instance)
        return items

    def arm(self, *, timers: int, days: int) -> Told:
        """Arm timers that are due at one instant, some days from now."""
        for _each in range(timers):
            self._start("timer", days=days)
        return {"units": timers}

    def timers(self, *, due: int, day: int) -> Told:
        """Fire what is due on that day."""
        from datetime import timedelta

        at, fired, began = self._now + timedelta(days=day, hours=12), 0, perf_counter()
        while fired < due and (more := self._api.fire_timers(now=at)):
            fired += more
        wall = perf_counter() - began
        return {"units": fired, "wall_s": wall, "acked": due, "found": fired, "lost": due - fired,
                "seconds_for_10000": round(wall / max(fired, 1) * 10_000, 3)}

    def move(self, *, instances: int, turn: int) -> Told:
        """Plan and move instances from one version to the other, and back on the next turn."""
        from ocapi.modules.processes.data import MigrationPlan

        raw = (MODEL / "timer.bpmn").read_bytes()
        if not turn:
            first = self._api.list_definitions(actor=self._admin)
            self._versions = [next(each.uuid for each in first if each.key == "timer")]
            later = raw.replace(b'id="t" ', b'id="t" name="later" ')
            self._versions.append(self._api.deploy(raw=later, actor=self._admin, now=self._now)[0].uuid)
        source, target = self._versions[turn % 2], self._versions[1 - turn % 2]
        plan, began = MigrationPlan(source=source, target=target), perf_counter()
        seen = self._api.plan_migration(plan=plan, actor=self._admin, now=self._now)
        done = self._api.migrate_instances(plan=plan, actor=self._admin, now=self._now)
        wall = perf_counter() - began
        moved = sum(not each.refused for each in done)
        return {"units": moved, "wall_s": wall, "acked": instances, "found": moved,
                "lost": instances - moved, "varied": int(seen != done),
                "seconds_for_1000": round(wall / max(moved, 1) * 1000, 3)}


def main(arguments: list[str]) -> int:
    """Answer each line until there are no more."""
    from tests.performance.floor import Floor

    kind, folder = arguments
    arm = {"ours": Ours, "limit": Limit, "floor": Floor, "spiff": Spiff}[kind](Path(folder))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(getattr(arm, asked.pop("do"))(**asked)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
