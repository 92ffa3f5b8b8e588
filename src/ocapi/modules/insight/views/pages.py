"""The dashboard, the page of a domain and of a service, and the comparison by municipality."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Chart, ChartKind, NavigationItem, Series
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.modules.capture import api as capture
from ocapi.modules.insight import api
from ocapi.modules.insight.data import (
    Figures,
    PeerFigures,
    UnknownDomain,
    UnknownService,
    YearFigures,
)
from ocapi.modules.insight.views import showing
from ocapi.modules.insight.views.inputs import FiguresInput

SENSOR_SPAN = timedelta(days=366)
MOST_SENSORS = 2  # the first ones by title; the page of sensors holds all


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the dashboard: key figures, requests per month, tables, comparison, sensors."""
    typed = FiguresInput.read(request.GET)
    actor, now = _actor(request), request.now  # type: ignore[attr-defined]
    figures = api.get_year(year=typed.year, actor=actor, now=now)
    try:
        of = api.find_figures(figures=figures, domain=typed.domain, service=typed.service)
    except (UnknownDomain, UnknownService):
        of = None
    peers = api.list_comparison(domain=typed.domain, actor=actor, now=now)
    domains = (
        figures.domains
        if not typed.is_narrowed
        else tuple(each for each in figures.domains if each.code == (of.domain if of else typed.domain))
    )
    services = (
        figures.services
        if not typed.is_narrowed
        else tuple(
            each
            for each in figures.services
            if typed.service in ("", each.code) and typed.domain in ("", each.domain)
        )
    )
    year = typed.query(domein="", dienst="")
    return ui.page(
        request,
        "insight/overview.html",
        title=_("Policy figures"),
        figures=figures,
        of=of,
        typed=typed,
        fields=typed.fields(figures, api.list_domains()),
        is_narrowed=typed.is_narrowed,
        **_parts(request, figures, of, query=typed.query()),
        services=showing.table(
            services,
            caption=_("Requests of %(year)s by service") % {"year": figures.year},
            first=_("Service"),
            query=year,
            export=_export("dienst", typed),
        ),
        domains=showing.table(
            domains,
            caption=_("Requests of %(year)s by domain") % {"year": figures.year},
            first=_("Domain"),
            query=year,
            export=_export("domein", typed),
        ),
        peers=_peer_table(peers, typed),
        has_own=bool(figures.services) or not peers,
        charts=() if figures.services else peer_charts(peers, typed),
        sensors=_sensors(actor),
    )


@require_GET
def domain(request: HttpRequest, code: str) -> HttpResponse:
    """Show one domain: its key figures, its services, and the municipalities next to each other."""
    typed = FiguresInput.read(request.GET)
    actor, now = _actor(request), request.now  # type: ignore[attr-defined]
    known = next((each for each in api.list_domains() if each.code == code), None)
    figures = api.get_year(year=typed.year, actor=actor, now=now)
    of = next((each for each in figures.domains if each.code == code), None)
    if known is None and of is None:
        raise Http404(code)
    title = known.title if known else showing.title_of(of) if of else code
    here = FiguresInput(year=typed.year, domain=code)
    peers = api.list_comparison(domain=code, actor=actor, now=now)
    return ui.page(
        request,
        "insight/detail.html",
        title=title,
        lead=known.description if known else "",
        of=of,
        figures=figures,
        years=_years(figures),
        **_parts(request, figures, of, query=here.query()),
        crumbs=_crumbs((title, "")),
        services=showing.table(
            figures.of_domain(code),
            caption=_("Requests of %(year)s by service") % {"year": figures.year},
            first=_("Service"),
            query=typed.query(),
            export=_export("dienst", here),
        ),
        peers=_peer_table(peers, here),
        charts=peer_charts(peers, here),
    )


