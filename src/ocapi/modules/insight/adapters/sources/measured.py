"""Readings: bicycle counts, nitrogen dioxide, parking, traffic. Times without a zone are refused, not
guessed.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ocapi.lib.rdf import graph, turtle
from ocapi.modules.insight.adapters.sources.reading import LARGEST, Refused, WrongRow, table

RATIO = 100  # an archive grows at most this many times
MISSING = -900.0  # AirBase writes -999 for no reading
FEWEST_HOURS = 18  # of a day, for a mean of it (Directive 2008/50/EC, annex XI: 75 %)
WINTER_TIME = timedelta(hours=1)
STEP = {"PT15M": 15, "PT5M": 5, "PT1H": 60, "PT60M": 60}
VERKEER = "https://data.vlaanderen.be/ns/verkeersmetingen#"
VSDS = "https://implementatie.data.vlaanderen.be/ns/vsds-verkeersmetingen#"
GEO = "http://www.opengis.net/ont/geosparql#asWKT"
TIME = "http://www.w3.org/2006/time#"


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongRow("a time is expected") from None
    if at.tzinfo is None:
        raise WrongRow("the time has no zone")
    return at.astimezone(UTC)


def _count(text: str) -> int:
    try:
        value = round(float(text))
    except (ValueError, OverflowError):
        raise WrongRow("a count is expected") from None
    if value < 0:
        raise WrongRow("a count below zero")
    return value


def _unpacked(path: Path) -> Path | io.StringIO:
    if path.open("rb").read(2) != b"PK":
        return path
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) != 1:
            raise WrongRow("the archive holds more than one table")
        if members[0].file_size > min(LARGEST, RATIO * max(members[0].compress_size, 1)):
            raise WrongRow("the archive is too large")
        with archive.open(members[0]) as file:
            return io.StringIO(file.read(LARGEST).decode("utf-8-sig"))


def bike_counts(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give site, nis, measured_at, minutes, counted, in_direction, out_direction of a counter of the city
    of Ghent.
    """
    found = _unpacked(path)
    text = found.read_text("utf-8-sig") if isinstance(found, Path) else found.getvalue()
    delimiter = ";" if ";" in text.split("\n", 1)[0] else ","
    for line, row in enumerate(csv.DictReader(io.StringIO(text), delimiter=delimiter), start=2):
        try:
            if "Ordening" in row:
                at, both = _instant(row["Ordening"]), _count(row["Totaal"])
                one, other = _count(row["Hoofdrichting"]), _count(row["Tegenrichting"])
            else:
                at = _instant(row["timestamp"])
                one, other = _count(row["direction_centre"]), _count(row["direction_mariakerke"])
                both = one + other
        except (WrongRow, KeyError) as failure:
            refused.add(line, failure)
            continue
        yield "Coupure Links", "44021", at, 5, both, one, other


