"""Dashboards that people compose: drafts, publishing, and reading with the figures of every tile."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.lib.actor import ANONYMOUS, Actor
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.data.dashboards import (
    Audience,
    Dashboard,
    DashboardNotFound,
    Layout,
    NothingToShow,
    NotOpen,
    ShippedDashboard,
)
from ocapi.modules.insight.queries import dashboards as queries
from ocapi.modules.insight.services import dashboards as services

EDIT = "insight.edit_indicators"
LONGEST_SLUG = 40


def load_dashboards(*, dashboards: Iterable[ShippedDashboard], now: datetime) -> int:
    """Take in the dashboards of a content pack; gives how many. Those edited here are left alone."""
    with transaction.atomic():
        return services.ship(dashboards, now=now)


def list_dashboards(*, actor: Actor) -> tuple[Dashboard, ...]:
    """Give the dashboards this reader may see, start pages by role first. Raises NotAllowed.

    Editors see drafts too, other readers of the desk what is published inside, everybody what is public.
    """
    if access.may(actor, EDIT):
        return queries.dashboards(Audience)
    if access.may(actor, indicators.READ):
        return queries.dashboards((Audience.INSIDE, Audience.PUBLIC))
    access.require(actor, indicators.READ_OPEN)
    return queries.dashboards((Audience.PUBLIC,))


def get_dashboard(*, code: str, actor: Actor) -> Dashboard:
    """Give one dashboard. Raises NotAllowed, DashboardNotFound for one this reader may not see."""
    found = queries.to_data(queries.dashboard_row(code))
    if access.may(actor, EDIT):
        return found
    if access.may(actor, indicators.READ):
        is_shown = found.audience is not Audience.NOBODY
    else:
        access.require(actor, indicators.READ_OPEN)
        is_shown = found.audience is Audience.PUBLIC
    if not is_shown or found.published is None:
        raise DashboardNotFound(code)
    return found


def create_dashboard(*, layout: Layout, actor: Actor, now: datetime) -> Dashboard:
    """Keep a new draft; its code comes from the title. Raises NotAllowed."""
    access.require(actor, EDIT)
    with transaction.atomic():
        row = services.create(code=_code(layout.title), layout=layout, actor=actor, now=now)
    return queries.to_data(row)


def _code(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "dashboard"
    number = 1
    while queries.is_taken(code := slug if number == 1 else f"{slug}-{number}"):
        number += 1
    return code


def save_draft(*, code: str, layout: Layout, revision: int, actor: Actor, now: datetime) -> None:
    """Keep a draft. revision: the one that was read. Raises NotAllowed, DashboardNotFound,
    ChangedMeanwhile.
    """
    access.require(actor, EDIT)
    with transaction.atomic():
        services.save(code=code, layout=layout, revision=revision, actor=actor, now=now)


def publish(*, code: str, audience: Audience, revision: int, actor: Actor, now: datetime) -> None:
    """Show the draft to the desk or to everybody; to everybody only when every indicator is open.

    Raises NotAllowed, DashboardNotFound, ChangedMeanwhile, NothingToShow, NotOpen.
    """
    access.require(actor, EDIT)
    with transaction.atomic():
        draft = queries.to_data(queries.dashboard_row(code)).draft
        if not draft.tiles:
            raise NothingToShow(code)
        if audience is Audience.PUBLIC and (closed := closed_tiles(layout=draft, now=now)):
            raise NotOpen(closed)
        services.publish(code=code, audience=audience, revision=revision, actor=actor, now=now)


def closed_tiles(*, layout: Layout, now: datetime) -> tuple[str, ...]:
    """Give the codes of tiles that not everybody may see, in order, each once."""
    codes = list(dict.fromkeys(each.indicator for each in layout.tiles))
    found = indicators.list_results(actor=ANONYMOUS, now=now, codes=codes)
    is_open = {each.indicator.code for each in found}
    return tuple(code for code in codes if code not in is_open)


def withdraw(*, code: str, revision: int, actor: Actor, now: datetime) -> None:
    """Show a dashboard to nobody any more; its draft stays. Raises NotAllowed, DashboardNotFound,
    ChangedMeanwhile.
    """
    access.require(actor, EDIT)
    with transaction.atomic():
        services.withdraw(code=code, revision=revision, actor=actor, now=now)


def remove(*, code: str, revision: int, actor: Actor, now: datetime) -> None:
    """Take a dashboard away for good. Raises NotAllowed, DashboardNotFound, ChangedMeanwhile."""
    access.require(actor, EDIT)
    with transaction.atomic():
        services.remove(code=code, revision=revision, actor=actor, now=now)
