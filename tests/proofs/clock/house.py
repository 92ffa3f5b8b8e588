"""The product with one organization, whose clock the proof moves: forward, back, over odd nights."""

import asyncio
import contextlib
import io
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock
from tests.proofs import planting
from tests.proofs.clock import calendar, mutants

KEY = "clock"
TRIES = 60
Wrong = tuple[str, str]
NIGHTS = (
    datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
    datetime(2028, 2, 28, 22, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 22, 30, tzinfo=UTC),
    datetime(2027, 6, 15, 21, 59, tzinfo=UTC),
)
"""Just before the clocks go forward and back, before a leap day, a new year, an ordinary midnight."""
JUMPS = (
    timedelta(seconds=1),
    timedelta(minutes=7),
    timedelta(minutes=31),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(days=1),
    timedelta(hours=-1),
    timedelta(minutes=-20),
    timedelta(days=-1),
    timedelta(0),
)


def build() -> None:
    """Make the organization."""
    from ocapi.kernel.tenants.data import Kind
    from ocapi.modules.cases.tests.factories import load_content

    now = clock.now()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, now=now)
    with tenants.bind(KEY):
        load_content()


def check(*, id: str, seed: int) -> list[str] | None:
    """Check one case, in a transaction that is undone."""
    from django.db import transaction

    kind = id.partition("/")[0]
    with tenants.bind(KEY), transaction.atomic():
        wrong = CHECKS[kind](random.Random(f"{id}:{seed}"))
        transaction.set_rollback(True)
    return list(wrong) if wrong else None


def list_mutants() -> list[str]:
    """Give every rule that is taken away."""
    return [each.name for each in mutants.MUTANTS]


def notices(*, mutant: str, seed: int) -> bool:
    """Take one rule away and tell whether its cases notice."""
    found = next(each for each in mutants.MUTANTS if each.name == mutant)
    with planting.planted(found):
        return any(check(id=f"{case}/{number}", seed=seed) for case in found.cases for number in range(TRIES))


def walk(coin: random.Random, *, steps: int) -> Iterator[datetime]:
    """Give instants as a clock tells them that is set forward and back, around an odd night."""
    at = coin.choice(NIGHTS) + timedelta(seconds=coin.randrange(-1800, 1800))
    for _ in range(steps):
        yield at
        at += coin.choice(JUMPS)


