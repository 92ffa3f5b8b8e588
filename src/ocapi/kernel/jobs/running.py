"""Running one claimed job, and one handler of a fact."""

import dataclasses
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.jobs import queue
from ocapi.kernel.jobs.callers import Asked, Callers
from ocapi.kernel.jobs.data import LeaseLost
from ocapi.kernel.jobs.extensions import HandlerKind, Outside, foreign_handlers, handlers, jobs, watchers
from ocapi.kernel.jobs.models import HandledRow, InboxRow
from ocapi.kernel.jobs.timing import Random
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.outbox.data import json_object
from ocapi.lib import codec, crashpoint
from ocapi.lib.envelope import Meta
from ocapi.lib.tracing import following, spans


def run(claimed: queue.Claim, *, now: datetime, random: Random, callers: Callers | None = None) -> bool:
    """Run a claimed job to its end, its next try or its question outside; tells whether nothing went wrong.

    This is the inside of the worker's loop: whatever a job raises is recorded on its row. callers: asks
    what a job has to ask outside; without it that is asked here.
    """
    with following.within(claimed.trace_id), spans.span("job") as span:
        span.note("ocapi.job", claimed.name)
        if "handler" in claimed.arguments:
            span.note("ocapi.handler", str(claimed.arguments["handler"]))
        is_done = _run(claimed, now=now, random=random, callers=callers)
        span.note("ocapi.outcome", "done" if is_done else "failed")
        return is_done


def settle(asked: Asked, *, now: datetime, random: Random) -> bool:
    """End a job whose question outside was answered; tells whether it succeeded, never with a lost lease."""
    with following.within(asked.claimed.trace_id), spans.span("job") as span:
        span.note("ocapi.job", asked.claimed.name)
        try:
            if not queue.holds(asked.claimed):
                return False
            asked.outside.settle(asked.answer.result, now=now)
            crashpoint.point("jobs.run.after_run")
            queue.finish(asked.claimed)
        except LeaseLost:
            return False
        except Exception as error:
            queue.fail(asked.claimed, error, now=now, random=random)
            return False
        return True


def _run(claimed: queue.Claim, *, now: datetime, random: Random, callers: Callers | None) -> bool:
    crashpoint.point("jobs.run.before_run")
    try:
        kind = jobs.get(claimed.name)
        if kind.is_atomic:
            with transaction.atomic():
                kind.run(now=now, **claimed.arguments)
                queue.finish(claimed)
                crashpoint.point("jobs.finish.before_commit")
        else:
            given = kind.run(now=now, **claimed.arguments)
            if isinstance(given, Outside):
                if callers is not None and kind.is_outside:
                    callers.ask(claimed, given)
                    return True
                given.settle(given.ask, now=now)
            crashpoint.point("jobs.run.after_run")
            queue.finish(claimed)
    except LeaseLost:
        return False
    except Exception as error:
        queue.fail(claimed, error, now=now, random=random)
        return False
    crashpoint.point("jobs.finish.after_commit")
    return True


def handle(*, handler: str, event: str) -> None:
    """Let a handler or watcher deal with a fact, unless it did so before; runs in the job's transaction."""
    fact = outbox.find(event=UUID(event))
    if fact is None:
        raise LookupError(f"fact {event} is gone")
    watcher = watchers.find(handler)
    if watcher is None:
        _once(handlers.get(handler), fact.uuid, fact.members(), fact.meta)
    elif _is_new(handler, fact.uuid):
        watcher.run(json_object(fact.data), fact.meta)


def handle_foreign(*, handler: str, received: str) -> None:
    """Let a handler that takes them deal with a fact of another organization; in the job's transaction."""
    kind = foreign_handlers.get(handler)
    row = InboxRow.objects.get(uuid=UUID(received))
    meta = Meta(
        event_id=row.event, event_type=row.type, subject=row.subject, sequence=row.sequence,
        occurred_at=row.occurred_at, source=row.source,
    )
    # Remembered under our own uuid: another organization chose the event id, perhaps one that is taken.
    _once(kind, row.uuid, json_object(row.data.encode()), meta)


def _once(kind: HandlerKind, event: UUID, found: dict[str, codec.JsonValue], meta: Meta) -> None:
    if not _is_new(kind.name, event):
        return
    wanted = {field.name for field in dataclasses.fields(kind.reads)}
    members = {name: value for name, value in found.items() if name in wanted}
    kind.run(codec.convert(members, kind.reads), meta)


def _is_new(handler: str, event: UUID) -> bool:
    """Remember that a handler deals with a fact; says whether it did not before."""
    _remembered, is_new = HandledRow.objects.get_or_create(handler=handler, event=event)
    return is_new
