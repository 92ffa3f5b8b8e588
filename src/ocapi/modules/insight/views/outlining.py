"""The outlines of municipalities for maps: what there is, bringing in a file, and taking it away."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldError, FieldKind, Map, NavigationItem, Place
from ocapi.lib import written
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.api import outlines as api
from ocapi.modules.insight.data.indicators import Area
from ocapi.modules.insight.data.outlines import (
    LARGEST_UPLOAD,
    LONGEST_SOURCE,
    OutlineSet,
    OutlinesNotTaken,
)


@require_http_methods(["GET", "POST"])
def outlines(request: HttpRequest) -> HttpResponse:
    """Show the outlines as a map; replace them by a file, or take them away."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.EDIT)
    error = ("", "")
    if request.method == "POST":
        if request.POST.get("doe") == "weg":
            api.remove_outlines(actor=actor, now=now)
            return ui.redirect("insight:outlines")
        error = _taken(request)
        if not any(error):
            return ui.redirect("insight:outlines")
    found = api.list_outlines(actor=actor)
    fields = _fields(request.POST.get("bron", found.source), error)
    return ui.page(
        request,
        "insight/outlines.html",
        status=422 if any(error) else 200,
        title=_("Outlines for maps"),
        map=_map(found, indicators.own_area(now=now), indicators.list_areas(actor=actor)),
        count=ngettext(
            "There is %(count)s municipality on the map.",
            "There are %(count)s municipalities on the map.",
            len(found.outlines),
        )
        % {"count": len(found.outlines)},
        loaded=written.moment_in_words(found.loaded_at) if found.loaded_at else "",
        form_fields=fields,
        errors=tuple(FieldError(text=each.error, field_id=each.id) for each in fields if each.error),
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse("insight:indicators")),
            NavigationItem(label=_("Outlines for maps"), href=""),
        ),
    )


def _taken(request: HttpRequest) -> tuple[str, str]:
    """Take the file in; gives what is to be repaired in the file and in its source."""
    uploaded = request.FILES.get("bestand")
    if not isinstance(uploaded, UploadedFile):
        return _("Choose a file with the borders of municipalities."), ""
    raw = uploaded.read(LARGEST_UPLOAD + 1)
    if len(raw) > LARGEST_UPLOAD:
        return _(
            "This file is larger than 8 MB. Have the administrator load it, or simplify the borders."
        ), ""
    try:
        api.replace_outlines(
            raw=raw,
            source=request.POST.get("bron", ""),
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
        )
    except OutlinesNotTaken as refusal:
        if refusal.reason == "sourceMissing":
            return "", _("Write whom the borders are of. It stands below every map.")
        return _refused(refusal), ""
    return "", ""


def _refused(refusal: OutlinesNotTaken) -> str:
    texts = {
        "notJson": _("This file is not JSON. Save the borders as GeoJSON."),
        "notGeo": _("This is no GeoJSON with areas (%(what)s). Save a FeatureCollection of polygons."),
        "tooLarge": _("These borders have too many points. Simplify them to about 50 meters."),
        "crs": _("We don't know the coordinate system %(what)s. Save the file in WGS 84 or Lambert 72."),
        "place": _("%(what)s is no place near Flanders. Save the file in WGS 84: longitude, then latitude."),
        "noCode": _("No area has the NIS code of a Flemish municipality. Add a column NIS with five digits."),
    }
    text = texts[refusal.reason]
    return text % {"what": refusal.what} if "%(what)s" in text else text


def _fields(source: str, error: tuple[str, str]) -> tuple[Field, ...]:
    return (
        Field(
            name="bestand",
            label=_("File with borders"),
            kind=FieldKind.FILE,
            accepted_types=(".geojson", ".json", ".topojson"),
            max_size="8 MB",
            error=error[0],
            help=_("GeoJSON or TopoJSON with an area per municipality and its NIS code. Borders of before a "
                   "merger are joined."),
        ),
        Field(
            name="bron",
            label=_("Whose borders are these?"),
            value=source,
            max_length=LONGEST_SOURCE,
            error=error[1],
            help=_("For example: Digital Flanders, provisional reference file of municipal borders 2025, "
                   "free open data license."),
        ),
    )  # fmt: skip


def _map(found: OutlineSet, own: str, areas: dict[str, Area]) -> Map | None:
    if not found.outlines:
        return None
    return Map(
        code="kaart",
        title=_("Municipalities with an outline"),
        place_label=_("Municipality"),
        value_label=_("NIS code"),
        places=tuple(
            Place(
                code=each.nis, name=areas[each.nis].name, path=each.path, box=each.box, value=1, text=each.nis
            )
            for each in found.outlines
            if each.nis in areas
        ),
        chosen=own,
        source=found.source,
    )
