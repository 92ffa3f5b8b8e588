"""The door of insight: figures of the own organization, the comparison with peers, and how both are filled.

No figure leaves through this door in which a group of 1 to 4 requests can be read or computed.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.cases.events import CaseClosed, CaseDecided, CaseReceived
from ocapi.modules.insight import months, queries, services
from ocapi.modules.insight.api.dashboards import load_dashboards
from ocapi.modules.insight.api.datasets import (
    add_rows,
    codes_by_name,
    extend_table,
    load_datasets,
    load_own_rows,
    load_table,
)
from ocapi.modules.insight.api.indicators import compute_indicators, compute_later, load_indicators
from ocapi.modules.insight.counting import EVERYTHING
from ocapi.modules.insight.data import (
    TOTAL,
    Domain,
    Figures,
    PeerFigures,
    Scope,
    Trend,
    UnknownDomain,
    UnknownService,
    YearFigures,
)
from ocapi.modules.insight.events import ComparisonPublished, FiguresPublished
from ocapi.modules.services import api as public_services

__all__ = [
    "add_rows",
    "codes_by_name",
    "compute_indicators",
    "compute_later",
    "count",
    "find_figures",
    "find_year_before",
    "get_trend",
    "get_year",
    "list_comparison",
    "list_domains",
    "load_dashboards",
    "load_datasets",
    "load_domains",
    "load_indicators",
    "load_own_rows",
    "extend_table",
    "load_table",
    "publish_figures",
    "rebuild",
    "take_comparison",
    "take_figures",
]

READ = "insight.read_figures"
COUNTER = actors.system("insight")
YEAR_OF_MONTHS = 12


def list_domains() -> tuple[Domain, ...]:
    """Give the smart-city domains in the organization's order; they are public."""
    return queries.domains()


def get_year(*, year: int | None, actor: Actor, now: datetime) -> YearFigures:
    """Give the figures of a calendar year, the present one when None. Raises NotAllowed.

    A year without figures is all zero. Suppression covers totals, domains, services and months together.
    """
    access.require(actor, READ)
    today = clock.local_day(now)
    chosen = today.year if year is None else year
    state = queries.state()
    last_month = today.month if chosen == today.year else 12 if chosen < today.year else 0
    cube = queries.cube(chosen, state, last_month=last_month)
    titles = {each.code: each.title for each in public_services.list_services(address_form="informal")}
    domains = {each.code: each.title for each in queries.domains()}
    order = {code: place for place, code in enumerate(domains)}
    found = [
        cube.figures(
            unit, title=(titles if unit.scope is Scope.SERVICE else domains).get(unit.code, unit.code)
        )
        for unit in cube.units
    ]
    return YearFigures(
        year=chosen,
        years=tuple(sorted({today.year, chosen, *queries.years()}, reverse=True)),
        last_month=last_month,
        is_running=chosen >= today.year,
        counted_at=state.counted_at if state else None,
        waiting=queries.waiting(state),
        total=cube.figures(EVERYTHING, title=""),
        domains=tuple(
            sorted(
                (each for each in found if each.scope is Scope.DOMAIN),
                key=lambda each: (order.get(each.code, len(order)), each.title),
            )
        ),
        services=tuple(
            sorted(
                (each for each in found if each.scope is Scope.SERVICE),
                key=lambda each: (each.title, each.code),
            )
        ),
    )


def find_figures(*, figures: YearFigures, domain: str = TOTAL, service: str = "") -> Figures:
    """Give the figures of a service, a domain or everything out of a year.

    Raises UnknownDomain, UnknownService; a known domain without requests that year is all zero.
    """
    if service:
        for each in figures.services:
            if each.code == service:
                return each
        raise UnknownService(service)
    if not domain:
        return figures.total
    for each in figures.domains:
        if each.code == domain:
            return each
    raise UnknownDomain(domain)


def find_year_before(*, figures: YearFigures, of: Figures, actor: Actor) -> Figures | None:
    """Give the same figures of the year before, or None when that year has none at all. Raises NotAllowed."""
    access.require(actor, READ)
    if figures.year - 1 not in figures.years:
        return None
    before = queries.cube(figures.year - 1, queries.state(), last_month=12)
    unit = next((each for each in before.units if (each.scope, each.code) == (of.scope, of.code)), None)
    return before.figures(unit, title=of.title) if unit else None


