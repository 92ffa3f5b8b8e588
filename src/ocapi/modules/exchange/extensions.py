"""What others fill: authentic sources that know something of a person."""

from datetime import datetime
from typing import Protocol

from ocapi.lib.registry import Registry
from ocapi.modules.exchange.data import SourceAnswer


class AuthenticSource(Protocol):
    """A register that answers what it knows of a person; it never raises for being out of reach.

    is_on: False for one that never asks anybody, so that no consultation is recorded that did not happen.
    """

    name: str
    is_on: bool

    def fetch(self, *, national_number: str, fields: tuple[str, ...], now: datetime) -> SourceAnswer:
        """Give the values of these paths; state sourceDown when the source can't answer now."""

    def check_config(self) -> tuple[str, ...]:
        """Give each thing that keeps this source from answering, as a sentence; empty when all is well."""


authentic_sources: Registry[AuthenticSource] = Registry(AuthenticSource)
