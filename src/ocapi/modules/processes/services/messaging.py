"""Messages to one instance, signals to all that wait, and what instances sent on its way to others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import models, transaction

from ocapi.kernel.jobs import api as jobs
from ocapi.lib import codec, crashpoint, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import Occurred, values
from ocapi.modules.processes import data
from ocapi.modules.processes.data import Correlated
from ocapi.modules.processes.models import MessageRow, SubscriptionRow
from ocapi.modules.processes.services import statements as do
from ocapi.modules.processes.services import steps, tables
from ocapi.modules.processes.services.storing import Held

MAX_TRIES = 50  # subscriptions looked at for one message: others may have been taken meanwhile


@contextmanager
def one_message() -> Iterator[None]:
    """Taking up a message is one transaction."""
    with transaction.atomic():
        yield
        crashpoint.point("processes.message.before_commit")
    crashpoint.point("processes.message.after_commit")


def correlate(
    *, name: str, key: str, given: data.Variables, actor: Actor, now: datetime
) -> Correlated:
    """Hand a message to the instance that waits longest for it, else to the process it starts.

    Raises MessageUnmatched, NotRunning, StepNotPossible.
    """
    for row in waiting_for("message", name, key).filter(instance__isnull=False)[:MAX_TRIES]:
        if (instance := _take_up(row, given, actor=actor, now=now)) is not None:
            return Correlated(instance=instance.uuid, is_new=False)
    starts = waiting_for("message", name, "").filter(instance__isnull=True)
    start = starts.select_related("definition").first()
    if start is None or start.definition is None:
        raise data.MessageUnmatched(name)
    begun = steps.begin(
        tables.version_of(start.definition), at=start.node, business_key=key, values=given, actor=actor,
        now=now,
    )
    return Correlated(instance=begun.uuid, is_new=True)


def waiting_for(kind: str, name: str, key: str) -> "models.QuerySet[SubscriptionRow]":
    """Give the subscriptions to a message or signal, the longest waiting first."""
    return SubscriptionRow.objects.filter(kind=kind, name=name, key=key).order_by("id")


def _take_up(
    row: SubscriptionRow, given: data.Variables, *, actor: Actor, now: datetime
) -> Held | None:
    """Let the instance go on; None when another message was faster."""
    assert row.instance_id is not None
    instance = steps.locked(row.instance_id)
    steps.require_running(instance)
    if not do.TAKE_SUBSCRIPTION.run(row.id):
        return None
    happened = Occurred(
        scope=row.scope, token=row.token, node=row.node, values=given, name=row.name, key=row.key
    )
    steps.step(instance, happened, scope=row.scope, actor=actor, now=now)
    return instance


def deliver(message: UUID, *, actor: Actor, now: datetime) -> None:
    """Deliver what an instance sent; a message nobody waits for is gone, as a letter to nobody."""
    row = MessageRow.objects.filter(uuid=message).first()
    if row is None:
        return
    given = cast("dict[str, data.Value]", {
        name: values.read(str(text))
        for name, text in cast("dict[str, object]", codec.decode_untyped(row.values.encode())).items()
    })
    if row.kind == "signal":
        _to_all(row, given, actor=actor, now=now)
        return
    if row.kind == "event":
        _to_one(row, given, actor=actor, now=now)
        return
    with one_message():
        count, _per_model = MessageRow.objects.filter(id=row.id).delete()
        if count:
            try:
                with transaction.atomic():
                    correlate(name=row.name, key=row.key, given=given, actor=actor, now=now)
            except (data.MessageUnmatched, data.StepNotPossible):
                return  # a suspended instance refuses: then the job comes back


def _to_one(row: MessageRow, given: data.Variables, *, actor: Actor, now: datetime) -> None:
    """Hand a fact to the subscription it was noted for (`last`); kept while the instance stands still.

    A process that starts with it gets what it was found by as its business key.
    """
    with one_message():
        found = SubscriptionRow.objects.select_related("definition").filter(id=row.last).first()
        try:
            with transaction.atomic():
                if found is not None and found.instance_id is not None:
                    _take_up(found, given, actor=actor, now=now)
                elif found is not None and found.definition is not None:
                    steps.begin(
                        tables.version_of(found.definition), at=found.node, business_key=row.key,
                        values=given, actor=actor, now=now,
                    )
        except data.NotRunning as refusal:
            if refusal.state is data.InstanceState.SUSPENDED and found is not None:
                MessageRow.objects.filter(id=row.id).update(instance_id=found.instance_id)
                return
        except (data.StepNotPossible, data.InstanceNotFound):
            pass  # it went on or ended since
        MessageRow.objects.filter(id=row.id).delete()


def _to_all(row: MessageRow, given: data.Variables, *, actor: Actor, now: datetime) -> None:
    """Hand a signal to every subscription there is now, each in a transaction that remembers how far.

    One that was kept for an instance goes to those the instance had when the signal came.
    """
    waiting = waiting_for("signal", row.name, "")
    if row.instance_id is not None:
        waiting = waiting.filter(instance=row.instance_id)
    if not row.key:
        row.key = str(waiting.order_by("-id").values_list("id", flat=True).first() or 0)
        MessageRow.objects.filter(id=row.id).update(key=row.key)
    last = row.last
    while True:
        found = (
            waiting.select_related("definition").filter(id__gt=last, id__lte=int(row.key)).first()
        )
        if found is None:
            break
        last = found.id
        with one_message():
            MessageRow.objects.filter(id=row.id).update(last=last)
            _signal_one(row, found, given, actor=actor, now=now)
    MessageRow.objects.filter(id=row.id).delete()


def _signal_one(
    message: MessageRow, row: SubscriptionRow, given: data.Variables, *, actor: Actor, now: datetime
) -> None:
    try:
        with transaction.atomic():
            if row.instance_id is not None:
                _take_up(row, given, actor=actor, now=now)
            elif row.definition is not None:
                steps.begin(
                    tables.version_of(row.definition), at=row.node, business_key="", values=given,
                    actor=actor, now=now,
                )
    except data.NotRunning as refusal:
        if refusal.state is data.InstanceState.SUSPENDED:
            _keep(message, row, now)
    except (data.StepNotPossible, data.InstanceNotFound):
        return  # it went on or ended since


def _keep(message: MessageRow, row: SubscriptionRow, now: datetime) -> None:
    """Keep a signal for a suspended instance, once per subscription."""
    MessageRow.objects.create(
        uuid=ids.new_uuid(now), kind="signal", name=message.name, key=str(row.id), last=row.id - 1,
        values=message.values, sent_at=message.sent_at, instance_id=row.instance_id,
    )


def deliver_kept(instance: int, *, now: datetime) -> None:
    """Let the worker deliver what came while an instance stood still, in the order in which it came."""
    for row in MessageRow.objects.filter(instance=instance).order_by("id"):
        queue(row.uuid, due_at=now)


def queue(message: UUID, *, due_at: datetime) -> None:
    """Let the worker deliver a message or signal."""
    jobs.enqueue(
        job=steps.DELIVER, arguments={"message": str(message)}, due_at=due_at,
        key=f"{steps.DELIVER}:{message}",
    )
