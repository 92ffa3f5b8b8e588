"""Imports counts of a bicycle counter: 5-minute rows in CSV, alone or in an archive with one table."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ocapi.kernel.registry.extensions import BadRow, Loaded
from ocapi.lib import codec
from ocapi.modules.capture import api
from ocapi.modules.capture.data import HourlyFigure, StreamFacts

LARGEST = 64 << 20  # bytes of the table
RATIO = 100
FACTS = StreamFacts(
    code="fietstelpaal-coupure-links", title="Fietstelpaal Coupure Links", unit="{fietsers}", place="Gent",
    source="Stad Gent, open data", license="Modellicentie Gratis Hergebruik Vlaanderen",
    quality="Geteld door een lus in het wegdek, per 5 minuten. Niet gecorrigeerd.",
)


class BikeCounts:
    """Reads `Ordening;Totaal` or `timestamp,direction_…` tables; times without a zone are refused,
    not guessed.
    """

    name = "bike-counts"
    title = "Bicycle counts, 5 minutes (CSV or zip)"

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        return (
            path.name.startswith("fietstelpaal")
            or b"Ordening;Totaal" in head
            or b"timestamp,direction_" in head
        )

    def load(self, *, path: Path, now: datetime) -> Loaded:
        header, rows = codec.decode_csv(_table(path), max_bytes=LARGEST)
        hours: dict[datetime, list[int]] = {}
        refused: list[BadRow] = []
        for line, cells in rows:
            try:
                at, count = _reading(dict(zip(header, cells, strict=True)))
            except (ValueError, KeyError) as failure:
                refused.append(BadRow(line=line, reason=f"not a count: {failure}"))
                continue
            hours.setdefault(at.astimezone(UTC).replace(minute=0, second=0, microsecond=0), []).append(count)
        return Loaded(
            written=api.load_hours(facts=FACTS, figures=_figures(hours), now=now), refused=tuple(refused)
        )


def _figures(hours: dict[datetime, list[int]]) -> Iterator[HourlyFigure]:
    for hour in sorted(hours):
        counts = hours[hour]
        yield HourlyFigure(
            hour=hour, n=len(counts), total=sum(counts), minimum=min(counts), maximum=max(counts)
        )


def _reading(row: dict[str, str]) -> tuple[datetime, int]:
    if not all(row.values()):
        raise ValueError("a cell is empty")
    if "Ordening" in row:
        at, count = datetime.fromisoformat(row["Ordening"]), int(row["Totaal"])
    else:
        at = datetime.fromisoformat(row["timestamp"])
        count = sum(round(float(text)) for name, text in row.items() if name.startswith("direction_"))
    if at.tzinfo is None:
        raise ValueError("the time has no zone")
    if count < 0:
        raise ValueError("a count below zero")
    return at, count


def _table(path: Path) -> bytes:
    raw = path.read_bytes()
    if not raw.startswith(b"PK"):
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            tables = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(tables) != 1:
                raise codec.MalformedInput(
                    codec.Reason.NOT_CSV, detail="the archive must hold exactly one table"
                )
            entry = tables[0]
            if entry.file_size > LARGEST or entry.file_size > RATIO * max(entry.compress_size, 1):
                raise codec.MalformedInput(
                    codec.Reason.TOO_LARGE, detail="the table in the archive is too large"
                )
            with archive.open(entry) as file:
                content = file.read(LARGEST + 1)  # what the directory says of the size is not trusted
    except zipfile.BadZipFile as failure:
        raise codec.MalformedInput(
            codec.Reason.NOT_CSV, detail=f"the archive is damaged: {failure}"
        ) from None
    if len(content) > LARGEST:
        raise codec.MalformedInput(codec.Reason.TOO_LARGE, detail="the table in the archive is too large")
    return content
