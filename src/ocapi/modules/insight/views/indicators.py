"""Dashboards by domain and view, the page of an indicator with its notes, and where its numbers come from.

Each page stands twice: at the desk with all indicators, in public with the open ones. `space` is the
namespace of the addresses: insight or figures.
"""

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Chart, Definition, Field, FieldKind, NavigationItem, Option
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.insight import api as figures
from ocapi.modules.insight.api import explorer
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import (
    Area,
    DatasetNotFound,
    FormulaNotRun,
    IndicatorNotFound,
    IndicatorResult,
    Note,
    SeriesOf,
    TextMissing,
    View,
)
from ocapi.modules.insight.views import charted, showing, tiles, wording
from ocapi.modules.insight.views.target import target_block

DESK, PUBLIC = "insight", "figures"
STARTERS = ("planned-investment-per-inhabitant", "bike-trend")


def template(name: str, space: str) -> str:
    """Give the template of a page: the same body in the shell of the desk or of the public site."""
    return f"insight/{name}.html" if space == DESK else f"insight/{name}_public.html"


def _reader(request: HttpRequest, space: str) -> Actor:
    """Give who reads; raises NotAllowed for the public at the desk."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if space == DESK:
        api.require_inside(actor=actor)
    return actor


@require_GET
def overview(request: HttpRequest, space: str) -> HttpResponse:
    """Show the indicators as tiles, by domain or by one of the four views."""
    actor, now = _reader(request, space), request.now  # type: ignore[attr-defined]
    domain, view = request.GET.get("domein", ""), request.GET.get("blik", "")
    domains = figures.list_domains()
    if view and view not in set(View):
        view = ""
    found = api.list_results(actor=actor, now=now, domain=domain, view=view)
    today, areas = clock.local_day(now), api.list_areas(actor=actor)
    here, alarms = reverse(f"{space}:indicators"), api.list_alarms(actor=actor)
    chosen = next((each for each in domains if each.code == domain), None)
    sections = [
        (
            each.title,
            tuple(
                tiles.tile(one, today=today, areas=areas, space=space, is_alarm=one.indicator.code in alarms)
                for one in found
                if one.indicator.domains[0] == each.code
                or domain == each.code
                and domain in one.indicator.domains
            ),
        )
        for each in domains
        if domain in ("", each.code)
    ]
    starters = [one for code in STARTERS for one in found if one.indicator.code == code]
    return ui.page(
        request,
        template("indicators", space),
        title=_("Figures of the municipality") if space == PUBLIC else _("Indicators"),
        lead=chosen.description if chosen else "",
        domain_tabs=_tabs(
            here, "domein", domain, [(each.code, each.title) for each in domains], _("All domains")
        ),
        view_tabs=_tabs(
            here, "blik", view, [(each.value, wording.view(each)) for each in View], _("All views")
        ),
        sections=[(title, each) for title, each in sections if each],
        starters=tuple(_starter(one, actor, now, space) for one in starters) if not (domain or view) else (),
        may_ask=access.may(actor, explorer.ASK),
        may_edit=access.may(actor, explorer.EDIT),
        count=len(found),
        space=space,
    )


def _tabs(
    here: str, name: str, value: str, known: list[tuple[str, str]], all_label: str
) -> tuple[NavigationItem, ...]:
    return (
        NavigationItem(label=all_label, href=here, current=not value),
        *(
            NavigationItem(label=title, href=f"{here}?{name}={code}", current=code == value)
            for code, title in known
        ),
    )


def _starter(one: IndicatorResult, actor: object, now: object, space: str) -> dict[str, object]:
    code = one.indicator.code
    chart = None
    if code == STARTERS[0]:
        parts = api.list_parts_beside_peers(code=code, actor=actor, now=now)  # type: ignore[arg-type]
        chart = tiles.parts_chart(one.indicator, parts, source=tiles.sources(one))
    elif one.shown is not None:
        chart = tiles.chart(one, one.shown, name=_("Measured"), export="")
    return {
        "chart": chart,
        "href": reverse(f"{space}:indicator", args=[code]),
        "title": one.indicator.title.nl,
    }


@require_http_methods(["GET", "POST"])
def indicator(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show one indicator; a note that was typed is kept."""
    actor, now = _reader(request, space), request.now  # type: ignore[attr-defined]
    try:
        result = api.get_result(code=code, actor=actor, now=now)
        if request.method == "POST" and space == DESK:
            return _noted(request, result)
    except IndicatorNotFound:
        raise Http404(code) from None
    return _page(request, result, space)


