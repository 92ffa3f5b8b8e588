"""Reads of the outlines that maps draw."""

from ocapi.modules.insight.data.outlines import Outline, OutlineSet
from ocapi.modules.insight.models import OutlineRow

MOST_OUTLINES = 1_000


def outlines() -> OutlineSet:
    """Give all outlines by NIS code, with their source."""
    rows = list(OutlineRow.objects.order_by("nis")[:MOST_OUTLINES])
    return OutlineSet(
        outlines=tuple(
            Outline(nis=row.nis, path=row.path, box=(row.left, row.top, row.right, row.bottom))
            for row in rows
        ),
        source=rows[0].source if rows else "",
        loaded_at=rows[0].loaded_at if rows else None,
    )


def has_outlines() -> bool:
    """Tell whether a map can be drawn."""
    return OutlineRow.objects.exists()
