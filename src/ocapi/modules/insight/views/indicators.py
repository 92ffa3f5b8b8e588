"""Indicators by domain and view, and where the numbers of one come from.

Each page stands twice: at the desk with all indicators, in public with the open ones. `space` is the
namespace of the addresses: insight or figures.
"""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition, NavigationItem
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.insight import api as figures
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import explorer
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import (
    Area,
    DatasetNotFound,
    DatasetVersion,
    FormulaNotRun,
    IndicatorNotFound,
    IndicatorResult,
    View,
)
from ocapi.modules.insight.views import charted, showing, tiles, wording

DESK, PUBLIC = "insight", "figures"
STARTERS = ("planned-investment-per-inhabitant", "bike-trend")


def template(name: str, space: str) -> str:
    """Give the template of a page: the same body in the shell of the desk or of the public site."""
    return f"insight/{name}.html" if space == DESK else f"insight/{name}_public.html"


def share_links(
    request: HttpRequest, space: str, route: str, code: str, *, is_open: bool
) -> dict[str, object]:
    """Give what the page says about sharing it: its link, and at the desk the one that needs no sign-in.

    route: of the page, without its namespace. is_open: everybody may see it.
    """
    public = ""
    if space == DESK and is_open:
        query = request.GET.urlencode()
        public = request.build_absolute_uri(reverse(f"{PUBLIC}:{route}", args=[code]))
        public += f"?{query}" if query else ""
    return {
        "share_href": request.build_absolute_uri(),
        "public_href": public,
        "is_for_colleagues": space == DESK and not is_open,
    }


def reader(request: HttpRequest, space: str) -> Actor:
    """Give who reads; raises NotAllowed for the public at the desk."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if space == DESK:
        api.require_inside(actor=actor)
    return actor


@require_GET
def overview(request: HttpRequest, space: str) -> HttpResponse:
    """Show the indicators as tiles, by domain or by one of the four views."""
    actor, now = reader(request, space), request.now  # type: ignore[attr-defined]
    domain, view = request.GET.get("domein", ""), request.GET.get("blik", "")
    domains = figures.list_domains()
    if view and view not in set(View):
        view = ""
    found = api.list_results(actor=actor, now=now, domain=domain, view=view)
    today, areas = clock.local_day(now), api.list_areas(actor=actor)
    middles = tiles.middles(found, actor=actor, today=today)
    here, alarms = reverse(f"{space}:indicators"), api.list_alarms(actor=actor)
    chosen = next((each for each in domains if each.code == domain), None)
    sections = [
        (
            each.title,
            tuple(
                tiles.tile(
                    one,
                    today=today,
                    areas=areas,
                    space=space,
                    is_alarm=one.indicator.code in alarms,
                    middle=middles.get(one.indicator.code),
                )
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
        starters=() if domain or view else tuple(_starter(one, areas, actor, now, space) for one in starters),
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


def _starter(
    one: IndicatorResult, areas: dict[str, Area], actor: Actor, now: datetime, space: str
) -> dict[str, object]:
    code, drawing = one.indicator.code, charted.COURSE
    chart = None
    if code == STARTERS[0]:
        parts = api.list_parts_beside_peers(code=code, actor=actor, now=now)
        chart, drawing = tiles.parts_chart(one.indicator, parts, source=tiles.sources(one)), charted.PARTS
    elif one.shown is not None:
        name = areas[one.shown.area].name if one.shown.area in areas else _("Measured")
        chart = tiles.chart(one, one.shown, name=name, export="", place=areas.get(one.shown.area))
    if chart is not None:
        chart = replace(chart, code=f"begin-{code}", quality=tiles.age(one, clock.local_day(now)))
        export = f"{reverse(f'{space}:indicator_export', args=[code])}?"
        chart = charted.with_downloads(chart, export=export, drawing=drawing)
    return {
        "chart": chart,
        "href": reverse(f"{space}:indicator", args=[code]),
        "title": one.indicator.title.nl,
    }


@require_GET
def lineage(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show what a number is made of: the formula and its version, columns, and the versions of the
    datasets.
    """
    actor, now = reader(request, space), request.now  # type: ignore[attr-defined]
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
        made_of=_made_of(result, actor, space),
        reason=wording.reason_of(result),
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


def _made_of(result: IndicatorResult, actor: Actor, space: str) -> tuple[tuple[DatasetVersion, str], ...]:
    """Give the versions of datasets a number is made of, each with the sensor its readings come from."""
    versions = result.lineage.datasets if result.lineage else ()
    filled = {each.dataset.code: each.dataset.filled_by for each in api.list_datasets(actor=actor)}
    return tuple((each, _stream(filled.get(each.dataset, ""), space)) for each in versions)


@require_GET
def dataset(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show a dataset: source, columns, versions, and the first rows of the newest one."""
    actor = reader(request, space)
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
            Definition(term=each.name, value=_with_unit(each.title, spelled.unit_of(each.unit)))
            for each in found.all_columns
        ),
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse(f"{space}:indicators")),
            NavigationItem(label=found.title.nl, href=""),
        ),
        stream=_stream(found.filled_by, space),
        space=space,
    )


def _stream(filled_by: str, space: str) -> str:
    """Give the sensor whose readings fill a dataset; empty for none, and where its page can't be seen."""
    return filled_by.removeprefix("stream:") if filled_by.startswith("stream:") and space == DESK else ""


def _with_unit(title: str, unit: str) -> str:
    return f"{title} ({unit})" if unit else title