def _noted(request: HttpRequest, result: IndicatorResult) -> HttpResponse:
    actor, now, code = request.actor, request.now, result.indicator.code  # type: ignore[attr-defined]
    try:
        if request.POST.get("weg"):
            api.remove_note(note=UUID(request.POST["weg"]), actor=actor, now=now)
        else:
            period = date.fromisoformat(request.POST.get("periode", ""))
            api.write_note(code=code, period=period, text=request.POST.get("tekst", ""), actor=actor, now=now)
    except TextMissing:
        return _page(request, result, DESK, error=_("Write what happened in this period."), status=422)
    except ValueError:
        return _page(request, result, DESK, error=_("Choose a period from the list."), status=422)
    return ui.redirect("insight:indicator", code)


def _page(
    request: HttpRequest, result: IndicatorResult, space: str, *, error: str = "", status: int = 200
) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    definition, today = result.indicator, clock.local_day(now)
    areas = api.list_areas(actor=actor)
    area, part = request.GET.get("gebied", ""), request.GET.get("deel", "")
    every = api.list_series(code=definition.code, actor=actor, now=now, area=area or _area(result))
    series = next((each for each in every if each.slice == part), None) or result.shown
    asked = (request.GET.get("van", ""), request.GET.get("tot", ""))
    narrowed = charted.between(series, *asked) if series else None
    export = f"{reverse(f'{space}:indicator_export', args=[definition.code])}?{_query(request)}"
    peers = api.list_peers(code=definition.code, part=part, actor=actor, now=now)
    point = tiles.point_now(result, today)
    notes = api.list_notes(code=definition.code, actor=actor) if space == DESK else ()
    return ui.page(
        request,
        template("indicator", space),
        status=status,
        title=definition.title.nl,
        indicator=definition,
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse(f"{space}:indicators")),
            NavigationItem(label=definition.title.nl, href=""),
        ),
        tile=(tiles.tile(result, today=today, areas=areas, space=space),) if point else (),
        reason=wording.outcome(result.outcome),
        is_stale=result.is_stale(today),
        last=wording.period(definition, point.period) if point else "",
        chart=_drawn(_course(result, narrowed, notes, areas), export, charted.COURSE),
        future=tiles.future_chart(result, series) if series else None,
        parts_chart=_parts(request, result, export),
        facts=(
            Definition(term=_("Method"), value=definition.method),
            Definition(term=_("Measures"), value=wording.kind(definition.kind)),
            Definition(term=_("Owner"), value=definition.owner),
            Definition(term=_("Code and version"), value=f"{definition.code}, {definition.version}"),
        ),
        fields=_filters(request, result, series, every, areas),
        breaks=tuple((wording.period(definition, each.day), each.reason) for each in definition.breaks),
        merged=_merged(result, series, areas),
        parts=tiles.slice_table(result, every, today=today, export=export) if definition.slices else None,
        peer_chart=_drawn(
            tiles.peer_chart(definition, peers, source=tiles.sources(result)), export, charted.PEERS
        ),
        target=target_block(request, result),
        notes=tuple((each, wording.period(definition, each.period)) for each in notes),
        note_fields=_note_fields(result, series, error)
        if space == DESK and access.may(actor, "insight.write_note")
        else (),
        error=error,
        lineage_href=reverse(f"{space}:lineage", args=[definition.code]),
        csv_href=export,
        xlsx_href=f"{export}&vorm=xlsx",
        share_href=request.build_absolute_uri(),
        space=space,
    )


def _course(
    result: IndicatorResult, series: SeriesOf | None, notes: tuple[Note, ...], areas: dict[str, Area]
) -> Chart | None:
    chart = tiles.chart(result, series, name=_name(series, areas), export="") if series else None
    return tiles.noted(chart, series, notes, result.indicator) if chart and series else None


def _parts(request: HttpRequest, result: IndicatorResult, export: str) -> Chart | None:
    if not result.indicator.slices:
        return None
    code, actor, now = result.indicator.code, request.actor, request.now  # type: ignore[attr-defined]
    found = api.list_parts_beside_peers(code=code, actor=actor, now=now)
    chart = tiles.parts_chart(result.indicator, found, source=tiles.sources(result))
    return _drawn(chart, export, charted.PARTS)


def _drawn(chart: Chart | None, export: str, drawing: str) -> Chart | None:
    return charted.with_downloads(chart, export=export, drawing=drawing) if chart else None


def _area(result: IndicatorResult) -> str | None:
    return result.shown.area if result.shown else None


def _name(series: SeriesOf | None, areas: dict[str, Area]) -> str:
    found = areas.get(series.area) if series else None
    return getattr(found, "name", "") or _("Measured")


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("vorm", None)
    return kept.urlencode()


