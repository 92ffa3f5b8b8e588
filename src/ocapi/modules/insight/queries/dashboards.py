"""Reads of dashboards."""

from collections.abc import Iterable

from ocapi.lib import codec
from ocapi.modules.insight.data.dashboards import Audience, Dashboard, DashboardNotFound, Layout, Role
from ocapi.modules.insight.models import DashboardRow

MOST_DASHBOARDS = 200


def dashboards(audiences: Iterable[Audience]) -> tuple[Dashboard, ...]:
    """Give the dashboards that are published to one of some audiences, start pages by role first."""
    rows = DashboardRow.objects.filter(audience__in=[each.value for each in audiences])
    found = [to_data(row) for row in rows.order_by("code")[:MOST_DASHBOARDS]]
    order = {role: place for place, role in enumerate(Role)}
    return tuple(
        sorted(found, key=lambda each: (each.role is Role.NONE, order[each.role], each.draft.title.lower()))
    )


def dashboard_row(code: str) -> DashboardRow:
    """Give the row of a dashboard, or raise DashboardNotFound."""
    row = DashboardRow.objects.filter(code=code).first()
    if row is None:
        raise DashboardNotFound(code)
    return row


def is_taken(code: str) -> bool:
    """Tell whether a dashboard has this code."""
    return DashboardRow.objects.filter(code=code).exists()


def to_data(row: DashboardRow) -> Dashboard:
    """Give what a row holds."""
    return Dashboard(
        code=row.code,
        draft=codec.decode_json(row.draft.encode(), Layout),
        published=codec.decode_json(row.published.encode(), Layout) if row.published else None,
        audience=Audience(row.audience),
        role=Role(row.role),
        revision=row.revision,
        is_own=row.origin == "own",
        saved_at=row.saved_at,
        published_at=row.published_at,
    )
