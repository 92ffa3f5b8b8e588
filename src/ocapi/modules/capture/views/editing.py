"""Pages that change the inventory: add a sensor, change one, write a calibration down."""

from collections.abc import Mapping
from dataclasses import asdict, fields

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import observed, written
from ocapi.modules.capture import api
from ocapi.modules.capture.data import Sensor, SensorChanged, SensorInput, SensorRefused
from ocapi.modules.capture.views.inventory import plainly, sensor_of

MANAGE = "capture.manage_sensors"
LONGEST_TYPED = 4_000
MINUTE = 60
CONFLICT = 409


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show and take in the form of a new sensor."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, MANAGE)
    code, typed = _posted(request, "code").strip(), _typed(request)
    if request.method != "POST":
        return _form(request, typed, {}, code=code)
    try:
        api.add_sensor(code=code, given=typed, actor=actor, now=request.now)  # type: ignore[attr-defined]
    except SensorRefused as refused:
        return _form(request, typed, refused.problems, code=code, status=422)
    return ui.redirect("capture:stream", code=code)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Show and take in the form of a sensor that is there."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, MANAGE)
    found = sensor_of(request, code)
    if request.method != "POST":
        return _form(request, _as_typed(found), {}, found=found)
    typed, seen = _typed(request), _posted(request, "version")
    try:
        api.change_sensor(
            sensor=code, given=typed, actor=actor, now=now,
            seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else -1,
        )
    except SensorRefused as refused:
        return _form(request, typed, refused.problems, found=found, status=422)
    except SensorChanged as changed:
        return _form(request, typed, {}, found=changed.found, status=409)
    return ui.redirect("capture:stream", code=code)


