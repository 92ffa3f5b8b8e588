"""Maps: the outlines an operator brought in, and the numbers of one period by municipality."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.insight import comparing
from ocapi.modules.insight.api.indicators import get_result, list_areas
from ocapi.modules.insight.data.indicators import Area, Areas, Point
from ocapi.modules.insight.data.outlines import Outline, OutlineSet, OutlinesTaken
from ocapi.modules.insight.queries import indicators as queries
from ocapi.modules.insight.queries import outlines as outline_queries
from ocapi.modules.insight.services import outlines as services

EDIT = "insight.edit_indicators"
FILLER = actors.system("insight")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """The numbers of a map. period: of all of them. points: by NIS code, only of areas with an outline;
    an area without a point has no number in that period.
    """

    period: date
    outlines: tuple[Outline, ...]
    areas: dict[str, Area]
    points: dict[str, Point]
    source: str


def list_outlines(*, actor: Actor) -> OutlineSet:
    """Give the outlines there are. Raises NotAllowed."""
    list_areas(actor=actor)
    return outline_queries.outlines()


def replace_outlines(*, raw: bytes, source: str, actor: Actor, now: datetime) -> OutlinesTaken:
    """Keep the outlines of a GeoJSON or TopoJSON file, in place of those there are; all or nothing.

    source: whom the borders are of, shown with every map. Raises NotAllowed, OutlinesNotTaken.
    """
    access.require(actor, EDIT)
    with transaction.atomic():
        return services.replace(raw, source=source, areas=queries.areas(), actor=actor, now=now)


def load_outlines(*, raw: bytes, source: str, now: datetime) -> OutlinesTaken:
    """Keep outlines from the command line. Raises OutlinesNotTaken."""
    access.require(FILLER, "insight.compute_indicators")
    with transaction.atomic():
        return services.replace(raw, source=source, areas=queries.areas(), actor=FILLER, now=now)


def remove_outlines(*, actor: Actor, now: datetime) -> None:
    """Take the outlines away; maps then disappear. Raises NotAllowed."""
    access.require(actor, EDIT)
    with transaction.atomic():
        services.remove(actor=actor, now=now)


def find_map(
    *, code: str, actor: Actor, now: datetime, part: str = "", until: date = date.max
) -> MapOf | None:
    """Give the numbers of all municipalities in the newest period, not after a day, that half of them have.

    None without outlines, or when the indicator is not one of municipalities, or with fewer than two numbers.
    Raises NotAllowed, IndicatorNotFound.
    """
    result = get_result(code=code, actor=actor, now=now)
    if result.indicator.areas is not Areas.MUNICIPALITY or not outline_queries.has_outlines():
        return None
    known = outline_queries.outlines()
    drawn = {each.nis for each in known.outlines}
    found = {each.area: each for each in queries.series(code, part=part) if each.area in drawn}
    last = min(until, clock.local_day(now)) if result.indicator.is_plan else until
    period = comparing.common_period(found.values(), until=last)
    if period is None:
        return None
    points = {nis: point for nis, each in found.items() for point in each.points if point.period == period}
    if sum(each.value is not None for each in points.values()) < 2:
        return None
    return MapOf(
        period=period,
        outlines=known.outlines,
        areas=list_areas(actor=actor),
        points=points,
        source=known.source,
    )