def get_trend(*, figures: YearFigures, of: Figures, before: Figures | None) -> Trend:
    """Give the change against the year before, over the months that are complete in both.

    It is a sum of months that are shown; when one of them is hidden the trend is not told.
    """
    complete = figures.last_month - 1 if figures.is_running else figures.last_month
    if complete < 1 or before is None:
        return Trend(until_month=max(complete, 0), now=None, before=None)
    return Trend(
        until_month=complete,
        now=_sum(each.value for each in of.months[:complete]),
        before=_sum(each.value for each in before.months[:complete]),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    found = list(values)
    return None if None in found else sum(value for value in found if value is not None)


def list_comparison(*, domain: str = TOTAL, actor: Actor, now: datetime) -> tuple[PeerFigures, ...]:
    """Give what each organization published last, the own one included, by name. Raises NotAllowed.

    Figures are those of twelve complete months; one that published earlier than the others is stale.
    """
    access.require(actor, READ)
    return queries.peers(domain=domain, newest=months.last_complete(now))


def count(*, fact: CaseReceived | CaseDecided | CaseClosed, sequence: int, at: datetime) -> None:
    """Count a fact of cases, for the handler; one that a rebuild counted already changes nothing."""
    services.count(fact, sequence=sequence, at=at)


def rebuild(*, now: datetime) -> int:
    """Count again from the start by replaying the outbox; gives how many facts were counted.

    The outbox, not the cases door: a replay counts the very facts the handlers count, so both ways agree to
    the last number; it reads no personal data and leaves no consultation; and its place in commit order says
    which facts still on their way to a handler are in the rows already. The price: facts must be kept.
    """
    with transaction.atomic():
        return services.rebuild(now=now)


def load_domains(*, domains: Iterable[Domain], now: datetime) -> int:
    """Take in the domains of a content pack, keyed by code; gives how many."""
    with transaction.atomic():
        return services.store_domains(domains, now=now)


def publish_figures(*, now: datetime) -> bool:
    """Publish the twelve complete months up to the last one, once per month; tells whether it did.

    Only a municipality publishes, and only with twelve complete months: the first shorter windows would give
    single months away. For the job, so no policy is asked. Emits FiguresPublished.
    """
    until = months.last_complete(now)
    if tenants.current().kind is not Kind.MUNICIPALITY:
        return False
    first = queries.first_month()
    if first is None or first > months.shifted(until, by=1 - YEAR_OF_MONTHS):
        return False
    with transaction.atomic():
        state = services.locked_state(now=now)
        if state.published_until is not None and state.published_until >= until:
            return False
        cube = queries.window(until)
        own = services.Peer(
            source=tenants.current().base_iri,
            until=until,
            total=cube.published(EVERYTHING),
            name=registry.setting("organization.name") or tenants.current().key,
            domains=tuple(cube.published(unit) for unit in cube.units if unit.scope is Scope.DOMAIN),
        )
        services.keep_peer(own, now=now)
        state.published_until = until
        state.save()
        outbox.publish(
            FiguresPublished(
                until=months.written(until), name=own.name, total=own.total, domains=own.domains
            ),
            actor=COUNTER,
            now=now,
        )
    return True


def take_figures(*, figures: FiguresPublished, source: str, now: datetime) -> None:
    """Take in what a member published; a collective shares newer figures with its other members.

    source: IRI of the sender. Emits ComparisonPublished in a collective. Figures that are not newer change
    nothing, so they can't go round.
    """
    peer = services.Peer(
        source=source,
        name=figures.name,
        until=months.read(figures.until),
        total=figures.total,
        domains=figures.domains,
    )
    with transaction.atomic():
        is_newer = services.keep_peer(peer, now=now)
        if is_newer and tenants.current().kind is Kind.COLLECTIVE:
            services.share_peer(peer, actor=COUNTER, now=now)


def take_comparison(*, figures: ComparisonPublished, now: datetime) -> None:
    """Take in what the collective tells of a member, the own organization apart. Emits nothing."""
    if figures.member == tenants.current().base_iri:
        return
    peer = services.Peer(
        source=figures.member,
        name=figures.name,
        until=months.read(figures.until),
        total=figures.total,
        domains=figures.domains,
    )
    with transaction.atomic():
        services.keep_peer(peer, now=now)