def no2_by_station(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give station, nis, period, mean_value, highest, hours from a table with a column per station (VMM)."""
    days: dict[tuple[str, date], list[float]] = {}
    for line, row in table(path, needs=("timestamp",)):
        try:
            at = datetime.fromisoformat(row["timestamp"])
            if at.tzinfo is None:
                raise WrongRow("the time has no zone")
        except (ValueError, KeyError) as failure:
            refused.add(line, failure)
            continue
        for station, text in row.items():
            if station == "timestamp" or text == "":
                continue
            try:
                value = float(text)
            except ValueError:
                refused.add(line, "a number is expected")
                continue
            if 0 <= value < 2000:
                days.setdefault((station, at.date()), []).append(value)
            else:
                refused.add(line, "a value outside 0 to 2000 µg/m³")
    yield from _days(days)


def no2_airbase(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give the same from an AirBase file: a row per day with 24 values and flags; -999 is no reading."""
    station = "BETR801 - Borgerhout"
    days: dict[tuple[str, date], list[float]] = {}
    for line, text in enumerate(path.read_text("ascii").splitlines(), start=1):
        cells = text.split("\t")
        try:
            if len(cells) != 49:
                raise WrongRow(f"{len(cells)} cells instead of 49")
            day = date.fromisoformat(cells[0])
            values = [float(each) for each in cells[1::2]]
        except ValueError as failure:
            refused.add(line, failure)
            continue
        days[station, day] = [each for each in values if 0 <= each < 2000]
    yield from _days(days)


def _days(days: dict[tuple[str, date], list[float]]) -> Iterator[tuple[Any, ...]]:
    for (station, day), values in sorted(days.items()):
        if values:
            mean = round(sum(values) / len(values), 2) if len(values) >= FEWEST_HOURS else None
            yield station, "11002", day, mean, max(values), len(values)


def parking(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give site, nis, measured_at, capacity, free, zone of the parking garages of the city of Ghent."""
    for line, row in table(path, needs=("name", "totalcapacity", "availablecapacity", "lastupdate")):
        try:
            capacity, free = _count(row["totalcapacity"]), _count(row["availablecapacity"])
            if free > capacity:
                raise WrongRow("more free places than places")
            yield row["name"], "44021", _instant(row["lastupdate"]), capacity, free, row.get("categorie", "")
        except (WrongRow, KeyError) as failure:
            refused.add(line, failure)


def traffic(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give site, nis, measured_at, minutes, vehicle, direction, counted from an LDES page (OSLO
    Verkeersmetingen).

    site: the place of the tube as WKT, the page names no other. nis: Bruges, where the campaign was.
    """
    if path.stat().st_size > LARGEST:
        raise WrongRow("the page is too large")
    found = graph.of_triples(
        turtle.parse(path.read_bytes(), format=turtle.Format.TURTLE, base_iri="urn:ocapi:none")
    )
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    for number, subject in enumerate(sorted(found.subjects(kind, f"{VSDS}Verkeerstelling")), start=1):
        try:
            yield _counted(found, subject)
        except (WrongRow, AttributeError, TypeError) as failure:
            refused.add(number, failure)


def _counted(found: "graph.Graph", subject: str) -> tuple[Any, ...]:
    when = found.one(
        subject, "http://def.isotc211.org/iso19156/2011/Observation#OM_Observation.phenomenonTime"
    )
    begin = found.one(when, f"{TIME}hasBeginning")  # type: ignore[arg-type]
    at = _instant(found.one(begin, f"{TIME}inXSDDateTimeStamp").text)  # type: ignore
    minutes = STEP.get(found.one(when, f"{TIME}hasXSDDuration").text)  # type: ignore
    if minutes is None:
        raise WrongRow("the duration is not known")
    place = found.one(subject, f"{VERKEER}geobserveerdObject")
    shape = found.one(place, "http://def.isotc211.org/iso19156/2011/SamplingPoint#SF_SamplingPoint.shape")  # type: ignore
    way = found.one(
        found.one(place, f"{VERKEER}bemonsterdObject"), "https://data.vlaanderen.be/ns/weg#rijrichting"
    )  # type: ignore
    mark = found.one(subject, f"{VSDS}Verkeerstelling.geobserveerdKenmerk")
    vehicle = str(found.one(mark, f"{VERKEER}voertuigType")).rpartition("/")[2]  # type: ignore
    count = _count(found.one(subject, f"{VSDS}Verkeerstelling.tellingresultaat").text)  # type: ignore
    return found.one(shape, GEO).text, "31005", at, minutes, vehicle, str(way).rpartition("/")[2], count  # type: ignore


def no2_campaign(path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
    """Give site, nis, started_at, mean_value of a campaign with passive samplers in streets of Antwerp."""
    for line, row in table(path, needs=("location", "start_date", "no2")):
        try:
            yield row["location"], "11002", _instant(row["start_date"]), float(row["no2"])
        except (WrongRow, KeyError, ValueError) as failure:
            refused.add(line, failure)
