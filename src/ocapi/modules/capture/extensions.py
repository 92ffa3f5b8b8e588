"""What modules above fill: who makes what a sensor measures open to everybody."""

from datetime import datetime
from typing import Protocol

from ocapi.lib.actor import Actor
from ocapi.lib.registry import Registry
from ocapi.modules.capture.data import Publication


class SensorPublisher(Protocol):
    """Opens and closes sensors: their figures as a dataset, and as linked data. It asks access itself."""

    name: str

    def find(self, *, sensor: str, actor: Actor, now: datetime) -> Publication:
        """Give how a sensor stands, by its code."""

    def open(self, *, sensor: str, license: str, actor: Actor, now: datetime) -> None:
        """Open a sensor under a license, or ask a second person. Raises NotAllowed, OpeningRefused."""

    def close(self, *, sensor: str, actor: Actor, now: datetime) -> None:
        """Withdraw what is open of a sensor; again changes nothing. Raises NotAllowed."""


sensor_publishers: Registry[SensorPublisher] = Registry(SensorPublisher)