def _filters(
    request: HttpRequest,
    result: IndicatorResult,
    series: SeriesOf | None,
    every: tuple[SeriesOf, ...],
    areas: dict[str, Area],
) -> tuple[Field, ...]:
    if series is None:
        return ()
    definition = result.indicator
    days = [each.period for each in series.points]
    options = tuple(Option(value=day.isoformat(), label=wording.period(definition, day)) for day in days)
    found = [
        Field(
            name="van",
            label=_("From"),
            kind=FieldKind.SELECT,
            value=request.GET.get("van", days[0].isoformat()),
            required=False,
            options=options,
        ),
        Field(
            name="tot",
            label=_("Up to"),
            kind=FieldKind.SELECT,
            value=request.GET.get("tot", days[-1].isoformat()),
            required=False,
            options=options,
        ),
    ]
    if definition.slices and len(every) > 1:
        parts = tuple(Option(value=each.slice, label=each.slice or _("Everything")) for each in every)
        found.append(
            Field(
                name="deel",
                label=definition.slices,
                kind=FieldKind.SELECT,
                value=series.slice,
                required=False,
                options=parts,
            )
        )
    if definition.areas.value == "municipality":
        names = sorted((each.name, nis) for nis, each in areas.items())  # type: ignore[attr-defined]
        found.append(
            Field(
                name="gebied",
                label=_("Municipality"),
                kind=FieldKind.SELECT,
                value=series.area,
                required=False,
                options=tuple(Option(value=nis, label=name) for name, nis in names),
            )
        )
    return tuple(found)


def _note_fields(result: IndicatorResult, series: SeriesOf | None, error: str) -> tuple[Field, ...]:
    if series is None:
        return ()
    options = tuple(
        Option(value=each.period.isoformat(), label=wording.period(result.indicator, each.period))
        for each in reversed(series.points)
    )
    return (
        Field(
            name="periode",
            label=_("Period"),
            kind=FieldKind.SELECT,
            options=options,
            html_id="id_note_period",
        ),
        Field(
            name="tekst",
            label=_("What happened?"),
            kind=FieldKind.TEXTAREA,
            rows=2,
            max_length=500,
            error=error,
            help=_("For example: the bridge was closed. Name no persons."),
        ),
    )


def _merged(result: IndicatorResult, series: SeriesOf | None, areas: dict[str, Area]) -> str:
    place = areas.get(series.area) if series else None
    merged_on = getattr(place, "merged_on", None)
    if place is None or merged_on is None or not result.indicator.backcast:
        return ""
    values = {"name": place.name, "year": merged_on.year}  # type: ignore[attr-defined]
    return (
        _("%(name)s came out of a merger in %(year)s. Older figures are the sum of what was before.") % values
    )


@require_GET
def lineage(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show what a number is made of: the formula and its version, columns, and the versions of the
    datasets.
    """
    actor, now = _reader(request, space), request.now  # type: ignore[attr-defined]
    try:
        result = api.get_result(code=code, actor=actor, now=now)
    except IndicatorNotFound:
        raise Http404(code) from None
    area = result.shown.area if result.shown else ""
    return ui.page(
        request,
        template("lineage", space),
        title=_("Where it comes from: %(title)s") % {"title": result.indicator.title.nl},
        indicator=result.indicator,
        lineage=result.lineage,
        reason=wording.outcome(result.outcome),
        area=area,
        columns=tuple(
            Definition(term=name, value=", ".join(made) or _("a fixed value"))
            for name, made in (result.lineage.columns.items() if result.lineage else ())
        ),
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse(f"{space}:indicators")),
            NavigationItem(label=result.indicator.title.nl, href=reverse(f"{space}:indicator", args=[code])),
            NavigationItem(label=_("Where the figure comes from"), href=""),
        ),
        space=space,
    )


@require_GET
def dataset(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show a dataset: source, columns, versions, and the first rows of the newest one."""
    actor = _reader(request, space)
    area = request.GET.get("gebied", "")[:5]
    try:
        found, versions = api.get_dataset(code=code, actor=actor)
    except DatasetNotFound:
        raise Http404(code) from None
    rows, reason = None, ""
    try:
        rows = explorer.read_rows(dataset=code, area=area, actor=actor)
    except DatasetNotFound:
        reason = _(
            "These are counts of persons. Their rows are shown to nobody, only indicators made of them."
        )
    except FormulaNotRun as refusal:
        reason = wording.refusal(refusal.reason, refusal.what)
    return ui.page(
        request,
        template("dataset", space),
        title=found.title.nl,
        dataset=found,
        versions=versions,
        rows=showing.plain_table(rows, caption=_("The newest rows")) if rows else None,
        reason=reason,
        facts=(
            Definition(term=_("Source"), value=f"{found.source.publisher}: {found.source.dataset}"),
            Definition(term=_("License"), value=found.source.license),
            Definition(term=_("Code in formulas"), value=found.code),
        ),
        columns=tuple(
            Definition(term=each.name, value=f"{each.title} ({each.unit})" if each.unit else each.title)
            for each in found.all_columns
        ),
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse(f"{space}:indicators")),
            NavigationItem(label=found.title.nl, href=""),
        ),
        stream=found.filled_by.removeprefix("stream:")
        if found.filled_by.startswith("stream:") and space == DESK
        else "",
        space=space,
    )
