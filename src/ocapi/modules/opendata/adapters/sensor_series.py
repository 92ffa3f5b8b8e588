"""Offers the series of sensors: one dataset per stream, hour by hour."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ocapi.lib import actor as actors
from ocapi.modules.capture import api as capture
from ocapi.modules.capture.data import StreamFacts, StreamNotFound
from ocapi.modules.opendata.data import Column, ColumnKind, Offer, OfferNotFound, Table

READER = actors.system("opendata.capture")
SPAN = timedelta(days=366)
HOUR = Column(
    name="van", label="Begin van het uur", kind=ColumnKind.INSTANT,
    iri="http://www.w3.org/ns/sosa/phenomenonTime",
)
NUMBER = Column(name="aantal_metingen", label="Aantal metingen", kind=ColumnKind.INTEGER)
RESULT = "http://www.w3.org/ns/sosa/hasSimpleResult"
COUNTS = (HOUR, NUMBER, Column(name="som", label="Som van de metingen", kind=ColumnKind.INTEGER, iri=RESULT))
MEASURES = (
    HOUR, NUMBER,
    Column(name="gemiddelde", label="Gemiddelde van de metingen", kind=ColumnKind.DECIMAL, iri=RESULT),
    Column(name="laagste", label="Laagste meting", kind=ColumnKind.DECIMAL),
    Column(name="hoogste", label="Hoogste meting", kind=ColumnKind.DECIMAL),
)


class SensorSeries:
    """The hourly figures of each stream over the last year in which it measured."""

    name = "capture"

    def list_offers(self, *, now: datetime) -> tuple[Offer, ...]:
        """Give one offer per stream that has readings."""
        return tuple(
            Offer(
                source=self.name,
                code=each.code,
                title=each.title,
                columns=COUNTS if each.is_count else MEASURES,
                theme="TRAN" if each.is_count else "ENVI",
                frequency="DAILY",
                keywords=("sensor", "meting", each.place.lower()) if each.place else ("sensor", "meting"),
                description=f"Metingen per uur van {each.title}, het laatste jaar. Bron: {each.source}.",
                quality=each.quality,
                position=each.position,
            )
            for each in _streams()
            if each.last_hour is not None
        )

    def read(self, *, code: str, now: datetime) -> Table:
        """Give an hour per row; hours without a reading are left out."""
        try:
            facts = capture.get_stream(stream=code, actor=READER)
        except StreamNotFound:
            raise OfferNotFound(code) from None
        if facts.last_hour is None:
            raise OfferNotFound(code)
        to_at = facts.last_hour + timedelta(hours=1)
        found = capture.series(stream=code, from_at=to_at - SPAN, to_at=to_at, step="hour", actor=READER)
        kept = [each for each in found if not each.is_missing]
        if facts.is_count:
            return Table(columns=COUNTS, rows=tuple((each.start, each.n, round(each.total)) for each in kept))
        rows = tuple((each.start, each.n, each.mean, each.minimum, each.maximum) for each in kept)
        return Table(columns=MEASURES, rows=rows)


def _streams() -> Iterator[StreamFacts]:
    """Give all streams, page by page."""
    page = capture.list_streams(actor=READER)
    while page:
        yield from page
        page = capture.list_streams(actor=READER, after=page[-1].code)
