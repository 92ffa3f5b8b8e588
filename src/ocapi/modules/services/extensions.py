"""What others may fill: the titles of the domains services are grouped by."""

from typing import Protocol

from ocapi.lib.registry import Registry
from ocapi.modules.services.data import DomainTitle


class DomainSource(Protocol):
    """Knows the domains of the bound organization; a source that has none loaded gives an empty tuple."""

    name: str

    def list_domains(self) -> tuple[DomainTitle, ...]:
        """Give the domains in the order they are shown."""


domain_sources: Registry[DomainSource] = Registry(DomainSource)
