"""The queue of one organization: put in, claim under a lease, end, fail, give up."""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, models, transaction

from ocapi.kernel.jobs import timing
from ocapi.kernel.jobs.data import Arguments, InvalidArguments, JobState, LeaseLost
from ocapi.kernel.jobs.models import JobRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, ids
from ocapi.lib.tracing import following

LEASE = timedelta(seconds=60)
MAX_ARGUMENT_BYTES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job this process may run until its lease ends."""

    row_id: int
    name: str
    arguments: Arguments
    attempts: int
    fence: int
    trace_id: str = ""


def check(arguments: Arguments) -> str:
    """Refuse arguments that are more than ids and codes; gives their JSON."""
    for name, value in arguments.items():
        if not isinstance(value, str | int | bool):
            raise InvalidArguments(f"{name}: hand over ids and codes, not {type(value).__name__}")
    raw = codec.encode_json(dict(arguments))
    if len(raw) > MAX_ARGUMENT_BYTES:
        raise InvalidArguments(f"more than {MAX_ARGUMENT_BYTES} bytes: store it and hand over its id")
    return raw.decode()


_PUT = tenants.Insert(
    JobRow, "uuid", "name", "arguments", "key", "due_at", "state", "attempts", "fence", "error_code",
    "error_text", "trace_id",
    ending=f" ON CONFLICT ({{t.name}}, {{t.key}}) WHERE ({{t.state}} = '{JobState.WAITING.value}'"
    " AND NOT ({t.key} = '')) DO UPDATE SET {t.due_at} = CASE"
    " WHEN EXCLUDED.{t.due_at} < {t}.{t.due_at} THEN EXCLUDED.{t.due_at} ELSE {t}.{t.due_at} END"
    " RETURNING {t.uuid}",
)


def put(*, job: str, arguments: Arguments, due_at: datetime, key: str) -> UUID:
    """Put a job in; with a key, one that waits already is moved forward instead. Gives the job's uuid.

    One that a worker claims meanwhile no longer waits: a new one is made, as that run may have missed what
    this call is about.
    """
    text = check(arguments)
    return tenants.read_uuid(_PUT.one((
        ids.new_uuid(due_at), job, text, key, due_at, JobState.WAITING.value, 0, 0, "", "",
        following.current()[:64],
    ))[0])


def claimable(
    now: datetime, *, only: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> "models.QuerySet[JobRow]":
    """Give what may be claimed: due, or left behind by a worker whose lease ended; of some kinds only, or
    without some.
    """
    due = models.Q(state=JobState.WAITING.value, due_at__lte=now)
    left_behind = models.Q(state=JobState.RUNNING.value, lease_until__lte=now)
    rows = JobRow.objects.filter(due | left_behind)
    rows = rows.filter(name__in=only) if only else rows
    return (rows.exclude(name__in=without) if without else rows).order_by("due_at", "id")


def claim(*, now: datetime, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Claim | None:
    """Claim the job that is due longest, or None; a job that keeps killing its worker is given up."""
    with transaction.atomic():
        rows = claimable(now, only=only, without=without)
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True)
        row = rows.first()
        if row is None:
            return None
        row.attempts += 1
        row.fence += 1
        if row.attempts > timing.MAX_ATTEMPTS:
            row.state, row.lease_until = JobState.DEAD.value, None
            row.error_code, row.error_text, row.due_at = "LeaseLost", "its worker ended each time", now
        else:
            row.state, row.lease_until = JobState.RUNNING.value, now + LEASE
        row.save()
        crashpoint.point("jobs.claim.before_commit")
    crashpoint.point("jobs.claim.after_commit")
    if row.state == JobState.DEAD.value:
        return claim(now=now, only=only, without=without)
    return Claim(
        row_id=row.id, name=row.name, arguments=row.arguments, attempts=row.attempts, fence=row.fence,
        trace_id=row.trace_id,
    )


def _held(claimed: Claim) -> "models.QuerySet[JobRow]":
    return JobRow.objects.filter(id=claimed.row_id, fence=claimed.fence, state=JobState.RUNNING.value)


def holds(claimed: Claim) -> bool:
    """Tell whether a claim still counts."""
    return _held(claimed).exists()


def renew(claims: Iterable[Claim], *, now: datetime) -> None:
    """Let claims count for as long as new ones."""
    for each in claims:
        _held(each).update(lease_until=now + LEASE)


def finish(claimed: Claim) -> None:
    """End a job, or raise LeaseLost when another claim took it over."""
    count, _per_model = _held(claimed).delete()
    if not count:
        raise LeaseLost(claimed.name)


def fail(claimed: Claim, error: Exception, *, now: datetime, random: timing.Random) -> None:
    """Put a failed job back for later, or give it up; a result under a lost lease changes nothing."""
    due_at = timing.retry_at(attempts=claimed.attempts, now=now, random=random)
    told = {"error_code": type(error).__name__, "error_text": place_of(error), "lease_until": None}
    with transaction.atomic():
        row = _held(claimed).first()
        if row is None:
            return
        if due_at is None:
            _held(claimed).update(state=JobState.DEAD.value, due_at=now, **told)
        elif row.key and JobRow.objects.filter(
            name=row.name, key=row.key, state=JobState.WAITING.value
        ).exists():
            _held(claimed).delete()  # a later request for the same work waits already
        else:
            _held(claimed).update(state=JobState.WAITING.value, due_at=due_at, **told)
        crashpoint.point("jobs.finish.before_fail")
    crashpoint.point("jobs.finish.after_fail")


def place_of(error: Exception) -> str:
    """Give where an error arose: file, line and function, never its text, which may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/ocapi/" in frame.filename] or list(frames)
    if not own:
        return ""
    frame = own[-1]
    return f"{frame.filename.rpartition('/ocapi/')[2]}:{frame.lineno} in {frame.name}"
