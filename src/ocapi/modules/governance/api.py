"""The door of governance."""

from collections.abc import Iterable
from datetime import datetime

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.modules.governance import queries, services
from ocapi.modules.governance.data import Principle


def list_principles(*, actor: Actor) -> tuple[Principle, ...]:
    """Give the principles, the policy ones first, in their order. Raises NotAllowed."""
    access.require(actor, "governance.read_principles")
    return queries.principles()


def load_principles(*, principles: Iterable[Principle], now: datetime) -> int:
    """Take in principles keyed by their code, for the content loader; gives how many were written."""
    return services.store(principles, now=now)
