"""The door of onboarding."""

from collections.abc import Iterable
from datetime import datetime

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.modules.onboarding import queries, services
from ocapi.modules.onboarding.data import ProcessDomain, ProcessPage, ReferenceProcess

PAGE_SIZE = 50


def list_domains(*, actor: Actor) -> tuple[ProcessDomain, ...]:
    """Give the domains of the reference processes by title. Raises NotAllowed."""
    access.require(actor, "onboarding.read_processes")
    return queries.domains()


def list_processes(
    *, actor: Actor, domain: str = "", q: str = "", cursor: str = "", page_size: int = PAGE_SIZE
) -> ProcessPage:
    """Give a page of reference processes by title; all words of `q` must occur.
    Raises NotAllowed, InvalidCursor.
    """
    access.require(actor, "onboarding.read_processes")
    return queries.page(domain=domain, q=q, cursor=cursor, page_size=page_size)


def load_processes(*, processes: Iterable[ReferenceProcess], now: datetime) -> int:
    """Take in reference processes keyed by IRI, for loaders; gives how many were written."""
    return services.store(processes, now=now)
