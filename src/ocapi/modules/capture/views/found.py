"""What was found in a file of readings, in words and tables."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Definition, PageOf, Row, Table
from ocapi.lib import written
from ocapi.modules.capture.data import Load, LoadReport, LoadState, Understood
from ocapi.modules.capture.views.inventory import flag_text, plainly

MOST_SHOWN = 50  # rows of a table here; the file for a spreadsheet holds more
MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far something is. percent: whole, never 100 before the end."""

    done: int
    of: int

    @property
    def percent(self) -> int:
        """Give the share in whole percents."""
        return min(self.done * 100 // self.of, 99)

    @property
    def text(self) -> str:
        """Say it in words."""
        return _("{done} of about {of} rows ({percent} %)").format(
            done=counted(self.done), of=counted(self.of), percent=self.percent
        )


def state_text(state: LoadState) -> str:
    """Give the state of a file in words."""
    return {
        LoadState.ARRIVED: _("Waits for a choice of columns"),
        LoadState.CHECKING: _("Is being checked"),
        LoadState.CHECKED: _("Waits to be accepted"),
        LoadState.REFUSED: _("Cannot be read like this"),
        LoadState.LOADING: _("Is being added up"),
        LoadState.LOADED: _("Counts"),
        LoadState.CANCELLED: _("Thrown away"),
    }[state]


def told(held: Load) -> str:
    """Say what the state means, and what comes next."""
    return {
        LoadState.ARRIVED: "",
        LoadState.REFUSED: "",
        LoadState.CHECKING: _("Every row is being read. Nothing of it counts yet. This page may be closed."),
        LoadState.CHECKED: _(
            "The whole file was read. Nothing of it counts yet: look at what was found, and accept it or "
            "throw it away."
        ),
        LoadState.LOADING: _(
            "The readings were accepted and cannot get lost. They appear in the figures bit by bit."
        ),
        LoadState.LOADED: _("All good readings stand in the figures of their sensors."),
        LoadState.CANCELLED: _("Nothing of this file counts, and the file itself is gone."),
    }[held.state]


def refusal_text(code: str, what: str) -> str:
    """Say why a file, or what was chosen for it, is not right, and how to repair it."""
    return {
        "required": _("Choose a column."),
        "zone": _("We do not know this time zone. Choose one of the list."),
        "column": _("A column that was chosen is not in the file. Choose again."),
        "time": _("Choose the column with the time."),
        "sensor": _("Choose the column with the sensor, or the one sensor of all rows."),
        "value": _("Choose the column with the value."),
        "malformed": _(
            "This is no table we can read ({what}). Save it as CSV in UTF-8, with the names of the columns "
            "on the first line."
        ).format(what=_place_text(what)),
        "unreadable": _("This Parquet file cannot be read. Make it again, or save it as CSV."),
        "unknownUnit": _("We do not know this unit. Give a UCUM code, for example Cel or ug/m3."),
        "unknownSensor": _("This sensor is not in the inventory. Choose one of the list."),
        "broken": _("The file cannot be read within the memory and time there is. Make smaller files of it."),
        "diskFull": _(
            "There is no room on the disk. Nothing was kept. Tell the administrator, then check the "
            "file again."
        ),
    }[code]


def _place_text(what: str) -> str:
    """Say where a file is no table, and why as far as there are words for it."""
    line, _colon, detail = what.partition(": ")
    place = _("line {number}").format(number=line.removeprefix("line "))
    why = {
        "the line is too long": _("the line is too long"),
        "the file has no header": _("there are no names of columns"),
        "U+0000 is not allowed": _("a character that belongs in no text"),
    }.get(detail)
    return f"{place}: {why}" if why else place


def fault_text(code: str, what: str) -> str:
    """Say why a row was refused."""
    if what[:1] == what[-1:] and what[:1] in ("'", '"'):
        what = f"“{what[1:-1]}”"
    return {
        "notText": _("The line is no UTF-8 text."),
        "cells": _("The line has more or fewer cells than the first line ({what}).").format(what=what),
        "noSensor": _("The sensor is missing or too long."),
        "noZone": _("The time does not say its zone, and none was chosen."),
        "clockForward": _("This time does not exist: the clock was put forward."),
        "clockBack": _("This time exists twice: the clock was put back. Give the time with its zone."),
        "outside": _("The time is outside the calendar."),
        "notMoment": _("{what} is no time.").format(what=what),
        "notNumber": _("{what} is no number.").format(what=what),
        "notFinite": _("This number is not finite."),
        "unknownSensor": _("There is no sensor {what} in the inventory.").format(what=what),
        "unknownUnit": _("The unit {what} is not known, or measures something else than the sensor.").format(
            what=what
        ),
        "tooLarge": _("{what} is too large to be added up.").format(what=what),
    }[code]


def facts(held: Load) -> tuple[Definition, ...]:
    """Give the figures of a file."""
    report = held.report
    said = [(_("Size"), size_text(held.size_bytes)), (_("Arrived"), written.moment(held.arrived_at))]
    if report.rows:
        said += [
            (_("Rows"), counted(report.rows)),
            (_("Good readings"), counted(report.sound)),
            (_("Refused rows"), counted(report.refused)),
            (_("Rows that repeat the one before"), counted(report.repeated)),
        ]
    if report.from_at and report.to_at:
        said.append((_("First and last time"), f"{_moment(report.from_at)} – {_moment(report.to_at)}"))
    return tuple(Definition(term=term, value=value) for term, value in said)


def tables(held: Load, faults_href: str) -> tuple[Table, ...]:
    """Give what was found row by row: as understood, by sensor, flagged, refused."""
    report = held.report
    found = []
    if report.sample:
        found.append(_understood(_("The first rows, as we understand them"), report.sample))
    if len(report.sensors) > 1:
        found.append(_by_sensor(report))
    if report.flags:
        found.append(_by_flag(report))
    if report.doubtful:
        found.append(_understood(_("Doubtful readings: they count and get a flag"), report.doubtful))
    if report.faults:
        found.append(_faults(report, faults_href))
    return tuple(found)


def counted(number: int) -> str:
    """Write a count as Dutch does: a point between thousands."""
    return f"{number:,}".replace(",", ".")


def size_text(size_bytes: int) -> str:
    """Write the size of a file."""
    return f"{plainly(max(round(size_bytes / MB, 1), 0.1))} MB"


def _moment(text: str) -> str:
    return written.moment(datetime.fromisoformat(text))


def _table(caption: str, columns: tuple[Column, ...], rows: tuple[Row, ...], export_href: str = "") -> Table:
    return Table(
        caption=caption,
        columns=columns,
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        export_href=export_href,
    )


def _understood(caption: str, items: tuple[Understood, ...]) -> Table:
    rows = tuple(
        Row(
            cells=(
                Cell(text=counted(each.line)),
                Cell(text=each.sensor),
                Cell(text=_moment(each.at)),
                Cell(text=plainly(each.value)),
                Cell(text=", ".join(map(flag_text, each.flags)) or "–"),
            )
        )
        for each in items[:MOST_SHOWN]
    )
    return _table(
        caption,
        (
            Column(code="line", label=_("Line"), kind=ColumnKind.NUMBER),
            Column(code="sensor", label=_("Sensor")),
            Column(code="at", label=_("Moment"), kind=ColumnKind.DATE),
            Column(code="value", label=_("Value"), kind=ColumnKind.NUMBER),
            Column(code="flags", label=_("Flags")),
        ),
        rows,
    )


def _by_sensor(report: LoadReport) -> Table:
    rows = tuple(
        Row(cells=(Cell(text=code), Cell(text=counted(n))))
        for code, n in sorted(report.sensors.items())[:MOST_SHOWN]
    )
    return _table(
        _("Good readings by sensor"),
        (
            Column(code="sensor", label=_("Sensor")),
            Column(code="n", label=_("Good readings"), kind=ColumnKind.NUMBER),
        ),
        rows,
    )


def _by_flag(report: LoadReport) -> Table:
    rows = tuple(
        Row(cells=(Cell(text=flag_text(flag)), Cell(text=counted(n))))
        for flag, n in sorted(report.flags.items())
    )
    return _table(
        _("Readings that get a flag"),
        (
            Column(code="flag", label=_("What is the matter")),
            Column(code="n", label=_("How many"), kind=ColumnKind.NUMBER),
        ),
        rows,
    )


def _faults(report: LoadReport, href: str) -> Table:
    rows = tuple(
        Row(cells=(Cell(text=counted(each.line)), Cell(text=fault_text(each.code, each.what))))
        for each in report.faults[:MOST_SHOWN]
    )
    return _table(
        _("Refused rows: they do not count"),
        (
            Column(code="line", label=_("Line"), kind=ColumnKind.NUMBER),
            Column(code="why", label=_("What is the matter")),
        ),
        rows,
        export_href=href,
    )
