"""Writes of insight: counting facts, counting again from the start, publishing, taking in."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db.models import F

from ocapi.kernel.outbox import api as outbox
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.modules.cases.events import CaseClosed, CaseDecided, CaseReceived
from ocapi.modules.insight import months
from ocapi.modules.insight.data import NO_DOMAIN, Domain, PublishedFigures
from ocapi.modules.insight.events import ComparisonPublished
from ocapi.modules.insight.models import DomainRow, PeerRow, RollupRow, StateRow
from ocapi.modules.services import api as public_services
from ocapi.modules.services.data import ServiceNotFound

BATCH = 1000
NO_SERVICE = "none"  # a case that names no service


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which rollup row."""

    month: date
    service: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one fact adds to one row. Additions commute, so the order in which facts come does not matter."""

    key: Key
    received: int = 0
    opened: int = 0
    decided: int = 0
    in_term: int = 0
    lead_days: int = 0
    term_days: int = 0


COUNTS = ("received", "opened", "decided", "in_term", "lead_days", "term_days")


def changes_of(fact: CaseReceived | CaseDecided | CaseClosed) -> tuple[Change, ...]:
    """Give what a fact adds: it tells all it needs itself, so no earlier one has to be known."""
    service, channel = fact.service or fact.case_type or NO_SERVICE, fact.channel
    came_in = Key(month=months.month_of(fact.received_on), service=service, channel=channel)
    if isinstance(fact, CaseReceived):
        return (Change(key=came_in, received=1, opened=1),)
    if isinstance(fact, CaseClosed):  # closing a decided case changes no figure
        return () if fact.decided_on is not None else (Change(key=came_in, opened=-1),)
    decided_on = fact.decided_on
    if decided_on is None:
        return ()
    decided = Change(
        key=Key(month=months.month_of(decided_on), service=service, channel=channel),
        decided=1,
        in_term=int(decided_on <= fact.due_on),
        lead_days=(decided_on - fact.received_on).days,
        term_days=(fact.due_on - fact.received_on).days,
    )
    return (Change(key=came_in, opened=-1), decided)


def locked_state(*, now: datetime) -> StateRow:
    """Give the state row, locked: two that count wait for each other."""
    StateRow.objects.get_or_create(id=1, defaults={"token": ids.new_uuid(now)})
    return StateRow.objects.select_for_update().get(id=1)


def count(fact: CaseReceived | CaseDecided | CaseClosed, *, sequence: int, at: datetime) -> None:
    """Add a fact to its rows, unless a rebuild did."""
    state = locked_state(now=at)
    if sequence <= state.rebuilt_to:
        return
    for change in changes_of(fact):
        _apply(change, domain=_domain_of(change.key.service))
    state.counted_to = max(state.counted_to, sequence)
    state.counted_at = max(state.counted_at or at, at)
    _renew(state, now=at)


def _renew(state: StateRow, *, now: datetime) -> None:
    state.token = ids.new_uuid(now)
    state.save()


def _domain_of(service: str) -> str:
    try:
        return public_services.get_service(code=service, address_form="informal").domain
    except ServiceNotFound:
        return NO_DOMAIN


def _apply(change: Change, *, domain: str) -> None:
    key = change.key
    row, _is_new = RollupRow.objects.get_or_create(
        month=key.month, service=key.service, channel=key.channel, defaults={"domain": domain}
    )
    added = {name: F(name) + getattr(change, name) for name in COUNTS if getattr(change, name)}
    RollupRow.objects.filter(id=row.id).update(**added)


def rebuild(*, now: datetime) -> int:
    """Count every fact of the outbox again, in one transaction; gives how many counted."""
    state = locked_state(now=now)
    outbox.assign_sequences()
    titles = public_services.list_services(address_form="informal")
    domains = {each.code: each.domain for each in titles}
    rows: dict[Key, RollupRow] = {}
    kinds = {kind.event_type: kind for kind in (CaseReceived, CaseDecided, CaseClosed)}
    counted, at = 0, None
    while found := outbox.list_since(sequence=at.sequence if at else 0, limit=BATCH):
        for at in found:
            kind = kinds.get(at.type)
            if kind is None:
                continue
            counted += 1
            state.counted_to = at.sequence
            state.counted_at = max(state.counted_at or at.occurred_at, at.occurred_at)
            for change in changes_of(codec.convert(at.members(), kind)):
                _add(rows, change, domains)
    RollupRow.objects.all().delete()
    RollupRow.objects.bulk_create(rows.values(), batch_size=BATCH)
    state.rebuilt_to = at.sequence if at else 0
    _renew(state, now=now)
    return counted


def _add(rows: dict[Key, RollupRow], change: Change, domains: dict[str, str]) -> None:
    key = change.key
    row = rows.get(key)
    if row is None:
        domain = domains.get(key.service, NO_DOMAIN)
        row = rows[key] = RollupRow(month=key.month, service=key.service, channel=key.channel, domain=domain)
    for name in COUNTS:
        setattr(row, name, getattr(row, name) + getattr(change, name))


def store_domains(domains: Iterable[Domain], *, now: datetime) -> int:
    """Write domains keyed by code, in the order given; gives how many."""
    written = 0
    for position, each in enumerate(domains, start=1):
        values = {
            "position": position,
            "icon": each.icon,
            "title_nl": each.title,
            "title_en": each.title_en,
            "description": each.description,
        }
        DomainRow.objects.update_or_create(
            code=each.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
        )
        written += 1
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What an organization published: its IRI, its name, the last of the twelve months, and the figures."""

    source: str
    name: str
    until: date
    total: PublishedFigures
    domains: tuple[PublishedFigures, ...]


def keep_peer(peer: Peer, *, now: datetime) -> bool:
    """Keep what an organization published instead of its earlier figures; False when it is not newer."""
    held = (
        PeerRow.objects.filter(source=peer.source).order_by("-until").values_list("until", flat=True).first()
    )
    if held is not None and held >= peer.until:
        return False
    PeerRow.objects.filter(source=peer.source).delete()
    PeerRow.objects.bulk_create([_peer_row(peer, figures, now) for figures in (peer.total, *peer.domains)])
    return True


def _peer_row(peer: Peer, figures: PublishedFigures, now: datetime) -> PeerRow:
    counts = {name: value for name, value in asdict(figures).items() if name != "code"}
    return PeerRow(
        uuid=ids.new_uuid(now),
        source=peer.source,
        name=peer.name[:200],
        until=peer.until,
        domain=figures.code[:40],
        **counts,
    )


def share_peer(peer: Peer, *, actor: Actor, now: datetime) -> None:
    """Publish figures of a member, as this organization received them, for its other members."""
    outbox.publish(
        ComparisonPublished(
            member=peer.source,
            until=months.written(peer.until),
            name=peer.name,
            total=peer.total,
            domains=peer.domains,
        ),
        actor=actor,
        now=now,
    )
