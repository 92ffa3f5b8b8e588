"""Reactions to facts: a page of a feed is kept once it is full, and the index follows.

Both are work of a job of their own beside the facts, for after a large batch they take long.
"""

from dataclasses import dataclass

from ocapi.kernel.jobs.extensions import handles
from ocapi.lib.envelope import Meta
from ocapi.modules.linkeddata import api


@dataclass(frozen=True, slots=True, kw_only=True)
class OfService:
    """The service that a fact is about, by its code."""

    service: str


@handles("be.ocapi.linkeddata.object.changed.v1", reads=OfService, once_per="service")
def keep_full_pages(fact: OfService, meta: Meta) -> None:
    """Have the pages of the feed kept that became full."""
    api.plan_pages(service=fact.service, now=meta.occurred_at)


@handles("be.ocapi.linkeddata.object.changed.v1", reads=OfService, once_per="service")
def keep_index(fact: OfService, meta: Meta) -> None:
    """Have what is new in the service brought into the index that questions are asked of."""
    api.plan_index(service=fact.service, now=meta.occurred_at)
