"""Opening a sensor to everybody by one switch; who does it stands above (`extensions.sensor_publishers`)."""

from datetime import datetime

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.modules.capture import queries
from ocapi.modules.capture.data import Publication
from ocapi.modules.capture.extensions import sensor_publishers

READ = "capture.read_streams"


def find_publication(*, sensor: str, actor: Actor, now: datetime) -> Publication | None:
    """Give how a sensor stands with open and linked data; None where nothing is published.

    Raises NotAllowed, StreamNotFound.
    """
    access.require(actor, READ)
    queries.stream(sensor)
    publisher = next(iter(sensor_publishers), None)
    return publisher.find(sensor=sensor, actor=actor, now=now) if publisher else None


def open_sensor(*, sensor: str, license: str, actor: Actor, now: datetime) -> None:
    """Make the figures of a sensor open and linked data. license: IRI, one of those `find_publication` gives.

    Raises NotAllowed, StreamNotFound, OpeningRefused.
    """
    access.require(actor, READ)
    queries.stream(sensor)
    for publisher in sensor_publishers:
        publisher.open(sensor=sensor, license=license, actor=actor, now=now)


def close_sensor(*, sensor: str, actor: Actor, now: datetime) -> None:
    """Withdraw what is open of a sensor: its addresses say from then on that it is gone.

    Raises NotAllowed, StreamNotFound.
    """
    access.require(actor, READ)
    queries.stream(sensor)
    for publisher in sensor_publishers:
        publisher.close(sensor=sensor, actor=actor, now=now)
