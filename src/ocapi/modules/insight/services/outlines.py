"""Writes of the outlines that maps draw: a file replaces them all, or changes nothing."""

from collections.abc import Mapping
from datetime import datetime

from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.lib.geo import outlines
from ocapi.modules.insight.data.indicators import Area
from ocapi.modules.insight.data.outlines import LONGEST_SOURCE, OutlinesNotTaken, OutlinesTaken
from ocapi.modules.insight.models import OutlineRow

OPERATION = "insight.edit_indicators"


def replace(
    raw: bytes, *, source: str, areas: Mapping[str, Area], actor: Actor, now: datetime
) -> OutlinesTaken:
    """Keep the outlines of a file under the municipalities of today. Raises OutlinesNotTaken."""
    told = " ".join(source.split())[:LONGEST_SOURCE]
    if not told:
        raise OutlinesNotTaken("sourceMissing")
    today = {former: nis for nis, each in areas.items() for former in (nis, *each.former)}
    try:
        found = outlines.read(raw, code_of=lambda code: today.get(code, ""))
    except outlines.OutlinesRefused as refusal:
        raise OutlinesNotTaken(refusal.reason, refusal.what) from refusal
    OutlineRow.objects.all().delete()
    OutlineRow.objects.bulk_create(
        [
            OutlineRow(
                nis=each.code,
                path=each.path,
                left=each.box[0],
                top=each.box[1],
                right=each.box[2],
                bottom=each.box[3],
                source=told,
                loaded_at=now,
            )
            for each in found.found
        ],
        batch_size=200,
    )
    _told(actor, now)
    return OutlinesTaken(count=len(found.found), others=found.others)


def remove(*, actor: Actor, now: datetime) -> None:
    """Take all outlines away; without any nothing changes."""
    if OutlineRow.objects.all().delete()[0]:
        _told(actor, now)


def _told(actor: Actor, now: datetime) -> None:
    audit.changed(actor=actor, operation=OPERATION, resource="outlines/all", now=now, fields=("path",))
