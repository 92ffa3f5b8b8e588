"""Tells an open sensor as linked data: what it is, where it stands, how it measures, its figure per day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.modules.capture import api as capture
from ocapi.modules.capture.data import Bucket, Sensor, StreamNotFound
from ocapi.modules.linkeddata import api as linkeddata
from ocapi.modules.linkeddata.data import Json, ObjectNotFound, RegisteredThing, ServiceNotFound
from ocapi.modules.opendata import gate

SERVICE = "sensoren"
TELLER = actors.system("opendata.sensors")
SPAN = timedelta(days=366)  # as the dataset itself
CRS = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
CONCEPTS = {"sensor": "Sensor", "kenmerk": "Kenmerk", "procedure": "Procedure", "plaats": "Meetplaats"}


def name_of(*, code: str, since: datetime) -> str:
    """Give the IRI of a sensor that is open since then, empty before its objects are there."""
    try:
        found = _Names(code, since).of("sensor")
        linkeddata.get_object(uuid=UUID(found.rpartition("/")[2]), term="Sensor", actor=TELLER, now=since)
    except (ServiceNotFound, ObjectNotFound):
        return ""
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """Keys and IRIs of what is told of one sensor as it was opened at one moment."""

    code: str
    since: datetime

    def key(self, part: str) -> str:
        return f"{self.code}/{self.since.astimezone(UTC).isoformat()}/{part}"

    def of(self, concept: str) -> str:
        return linkeddata.name_of(service=SERVICE, term=CONCEPTS[concept], key=self.key(concept))


class SensorObjects:
    """Objects of the shipped profile `sensoren`: one sensor each, and one observation per day."""

    name = "capture"

    def bring(self, *, code: str, since: datetime, now: datetime) -> None:
        """Bring the objects of a sensor up to date; a day that was corrected gets a new version."""
        try:
            found = capture.get_sensor(sensor=code, actor=TELLER, now=now)
        except StreamNotFound:
            return
        linkeddata.create_shipped(code=SERVICE, now=now)
        names = _Names(code, since)
        linkeddata.load_register(
            service=SERVICE, things=[*_described(found, names), *_measured(found, names, now)], actor=TELLER,
            now=now,
        )

    def take_away(self, *, code: str, since: datetime, now: datetime) -> None:
        """Delete what was told of a sensor since it was opened then."""
        names = _Names(code, since)
        first, last = clock.local_day(since - SPAN - timedelta(days=31)), clock.local_day(now)
        days = (first + timedelta(days=count) for count in range((last - first).days + 1))
        keys = [*(names.key(f"dag/{day.isoformat()}") for day in days), *map(names.key, CONCEPTS)]
        try:
            linkeddata.take_away(service=SERVICE, keys=keys, actor=TELLER, now=now)
        except ServiceNotFound:  # withdrawn before anything was told
            return


def _described(found: Sensor, names: _Names) -> Iterator[RegisteredThing]:
    """Give the sensor and what it points at, which comes first; a text that points at a person stays home."""
    title, place = found.stream.title, _public(found.stream.place)
    yield _thing(names, "kenmerk", {"naam": title, "eenheid": found.stream.unit})
    sensor: Json = {"naam": title, "code": names.code, "meet": names.of("kenmerk")}
    if procedure := _public(found.procedure):
        name = f"Manier van meten van {title}"[:200]
        yield _thing(names, "procedure", {"naam": name, "beschrijving": procedure})
        sensor["werkwijze"] = names.of("procedure")
    if place or found.latitude is not None:
        yield _thing(names, "plaats", {"naam": place or title, **_position(found)})
        sensor["staatOp"] = names.of("plaats")
    for name, text in (("eigenaar", _public(found.owner)), ("kwaliteit", _public(found.stream.quality))):
        if text:
            sensor[name] = text
    yield _thing(names, "sensor", sensor)


def _thing(names: _Names, concept: str, body: Json) -> RegisteredThing:
    return RegisteredThing(key=names.key(concept), term=CONCEPTS[concept], body=body)


def _position(found: Sensor) -> Json:
    if found.latitude is None or found.longitude is None:
        return {}
    where = f"{CRS} POINT({Decimal(repr(found.longitude)):f} {Decimal(repr(found.latitude)):f})"
    return {"positie": {"@type": "Positie", "wkt": where}}


def _public(text: str) -> str:
    return "" if gate.points_at_a_person(text) else text


def _measured(found: Sensor, names: _Names, now: datetime) -> Iterator[RegisteredThing]:
    """Give an observation for each day that is over and has readings."""
    if found.stream.last_hour is None:
        return
    to_at = min(found.stream.last_hour + timedelta(hours=1), now)
    from_at = datetime.combine((to_at - SPAN).astimezone(clock.BRUSSELS), datetime.min.time(), clock.BRUSSELS)
    points: Json = {"sensor": names.of("sensor"), "kenmerk": names.of("kenmerk")}
    if _public(found.procedure):
        points["procedure"] = names.of("procedure")
    if _public(found.stream.place) or found.latitude is not None:
        points["object"] = names.of("plaats")
    today = clock.local_day(now)
    for each in capture.series(
        stream=names.code, from_at=from_at, to_at=to_at, step="day", actor=TELLER
    ):
        if not each.is_missing and clock.local_day(each.start) < today:
            day = clock.local_day(each.start)
            yield RegisteredThing(
                key=names.key(f"dag/{day.isoformat()}"), term="Meting", body=_observation(found, each, points)
            )


def _observation(found: Sensor, each: Bucket, points: Json) -> Json:
    day = clock.local_day(each.start)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), clock.BRUSSELS).isoformat()
    is_count = found.stream.is_count
    return {
        "naam": f"{found.stream.title} op {day:%d/%m/%Y}",
        **points,
        "fenomeentijd": {"@type": "Periode", "begin": each.start.isoformat(), "einde": end},
        "resultaat": str(each.total if is_count else each.mean),
        "resultaattijd": end,
        "berekening": "som" if is_count else "gemiddelde",
        "aantal": each.n,
    }
