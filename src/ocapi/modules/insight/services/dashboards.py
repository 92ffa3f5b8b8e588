"""Writes of dashboards: drafts in revisions, what readers see, and those a content pack ships."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from ocapi.kernel.audit import api as audit
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.modules.insight.data.dashboards import (
    Audience,
    ChangedMeanwhile,
    DashboardNotFound,
    Layout,
    Role,
    ShippedDashboard,
)
from ocapi.modules.insight.models import DashboardRow

OWN, PACK = "own", "pack"


def written(layout: Layout) -> str:
    """Write a layout as it is kept."""
    return codec.encode_json(layout).decode()


def create(*, code: str, layout: Layout, actor: Actor, now: datetime) -> DashboardRow:
    """Keep a new draft that nobody sees yet."""
    row = DashboardRow.objects.create(
        uuid=ids.new_uuid(now),
        code=code,
        draft=written(layout),
        audience=Audience.NOBODY,
        role=Role.NONE,
        origin=OWN,
        saved_at=now,
    )
    _told(actor, code, now, "draft")
    return row


def save(*, code: str, layout: Layout, revision: int, actor: Actor, now: datetime) -> None:
    """Keep a draft upon the revision that was read; raises ChangedMeanwhile, DashboardNotFound."""
    _change(code, revision, draft=written(layout), saved_at=now)
    _told(actor, code, now, "draft")


def publish(*, code: str, audience: Audience, revision: int, actor: Actor, now: datetime) -> None:
    """Show the draft of the revision that was read to an audience; raises ChangedMeanwhile,
    DashboardNotFound.
    """
    _change(code, revision, published=F("draft"), audience=audience.value, published_at=now)
    _told(actor, code, now, "published", "audience")


def withdraw(*, code: str, revision: int, actor: Actor, now: datetime) -> None:
    """Show it to nobody any more; the draft stays. Raises ChangedMeanwhile, DashboardNotFound."""
    _change(code, revision, audience=Audience.NOBODY.value)
    _told(actor, code, now, "audience")


def remove(*, code: str, revision: int, actor: Actor, now: datetime) -> None:
    """Take a dashboard away; raises ChangedMeanwhile, DashboardNotFound."""
    _change(code, revision)
    DashboardRow.objects.filter(code=code).delete()
    _told(actor, code, now, "draft", "published")


def _change(code: str, revision: int, **values: object) -> None:
    """Change a row in one statement, only when its revision is the one that was read."""
    changes = {**values, "origin": OWN, "revision": F("revision") + 1}
    if DashboardRow.objects.filter(code=code, revision=revision).update(**changes):
        return
    newest = DashboardRow.objects.filter(code=code).values_list("revision", flat=True).first()
    if newest is None:
        raise DashboardNotFound(code)
    raise ChangedMeanwhile(newest)


def ship(dashboards: Iterable[ShippedDashboard], *, now: datetime) -> int:
    """Keep dashboards of a pack, published as they are; those edited here are left alone. Gives how many."""
    written_rows = 0
    for each in dashboards:
        values = {
            "draft": written(each.layout),
            "published": written(each.layout),
            "audience": each.audience.value,
            "role": each.role.value,
            "saved_at": now,
            "published_at": now,
        }
        row = DashboardRow.objects.filter(code=each.code).first()
        if row is None:
            DashboardRow.objects.create(uuid=ids.new_uuid(now), code=each.code, origin=PACK, **values)
        elif row.origin == PACK:
            DashboardRow.objects.filter(id=row.id, origin=PACK).update(**values, revision=F("revision") + 1)
        else:
            continue
        written_rows += 1
    return written_rows


def _told(actor: Actor, code: str, now: datetime, *names: str) -> None:
    audit.changed(
        actor=actor,
        operation="insight.edit_indicators",
        resource=f"dashboard/{code}",
        now=now,
        fields=names,
    )
