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

dataset_sources: Registry[DatasetSource] = Registry(DatasetSource)
