"""Indicators: definitions in versions, computing them, reading results with their lineage, notes on
points.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import OwnerKind
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import api as jobs
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Actor, Subject
from ocapi.lib.columns.running import Cluster
from ocapi.modules.insight import comparing
from ocapi.modules.insight.api.datasets import refresh_datasets
from ocapi.modules.insight.data.indicators import (
    Area,
    Dataset,
    DatasetNotFound,
    DatasetSummary,
    DatasetVersion,
    Indicator,
    IndicatorNotFound,
    IndicatorResult,
    Note,
    SeriesOf,
)
from ocapi.modules.insight.queries import indicators as queries
from ocapi.modules.insight.services import alerts, computing
from ocapi.modules.insight.services import indicators as services
from ocapi.modules.insight.services import notes as note_services
from ocapi.modules.insight.services.computing import Computed

READ = "insight.read_indicators"
READ_OPEN = "insight.read_open_indicators"
INHABITANTS = "inhabitants"  # the indicator by which municipalities are found similar
COMPUTER = actors.system("insight")
SIMILAR = 8  # municipalities next to the own one


def load_indicators(*, indicators: Iterable[Indicator], now: datetime) -> tuple[int, tuple[str, ...]]:
    """Keep definitions of the product as versions; gives how many are new and, in words, which were
    refused.
    """
    with transaction.atomic():
        written, refused = services.define(tuple(indicators), queries.datasets(), origin="pack", now=now)
    return written, tuple(f"{each.code}: {each.reason} {each.what}".rstrip() for each in refused)


def compute_indicators(*, now: datetime) -> Computed:
    """Renew the datasets of the own organization and compute every indicator whose formula or data are
    new.
    """
    access.require(COMPUTER, "insight.compute_indicators")
    refresh_datasets(now=now)
    done = computing.compute(queries.work(), cluster=_cluster(), now=now)
    with transaction.atomic():
        alerts.watch(queries.results(own=own_area(now=now), open_only=False), actor=COMPUTER, now=now)
    return done


def _cluster() -> Cluster | None:
    """Give the Spark that the operator wants indicators computed by, None for DuckDB."""
    master, address = settings.OCAPI.spark_master, settings.OCAPI.spark_address
    return Cluster(master=master, address=address) if master else None


def compute_later(*, now: datetime) -> None:
    """Have the worker compute what is new, soon; asked twice it does so once."""
    jobs.enqueue(job="insight.compute_indicators", arguments={}, due_at=now, key="insight.compute")


def list_alarms(*, actor: Actor) -> tuple[str, ...]:
    """Give the codes of indicators that are past their threshold now. Raises NotAllowed."""
    _is_inside(actor)
    return queries.alarms()


def _is_inside(actor: Actor) -> bool:
    """Tell whether an actor sees all indicators; others see the open ones. Raises NotAllowed."""
    if access.may(actor, READ):
        return True
    access.require(actor, READ_OPEN)
    return False


def require_inside(*, actor: Actor) -> None:
    """Raise NotAllowed for those who see the open indicators only: pages of the desk are not for them."""
    access.require(actor, READ)


def own_area(*, now: datetime) -> str:
    """Give the NIS code of the bound organization today, empty when it has none."""
    own = accounts.own_organization(on=clock.local_day(now))
    if own is None:
        return ""
    found = accounts.identifiers_of(kind=OwnerKind.ORGANIZATION, owner=own.uuid)
    codes = [each.value for each in found if each.scheme == "nis"]
    return codes[-1] if codes else ""


def list_results(
    *, actor: Actor, now: datetime, domain: str = "", view: str = "", codes: Iterable[str] | None = None
) -> tuple[IndicatorResult, ...]:
    """Give indicators with their newest result, those of a domain or view when one is named. Raises
    NotAllowed.
    """
    inside = _is_inside(actor)
    found = queries.results(own=own_area(now=now), open_only=not inside, codes=codes)
    return tuple(
        each
        for each in found
        if domain in ("", *each.indicator.domains)
        and view in ("", *(one.value for one in each.indicator.views))
    )


def get_result(*, code: str, actor: Actor, now: datetime) -> IndicatorResult:
    """Give one indicator with its newest result. Raises NotAllowed, IndicatorNotFound."""
    found = list_results(actor=actor, now=now, codes=[code])
    if not found:
        raise IndicatorNotFound(code)
    return found[0]


def list_series(
    *, code: str, actor: Actor, now: datetime, area: str | None = None, part: str | None = None
) -> tuple[SeriesOf, ...]:
    """Give the series of an indicator by area and slice. Raises NotAllowed, IndicatorNotFound."""
    get_result(code=code, actor=actor, now=now)
    return queries.series(code, areas=None if area is None else [area], part=part)


def list_areas(*, actor: Actor) -> dict[str, Area]:
    """Give the municipalities of today by NIS code. Raises NotAllowed."""
    _is_inside(actor)
    return queries.areas()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The newest number of a municipality beside the own one, or beside another one that was asked for.

    is_own: the municipality all are compared with. inhabitants: by which it was found similar.
    """

    area: Area
    period: date
    value: Decimal | None
    is_own: bool
    inhabitants: Decimal | None


