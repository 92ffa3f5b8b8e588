"""Other ways through the feed of a service: views, each with its own pages of the same versions.

Which page of a view a version is on is settled when the version gets its number, from what the writer holds
in memory: the view's row tells of each bucket which page is open and how many versions are on it, and a page
is one row with the numbers of its versions. So a batch costs a view a statement per bucket, not per version,
and no version is read again. The bytes of a page are made when somebody asks for it.

A page that is full never changes. All versions of an object are in one bucket, in order.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import ids
from ocapi.lib.ldes import pages
from ocapi.modules.linkeddata import feeds
from ocapi.modules.linkeddata.data import FeedPage, ObjectNotFound, ViewKind
from ocapi.modules.linkeddata.models import ServiceRow, VersionRow, ViewPageRow, ViewRow

BUCKETS = 8  # of a view by object; the ways to them fit in a root of 4 KB
CAUGHT_UP_AT_ONCE = 2_000  # versions of before that one transaction gives their pages
_VIEWS = tenants.Statement(
    "SELECT {v.id}, {v.kind}, {v.reached}, {v.places} FROM {v} WHERE {v.service} = %s ORDER BY {v.id}",
    v=ViewRow,
)
_REACHED = tenants.Statement(
    "UPDATE {v} SET {v.places} = %s, {v.reached} = %s WHERE {v.id} = %s", v=ViewRow
)
_ADDED = tenants.Statement(
    "UPDATE {p} SET {p.numbers} = {p.numbers} || %s"
    " WHERE {p.view} = %s AND {p.bucket} = %s AND {p.page} = %s",
    p=ViewPageRow,
)
_PAGES = tenants.Insert(ViewPageRow, "uuid", "view", "bucket", "page", "numbers")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A version as a view takes it: its number in the service, and uuid and class (term) of its object."""

    number: int
    uuid: UUID
    term: str


def take(service: ServiceRow, versions: Sequence[Numbered], *, now: datetime) -> None:
    """Give new versions, in order of number, their page in each view of the service, which is locked.

    A view that does not hold all that came before is left as it is: who makes it goes on (`catch_up`).
    """
    for view, kind, reached, places in _VIEWS.rows(service.id):
        if versions and reached == versions[0].number - 1:
            _assign(view, ViewKind(kind), places, versions, now=now)


def catch_up(service: ServiceRow, kind: ViewKind, *, now: datetime) -> int:
    """Give the next versions of before their pages; gives how many, 0 when there are none left.

    The service is locked.
    """
    found = [each for each in _VIEWS.rows(service.id) if each[1] == kind]
    for view, _kind, reached, places in found:
        rows = VersionRow.objects.filter(
            service=service, number__gt=reached, number__lte=reached + CAUGHT_UP_AT_ONCE
        ).order_by("number")
        versions = [Numbered(*each) for each in rows.values_list("number", "object__uuid", "object__term")]
        if versions:
            _assign(view, kind, places, versions, now=now)
        return len(versions)
    return 0


def _assign(view: int, kind: ViewKind, places: str, versions: Sequence[Numbered], *, now: datetime) -> None:
    opened: dict[str, list[int]] = json.loads(places)
    buckets: dict[str, list[int]] = {}
    if kind is ViewKind.OBJECTS:
        for each in versions:
            buckets.setdefault(str(each.uuid.int % BUCKETS), []).append(each.number)
    else:
        for each in versions:
            buckets.setdefault(each.term, []).append(each.number)
    made = []
    with tenants.together():
        for bucket, numbers in buckets.items():
            page, count = opened.get(bucket, (1, 0))
            while numbers:
                part, numbers = numbers[: feeds.PAGE_SIZE - count], numbers[feeds.PAGE_SIZE - count :]
                text = ",".join(map(str, part))
                if count:
                    _ADDED.later(f",{text}", view, bucket, page)
                else:
                    made.append((view, bucket, page, text))
                count += len(part)
                if count >= feeds.PAGE_SIZE:
                    page, count = page + 1, 0
            opened[bucket] = [page, count]
        uuids = ids.new_uuids(now, len(made))
        _PAGES.later([(uuid, *row) for uuid, row in zip(uuids, made, strict=True)])
        _REACHED.later(json.dumps(opened, separators=(",", ":")), versions[-1].number, view)


def root(service: ServiceRow, kind: ViewKind, *, media_type: str, base: str) -> FeedPage:
    """Give the root of a view: the way to the first page of each bucket; raises ObjectNotFound."""
    opened = _opened(_row(service, kind))
    here = address(service, kind, base)
    graph = pages.branching(
        stream=feeds.stream(service, base),
        view=here,
        shape=feeds.shape(service, base),
        firsts=[f"{here}/{quote(bucket)}/1" for bucket in opened],
    )
    tag = f"root-{len(opened)}-{feeds.subtype(media_type)}"
    return FeedPage(content=feeds.written(graph, media_type), tag=tag, is_full=False)


def page(
    service: ServiceRow, kind: ViewKind, *, bucket: str, number: int, media_type: str, base: str
) -> FeedPage:
    """Give a page of a view, 1 first in each bucket; raises ObjectNotFound for one beyond the open page."""
    row = _row(service, kind)
    opened, count = _opened(row).get(bucket, (0, 0))
    if not 1 <= number <= opened:
        raise ObjectNotFound(f"{bucket}/{number}")
    is_full = number < opened
    here, branch = address(service, kind, base), quote(bucket)
    text = feeds.text_of(
        service,
        _members(service, row, bucket, number),
        view=here,
        node=f"{here}/{branch}/{number}",
        following=f"{here}/{branch}/{number + 1}" if is_full else "",
        base=base,
    )
    last = "full" if is_full else str(count)
    tag = f"{branch}-{number}-{last}-{feeds.subtype(media_type)}"
    return FeedPage(content=feeds.sent(text, media_type), tag=tag, is_full=is_full)


def kinds(service: ServiceRow) -> tuple[ViewKind, ...]:
    """Give the views that a service has beside its feed."""
    return tuple(ViewKind(kind) for _view, kind, _reached, _places in _VIEWS.rows(service.id))


def address(service: ServiceRow, kind: ViewKind, base: str) -> str:
    """Give where a view begins."""
    return f"{base}/data/{service.code}/feeds/{kind}"


def _row(service: ServiceRow, kind: ViewKind) -> ViewRow:
    found = ViewRow.objects.filter(service=service, kind=kind.value).first()
    if found is None:
        raise ObjectNotFound(kind.value)
    return found


def _opened(view: ViewRow) -> dict[str, tuple[int, int]]:
    """Give of each bucket its open page and how many versions are on it."""
    empty = range(BUCKETS) if view.kind == ViewKind.OBJECTS else ()
    opened: dict[str, tuple[int, int]] = {str(each): (1, 0) for each in empty}
    opened |= {bucket: (opened, count) for bucket, (opened, count) in json.loads(view.places).items()}
    return opened


def _members(service: ServiceRow, view: ViewRow, bucket: str, number: int) -> Iterable[feeds.MemberRow]:
    found = ViewPageRow.objects.filter(view=view, bucket=bucket, page=number)
    numbers = found.values_list("numbers", flat=True).first()
    return feeds.rows_of(service, number__in=[int(each) for each in numbers.split(",")]) if numbers else ()