@require_GET
def service(request: HttpRequest, code: str) -> HttpResponse:
    """Show one service: its key figures and its requests per month."""
    typed = FiguresInput.read(request.GET)
    actor, now = _actor(request), request.now  # type: ignore[attr-defined]
    figures = api.get_year(year=typed.year, actor=actor, now=now)
    try:
        of = api.find_figures(figures=figures, service=code)
    except UnknownService:
        raise Http404(code) from None
    here = FiguresInput(year=typed.year, service=code)
    titles = {each.code: each.title for each in figures.domains}
    return ui.page(
        request,
        "insight/detail.html",
        title=showing.title_of(of),
        of=of,
        figures=figures,
        years=_years(figures),
        domain_code=of.domain,
        domain_title=titles.get(of.domain, ""),
        **_parts(request, figures, of, query=here.query()),
        crumbs=_crumbs(
            (titles.get(of.domain, of.domain), reverse("insight:domain", args=[of.domain])),
            (showing.title_of(of), ""),
        ),
    )


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Show the municipalities next to each other, over everything or one domain."""
    typed = FiguresInput.read(request.GET)
    domains = api.list_domains()
    peers = api.list_comparison(domain=typed.domain, actor=_actor(request), now=request.now)  # type: ignore[attr-defined]
    here = reverse("insight:comparison")
    tabs = (
        NavigationItem(label=_("All services"), href=here, current=not typed.domain),
        *(
            NavigationItem(
                label=each.title, href=f"{here}?domein={quote(each.code)}", current=each.code == typed.domain
            )
            for each in domains
        ),
    )
    return ui.page(
        request,
        "insight/comparison.html",
        title=_("Comparison by municipality"),
        tabs=tabs,
        crumbs=_crumbs((_("Comparison by municipality"), "")),
        peers=_peer_table(peers, FiguresInput(domain=typed.domain)),
        charts=peer_charts(peers, FiguresInput(domain=typed.domain)),
    )


def _actor(request: HttpRequest) -> Actor:
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def _parts(
    request: HttpRequest, figures: YearFigures, of: Figures | None, *, query: str
) -> dict[str, object]:
    """Give what the dashboard and every drill-down show alike."""
    source = source_text()
    if of is None:
        return {
            "source": source,
            "period": showing.period(figures),
            "tiles": (),
            "chart": None,
            "has_figures": False,
        }
    months = f"{reverse('insight:export')}?tabel=maand{query and '&' + query}"
    before = api.find_year_before(figures=figures, of=of, actor=_actor(request))
    change = api.get_trend(figures=figures, of=of, before=before)
    return {
        "source": source,
        "period": showing.period(figures),
        "tiles": showing.tiles(of, year=figures.year, change=showing.trend(change, year=figures.year)),
        "chart": months_chart(figures, of, before, source=source, export=months),
        "has_figures": of.received.value != 0,
        "updated": written.moment_in_words(figures.counted_at) if figures.counted_at else "",
        "waiting": showing.waiting_text(figures.waiting) if figures.waiting else "",
    }


def months_chart(
    figures: YearFigures, of: Figures, before: Figures | None, *, source: str, export: str
) -> Chart | None:
    """Give the requests by month beside those of the year before; None when too few months are shown."""
    if not of.received.value or not showing.is_drawable(of.months[: figures.last_month]):
        return None
    return showing.months_chart(of, before, figures, source=source, export=export)


def source_text() -> str:
    """Say whose cases the figures are counted from."""
    name = registry.setting("organization.name") or tenants.current().key
    return _("cases of %(organization)s") % {"organization": name}


def _export(table: str, typed: FiguresInput) -> str:
    return f"{reverse('insight:export')}?{typed.query(tabel=table)}"


def _years(figures: YearFigures) -> tuple[NavigationItem, ...]:
    return tuple(
        NavigationItem(label=str(each), href=f"?jaar={each:d}", current=each == figures.year)
        for each in figures.years
    )


def _crumbs(*more: tuple[str, str]) -> tuple[NavigationItem, ...]:
    """Give the way from the dashboard to here; the last one is this page and has no address."""
    first = (NavigationItem(label=_("Policy figures"), href=reverse("insight:overview")),)
    return first + tuple(NavigationItem(label=label, href=href) for label, href in more)


def _peer_table(peers: tuple[PeerFigures, ...], typed: FiguresInput) -> object:
    return showing.peer_table(
        peers,
        caption=_("The last twelve complete months of each municipality"),
        export=_export("gemeente", typed),
    )


def peer_charts(peers: tuple[PeerFigures, ...], typed: FiguresInput) -> tuple[Chart, ...]:
    """Give the municipalities next to each other as charts, each with its files; none of a single one."""
    if len(peers) < 2:
        return ()
    source = _("figures that the municipalities published")
    digital: tuple[Decimal | None, ...] = tuple(peer.figures.digital_share for peer in peers)
    lead: tuple[Decimal | None, ...] = tuple(peer.figures.mean_lead_days for peer in peers)
    return (
        showing.peer_chart(
            peers,
            code="digitaal",
            title=_("Digital share"),
            unit="%",
            values=digital,
            source=source,
            export=_export("digitaal", typed),
        ),
        showing.peer_chart(
            peers,
            code="doorlooptijd",
            title=_("Mean lead time"),
            unit=_("days"),
            values=lead,
            source=source,
            export=_export("doorlooptijd", typed),
        ),
    )


def _sensors(actor: Actor) -> tuple[dict[str, object], ...]:
    """Give the real series of `capture` as charts, each with the way to its own page."""
    if not access.may(actor, "capture.read_streams"):
        return ()
    found = [each for each in capture.list_streams(actor=actor) if each.last_hour is not None][:MOST_SENSORS]
    shown = []
    for each in found:
        assert each.last_hour is not None
        to_at = each.last_hour + timedelta(hours=1)
        buckets = capture.series(
            stream=each.code, from_at=to_at - SENSOR_SPAN, to_at=to_at, step="month", actor=actor
        )[1:]  # the first month is not whole, and a sum of a part of it looks like a fall
        chart = Chart(
            code=f"sensor-{each.code}",
            title=each.title,
            kind=ChartKind.LINE,
            unit=each.unit.strip("{}"),
            category_label=_("Month"),
            categories=tuple(date_format(one.start, "M Y").lower() for one in buckets),
            series=(
                Series(
                    name=each.title,
                    values=tuple(None if one.is_missing else Decimal(one.total) for one in buckets),
                ),
            ),
            source=each.source,
            updated=written.moment_in_words(each.last_hour),
            method=_("Sum of the hourly rows of the sensor; the last month may not be whole."),
        )
        shown.append(
            {"chart": chart, "href": reverse("capture:stream", args=[each.code]), "title": each.title}
        )
    return tuple(shown)
