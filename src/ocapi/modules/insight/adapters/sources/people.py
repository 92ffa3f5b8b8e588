"""Inhabitants, households, permits and energy use per municipality."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from ocapi.lib import archives
from ocapi.modules.insight.adapters.sources.reading import Refused, WrongRow, dutch_number, table, whole

COUNTED_ON = date(2020, 1, 1)  # the table of Statbel names no day; its total is that of 1 January 2020
LARGEST_SHEET = 16 << 20  # bytes of a workbook
MOST_UNPACKED = 512 << 20  # bytes of all parts of it
MOST_SHEET_ROWS = 200_000
CARRIERS = {"AARDGAS": "gas", "ELEKTRICITEIT": "electricity"}
QUARTERS = {f"Q{number}": number for number in range(1, 5)}
FIRST_YEAR, LAST_YEAR = 1950, 2100


def _nis(text: str) -> str:
    if len(text) != 5 or not text.isdecimal():
        raise WrongRow("a NIS code has five digits")
    return text


def _year(text: str) -> int:
    year = whole(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise WrongRow("a year between 1950 and 2100 is expected")
    return year


def population(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give nis, counted_on, population, men, women; totals of regions and provinces are left out."""
    for line, row in table(path, needs=("NIS code", "Mannen", "Vrouwen", "Totaal")):
        try:
            nis = _nis(row["NIS code"])
            men, women, both = whole(row["Mannen"]), whole(row["Vrouwen"]), whole(row["Totaal"])
            if men + women != both:
                raise WrongRow("men and women do not add up to the total")
        except (WrongRow, KeyError) as failure:
            refused.add(line, failure)
            continue
        if not nis.endswith("00") and not nis.endswith("000") or nis == "23100":  # Linkebeek ends in 00 too
            yield nis, COUNTED_ON, both, men, women


def households(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give nis, period, households; years to come are a projection."""
    for line, row in table(path, needs=("y", "nis", "n")):
        try:
            yield _nis(row["nis"]), date(_year(row["y"]), 1, 1), whole(row["n"])
        except (WrongRow, KeyError) as failure:
            refused.add(line, failure)


def building_permits(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give period, authority, function, act, projects, buildings, dwellings, floor_m2, demolished_m2."""
    needs = ("Jaar indiening", "Handeling", "Gebouw Functie kort", "Aantal projecten", "Aantal wooneenheden")
    quarter_name = "[Project Indiening Datum.autoCalendar.Quarter]"
    for line, row in table(path, needs=(*needs, quarter_name)):
        try:
            quarter = QUARTERS[row[quarter_name]]
            yield (
                date(_year(row["Jaar indiening"]), 3 * quarter - 2, 1),
                row["Project Besluit VVO Type"],
                row["Gebouw Functie kort"],
                row["Handeling"],
                round(dutch_number(row["Aantal projecten"])),
                round(dutch_number(row["Aantal gebouwen"])),
                round(dutch_number(row["Aantal wooneenheden"])),
                dutch_number(row["Bovengronds nuttige oppervlakte (m²)"]),
                dutch_number(row["Gesloopte oppervlakte (m²)"]),
            )
        except (WrongRow, KeyError) as failure:
            refused.add(line, failure)


def energy_use(path: Path, refused: Refused, names: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    """Give nis, period, carrier, profile, kwh from the workbook of the grid operator.

    names: NIS code by name of municipality in capitals. The sheet names months as columns (202109); an empty
    cell is no measurement and gives no row.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    if path.stat().st_size > LARGEST_SHEET:
        raise WrongRow("the workbook is larger than 16 MiB")
    try:
        archives.require_sound(path, most_bytes=MOST_UNPACKED)
    except archives.ArchiveRefused as refusal:
        raise WrongRow(f"the workbook is refused: {refusal}") from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, OSError, KeyError, ValueError) as failure:
        raise WrongRow("the file is no workbook") from failure
    sheet = book.worksheets[0].iter_rows(values_only=True)
    header = [str(each or "") for each in next(sheet, ())]
    if header[:3] != ["Hoofdgemeente", "Energie", "SLP"]:
        raise WrongRow("the sheet begins with Hoofdgemeente, Energie, SLP")
    months = {
        place: date(int(name[:4]), int(name[4:]), 1)
        for place, name in enumerate(header)
        if len(name) == 6 and name.isdecimal()
    }
    for line, row in enumerate(sheet, start=2):
        if line > MOST_SHEET_ROWS:
            raise WrongRow("the sheet has too many rows")
        if row[0] is None:
            continue
        nis, carrier = names.get(str(row[0])), CARRIERS.get(str(row[1]))
        if nis is None or carrier is None:
            refused.add(line, f"{'the municipality' if nis is None else 'the carrier'} is not known")
            continue
        for place, month in months.items():
            value = row[place]
            if isinstance(value, int | float):
                yield nis, month, carrier, str(row[2]), float(value)
