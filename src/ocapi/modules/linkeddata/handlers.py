"""Reactions to facts: a page of a feed is kept once it is full, and the index follows."""

from ocapi.kernel.jobs.extensions import handles
from ocapi.lib.envelope import Meta
from ocapi.modules.linkeddata import api
from ocapi.modules.linkeddata.events import ObjectChanged


@handles("be.ocapi.linkeddata.object.changed.v1", reads=ObjectChanged)
def keep_full_pages(fact: ObjectChanged, meta: Meta) -> None:
    """Keep the pages of the feed that became full."""
    api.keep_full_pages(service=fact.service)


@handles("be.ocapi.linkeddata.object.changed.v1", reads=ObjectChanged)
def keep_index(fact: ObjectChanged, meta: Meta) -> None:
    """Bring what is new in the service into the index that questions are asked of."""
    api.keep_index(service=fact.service)
