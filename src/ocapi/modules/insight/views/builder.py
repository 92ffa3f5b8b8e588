"""Composing a dashboard: a form of tiles that are added, moved and removed by buttons, so without dragging.

Every button keeps the draft first. Whoever saves upon a draft that somebody else changed is told, and
nothing is overwritten.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldError, FieldKind, NavigationItem, Option
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.modules.insight.api import dashboards as api
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.data.dashboards import (
    LONGEST_LEAD,
    LONGEST_TITLE,
    MOST_TILES,
    SPANS,
    Audience,
    ChangedMeanwhile,
    Dashboard,
    DashboardNotFound,
    Layout,
    NothingToShow,
    NotOpen,
    Shape,
    Size,
    Tile,
)
from ocapi.modules.insight.data.indicators import Area, IndicatorResult
from ocapi.modules.insight.views import board
from ocapi.modules.insight.views.dashboards import audience_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a tile may name: indicators by code and municipalities by NIS code."""

    results: dict[str, IndicatorResult]
    areas: dict[str, Area]

    def area_of(self, typed: str) -> str | None:
        """Give the NIS code of a name or code; None for one we do not know."""
        if not typed or typed in self.areas:
            return typed
        return next((nis for nis, each in self.areas.items() if each.name.lower() == typed.lower()), None)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Ask the title of a new dashboard, keep it as an empty draft, and go on to its tiles."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.EDIT)
    title, error = " ".join(request.POST.get("titel", "").split()), ""
    if request.method == "POST":
        error = _title_error(title)
        if not error:
            made = api.create_dashboard(layout=Layout(title=title), actor=actor, now=request.now)  # type: ignore[attr-defined]
            return ui.redirect("insight:dashboard_edit", made.code)
    field = _title_field(title, error)
    return ui.page(
        request,
        "insight/dashboard_new.html",
        status=422 if error else 200,
        title=_("Make a dashboard"),
        form_fields=(field,),
        errors=(FieldError(text=error, field_id=field.id),) if error else (),
        crumbs=_crumbs(_("Make a dashboard")),
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Show the draft as a form; keep it, change its tiles, publish it, withdraw it or take it away."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.EDIT)
    try:
        found = api.get_dashboard(code=code, actor=actor)
        known = Known(
            results={each.indicator.code: each for each in indicators.list_results(actor=actor, now=now)},
            areas=indicators.list_areas(actor=actor),
        )
        if request.method != "POST":
            return _page(request, found, found.draft, known, {})
        return _done(request, found, known, actor, now)
    except DashboardNotFound:
        raise Http404(code) from None


def _done(request: HttpRequest, found: Dashboard, known: Known, actor: Actor, now: datetime) -> HttpResponse:
    layout, errors = read(request.POST, known)
    if errors:
        return _page(request, found, layout, known, errors, status=422)
    revision, deed = _whole(request.POST.get("versie", "")), request.POST.get("doe", "bewaar")
    layout, anchor = acted(layout, deed, added=request.POST.get("nieuw", ""), known=known)
    code = found.code
    try:
        if deed == "weg":
            api.remove(code=code, revision=revision, actor=actor, now=now)
            return ui.redirect("insight:dashboards")
        if deed == "trek-in":
            api.withdraw(code=code, revision=revision, actor=actor, now=now)
            return ui.redirect("insight:dashboard_edit", code)
        api.save_draft(code=code, layout=layout, revision=revision, actor=actor, now=now)
        if deed in ("collega", "iedereen"):
            audience = Audience.PUBLIC if deed == "iedereen" else Audience.INSIDE
            api.publish(code=code, audience=audience, revision=revision + 1, actor=actor, now=now)
            return ui.redirect("insight:dashboard", code)
    except ChangedMeanwhile:
        return _page(request, found, layout, known, {}, is_changed=True, status=409)
    except (NothingToShow, NotOpen) as refusal:
        newest = api.get_dashboard(code=code, actor=actor)
        return _page(request, newest, layout, known, _refused(refusal, known), status=422)
    return HttpResponseRedirect(f"{reverse('insight:dashboard_edit', args=[code])}{anchor}")


def _refused(refusal: NothingToShow | NotOpen, known: Known) -> dict[str, str]:
    if isinstance(refusal, NothingToShow):
        return {"nieuw": _("Add at least one tile before you publish.")}
    names = ", ".join(
        known.results[code].indicator.title.nl if code in known.results else code for code in refusal.codes
    )
    text = _("Not everybody may see: %(names)s. Remove these tiles, or publish for colleagues only.")
    return {"nieuw": text % {"names": names}}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def read(posted: QueryDict, known: Known) -> tuple[Layout, dict[str, str]]:
    """Read the form; gives the layout and, by name of the field, what is to be repaired."""
    title, lead = " ".join(posted.get("titel", "").split()), posted.get("inleiding", "").strip()
    errors = {"titel": error} if (error := _title_error(title)) else {}
    if len(lead) > LONGEST_LEAD:
        errors["inleiding"] = _("This is too long. At most %(most)s characters.") % {"most": LONGEST_LEAD}
    tiles = []
    for place in range(min(_whole(posted.get("aantal", "")), MOST_TILES)):
        if posted.get(f"cijfer-{place}", "") in known.results:
            tiles.append(_tile(posted, place, known, errors))
    kept = Layout(title=title[:LONGEST_TITLE] or "?", lead=lead[:LONGEST_LEAD], tiles=tuple(tiles))
    return kept, errors


def _tile(posted: QueryDict, place: int, known: Known, errors: dict[str, str]) -> Tile:
    def typed(name: str) -> str:
        return " ".join(posted.get(f"{name}-{place}", "").split())

    shape, size, years = typed("vorm"), typed("maat"), typed("jaren")
    area = known.area_of(typed("gebied"))
    if area is None:
        errors[f"gebied-{place}"] = _(
            "We know no municipality %(name)s. Choose one from the list, or leave this empty."
        ) % {"name": typed("gebied")[:60]}
    if len(typed("kop")) > LONGEST_TITLE:
        errors[f"kop-{place}"] = _("This is too long. At most %(most)s characters.") % {"most": LONGEST_TITLE}
    return Tile(
        indicator=typed("cijfer"),
        shape=Shape(shape) if shape in set(Shape) else Shape.NUMBER,
        size=Size(size) if size in set(Size) else Size.SMALL,
        title=typed("kop")[:LONGEST_TITLE],
        years=int(years) if years in {str(each) for each in SPANS} else 0,
        area=area or "",
    )


def acted(layout: Layout, deed: str, *, added: str, known: Known) -> tuple[Layout, str]:
    """Give the layout after a button, and where on the page to go on: a tile moved, removed or added."""
    tiles = list(layout.tiles)
    name, _dash, number = deed.partition("-")
    at = _whole(number)
    if name == "erbij" and added in known.results and len(tiles) < MOST_TILES:
        tiles.append(Tile(indicator=added))
        return replace(layout, tiles=tuple(tiles)), f"#tegel-{len(tiles) - 1}"
    if at >= len(tiles):
        return layout, ""
    if name == "eruit":
        del tiles[at]
        return replace(layout, tiles=tuple(tiles)), "#tegels"
    to = {"omhoog": at - 1, "omlaag": at + 1}.get(name, at)
    if name in ("omhoog", "omlaag") and 0 <= to < len(tiles):
        tiles[at], tiles[to] = tiles[to], tiles[at]
        return replace(layout, tiles=tuple(tiles)), f"#tegel-{to}"
    return layout, ""


def _title_error(title: str) -> str:
    if not title:
        return _("Give the dashboard a title.")
    if len(title) > LONGEST_TITLE:
        return _("This is too long. At most %(most)s characters.") % {"most": LONGEST_TITLE}
    return ""


def _title_field(title: str, error: str) -> Field:
    return Field(
        name="titel", label=_("Title"), value=title, error=error, max_length=LONGEST_TITLE,
        help=_("For example: Mobility in our centre."),
    )  # fmt: skip


def _crumbs(last: str) -> tuple[NavigationItem, ...]:
    return (
        NavigationItem(label=_("Dashboards"), href=reverse("insight:dashboards")),
        NavigationItem(label=last, href=""),
    )


def _page(
    request: HttpRequest,
    found: Dashboard,
    layout: Layout,
    known: Known,
    errors: dict[str, str],
    *,
    is_changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    tiles = [_tile_form(tile, place, known, errors) for place, tile in enumerate(layout.tiles)]
    lead = Field(
        name="inleiding", label=_("Introduction"), kind=FieldKind.TEXTAREA, value=layout.lead, rows=2,
        required=False, max_length=LONGEST_LEAD, error=errors.get("inleiding", ""),
    )  # fmt: skip
    here = reverse("insight:dashboard", args=[found.code])
    return ui.page(
        request,
        "insight/dashboard_edit.html",
        status=status,
        title=_("Compose: %(title)s") % {"title": layout.title},
        dashboard=found,
        revision=found.revision,
        audience=audience_name(found.audience),
        is_shown=found.audience is not Audience.NOBODY,
        saved=written.moment_in_words(found.saved_at),
        form_fields=(_title_field(layout.title, errors.get("titel", "")), lead),
        tiles=tiles,
        count=len(tiles),
        new_field=_new_field(known, errors.get("nieuw", "")),
        may_add=len(tiles) < MOST_TILES,
        areas=sorted(each.name for each in known.areas.values()),
        errors=tuple(FieldError(text=text, field_id=f"id_{name}") for name, text in errors.items()),
        is_changed=is_changed,
        view_href=here,
        draft_href=f"{here}?concept=1",
        crumbs=_crumbs(layout.title),
    )


def _new_field(known: Known, error: str) -> Field:
    found = sorted((each.indicator.title.nl, code, each) for code, each in known.results.items())
    options = tuple(
        Option(value=code, label=title if each.indicator.is_open else f"{title} ({_('not open')})")
        for title, code, each in found
    )
    return Field(
        name="nieuw", label=_("Indicator"), kind=FieldKind.SELECT, options=options, required=False,
        error=error,
    )  # fmt: skip


def _tile_form(tile: Tile, place: int, known: Known, errors: dict[str, str]) -> dict[str, object]:
    result = known.results.get(tile.indicator)
    title = result.indicator.title.nl if result else tile.indicator

    def options(found: tuple[tuple[str, str], ...]) -> tuple[Option, ...]:
        return tuple(Option(value=value, label=label) for value, label in found)

    def field(name: str, label: str, kind: FieldKind, value: str, **more: object) -> Field:
        return Field(
            name=f"{name}-{place}", label=label, kind=kind, value=value, required=kind is FieldKind.SELECT,
            error=errors.get(f"{name}-{place}", ""), **more,  # type: ignore[arg-type]
        )  # fmt: skip

    shapes = tuple((each.value, board.shape_name(each)) for each in Shape)
    sizes = tuple((each.value, board.size_name(each)) for each in Size)
    spans = tuple((str(each), board.span_name(each)) for each in SPANS)
    area = known.areas[tile.area].name if tile.area in known.areas else tile.area
    select, empty = FieldKind.SELECT, _("Empty: %(title)s") % {"title": title}
    return {
        "place": place,
        "number": place + 1,
        "title": tile.title or title,
        "indicator": tile.indicator,
        "fields": (
            field("vorm", _("Shows"), select, tile.shape.value, options=options(shapes)),
            field("maat", _("Width"), select, tile.size.value, options=options(sizes)),
            field("kop", _("Title"), FieldKind.TEXT, tile.title, help=empty),
            field("jaren", _("Period"), select, str(tile.years), options=options(spans)),
            field("gebied", _("Municipality"), FieldKind.TEXT, area, help=_("Empty: the own municipality"),
                  suggestions="gemeenten"),
        ),
    }  # fmt: skip
