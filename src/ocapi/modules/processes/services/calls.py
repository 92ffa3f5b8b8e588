"""Connectors at work: outside the step's transaction, at least once, under a key that stays the same."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import cast
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs.extensions import Outside
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import CallFailed, Completed, Happening, values
from ocapi.lib.feel.natives import NotAValue, to_feel
from ocapi.lib.feel.values import kind_of
from ocapi.modules.processes import data
from ocapi.modules.processes.data import InstanceState, Variables
from ocapi.modules.processes.extensions import (
    AsksOutside,
    Connector,
    ConnectorFailed,
    StillWaiting,
    Withdraws,
    connectors,
)
from ocapi.modules.processes.models import CallRow
from ocapi.modules.processes.services import steps, storing

PAUSE = timedelta(seconds=30)  # before the second try; doubled each time
PURPOSE = "processes.run"
ASLEEP = timedelta(minutes=5)  # how long a call of a suspended instance waits before it looks again


def run(call: UUID, *, actor: Actor, now: datetime) -> Outside | None:
    """Do a connector's work and let the instance go on; one that is no longer waited for is called off.

    Gives what a connector asks outside; the instance goes on when that is settled.
    """
    row = CallRow.objects.select_related("instance").filter(uuid=call).first()
    if row is None:
        _withdraw(call, now=now)
        return None
    if row.instance.state == InstanceState.SUSPENDED.value:
        storing.queue_call(row.uuid, connector=row.connector, due_at=now + ASLEEP)
        return None
    connector = connectors.find(row.connector)
    if connector is None:
        _go_on(row, CallFailed(token=row.token, reason="connectorUnknown"), actor=actor, now=now)
        return None
    given = cast("dict[str, data.Value]", values.read(row.values))
    audit.consulted(  # before each try: once it is sent there is no telling what became of it
        actor=actor, operation="processes.call_connector", about=(), purpose=PURPOSE,
        fields=tuple(connector.inputs or given), resource=f"processInstance/{row.instance.uuid}",
        reference=row.instance.business_key, now=now,
    )
    wrong = mismatch(connector.inputs, given)
    if wrong:
        _go_on(row, CallFailed(token=row.token, reason="inputType", detail=wrong), actor=actor, now=now)
        return None
    settle = partial(_settle, row, connector, actor=actor)
    chosen = {name: given.get(name) for name in connector.inputs} if connector.inputs else given
    key, seconds = str(row.uuid), connector.timeout_seconds
    if not isinstance(connector, AsksOutside):
        settle(partial(connector.call, values=chosen, key=key, timeout_seconds=seconds, now=now), now=now)
        return None
    prepare = partial(connector.prepare, values=chosen, key=key, timeout_seconds=seconds, now=now)
    try:
        return Outside(ask=prepare(), settle=settle)
    except ConnectorFailed:
        settle(prepare, now=now)  # it fails in the same way, where that is dealt with
        return None


def _settle(
    row: CallRow, connector: Connector, answer: Callable[[], Variables], *, actor: Actor, now: datetime
) -> None:
    """Let the instance go on with an answer, or plan the next try or look."""
    try:
        happened = _happened(row, connector, answer)
    except StillWaiting as wait:
        storing.queue_call(row.uuid, connector=row.connector, due_at=now + wait.look_again)
        return
    if happened is None:
        CallRow.objects.filter(id=row.id).update(attempts=row.attempts + 1)
        storing.queue_call(row.uuid, connector=row.connector, due_at=now + PAUSE * 2**row.attempts)
        return
    _go_on(row, happened, actor=actor, now=now)


def _withdraw(call: UUID, *, now: datetime) -> None:
    """Let those who wait for somebody under the key of a call that is gone call it off."""
    for each in connectors:
        if isinstance(each, Withdraws):
            each.withdraw(key=str(call), now=now)


def wake(call: UUID, *, now: datetime) -> None:
    """Let the worker look at a call that waits for something outside; one that is gone stays gone."""
    connector = CallRow.objects.filter(uuid=call).values_list("connector", flat=True).first()
    if connector is not None:
        storing.queue_call(call, connector=connector, due_at=now)


def _happened(row: CallRow, connector: Connector, ask: Callable[[], Variables]) -> Happening | None:
    """Give what happened; None when it is worth another try. Raises StillWaiting."""
    try:
        answer = ask()
    except ConnectorFailed as failure:
        if not failure.is_final and not failure.error and row.attempts < connector.retries:
            return None
        return CallFailed(token=row.token, reason=failure.reason, error=failure.error)
    wrong = mismatch(connector.outputs, answer)
    if wrong:
        return CallFailed(token=row.token, reason="outputType", detail=wrong)
    return Completed(token=row.token, values=answer)


def mismatch(declared: Mapping[str, str], given: data.Variables) -> str:
    """Give the first value that is not of its declared FEEL type, as `name: found, not type`; "" for none."""
    for name, wanted in declared.items():
        try:
            found = kind_of(to_feel(given.get(name)))
        except NotAValue as refusal:
            return f"{name}: {refusal}"
        if wanted not in ("any", found):
            return f"{name}: {found}, not {wanted}"
    return ""


def _go_on(row: CallRow, happened: Happening, *, actor: Actor, now: datetime) -> None:
    with steps.one_step():
        instance = steps.locked(row.instance_id)
        if not CallRow.objects.filter(id=row.id).exists():
            return  # the process went on without it, or it was done by a run before this one
        if instance.state is InstanceState.SUSPENDED:
            storing.queue_call(row.uuid, connector=row.connector, due_at=now + ASLEEP)
            return
        steps.step(instance, happened, scope=row.scope, actor=actor, now=now)
        CallRow.objects.filter(id=row.id).delete()
