"""Writes of governance."""

from collections.abc import Iterable
from datetime import datetime

from ocapi.lib import ids
from ocapi.modules.governance.data import Principle
from ocapi.modules.governance.models import PrincipleRow


def store(principles: Iterable[Principle], *, now: datetime) -> int:
    """Write principles keyed by code; gives how many."""
    count = 0
    for each in principles:
        values = {
            "kind": each.kind, "position": each.order, "title": each.title, "statement": each.statement,
            "fact": each.fact, "better": each.better, "measured_by": each.measured_by,
        }
        PrincipleRow.objects.update_or_create(
            code=each.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
        )
        count += 1
    return count
