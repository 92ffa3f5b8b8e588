"""Reads of governance."""

from ocapi.modules.governance.data import Principle
from ocapi.modules.governance.models import PrincipleRow

MOST = 200  # a list longer than this is no list of principles any more


def principles() -> tuple[Principle, ...]:
    """Give all principles, policy first, in their order."""
    rows = PrincipleRow.objects.order_by("kind", "position", "id")[:MOST]
    return tuple(
        Principle(
            code=row.code,
            kind=row.kind,
            order=row.position,
            title=row.title,
            statement=row.statement,
            fact=row.fact,
            better=row.better,
            measured_by=row.measured_by,
        )
        for row in rows
    )
