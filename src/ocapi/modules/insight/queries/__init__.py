"""Reads of insight."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Min, Sum
from django.db.models.functions import ExtractMonth

from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.modules.cases.events import CaseClosed, CaseDecided, CaseReceived
from ocapi.modules.insight import months
from ocapi.modules.insight.counting import Counted, Cube
from ocapi.modules.insight.data import Domain, PeerFigures, PublishedFigures
from ocapi.modules.insight.models import DomainRow, PeerRow, RollupRow, StateRow

COUNTED_TYPES = tuple(kind.event_type for kind in (CaseReceived, CaseDecided, CaseClosed))
MOST_GROUPS = 50_000  # service x channel x month in one year; more is a fault
MOST_PEERS = 2000
MOST_DOMAINS = 100
LOOKED_AT = 200  # facts after the newest counted one among which waiting ones are looked for
SUMMED = ("received", "opened", "decided", "in_term", "lead_days", "term_days")


def state() -> StateRow | None:
    """Give how far counting has come; None before the first count."""
    return StateRow.objects.first()


def waiting(row: StateRow | None) -> int:
    """Give how many facts are not counted yet; a few hundred count as that many."""
    after = max(row.counted_to, row.rebuilt_to) if row else 0
    found = outbox.list_since(sequence=after, limit=LOOKED_AT)
    return sum(fact.type in COUNTED_TYPES for fact in found)


def years() -> tuple[int, ...]:
    """Give the years with figures, newest first."""
    found = RollupRow.objects.order_by("-month__year").values_list("month__year", flat=True).distinct()
    return tuple(found[:50])


def cube(year: int, row: StateRow | None, *, last_month: int) -> Cube:
    """Give the protected counts of a year; computed once per count, for suppression takes milliseconds.

    last_month: 1 to 12, the last one that has begun; later ones are known to be zero, so they hide nothing.
    """
    return tenants.cached(
        f"insight.cube.{year}.{last_month}",
        generation=row.token.int if row else 0,
        compute=lambda: _year(year, last_month),
    )


def _year(year: int, last_month: int) -> Cube:
    rows = RollupRow.objects.filter(month__gte=date(year, 1, 1), month__lt=date(year + 1, 1, 1))
    return Cube(_counted(rows.annotate(number=ExtractMonth("month"))), months=last_month)


def first_month() -> date | None:
    """Give the first month with figures."""
    found: date | None = RollupRow.objects.aggregate(first=Min("month"))["first"]
    return found


def window(until: date) -> Cube:
    """Give the protected counts of the twelve months up to and including one, by domain only."""
    rows = RollupRow.objects.filter(month__gt=months.shifted(until, by=-12), month__lte=until)
    return Cube(_counted(rows.annotate(number=ExtractMonth("month"))), months=0, with_services=False)


def _counted(rows: "Iterable[object]") -> Iterable[Counted]:
    groups = rows.values("number", "service", "domain", "channel")  # type: ignore[attr-defined]
    sums = groups.annotate(**{f"sum_{name}": Sum(name) for name in SUMMED})
    for each in sums.order_by("service", "domain", "channel", "number")[:MOST_GROUPS]:
        yield Counted(
            month=each["number"],
            service=each["service"],
            domain=each["domain"],
            channel=each["channel"],
            received=each["sum_received"],
            open=each["sum_opened"],
            decided=each["sum_decided"],
            in_term=each["sum_in_term"],
            lead_days=each["sum_lead_days"],
            term_days=each["sum_term_days"],
        )


def domains() -> tuple[Domain, ...]:
    """Give the domains in their order."""
    return tuple(
        Domain(
            code=row.code,
            title=row.title_nl,
            title_en=row.title_en,
            icon=row.icon,
            description=row.description,
        )
        for row in DomainRow.objects.order_by("position", "id")[:MOST_DOMAINS]
    )


def peers(*, domain: str, newest: date) -> tuple[PeerFigures, ...]:
    """Give what each organization published last about a domain or everything, by name."""
    own = tenants.current().base_iri
    rows = PeerRow.objects.filter(domain=domain).order_by("name", "source")[:MOST_PEERS]
    return tuple(
        PeerFigures(
            source=row.source,
            name=row.name,
            until=row.until,
            is_own=row.source == own,
            is_stale=row.until < months.shifted(newest, by=-1),
            figures=PublishedFigures(
                code=row.domain,
                received=row.received,
                digital=row.digital,
                decided=row.decided,
                in_term=row.in_term,
                lead_days=row.lead_days,
                term_days=row.term_days,
            ),
        )
        for row in rows
    )