def list_peers(*, code: str, part: str, actor: Actor, now: datetime, area: str = "") -> tuple[Peer, ...]:
    """Give the own municipality and the ones nearest in inhabitants, in the newest period all of them may
    have.

    area: NIS code of another municipality to compare with the ones near to it. Without an own area: the
    largest ones. Highest number first. Raises NotAllowed, IndicatorNotFound.
    """
    result = get_result(code=code, actor=actor, now=now)
    places = queries.areas()
    own = area if area in places else own_area(now=now)
    inhabitants = _inhabitants(places)
    found = {each.area: each for each in queries.series(code, part=part) if each.area in places}
    near = comparing.similar(
        own, {nis: count for nis, count in inhabitants.items() if nis in found}, most=SIMILAR
    )
    until = clock.local_day(now) if result.indicator.is_plan else date.max
    period = comparing.common_period([found[nis] for nis in near], until=until)
    if period is None:
        return ()
    peers = [
        Peer(
            area=places[nis],
            period=period,
            value=comparing.value_on(found[nis], period),
            is_own=nis == own,
            inhabitants=inhabitants.get(nis),
        )
        for nis in near
    ]
    return tuple(sorted(peers, key=lambda each: (each.value is None, -(each.value or 0), each.area.name)))


def _inhabitants(places: Container[str]) -> dict[str, Decimal]:
    return {
        each.area: each.last.value
        for each in queries.series(INHABITANTS, part=queries.WHOLE)
        if each.last is not None and each.last.value is not None and each.area in places
    }


def peer_middles(*, of: Mapping[str, tuple[str, date]], actor: Actor) -> dict[str, Decimal]:
    """Give by code of an indicator the median of the municipalities nearest in inhabitants.

    of: by code the municipality to compare with, by NIS code, and the period. A code is left out when the
    municipality has no peers, or when less than half of them have a number. Raises NotAllowed.
    """
    _is_inside(actor)
    held = queries.whole_series(of)
    inhabitants = _inhabitants(queries.areas()) if held else {}
    near: dict[str, dict[str, int]] = {}
    for code, rows in held.items():
        counted = {nis: count for nis, count in inhabitants.items() if nis in rows}
        if of[code][0] in counted:
            near[code] = {nis: rows[nis] for nis in comparing.similar(of[code][0], counted, most=SIMILAR)}
    series = queries.series_in(row for rows in near.values() for row in rows.values())
    made: dict[str, Decimal] = {}
    for code, rows in near.items():
        area, period = of[code]
        values = {nis: comparing.value_on(series[row], period) for nis, row in rows.items()}
        middle = comparing.middle(values, without=area)
        known = sum(value is not None for nis, value in values.items() if nis != area)
        if middle is not None and 2 * known >= len(values) - 1:
            made[code] = middle
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBesidePeers:
    """A part of an indicator: the own number and the middle one of similar municipalities, in one period."""

    part: str
    period: date
    own: Decimal | None
    middle: Decimal | None


