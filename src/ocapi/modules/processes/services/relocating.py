"""Putting a run at another element, by two members of staff: one asks and says why, another confirms."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import Relocated, Scope, Token, relocating
from ocapi.modules.processes import data
from ocapi.modules.processes.models import RelocationRow, TokenRow
from ocapi.modules.processes.services import called, steps, storing
from ocapi.modules.processes.services.storing import Held
from ocapi.modules.processes.services.tables import TABLES

MAX_REASON = 300
MAX_PLACES = 100  # of one run, shown


def places(row: Held) -> tuple[tuple[int, str, str, tuple[tuple[str, str], ...]], ...]:
    """Give where a run stands and can be put elsewhere; nothing for one that does not run."""
    if row.state is not data.InstanceState.RUNNING:
        return ()
    found = []
    for token in TokenRow.objects.filter(instance_id=row.id).order_by("number")[:MAX_PLACES]:
        held, scope = _standing(row, token.number)
        if held is None or scope is None or not relocating.can_leave(held, scope):
            continue
        table = TABLES.get(scope.process)
        ways = tuple((each.id, called.apart(each)) for each in relocating.targets(table, scope)
                     if each.id != held.node)
        if ways:
            found.append((held.number, held.node, called.step(table, held.node), ways))
    return tuple(found)


def _standing(row: Held, number: int) -> tuple[Token | None, Scope | None]:
    scope = TokenRow.objects.filter(instance_id=row.id, number=number).values_list("scope", flat=True).first()
    if scope is None:
        return None, None
    snapshot = storing.load(row, scope)
    token = next((each for each in snapshot.tokens if each.number == number), None)
    return token, next((each for each in snapshot.scopes if each.number == scope), None)


def asked(row: Held, actor: Actor) -> tuple[data.Relocation, ...]:
    """Give what was asked of a run and still fits it, oldest first."""
    found = []
    for each in RelocationRow.objects.filter(instance_id=row.id).order_by("id")[:MAX_PLACES]:
        token, scope = _standing(row, each.token)
        if token is None or scope is None or token.node != each.source:
            continue
        table = TABLES.get(scope.process)
        found.append(data.Relocation(
            uuid=each.uuid, source=(each.source, called.step(table, each.source)),
            target=(each.target, called.step(table, each.target)), reason=each.reason, asked_at=each.asked_at,
            is_own=each.asked_by == actor.person,
        ))
    return tuple(found)


def waiting() -> tuple[data.AskedRelocation, ...]:
    """Give what was asked of any run and still fits it, oldest first."""
    there = TokenRow.objects.filter(
        instance=OuterRef("instance"), number=OuterRef("token"), node=OuterRef("source")
    )
    rows = RelocationRow.objects.filter(Exists(there)).defer("reason", "asked_by")
    found = []
    for each in rows.select_related("instance", "instance__definition").order_by("id")[:MAX_PLACES]:
        table = TABLES.get(str(each.instance.definition.uuid))
        found.append(data.AskedRelocation(
            instance=each.instance.uuid, about=each.instance.business_key, asked_at=each.asked_at,
            source=called.step(table, each.source), target=called.step(table, each.target),
        ))
    return tuple(found)


def ask(row: Held, *, token: int, target: str, reason: str, actor: Actor, now: datetime) -> UUID:
    """Keep what somebody asks, in the place of an earlier wish for that token; raises StepNotPossible."""
    steps.require_running(row)
    found = next((each for each in places(row) if each[0] == token), None)
    if found is None or target not in dict(found[3]):
        raise data.StepNotPossible("cantRelocate", target)
    if not reason.strip() or len(reason) > MAX_REASON:
        raise data.StepNotPossible("reasonMissing")
    if actor.person is None:
        raise data.SamePerson
    RelocationRow.objects.filter(instance_id=row.id, token=token).delete()
    return RelocationRow.objects.create(
        uuid=ids.new_uuid(now), instance_id=row.id, token=token, source=found[1], target=target,
        reason=reason.strip(), asked_by=actor.person, asked_at=now,
    ).uuid


def _row(row: Held, relocation: UUID) -> RelocationRow:
    rows = RelocationRow.objects.defer("reason", "asked_by")
    found = rows.filter(uuid=relocation, instance_id=row.id).first()
    if found is None:
        raise data.RelocationNotFound(str(relocation))
    return found


def confirm(row: Held, relocation: UUID, *, actor: Actor, now: datetime) -> None:
    """Do what a colleague asked; raises RelocationNotFound, SamePerson, NotRunning, StepNotPossible."""
    steps.require_running(row)
    found = _row(row, relocation)
    if actor.person is None or RelocationRow.objects.filter(id=found.id, asked_by=actor.person).exists():
        raise data.SamePerson
    token, scope = _standing(row, found.token)
    if token is None or scope is None or token.node != found.source:
        raise data.RelocationNotFound(str(relocation))
    found.delete()
    happened = Relocated(token=token.number, node=found.target)
    steps.step(row, happened, scope=scope.number, actor=actor, now=now)


def withdraw(row: Held, relocation: UUID) -> None:
    """Forget what was asked; raises RelocationNotFound."""
    _row(row, relocation).delete()
