"""Pages of the inventory: the sensors with how they do, and one with its readings, flags and calibrations."""

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import (
    Cell,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Definition,
    PageOf,
    Row,
    Series,
    Table,
)
from ocapi.lib import observed, written
from ocapi.lib.quality import Flag, Rules
from ocapi.modules.capture import api
from ocapi.modules.capture.data import (
    Calibration,
    Flagged,
    Openness,
    Sensor,
    SensorState,
    StreamNotFound,
    Tiers,
)

SHOWN = timedelta(days=366)
LONGEST_SEARCH = 100
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY
TONES = {SensorState.WAITING: "neutral", SensorState.WORKS: "success", SensorState.FLAGGED: "warning",
         SensorState.SILENT: "error"}


OPEN_TONES = {Openness.CLOSED: "neutral", Openness.WAITING: "warning", Openness.OPEN: "success",
              Openness.WITHDRAWN: "neutral"}


@require_http_methods(["GET"])
def streams(request: HttpRequest) -> HttpResponse:
    """List the sensors, found by words, with how each does and the age of its last reading."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    found = api.list_sensors(text=query, cursor=request.GET.get("cursor", ""), actor=actor, now=now)
    new = reverse("capture:new") if access.may(actor, "capture.manage_sensors") else ""
    loads = reverse("capture:loads") if access.may(actor, "capture.load_readings") else ""
    table = Table(
        caption=_("Sensors"),
        page=PageOf(
            items=tuple(_row(each, now) for each in found.items), page_size=25, next_cursor=found.cursor
        ),
        columns=(
            Column(code="title", label=_("Sensor")), Column(code="state", label=_("State")),
            Column(code="value", label=_("Value"), kind=ColumnKind.NUMBER),
            Column(code="last", label=_("Last reading"), kind=ColumnKind.DATE),
            Column(code="place", label=_("Place")), Column(code="owner", label=_("Owner")),
        ),
        empty_title=_("No sensor found") if query else _("No sensors yet"),
        empty_text=_("Search for another name, code, place or owner.") if query
        else _("Add a sensor. Its readings appear here once they arrive."),
        empty_href=reverse("capture:streams") if query else new,
        empty_action=_("Show all sensors") if query else _("Add a sensor") if new else "",
    )
    return ui.page(request, "capture/streams.html", table=table, query=query, new_href=new, loads_href=loads)


@require_http_methods(["GET"])
def stream(request: HttpRequest, code: str) -> HttpResponse:
    """Show one sensor: what it is, its rules, its last year by month, its flags and its calibrations."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    found = sensor_of(request, code)
    may_manage = access.may(actor, "capture.manage_sensors")
    return ui.page(
        request, "capture/stream.html", sensor=found, state=state_text(found.state), tone=TONES[found.state],
        rules_problem=_("The rules cannot be applied: {reason}").format(reason=found.rules_problem)
        if found.rules_problem else "",
        facts=_facts(found, now), rules=_rules(found.rules, _unit(found)), tiers=_tiers(found.tiers),
        chart=_chart(request, found),
        flags=_flags(api.list_flags(sensor=code, actor=actor), _unit(found)),
        calibrations=_calibrations(api.list_calibrations(sensor=code, actor=actor)),
        edit_href=reverse("capture:edit", args=[code]) if may_manage else "",
        calibrate_href=reverse("capture:calibrate", args=[code]) if may_manage else "",
        **_opening(request, code),
        back_href=reverse("capture:streams"),
    )


def _opening(request: HttpRequest, code: str) -> dict[str, str]:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    stands = api.find_publication(sensor=code, actor=actor, now=now)
    if stands is None:
        return {}
    return {
        "opening_state": open_text(stands.state), "opening_tone": OPEN_TONES[stands.state],
        "opening_dataset": stands.dataset,
        "opening_href": reverse("capture:opening", args=[code]) if stands.may_change else "",
    }


def open_text(state: Openness) -> str:
    """Give how a sensor stands with open data in words."""
    return {
        Openness.CLOSED: _("For the organization only"), Openness.WAITING: _("Waits for a second person"),
        Openness.OPEN: _("Open to everybody"), Openness.WITHDRAWN: _("No longer open"),
    }[state]