def list_parts_beside_peers(
    *, code: str, actor: Actor, now: datetime, area: str = ""
) -> tuple[PartBesidePeers, ...]:
    """Give the parts of an indicator beside the median of similar municipalities, largest own number first.

    area: NIS code of another municipality than the own one. Empty without an own area or without peers.
    Raises NotAllowed, IndicatorNotFound.
    """
    peers = list_peers(code=code, part=queries.WHOLE, actor=actor, now=now, area=area)
    own = next((each.area.nis for each in peers if each.is_own), "")
    if not own or len(peers) < 2:
        return ()
    period = peers[0].period
    found = queries.series(code, areas=[each.area.nis for each in peers])
    parts: dict[str, dict[str, Decimal | None]] = {}
    for each in found:
        if each.slice != queries.WHOLE:
            parts.setdefault(each.slice, {})[each.area] = comparing.value_on(each, period)
    rows = [
        PartBesidePeers(
            part=part, period=period, own=values.get(own), middle=comparing.middle(values, without=own)
        )
        for part, values in parts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.own is None, -(row.own or 0), row.part)))


def list_datasets(*, actor: Actor) -> tuple[DatasetSummary, ...]:
    """Give the datasets with their newest version; those outside see the open ones. Raises NotAllowed."""
    inside = _is_inside(actor)
    return tuple(each for each in queries.dataset_summaries() if inside or each.dataset.is_open)


def get_dataset(*, code: str, actor: Actor) -> tuple[Dataset, tuple[DatasetVersion, ...]]:
    """Give a dataset with its versions, newest first. Raises NotAllowed, DatasetNotFound."""
    inside = _is_inside(actor)
    found = queries.find_dataset(code)
    if not found.is_open and not inside:
        raise DatasetNotFound(code)
    return found, queries.versions(code)


def list_notes(*, code: str, actor: Actor, now: datetime) -> tuple[Note, ...]:
    """Give what was written about points of an indicator and by whom, to those inside only, newest first.

    Names leave after a consultation leaf; one's own name needs none. Raises NotAllowed.
    """
    access.require(actor, READ)
    rows = queries.note_rows(code)
    writers = tuple(dict.fromkeys(row.author for row in rows if row.author is not None))
    if any(each != actor.person for each in writers):
        audit.consulted(
            actor=actor,
            operation=READ,
            about=writers,
            fields=("author",),
            resource=f"indicator/{code}",
            now=now,
        )
    found = accounts.names_of([Subject(kind="person", uuid=each) for each in writers], now=now)
    names = {each.uuid: name for each, name in found.items()}
    return tuple(
        Note(
            uuid=row.uuid,
            indicator=row.indicator,
            period=row.period,
            text=row.text,
            written_at=row.written_at,
            author_name=names.get(row.author, ""),
            is_mine=row.author is None or row.author == actor.person,
            changed_at=row.changed_at,
        )
        for row in rows
    )


def write_note(*, code: str, period: date, text: str, actor: Actor, now: datetime) -> UUID:
    """Write something about a period of an indicator; gives the note.

    Raises NotAllowed, IndicatorNotFound, TextMissing, NotesFull.
    """
    access.require(actor, "insight.write_note")
    with transaction.atomic():
        queries.indicator_row(code)
        return note_services.write(code=code, period=period, text=text, actor=actor, now=now)


def change_note(*, note: UUID, text: str, actor: Actor, now: datetime) -> None:
    """Change the text of an own note. Raises NotAllowed, TextMissing, NotTheWriter."""
    access.require(actor, "insight.write_note")
    with transaction.atomic():
        note_services.change(note=note, text=text, actor=actor, now=now)


def remove_note(*, note: UUID, actor: Actor, now: datetime) -> None:
    """Take an own note away; one that is gone is no error. Raises NotAllowed, NotTheWriter."""
    access.require(actor, "insight.write_note")
    with transaction.atomic():
        note_services.remove(note=note, actor=actor, now=now)