@require_http_methods(["GET", "POST"])
def calibrate(request: HttpRequest, code: str) -> HttpResponse:
    """Show and take in the form of a calibration."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, MANAGE)
    found = sensor_of(request, code)
    typed = {name: _posted(request, name) for name in ("day", "laboratory", "result")}
    problems: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            api.add_calibration(
                sensor=code, day=written.read_day(typed["day"]), laboratory=typed["laboratory"],
                result=typed["result"], actor=actor, now=now,
            )
            return ui.redirect("capture:stream", code=code)
        except SensorRefused as refused:
            problems = refused.problems
    errors = _explained(problems)
    shown = (
        Field(name="day", label=_("Day"), kind=FieldKind.DATE, value=typed["day"],
              error=errors.get("day", ""), help=_("For example 28/11/2026.")),
        Field(name="laboratory", label=_("Done by"), value=typed["laboratory"], max_length=200,
              error=errors.get("laboratory", ""), help=_("The company or laboratory, not a person.")),
        Field(name="result", label=_("Result"), kind=FieldKind.TEXTAREA, rows=3, value=typed["result"],
              max_length=500, error=errors.get("result", ""),
              help=_("What was measured, how large the deviation was, the number of the report.")),
    )
    return ui.page(
        request, "capture/edit.html", status=422 if problems else 200, fields=shown,
        title=_("Add a calibration"), below=found.stream.title, notice="",
        back_href=reverse("capture:stream", args=[code]),
    )


def _posted(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "")[:LONGEST_TYPED]


def _typed(request: HttpRequest) -> SensorInput:
    return SensorInput(**{each.name: _posted(request, each.name) for each in fields(SensorInput)})


def _as_typed(found: Sensor) -> SensorInput:
    def shown(number: float | None, factor: float = 1) -> str:
        return "" if number is None else plainly(number * factor)

    facts, rules = found.stream, found.rules
    return SensorInput(
        title=facts.title, unit=facts.unit, place=facts.place, owner=found.owner, procedure=found.procedure,
        source=facts.source, license=facts.license, quality=facts.quality,
        latitude=shown(found.latitude), longitude=shown(found.longitude),
        minimum=shown(rules.minimum), maximum=shown(rules.maximum),
        change=shown(rules.change_per_second, MINUTE), flat=shown(rules.flat_after_seconds, 1 / MINUTE),
        gap=shown(rules.gap_after_seconds, 1 / MINUTE),
        datastream=found.datastream, entity=found.entity,
        attribute=found.attribute.removeprefix(observed.DEFAULT), raw=shown(found.tiers.raw_days),
        hourly=shown(found.tiers.hourly_days), daily=shown(found.tiers.daily_days),
    )


def _form(
    request: HttpRequest, typed: SensorInput, problems: Mapping[str, str], *, code: str = "",
    found: Sensor | None = None, status: int = 200,
) -> HttpResponse:
    errors, values = _explained(problems), asdict(typed)
    named = () if found else (
        Field(name="code", label=_("Code"), value=code, max_length=80, error=errors.get("code", ""),
              help=_("Small letters, digits and hyphens. Who sends readings uses it. It never changes.")),
    )
    back = reverse("capture:stream", args=[found.stream.code]) if found else reverse("capture:streams")
    based_on = () if found is None else (
        Field(name="version", label="", kind=FieldKind.HIDDEN, value=str(found.version)),
    )
    return ui.page(
        request, "capture/edit.html", status=status, back_href=back,
        fields=(*based_on, *named, *_described(values, errors), *_ruled(values, errors)),
        both=_both(_as_typed(found), typed) if found is not None and status == CONFLICT else None,
        title=_("Change the sensor") if found else _("Add a sensor"),
        below=found.stream.title if found else "",
        notice=_("Rules judge the readings that arrive from now on. Earlier flags stay.") if found
        else _("We take in readings at most ten minutes after you add the sensor."),
    )


def _both(theirs: SensorInput, typed: SensorInput) -> Table:
    """Give what a colleague saved beside what was typed, for what differs."""
    values, held = asdict(typed), asdict(theirs)
    rows = tuple(
        Row(cells=(Cell(text=each.label), Cell(text=held[each.name] or "–"), Cell(text=each.value or "–")))
        for each in (*_described(values, {}), *_ruled(values, {})) if held[each.name] != each.value.strip()
    )
    return Table(
        caption=_("Both versions"), page=PageOf(items=rows, page_size=max(len(rows), 1)),
        columns=(Column(code="what", label=_("What differs")),
                 Column(code="old", label=_("Saved by your colleague")),
                 Column(code="new", label=_("Just typed"))),
        empty_title=_("Both say the same"), empty_text=_("What you typed is what your colleague saved."),
    )


def _described(values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[Field, ...]:
    def text(
        name: str, label: str, longest: int, *, needed: bool = False, told: str = "", width: str = "",
        kind: FieldKind = FieldKind.TEXT,
    ) -> Field:
        return Field(name=name, label=label, kind=kind, value=values[name], max_length=longest, help=told,
                     required=needed, error=errors.get(name, ""), width=width, rows=3)

    return (
        text("title", _("Name"), 200, needed=True),
        text("unit", _("Unit of measurement"), 20, needed=True, width="short",
             told=_("A UCUM code: Cel for degrees, ug/m3, km/h, 1 for a number. A count: {cyclists}.")),
        text("place", _("Place"), 200, told=_("As people call it, for example the street.")),
        text("latitude", _("Latitude"), 30, width="short", told=_("Degrees north, for example 51,0543.")),
        text("longitude", _("Longitude"), 30, width="short", told=_("Degrees east, for example 3,7174.")),
        text("owner", _("Owner"), 200, told=_("The organization that the sensor belongs to.")),
        text("procedure", _("Way of measuring"), 500, kind=FieldKind.TEXTAREA,
             told=_("For example: a loop in the road, counted every 5 minutes.")),
        text("datastream", _("Datastream (SensorThings)"), 100,
             told=_("Its id, if the readings come from a datastream.")),
        text("entity", _("Entity (NGSI-LD)"), 300, told=_("Its URI, if the readings come from an entity.")),
        text("attribute", _("Attribute of the entity"), 250,
             told=_("Its name, for example NO2, or its full IRI.")),
        text("source", _("Source"), 200),
        text("license", _("License"), 200),
        text("quality", _("Quality"), 2_000, kind=FieldKind.TEXTAREA,
             told=_("What somebody must know who uses the readings.")),
    )


def _ruled(values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[Field, ...]:
    rules = (
        ("minimum", _("Lowest value"), "", _("A lower reading gets a flag. It is kept.")),
        ("maximum", _("Highest value"), "", _("A higher reading gets a flag. It is kept.")),
        ("change", _("Largest change in a minute"), "", _("A faster change gets a flag.")),
        ("flat", _("Same value for at most"), _("minutes"), _("A sensor that stands still may be broken.")),
        ("gap", _("A reading at least every"), _("minutes"), _("Without it we say so after one day.")),
        ("raw", _("Keep single readings for"), _("days"),
         _("Empty: as the settings say. They share one log: a part of it goes when no sensor needs it.")),
        ("hourly", _("Keep hours for"), _("days"), _("Then they become days. Empty: for ever.")),
        ("daily", _("Keep days for"), _("days"), _("Not shorter than hours. Empty: for ever.")),
    )
    return tuple(
        Field(name=name, label=label, value=values[name], unit=unit, help=told, required=False, width="short",
              max_length=30, error=errors.get(name, ""))
        for name, label, unit, told in rules
    )


def _explained(problems: Mapping[str, str]) -> dict[str, str]:
    texts = {
        "tooLong": _("This text is too long. Make it shorter."),
        "taken": _("Another sensor has this code. Choose another one."),
        "notCode": _("Use only small letters, digits and single hyphens between them."),
        "notUnit": _("We do not know this unit. Give a UCUM code, for example Cel or ug/m3."),
        "notNumber": _("This is no number. Use digits and at most one comma."),
        "notPlace": _("This is no place on earth. Check whether latitude and longitude are swapped."),
        "notBoth": _("Fill in both latitude and longitude, or neither."),
        "notPositive": _("Give a number above zero."),
        "notRange": _("The highest value is below the lowest value. Change one of them."),
        "notDay": _("Give a day as day/month/year, for example 28/11/2026."),
        "notOne": _("Readings come from a datastream or from an entity, not from both. Empty one of them."),
        "notUri": _("Give the URI of the entity, for example urn:ngsi-ld:AirQuality:1."),
        "notWatched": _("Give the name of the attribute, or its full IRI, without spaces."),
        "notDays": _("Give a whole number of days, from 1 to 36500."),
        "notLonger": _(
            "Days are made of hours: keep them at least as long, and say how long hours are kept."
        ),
        "notYet": _("This day is still to come. Give the day of the calibration."),
    }
    missing = {
        "code": _("Fill in a code."), "title": _("Fill in a name."), "unit": _("Fill in a unit."),
        "entity": _("Fill in the URI of the entity."), "attribute": _("Fill in the attribute."),
        "laboratory": _("Fill in who did it."), "result": _("Fill in the result."),
    }
    return {
        name: missing[name] if code == "required" else texts[code] for name, code in problems.items()
    }
