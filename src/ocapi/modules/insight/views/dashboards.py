"""The list of dashboards and start pages, and one dashboard with its tiles; at the desk and in public."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Card, Field, FieldKind, NavigationItem, Option
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.modules.insight.api import dashboards as api
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.data.dashboards import SPANS, Audience, Dashboard, DashboardNotFound, Layout, Role
from ocapi.modules.insight.data.indicators import Area
from ocapi.modules.insight.views import board
from ocapi.modules.insight.views.indicators import share_links

DESK = "insight"


def reader(request: HttpRequest, space: str) -> Actor:
    """Give who reads; raises NotAllowed for the public at the desk."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if space == DESK:
        indicators.require_inside(actor=actor)
    return actor


def template(name: str, space: str) -> str:
    """Give the template of a page in the shell of the desk or of the public site."""
    return f"insight/{name}.html" if space == DESK else f"insight/{name}_public.html"


@require_GET
def overview(request: HttpRequest, space: str) -> HttpResponse:
    """Show the start pages by role, the other dashboards and, to editors, the drafts."""
    actor = reader(request, space)
    found = api.list_dashboards(actor=actor)
    if space != DESK:
        found = tuple(each for each in found if each.audience is Audience.PUBLIC)
    shown = [each for each in found if each.audience is not Audience.NOBODY]
    return ui.page(
        request,
        template("dashboards", space),
        title=_("Dashboards"),
        starts=tuple(_card(each, space) for each in shown if each.role is not Role.NONE),
        others=tuple(_card(each, space) for each in shown if each.role is Role.NONE),
        drafts=tuple(_card(each, space) for each in found if each.audience is Audience.NOBODY),
        may_edit=space == DESK and access.may(actor, api.EDIT),
        space=space,
    )


def _card(each: Dashboard, space: str) -> Card:
    layout = each.published or each.draft
    if each.audience is Audience.NOBODY:
        href = reverse("insight:dashboard_edit", args=[each.code])
    else:
        href = reverse(f"{space}:dashboard", args=[each.code])
    return Card(
        title=layout.title,
        href=href,
        text=layout.lead,
        icon="chart",
        meta=role_name(each.role) if each.role is not Role.NONE else audience_name(each.audience),
    )


def role_name(role: Role) -> str:
    """Name for whom a start page is."""
    return {
        Role.NONE: "",
        Role.DATA_OFFICER: _("Start page of the chief data officer"),
        Role.ALDERMAN: _("Start page of aldermen"),
        Role.DOMAIN_OFFICER: _("Start page of officers of a domain"),
        Role.CITIZEN: _("Start page of inhabitants"),
    }[role]


def audience_name(audience: Audience) -> str:
    """Name who sees a dashboard."""
    return {
        Audience.NOBODY: _("Draft, seen by makers only"),
        Audience.INSIDE: _("Seen by colleagues"),
        Audience.PUBLIC: _("Seen by everybody"),
    }[audience]


@require_GET
def dashboard(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show a dashboard as it is published; to editors the draft with `?concept=1`."""
    actor, now = reader(request, space), request.now  # type: ignore[attr-defined]
    found, layout = find(request, code, space)
    areas = indicators.list_areas(actor=actor)
    asked = asked_of(request, areas)
    tiles = board.drawn(layout, asked=asked, actor=actor, now=now, areas=areas, space=space)
    may_edit = space == DESK and access.may(actor, api.EDIT)
    return ui.page(
        request,
        template("dashboard", space),
        title=layout.title,
        lead=layout.lead,
        tiles=tiles,
        sources=board.sources(tiles),
        fields=_fields(asked, areas),
        is_draft=layout is not found.published,
        role=role_name(found.role),
        published=written.moment_in_words(found.published_at) if found.published_at else "",
        edit_href=reverse("insight:dashboard_edit", args=[code]) if may_edit else "",
        briefing_href=f"{reverse(f'{space}:dashboard_briefing', args=[code])}?{request.GET.urlencode()}",
        crumbs=(
            NavigationItem(label=_("Dashboards"), href=reverse(f"{space}:dashboards")),
            NavigationItem(label=layout.title, href=""),
        ),
        space=space,
        **share_links(request, space, "dashboard", code, is_open=found.audience is Audience.PUBLIC),
    )


def find(request: HttpRequest, code: str, space: str) -> tuple[Dashboard, Layout]:
    """Give a dashboard and the layout this page shows; raises Http404 for one the reader may not see."""
    actor = reader(request, space)
    try:
        found = api.get_dashboard(code=code, actor=actor)
    except DashboardNotFound:
        raise Http404(code) from None
    if space != DESK and found.audience is not Audience.PUBLIC:
        raise Http404(code)
    is_asked = space == DESK and request.GET.get("concept") == "1" and access.may(actor, api.EDIT)
    layout = found.draft if is_asked else found.published
    if layout is None or (found.audience is Audience.NOBODY and not is_asked):
        raise Http404(code)
    return found, layout


def asked_of(request: HttpRequest, areas: dict[str, Area]) -> board.Asked:
    """Read the municipality and the years the address asks for; what makes no sense counts as not asked."""
    area, years = request.GET.get("gebied", ""), request.GET.get("jaren", "")
    return board.Asked(
        area=area if area in areas else "",
        years=int(years) if years in {str(each) for each in SPANS} else None,
    )


def _fields(asked: board.Asked, areas: dict[str, Area]) -> tuple[Field, ...]:
    names = sorted((each.name, nis) for nis, each in areas.items())
    as_made = Option(value="", label=_("As the dashboard was made"))
    return (
        Field(
            name="gebied",
            label=_("Municipality"),
            kind=FieldKind.SELECT,
            value=asked.area,
            required=False,
            options=(as_made, *(Option(value=nis, label=name) for name, nis in names)),
        ),
        Field(
            name="jaren",
            label=_("Period"),
            kind=FieldKind.SELECT,
            value="" if asked.years is None else str(asked.years),
            required=False,
            options=(
                as_made,
                *(Option(value=str(each), label=board.span_name(each)) for each in SPANS),
            ),
        ),
    )
