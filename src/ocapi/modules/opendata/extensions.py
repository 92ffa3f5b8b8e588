"""What other modules fill: the data they offer to be made open by one switch."""

from datetime import datetime
from typing import Protocol

from ocapi.lib.registry import Registry
from ocapi.modules.opendata.data import Offer, Table


class DatasetSource(Protocol):
    """A module that offers data. It decides nothing: the gate does, and then people."""

    name: str

    def list_offers(self, *, now: datetime) -> tuple[Offer, ...]:
        """Give what the bound organization could make open, by title; empty when there is nothing."""

    def read(self, *, code: str, now: datetime) -> Table:
        """Give the rows of an offer, at most MAX_ROWS + 1 of them. Raises OfferNotFound."""


MAX_ROWS = 50_000
"""More rows than this are for a data service, not for a file that is made on request."""

class LinkedSource(Protocol):
    """Gives what stands behind its datasets as linked data too, as long as the dataset is open."""

    name: str

    def bring(self, *, code: str, since: datetime, now: datetime) -> None:
        """Bring the objects behind an offer up to date, each in its own name. Safe to repeat.

        since: when the dataset was opened; opened again it is another moment, for names of objects that were
        taken away are never used again.
        """

    def take_away(self, *, code: str, since: datetime, now: datetime) -> None:
        """Take those objects away: their names say from then on that they are gone. Safe to repeat."""


dataset_sources: Registry[DatasetSource] = Registry(DatasetSource)

linked_sources: Registry[LinkedSource] = Registry(LinkedSource)
"""By name of the source of the dataset."""
