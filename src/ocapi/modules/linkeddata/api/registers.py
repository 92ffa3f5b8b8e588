"""Things of registers by their keys: how they are called, and taking them away again."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction

from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import queries, reaching, services, taking
from ocapi.modules.linkeddata.data import Access
from ocapi.modules.linkeddata.models import ObjectRow

AT_ONCE = 12  # things taken away in one transaction: it stays under 50 ms


def name_of(*, service: str, term: str, key: str) -> str:
    """Give the IRI of the object that a thing of a register is, or would be. Raises ServiceNotFound."""
    row = queries.service_row(service)
    return f"{reaching.base()}/id/{term}/{taking.uuid_of(service=row.uuid, key=key)}"


def take_away(*, service: str, keys: Iterable[str], actor: Actor, now: datetime) -> int:
    """Delete the objects of things of a register that are there; their names are never used again.

    Gives how many. Again changes nothing. Raises NotAllowed, ServiceNotFound. Emits ObjectChanged.
    """
    row = reaching.writable(service, actor)
    waiting, gone = iter(keys), 0
    while batch := list(islice(waiting, AT_ONCE)):
        with transaction.atomic():
            held = services.locked(service)
            named = [taking.uuid_of(service=row.uuid, key=each) for each in batch]
            rows = ObjectRow.objects.filter(service=held, uuid__in=named, is_deleted=False)
            for found in rows.order_by("id"):
                services.delete(
                    found, held, operation=reaching.WRITE[Access(held.access)], actor=actor, now=now
                )
                gone += 1
    return gone
