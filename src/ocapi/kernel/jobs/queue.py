"""The queue of one organization: put in, claim under a lease, end, fail, give up."""

import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction

from ocapi.kernel.jobs import timing
from ocapi.kernel.jobs.data import Arguments, InvalidArguments, JobState, LeaseLost
from ocapi.kernel.jobs.models import JobRow
from ocapi.lib import codec, crashpoint, ids

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


def check(arguments: Arguments) -> None:
    """Refuse arguments that are more than ids and codes."""
    for name, value in arguments.items():
        if not isinstance(value, str | int | bool):
            raise InvalidArguments(f"{name}: hand over ids and codes, not {type(value).__name__}")
    if len(codec.encode_json(dict(arguments))) > MAX_ARGUMENT_BYTES:
        raise InvalidArguments(f"more than {MAX_ARGUMENT_BYTES} bytes: store it and hand over its id")


def put(*, job: str, arguments: Arguments, due_at: datetime, key: str) -> UUID:
    """Put a job in; with a key, one that waits already is moved forward instead. Gives the job's uuid."""
    check(arguments)
    uuid = ids.new_uuid(due_at)
    try:
        with transaction.atomic():
            JobRow.objects.create(
                uuid=uuid, name=job, arguments=dict(arguments), key=key, due_at=due_at,
                state=JobState.WAITING.value,
            )
        return uuid
    except IntegrityError:
        if not key:
            raise
    waiting = JobRow.objects.filter(name=job, key=key, state=JobState.WAITING.value)
    waiting.filter(due_at__gt=due_at).update(due_at=due_at)
    held = waiting.values_list("uuid", flat=True).first()
    # A worker claimed it in between: that run may have missed what this call is about.
    return held if held is not None else put(job=job, arguments=arguments, due_at=due_at, key=key)


def claimable(now: datetime, *, only: tuple[str, ...] = ()) -> "models.QuerySet[JobRow]":
    """Give what may be claimed: due, or left behind by a worker whose lease ended; or of some kinds only."""
    due = models.Q(state=JobState.WAITING.value, due_at__lte=now)
    left_behind = models.Q(state=JobState.RUNNING.value, lease_until__lte=now)
    rows = JobRow.objects.filter(due | left_behind)
    return (rows.filter(name__in=only) if only else rows).order_by("due_at", "id")


def claim(*, now: datetime, only: tuple[str, ...] = ()) -> Claim | None:
    """Claim the job that is due longest, or None; a job that keeps killing its worker is given up."""
    with transaction.atomic():
        rows = claimable(now, only=only)
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
        return claim(now=now, only=only)
    return Claim(
        row_id=row.id, name=row.name, arguments=row.arguments, attempts=row.attempts, fence=row.fence
    )


def _held(claimed: Claim) -> "models.QuerySet[JobRow]":
    return JobRow.objects.filter(id=claimed.row_id, fence=claimed.fence, state=JobState.RUNNING.value)


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
