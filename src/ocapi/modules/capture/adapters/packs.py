"""Loads `sensorSeries` files: a day a line, its 24 hourly totals in UTC, empty where nothing was measured."""

from datetime import UTC, date, datetime, timedelta

from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.capture import api
from ocapi.modules.capture.data import HourlyFigure, StreamFacts

DESCRIPTION = ("code", "title", "unit", "place", "source", "license", "quality")


class SeriesLoader:
    """Loads a series keyed by its stream's code."""

    name = "sensorSeries"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        header, rows = codec.decode_csv(file.raw, delimiter=";")
        facts = dict.fromkeys(DESCRIPTION, "")
        figures: list[HourlyFigure] = []
        refused: list[BadRow] = []
        for row in rows:
            if row.cells[0] in facts:
                facts[row.cells[0]] = row.cells[1]
                continue
            try:
                figures.extend(_day(row.cells))
            except ValueError as failure:
                refused.append(BadRow(line=row.line, reason=str(failure)))
        written = api.load_hours(facts=StreamFacts(**facts), figures=figures, now=now)
        return Loaded(written=written, refused=tuple(refused))


def _day(cells: list[str]) -> list[HourlyFigure]:
    day = date.fromisoformat(cells[0])
    totals = cells[1].split(",")
    if len(totals) != 24:
        raise ValueError(f"{len(totals)} hours where a day has 24")
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return [
        HourlyFigure(hour=start + timedelta(hours=hour), n=12, total=int(text), minimum=0, maximum=int(text))
        for hour, text in enumerate(totals) if text
    ]
