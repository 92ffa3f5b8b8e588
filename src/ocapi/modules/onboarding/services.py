"""Writes of onboarding."""

from collections.abc import Iterable
from datetime import datetime

from ocapi.lib import ids, stem
from ocapi.modules.onboarding.data import ReferenceProcess
from ocapi.modules.onboarding.models import ProcessRow

COLUMNS = ("number", "title", "search", "group_title", "group_iri", "domain", "domain_title")


def store(processes: Iterable[ReferenceProcess], *, now: datetime) -> int:
    """Write processes keyed by IRI, in one statement per 500; gives how many."""
    rows = [
        ProcessRow(
            uuid=ids.new_uuid(now), iri=each.iri, number=each.number, title=each.title,
            search=stem.fold(f"{each.title} {each.group} {each.domain_title}")[:600], group_title=each.group,
            group_iri="", domain=each.domain, domain_title=each.domain_title,
        )
        for each in processes
    ]
    ProcessRow.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, update_fields=list(COLUMNS), unique_fields=["iri"]
    )
    return len(rows)
