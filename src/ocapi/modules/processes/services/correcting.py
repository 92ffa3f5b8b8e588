"""Giving a variable of a run another value, by two members of staff: one asks, another does it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import Corrected, values
from ocapi.lib.bpmn.engine.state import ROOT, ScopeKind
from ocapi.lib.feel.values import Value
from ocapi.modules.processes import data, events, queries
from ocapi.modules.processes.models import CorrectionRow, InstanceRow, ScopeRow, VariableRow
from ocapi.modules.processes.services import called, steps
from ocapi.modules.processes.services.storing import Held
from ocapi.modules.processes.services.tables import TABLES

MAX_REASON = 300
MAX_NAME = 200
_WIDE = (ScopeKind.PROCESS.value, ScopeKind.CALL.value)  # a new name is looked for here, not in a part of it
_LIVE = (data.InstanceState.RUNNING.value, data.InstanceState.SUSPENDED.value)


def held(row: Held, *, hidden: Collection[str]) -> data.HeldValues:
    """Give the values of a run by part and name, without the contents of those whose names are hidden."""
    parts = _parts(row)
    found = VariableRow.objects.filter(instance_id=row.id).order_by("scope", "name")[: queries.MAX_SHOWN]
    return data.HeldValues(
        revision=_revision(row),
        items=tuple(
            data.HeldValue(
                scope=each.scope, place=parts[each.scope][1], name=each.name, is_hidden=each.name in hidden,
                value=None if each.name in hidden else values.read(each.value),
            )
            for each in found if each.scope in parts
        ),
        places=tuple((number, name) for number, (is_wide, name) in parts.items() if is_wide),
    )


def _revision(row: Held) -> int:
    return InstanceRow.objects.values_list("revision", flat=True).get(id=row.id)


def _parts(row: Held) -> dict[int, tuple[bool, str]]:
    """Give the parts of a run by number: whether it takes new names, and what the drawing calls it."""
    found: dict[int, tuple[bool, str]] = {}
    numbered = ScopeRow.objects.filter(instance_id=row.id).order_by("number")[: queries.MAX_SHOWN]
    inside = {each.number: each.process for each in numbered}
    for each in numbered:
        # What a part is called stands in the drawing around it: of a called process, in the one that calls.
        name = "" if each.number == ROOT else called.step(
            TABLES.get(inside.get(each.parent, each.process)), each.node)
        if each.kind == ScopeKind.ITEM.value:
            name = f"{name} ({each.index + 1})"
        found[each.number] = (each.kind in _WIDE, name)
    return found


def _now(row: Held, scope: int, name: str) -> str | None:
    rows = VariableRow.objects.filter(instance_id=row.id, scope=scope, name=name)
    return rows.values_list("value", flat=True).first()


def asked(row: Held, actor: Actor, *, hidden: Collection[str]) -> tuple[data.Correction, ...]:
    """Give what was asked of a run and still fits it, oldest first."""
    if row.state.value not in _LIVE:
        return ()
    parts, found = _parts(row), []
    for each in CorrectionRow.objects.filter(instance_id=row.id).order_by("id")[: queries.MAX_SHOWN]:
        if each.scope not in parts or _now(row, each.scope, each.name) != each.before:
            continue
        is_hidden = each.name in hidden
        found.append(data.Correction(
            uuid=each.uuid, scope=each.scope, place=parts[each.scope][1], name=each.name,
            is_new=each.before is None, is_hidden=is_hidden,
            before=None if is_hidden or each.before is None else values.read(each.before),
            value=None if is_hidden else values.read(each.value), reason=each.reason,
            asked_at=each.asked_at, is_own=each.asked_by == actor.person,
        ))
    return tuple(found)


def waiting() -> tuple[data.AskedCorrection, ...]:
    """Give what was asked of runs that have not ended, oldest first."""
    rows = CorrectionRow.objects.filter(instance__state__in=_LIVE).select_related("instance")
    plain = rows.defer("reason", "asked_by", "before", "value").order_by("id")[: queries.MAX_SHOWN]
    return tuple(
        data.AskedCorrection(
            instance=each.instance.uuid, about=each.instance.business_key, name=each.name,
            asked_at=each.asked_at,
        )
        for each in plain
    )


def ask(
    row: Held, *, scope: int, name: str, value: Value, reason: str, revision: int, actor: Actor, now: datetime
) -> UUID:
    """Keep what somebody asks, in the place of an earlier wish for that value.

    Raises NotRunning, RunChanged, StepNotPossible, SamePerson.
    """
    steps.require_running(row)
    newest = _revision(row)
    if revision != newest:
        raise data.RunChanged(newest)
    if not name.strip() or name != name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise data.StepNotPossible("variableName", name[:80])
    before, parts = _now(row, scope, name), _parts(row)
    if scope not in parts or (before is None and not parts[scope][0]):
        raise data.StepNotPossible("scopeGone")
    try:
        written = values.write(value)
    except values.NotStorable as refusal:
        raise data.StepNotPossible(refusal.reason, refusal.detail) from None
    if written == before:
        raise data.StepNotPossible("sameValue")
    if not reason.strip() or len(reason) > MAX_REASON or "\0" in reason:
        raise data.StepNotPossible("reasonMissing")
    if actor.person is None:
        raise data.SamePerson
    CorrectionRow.objects.filter(instance_id=row.id, scope=scope, name=name).delete()
    return CorrectionRow.objects.create(
        uuid=ids.new_uuid(now), instance_id=row.id, scope=scope, name=name, before=before, value=written,
        reason=reason.strip(), asked_by=actor.person, asked_at=now,
    ).uuid


def _row(row: Held, correction: UUID) -> CorrectionRow:
    rows = CorrectionRow.objects.defer("reason", "asked_by")
    found = rows.filter(uuid=correction, instance_id=row.id).first()
    if found is None:
        raise data.CorrectionNotFound(str(correction))
    return found


def confirm(row: Held, correction: UUID, *, actor: Actor, now: datetime) -> str:
    """Do what a colleague asked and give the name of the value.

    Raises CorrectionNotFound (also when the value has changed since), SamePerson, NotRunning,
    StepNotPossible.
    """
    steps.require_running(row)
    found = _row(row, correction)
    if actor.person is None or CorrectionRow.objects.filter(id=found.id, asked_by=actor.person).exists():
        raise data.SamePerson
    if found.scope not in _parts(row) or _now(row, found.scope, found.name) != found.before:
        raise data.CorrectionNotFound(str(correction))
    found.delete()
    fact = events.VariableCorrected(
        instance=row.uuid, process=row.process, version=row.version, business_key=row.business_key,
        name=found.name,
    )
    happened = Corrected(scope=found.scope, name=found.name, value=values.read(found.value))
    steps.step(row, happened, scope=found.scope, actor=actor, now=now, facts=(fact,))
    return found.name


def withdraw(row: Held, correction: UUID) -> str:
    """Forget what was asked and give the name of the value; raises CorrectionNotFound."""
    found = _row(row, correction)
    found.delete()
    return found.name