def sensor_of(request: HttpRequest, code: str) -> Sensor:
    """Give the sensor an address names; raises Http404, NotAllowed."""
    try:
        return api.get_sensor(
            sensor=code, actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StreamNotFound:
        raise Http404 from None


def state_text(state: SensorState) -> str:
    """Give the state of a sensor in words."""
    return {
        SensorState.WAITING: _("No reading yet"), SensorState.WORKS: _("Works"),
        SensorState.FLAGGED: _("Doubtful readings"), SensorState.SILENT: _("Sends nothing"),
    }[state]


def plainly(number: float) -> str:
    """Write a number as somebody may type it: a comma for decimals, no more digits than it has."""
    return f"{number:.12g}".replace(".", ",")


def _row(each: Sensor, now: datetime) -> Row:
    last = written.moment(each.last_at) if each.last_at is not None else _("nothing yet")
    return Row(cells=(
        Cell(text=each.stream.title, href=reverse("capture:stream", args=[each.stream.code])),
        Cell(text=state_text(each.state), tone=TONES[each.state]),
        Cell(text=_measured(each.newest, _unit(each)) if each.newest is not None else "–"),
        Cell(text=last, note=_age(each.last_at, now) if each.last_at is not None else ""),
        Cell(text=each.stream.place or "–"), Cell(text=each.owner or "–"),
    ))


def _unit(found: Sensor) -> str:
    """Give the unit as people read it: a count says what is counted, and the number one says nothing."""
    unit = found.stream.unit
    return "" if unit == "1" else unit.strip("{}")


def _measured(number: float, unit: str) -> str:
    return f"{plainly(number)} {unit}".strip()


def _age(at: datetime, now: datetime) -> str:
    seconds = max(int((now - at).total_seconds()), 0)
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        count = seconds // MINUTE
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", count) % {"n": count}
    if seconds < DAY:
        count = seconds // HOUR
        return ngettext("%(n)s hour ago", "%(n)s hours ago", count) % {"n": count}
    if seconds >= 2 * YEAR:
        return _("%(n)s years ago") % {"n": seconds // YEAR}
    count = seconds // DAY
    return ngettext("%(n)s day ago", "%(n)s days ago", count) % {"n": count}


def _facts(found: Sensor, now: datetime) -> tuple[Definition, ...]:
    facts = found.stream
    position = "–"
    if found.latitude is not None and found.longitude is not None:
        position = _("{latitude} north, {longitude} east (WGS 84)").format(
            latitude=plainly(found.latitude), longitude=plainly(found.longitude)
        )
    last = "–"
    if found.last_at is not None:
        last = f"{written.moment(found.last_at)} ({_age(found.last_at, now)})"
        if found.newest is not None:
            last = f"{_measured(found.newest, _unit(found))} – {last}"
    return tuple(Definition(term=term, value=value or "–") for term, value in (
        (_("Code"), facts.code), (_("Last reading"), last), (_("Unit of measurement"), facts.unit),
        (_("Place"), facts.place), (_("Coordinates"), position), (_("Owner"), found.owner),
        (_("Way of measuring"), found.procedure), (_("Readings come from"), _origin(found)),
        (_("Source"), facts.source), (_("License"), facts.license), (_("Quality"), facts.quality),
    ))


def _origin(found: Sensor) -> str:
    if found.datastream:
        return _("Datastream {key} (SensorThings)").format(key=found.datastream)
    if found.entity:
        name = found.attribute.removeprefix(observed.DEFAULT)
        return _("{attribute} of {entity} (NGSI-LD)").format(attribute=name, entity=found.entity)
    return _("whoever sends them under this code")


def _rules(rules: Rules, unit: str) -> tuple[Definition, ...]:
    def minutes(seconds: float) -> str:
        return _("{n} minutes").format(n=plainly(seconds / MINUTE))

    found = []
    if rules.minimum is not None:
        found.append(Definition(term=_("Lowest value"), value=_measured(rules.minimum, unit)))
    if rules.maximum is not None:
        found.append(Definition(term=_("Highest value"), value=_measured(rules.maximum, unit)))
    if rules.change_per_second is not None:
        most = _measured(rules.change_per_second * MINUTE, unit)
        found.append(Definition(term=_("Largest change in a minute"), value=most))
    if rules.flat_after_seconds is not None:
        found.append(
            Definition(term=_("Same value for at most"), value=minutes(rules.flat_after_seconds))
        )
    if rules.gap_after_seconds is not None:
        found.append(Definition(term=_("A reading at least every"), value=minutes(rules.gap_after_seconds)))
    return tuple(found)


def flag_text(flag: str) -> str:
    """Say what a flag means."""
    return {
        Flag.RANGE: _("Outside the lowest and highest value"), Flag.RATE: _("Changed too fast"),
        Flag.FLAT: _("Same value for too long"), Flag.GAP: _("Readings before this one are missing"),
        Flag.DUPLICATE: _("Another value for the same moment"), Flag.LATE: _("Arrived after a newer one"),
        Flag.CLOCK: _("The clock of the sensor is wrong"), Flag.TYPE: _("No number"),
        Flag.UNIT: _("The unit is not known"), Flag.CONVERTED: _("Converted from another unit"),
    }[Flag(flag)]


def _tiers(found: Tiers) -> tuple[Definition, ...]:
    def days(count: int | None, otherwise: str) -> str:
        return otherwise if count is None else ngettext("%(n)s day", "%(n)s days", count) % {"n": count}

    return (
        Definition(term=_("Single readings"), value=days(found.raw_days, _("as the settings say"))),
        Definition(term=_("Hours"), value=days(found.hourly_days, _("for ever"))),
        Definition(term=_("Days"), value=days(found.daily_days, _("for ever"))),
    )


def _flags(found: tuple[Flagged, ...], unit: str) -> Table:
    rows = tuple(
        Row(cells=(
            Cell(text=written.moment(each.at)), Cell(text=_measured(each.value, unit)),
            Cell(text=flag_text(each.flag), tone="warning" if each.is_fault else "neutral"),
        ))
        for each in found
    )
    return Table(
        caption=_("Flags, the newest first"), page=PageOf(items=rows, page_size=max(len(rows), 1)),
        columns=(Column(code="at", label=_("Moment"), kind=ColumnKind.DATE),
                 Column(code="value", label=_("Value"), kind=ColumnKind.NUMBER),
                 Column(code="flag", label=_("What is the matter"))),
        empty_title=_("No flags"), empty_text=_("No reading of this sensor stood out."),
    )


def _calibrations(found: tuple[Calibration, ...]) -> Table:
    rows = tuple(
        Row(cells=(
            Cell(text=written.in_digits(each.day)), Cell(text=each.laboratory), Cell(text=each.result),
        ))
        for each in found
    )
    return Table(
        caption=_("Calibrations, the newest first"), page=PageOf(items=rows, page_size=max(len(rows), 1)),
        columns=(Column(code="day", label=_("Day"), kind=ColumnKind.DATE),
                 Column(code="laboratory", label=_("Done by")), Column(code="result", label=_("Result"))),
        empty_title=_("Not calibrated yet"),
        empty_text=_("Write down here when somebody checked the sensor, and with what result."),
    )


def _chart(request: HttpRequest, found: Sensor) -> Chart | None:
    newest = found.stream.last_hour
    if newest is None:
        return None
    to_at = newest + timedelta(hours=1)
    buckets = api.series(
        stream=found.stream.code, from_at=to_at - SHOWN, to_at=to_at, step="month",
        actor=request.actor,  # type: ignore[attr-defined]
    )
    is_count = found.stream.is_count
    return Chart(
        code="per-maand", title=_("By month") if is_count else _("Mean by month"),
        kind=ChartKind.BAR if is_count else ChartKind.LINE, unit=_unit(found),
        category_label=_("Month"),
        categories=tuple(date_format(each.start, "M Y") for each in buckets),
        series=(Series(name=found.stream.title, values=tuple(
            None if each.is_missing else each.total if is_count else each.mean for each in buckets)),),
        source=found.stream.source,
    )
