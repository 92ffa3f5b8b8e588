"""Views of a feed: its versions divided over pages in another way than by number."""

from datetime import datetime

from django.db import transaction

from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import fragments, queries, reaching, services
from ocapi.modules.linkeddata.data import Access, FeedPage, ServiceNotFound, ViewKind
from ocapi.modules.linkeddata.models import ViewRow


def add_view(*, service: str, kind: ViewKind, now: datetime) -> int:
    """Give the feed of a service one more view; gives how many versions of before got their page in it.

    For an operator, so no policy is asked. Versions of before are taken in many short transactions, so that
    others can write meanwhile; one that was stopped goes on when it is asked again, and a view that is there
    is left as it is. Raises ServiceNotFound, also for a service about persons, which has no feed.
    """
    if queries.service_row(service).access == Access.PERSONAL:
        raise ServiceNotFound(service)
    with transaction.atomic():
        held = services.locked(service)
        ViewRow.objects.get_or_create(service=held, kind=kind.value, defaults={"uuid": ids.new_uuid(now)})
    taken = 0
    while True:
        with transaction.atomic():
            some = fragments.catch_up(services.locked(service), kind, now=now)
        if not some:
            return taken
        taken += some


def list_views(*, service: str, actor: Actor) -> tuple[ViewKind, ...]:
    """Give the views that the feed of a service has; none for a service about persons."""
    row = queries.service_row(service)
    return () if row.access == Access.PERSONAL else fragments.kinds(reaching.readable(service, actor))


def get_view(*, service: str, kind: ViewKind, media_type: str, actor: Actor) -> FeedPage:
    """Give the root of a view; raises NotAllowed, ServiceNotFound, ObjectNotFound without that view."""
    row = reaching.published(service, actor)
    return fragments.root(row, kind, media_type=media_type, base=reaching.base())


def get_view_page(
    *, service: str, kind: ViewKind, bucket: str, number: int, media_type: str, actor: Actor
) -> FeedPage:
    """Give a page of a bucket of a view, 1 first; raises ObjectNotFound beyond the last."""
    row = reaching.published(service, actor)
    return fragments.page(
        row, kind, bucket=bucket, number=number, media_type=media_type, base=reaching.base()
    )
