"""Look at the values of a run and give one another content: asked by one member of staff, done by another."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.lib.feel.values import Value
from ocapi.modules.processes.data import AskedCorrection, Correction, HeldValues
from ocapi.modules.processes.extensions import persons_about
from ocapi.modules.processes.services import correcting, personal, steps
from ocapi.modules.processes.services.storing import Held

CORRECT = "processes.correct_variable"
_READ = "processes.read_instance"


def list_values(*, instance: UUID, actor: Actor, now: datetime) -> HeldValues:
    """Give the values of a run and of its parts, and leave a consultation leaf.

    Raises InstanceNotFound, NotAllowed.
    """
    return _values(instance, actor, now, hidden=())


def list_masked_values(*, instance: UUID, actor: Actor, now: datetime) -> HeldValues:
    """Give the values as `list_values` does, without those that a form in use marks as personal data."""
    return _values(instance, actor, now, hidden=personal.names())


def _values(instance: UUID, actor: Actor, now: datetime, *, hidden: Collection[str]) -> HeldValues:
    access.require(actor, _READ)
    with transaction.atomic():
        row = steps.find_locked(instance)
        found = correcting.held(row, hidden=hidden)
        _looked(row, _READ, [each.name for each in found.items if not each.is_hidden], actor, now)
    return found


def list_corrections(*, instance: UUID, actor: Actor, now: datetime) -> tuple[Correction, ...]:
    """Give what was asked of the values of a run and still fits it, oldest first; a wish leaves a leaf.

    Raises InstanceNotFound, NotAllowed.
    """
    return _asked(instance, actor, now, hidden=())


def list_masked_corrections(*, instance: UUID, actor: Actor, now: datetime) -> tuple[Correction, ...]:
    """Give what was asked as `list_corrections` does, without contents that a form marks as personal data."""
    return _asked(instance, actor, now, hidden=personal.names())


def _asked(
    instance: UUID, actor: Actor, now: datetime, *, hidden: Collection[str]
) -> tuple[Correction, ...]:
    access.require(actor, CORRECT)
    with transaction.atomic():
        row = steps.find_locked(instance)
        found = correcting.asked(row, actor, hidden=hidden)
        if found:
            names = [each.name for each in found if not each.is_hidden]
            _looked(row, CORRECT, ["reason", "askedBy", *names], actor, now)
    return found


def list_asked_corrections(*, actor: Actor) -> tuple[AskedCorrection, ...]:
    """Give the corrections that wait for a colleague, oldest first, at most 500. Raises NotAllowed.

    Who asks one, why, and both contents are what `list_corrections` gives, after a leaf.
    """
    access.require(actor, "processes.list_incidents")
    return correcting.waiting()


def ask_correction(
    *, instance: UUID, scope: int, name: str, value: Value, reason: str, revision: int, actor: Actor,
    now: datetime,
) -> UUID:
    """Ask to give a value another content, and say why in at most 300 characters; again takes its place.

    scope: number of the part it stands in, as `list_values` gives it; a new name needs one of its `places`.
    revision: of the run when its values were looked at. Raises InstanceNotFound, NotRunning, RunChanged,
    StepNotPossible (scopeGone, variableName, notStorable, variableTooLarge, sameValue, reasonMissing),
    SamePerson for who is no person, NotAllowed.
    """
    access.require(actor, CORRECT)
    with transaction.atomic():
        row = steps.find_locked(instance)
        made = correcting.ask(
            row, scope=scope, name=name, value=value, reason=reason, revision=revision, actor=actor, now=now
        )
        _changed(row, name, "asked", actor=actor, now=now)
    return made


def confirm_correction(*, instance: UUID, correction: UUID, actor: Actor, now: datetime) -> None:
    """Do what a colleague asked; emits VariableCorrected. A step that got stuck is then tried again by hand.

    Raises InstanceNotFound, CorrectionNotFound (also when the value has changed since), SamePerson,
    NotRunning, StepNotPossible, NotAllowed.
    """
    access.require(actor, CORRECT)
    with steps.one_step():
        row = steps.find_locked(instance)
        name = correcting.confirm(row, correction, actor=actor, now=now)
        _changed(row, name, "done", actor=actor, now=now)


def withdraw_correction(*, instance: UUID, correction: UUID, actor: Actor, now: datetime) -> None:
    """Forget what was asked. Raises InstanceNotFound, CorrectionNotFound, NotAllowed."""
    access.require(actor, CORRECT)
    with transaction.atomic():
        row = steps.find_locked(instance)
        _changed(row, correcting.withdraw(row, correction), "withdrawn", actor=actor, now=now)


def _looked(row: Held, operation: str, fields: list[str], actor: Actor, now: datetime) -> None:
    audit.consulted(
        actor=actor, operation=operation, about=persons_about(row.business_key), fields=tuple(fields),
        now=now, resource=f"processInstance/{row.uuid}", reference=row.business_key,
    )


def _changed(row: Held, name: str, outcome: str, *, actor: Actor, now: datetime) -> None:
    audit.changed(
        actor=actor, operation=CORRECT, resource=f"processInstance/{row.uuid}", now=now, outcome=outcome,
        fields=(name,), reference=row.business_key,
    )