def timers(coin: random.Random) -> Wrong | None:
    """Timers of processes under a moving clock: each fires once, never before the clock said so."""
    from ocapi.modules.processes import api
    from ocapi.modules.processes.models import HistoryRow, InstanceRow
    from ocapi.modules.processes.services import timers as firing
    from ocapi.modules.processes.tests import factories

    times = list(walk(coin, steps=14))
    minutes, count = coin.choice((5, 45, 90, 1500)), coin.choice((1, 2, 4))
    catch = (
        '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>'
        f"PT{minutes}M</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    )
    cycle = (
        f'<startEvent id="w"><timerEventDefinition><timeCycle>R{count}/PT{minutes}M</timeCycle>'
        '</timerEventDefinition></startEvent><userTask id="b"/>'
        '<sequenceFlow id="f" sourceRef="w" targetRef="b"/>'
    )
    api.deploy(raw=_process(catch + '<userTask id="a"/>', "s>t", "t>a"), actor=factories.ADMIN, now=times[0])
    api.deploy(raw=factories.process(cycle, key="c"), actor=factories.ADMIN, now=times[0])
    api.start(process="p", business_key="k", variables={}, actor=factories.CLERK, now=times[0])
    for now in times[1:]:
        due = list(firing.due_timers(now))
        api.fire_timers(now=now)
        for row in due:  # a second worker that read the same list before the first one fired
            if firing._fire(row, actor=factories.SYSTEM, now=now):
                return "a timer fires once", f"again at {now}"
        done = HistoryRow.objects.filter(node="t", what="completed").count()
        if done > 1 or (done and max(times[: times.index(now) + 1]) < times[0] + timedelta(minutes=minutes)):
            return "once, and when it is time", f"{done} times by {now}"
    expected = min(count, int((max(times) - times[0]) / timedelta(minutes=minutes)))
    for _ in range(count):  # what was missed is made up one firing a run, and the worker comes back at once
        api.fire_timers(now=max(times))
    begun = InstanceRow.objects.filter(process="c").count()
    return None if begun == expected else (f"{expected} of {count} starts", f"{begun} by {max(times)}")


def _process(body: str, *flows: str) -> bytes:
    from ocapi.lib.tests.bpmn_run import flow
    from ocapi.modules.processes.tests import factories

    return factories.process(f'<startEvent id="s"/><endEvent id="e"/>{body}{flow(*flows, "a>e")}')


def planner(coin: random.Random) -> Wrong | None:
    """Recurring jobs under a moving clock: each due time is put in once, the next lies ahead."""
    from ocapi.kernel.jobs import planner as planning
    from ocapi.kernel.jobs.extensions import jobs
    from ocapi.kernel.jobs.models import JobRow, ScheduleRow

    kinds = [kind for kind in jobs if kind.every is not None or kind.at is not None]
    for now in walk(coin, steps=12):
        before = dict(ScheduleRow.objects.values_list("name", "due_at"))
        planning.plan(now=now)
        for kind in kinds:
            was = before.get(kind.name)
            if was is not None and was <= now and planning._put(kind, was, now):
                return "a due time counts once", f"{kind.name} again at {now}"
        after = dict(ScheduleRow.objects.values_list("name", "due_at"))
        late = [name for name, due_at in after.items() if due_at <= now and name in before]
        back = [name for name, due_at in after.items() if name in before and due_at < before[name]]
        if late or back:
            return "the next due time lies ahead", f"{(late or back)[0]} at {now}"
        JobRow.objects.all().delete()
    return None


def walls(coin: random.Random) -> Wrong | None:
    """A time of day in Brussels, each day of a year: once per day, in order, also in the odd nights."""
    from ocapi.kernel.jobs import timing

    at = coin.choice((time(2, 30), time(2, 0), time(3, 0), time(0, 0), time(23, 59), time(2, 59)))
    found = datetime(coin.choice((2026, 2027, 2028)), coin.choice((3, 10, 2)), 20, 12, tzinfo=UTC)
    days = []
    for _ in range(20):
        following = timing.next_by_wall_clock(at=at, after=found)
        if following <= found:
            return "a later instant", f"{following} after {found}"
        found = following
        days.append(calendar.local_day(int(found.timestamp())))
    expected = [days[0] + timedelta(days=n) for n in range(20)]
    return None if days == expected else ("one per day", f"{at}: {[str(day) for day in days]}"[:300])


def terms(coin: random.Random) -> Wrong | None:
    """Terms of a case received, and of a question asked, at any instant, against a second reckoning."""
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.cases import api
    from ocapi.modules.cases.tests.factories import a_case, in_status

    holiday = coin.choice(sorted(calendar.holidays(coin.randrange(2026, 2036))))
    before = datetime.combine(holiday, time(22, 30), UTC) - timedelta(days=coin.choice((15, 16, 17)))
    at = coin.choice((*NIGHTS[:4], before, before, before)) + timedelta(seconds=coin.randrange(-7200, 7200))
    case = a_case(now=at)
    day = calendar.local_day(int(at.timestamp()))
    expected = calendar.end(day, _days(case.case_type, "term"), shifts=False)
    if (case.received_on, case.due_on) != (day, expected):
        return f"{day}, {expected}", f"{case.received_on}, {case.due_on} at {at}"
    clerk = a_staff_member("clerk")
    case = in_status(case, "start", clerk=clerk, now=at)
    api.ask_information(case=case.uuid, question="?", actor=clerk, now=at, revision=case.revision)
    asked = api.get_case(case=case.uuid, actor=clerk, now=at).messages[-1]
    wanted = calendar.end(day, _days(case.case_type, "question"), shifts=True)
    return None if asked.answer_by == wanted else (f"answer by {wanted}", f"{asked.answer_by} at {at}")


def _days(case_type: str, what: str) -> int:
    from ocapi.modules.cases.models import CaseTypeRow

    definition = CaseTypeRow.objects.get(code=case_type, is_current=True).definition
    return int(definition["term"]["days"] if what == "term" else definition["information_request_days"])


def lengths(coin: random.Random) -> Wrong | None:
    """A duration in days keeps the time of day in Brussels; in hours it keeps to the line of instants."""
    from ocapi.lib.bpmn import timing

    start = coin.choice(NIGHTS) + timedelta(minutes=coin.randrange(-3000, 3000))
    days, hours = coin.randrange(1, 5), coin.randrange(1, 60)
    later = timing.after(f"P{days}D", start)
    local, moved = start.astimezone(clock.BRUSSELS), later.astimezone(clock.BRUSSELS)
    is_skipped = moved.time() != local.time() and calendar.last_sunday(moved.year, 3) == moved.date()
    if moved.date() != local.date() + timedelta(days=days) or (
        moved.time() != local.time() and not is_skipped
    ):
        return f"{days} days later at {local.time()}", f"{moved} from {local}"
    if timing.after(f"PT{hours}H", start) - start != timedelta(hours=hours):
        return f"{hours} hours", str(timing.after(f"PT{hours}H", start) - start)
    return None


def tokens(coin: random.Random) -> Wrong | None:
    """An access token under a skewed clock: 60 s either way are forgiven, more is refused, in both planes."""
    from ocapi.dataplane.tests import asgi, test_gate

    skew = coin.choice((-3600, -61, -60, -59, 0, 1, 299, 300, 359, 360, 361, 3600, 40_000)) + coin.choice(
        (0, 0, -1, 1)
    )
    expected = 200 if -60 <= skew <= 360 else 401

    async def ask() -> int:
        with tempfile.TemporaryDirectory() as folder:
            test_gate.publish(Path(folder), at=test_gate.NOW - timedelta(hours=2))
            async with asgi.running(asgi.plan(Path(folder))) as plane:
                headers = (test_gate.bearer(test_gate.token()),)
                got = await asgi.ask(
                    plane, "GET", test_gate.STREAMS, headers=headers, host=b"aalter.localhost"
                )
                return got.status

    with clock.Travelling(test_gate.NOW + timedelta(seconds=skew)):
        status = asyncio.run(ask())
    if status != expected:
        return f"{expected} at {skew} s", f"data plane: {status}"
    return _in_web(skew, is_good=expected == 200)


def _in_web(skew: int, *, is_good: bool) -> Wrong | None:
    import json

    from ocapi.kernel.tenants.testing import NOW, a_staff_member
    from ocapi.modules.exchange import api
    from ocapi.modules.exchange.data import TokenRefused
    from ocapi.modules.exchange.tests import test_tokens
    from ocapi.modules.exchange.tests.keys import KeyPair

    pair = KeyPair()
    made = api.register_application(
        name="x",
        jwks=json.dumps(pair.jwk),
        scopes=("cases:cases:read",),
        actor=a_staff_member("tenant_admin"),
        now=NOW,
    )
    token = test_tokens.issue(pair.signed(test_tokens.claims(made))).access_token
    try:
        api.actor_of_token(token=token, now=NOW + timedelta(seconds=skew))
    except TokenRefused as refused:
        return ("taken", f"web at {skew} s: {refused}") if is_good else None
    return None if is_good else ("refused", f"web takes it at {skew} s")


def log(coin: random.Random) -> Wrong | None:
    """A log written while the clock is set back: the independent verifier still finds it whole."""
    from ocapi.kernel.audit import api as audit
    from ocapi.lib import actor, ids
    from ocapi.lib.tests import exported_log

    for now in walk(coin, steps=8):
        audit.consulted(
            actor=actor.system("proof"),
            operation="cases.read",
            about=(ids.new_uuid(now),),
            fields=("name",),
            resource=f"case/{ids.new_uuid(now)}",
            now=now,
        )
        audit.seal(now=now)
    with tempfile.TemporaryDirectory() as folder:
        audit.export_log(folder=Path(folder))
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            code = exported_log.loaded().main([folder])
    return None if code == 0 else ("a log that is whole", told.getvalue()[:200])


def order(coin: random.Random) -> Wrong | None:
    """Facts published while the clock is set back keep the order in which they were committed."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.outbox import api as outbox
    from ocapi.modules.cases.tests.factories import a_case

    made = []
    before = outbox.list_since(sequence=0, limit=1000)
    for now in walk(coin, steps=6):
        made.append(str(a_case(now=now).uuid))
        jobs.visit(now=now, budget_ms=1_000, only=("none",))
    outbox.assign_sequences()
    known = {fact.uuid for fact in before}
    facts = [fact for fact in outbox.list_since(sequence=0, limit=1000) if fact.uuid not in known]
    found = list(dict.fromkeys(fact.subject for fact in facts if fact.subject in made))
    return None if found == made else ("in the order of commit", f"{found} for {made}"[:300])


def leases(coin: random.Random) -> Wrong | None:
    """A job whose worker is overtaken by a jump of the clock: claimed again, done once."""
    from ocapi.kernel.jobs import queue, running
    from ocapi.kernel.jobs.extensions import jobs
    from ocapi.kernel.jobs.models import JobRow

    JobRow.objects.all().delete()
    start = coin.choice(NIGHTS)
    JOB_RUNS.clear()
    if jobs.find("proof.count") is None:
        from ocapi.kernel.jobs.extensions import job

        job("proof.count")(_count)
    queue.put(job="proof.count", arguments={}, due_at=start, key="")
    first = queue.claim(now=start)
    second = queue.claim(now=start + coin.choice((timedelta(hours=1), timedelta(seconds=61))))
    if first is None or second is None:
        return "two claims", f"{first}, {second}"
    claims = [first, second] if coin.random() < 0.5 else [second, first]
    done = [running.run(each, now=start + timedelta(hours=1), random=coin.random) for each in claims]
    third = queue.claim(now=start + timedelta(days=1))
    if not done[claims.index(second)] or sum(done) != 1 or third is not None:
        return "done once, by who holds the lease", f"{done}, left: {third}"
    return None


JOB_RUNS: list[datetime] = []


def _count(*, now: datetime) -> None:
    JOB_RUNS.append(now)


CHECKS: dict[str, Callable[[random.Random], Wrong | None]] = {
    "timers": timers,
    "planner": planner,
    "walls": walls,
    "terms": terms,
    "lengths": lengths,
    "tokens": tokens,
    "log": log,
    "order": order,
    "leases": leases,
}
OPERATIONS: dict[str, Any] = {
    "build": build,
    "check": check,
    "list_mutants": list_mutants,
    "notices": notices,
}
FIRST_YEAR, LAST_YEAR = 2020, 2045


def years() -> list[str]:
    """Name the years whose holidays the product lists otherwise than they are reckoned."""
    from ocapi.modules.cases import terms as product

    return [
        str(year)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        if any(
            product.is_working_day(day) == (day in calendar.holidays(year) or day.isoweekday() > 5)
            for day in (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        )
    ]


OPERATIONS["years"] = years
