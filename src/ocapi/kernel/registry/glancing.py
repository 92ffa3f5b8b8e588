"""Looks at organizations: what was changed by hand is not served as good.

Cheap, and bounded in time: the newest signed head against the log, a sample of the documents, the tables of
the release. When the worker starts, on SQLite, as much of `PRAGMA quick_check` as fits; on its rounds, one
block of the log after the other. `verifying` looks at all of it. Not found here: what no sample held yet, and
the newest leaves and heads taken away together.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice

from django.db import DatabaseError, connection

from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.registry import verifying
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Engine, NotThisRelease, State, Tenant, UnknownTenant
from ocapi.lib import clock

log = logging.getLogger(__name__)

QUICK_CHECK = timedelta(seconds=1)
ALL_OF_THEM = timedelta(seconds=60)
A_STRETCH = timedelta(milliseconds=100)  # of a round
BLOBS, BLOBS_ON_ROUNDS = 32, 2
LARGEST_HASHED = 1 << 20  # bytes; of a larger document only the size is looked at
MOST_LINES = 20
STEPS = 20_000  # of SQLite's machine between two looks at the clock: some milliseconds


def glance_at_all(*, now: datetime, is_stopping: Callable[[], bool]) -> dict[str, tuple[str, ...]]:
    """Look at every organization that is served and withhold what was changed; gives what was found.

    They take turns in going first: what does not fit in `ALL_OF_THEM` is left for the next start and said.
    """
    served = [each for each in tenants.list_tenants() if each.state is State.ACTIVE]
    first = int(now.timestamp()) % max(len(served), 1)
    until, found = clock.monotonic() + ALL_OF_THEM.total_seconds(), {}
    for place, tenant in enumerate(in_turn := served[first:] + served[:first]):
        if is_stopping():
            break
        if clock.monotonic() > until:
            log.warning("organizations not looked at", extra={"count": len(in_turn) - place})
            break
        if wrong := _glance(tenant, now):
            found[tenant.key] = wrong
    return found


class Rounds:
    """Looks at organizations while they are served, a few at each call, all of them in turn."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._round = -1

    def go_on(self, *, now: datetime) -> dict[str, tuple[str, ...]]:
        """Look at as many as fit in `A_STRETCH`, at one at least, and withhold those that were changed; gives
        what was found.
        """
        until, found = clock.monotonic() + A_STRETCH.total_seconds(), {}
        served = {each.key: each for each in tenants.list_tenants() if each.state is State.ACTIVE}
        if not self._waiting:
            self._waiting = list(served)
            self._round += 1
        while self._waiting:
            tenant = served.get(self._waiting.pop())
            if tenant is not None and (wrong := _glance(tenant, now, self._round)):
                found[tenant.key] = wrong
            if clock.monotonic() > until:
                break
        return found


def _glance(tenant: Tenant, now: datetime, on_round: int | None = None) -> tuple[str, ...]:
    try:
        with tenants.bind_tenant(tenant):
            found = tuple(islice(_findings(tenant, now, on_round), MOST_LINES))
    except (DatabaseError, OSError) as failure:
        tenants.close_connections()
        if outage := tenants.outage_of(failure):
            log.warning("look put off", extra={"tenant": tenant.key, "outage": outage.value})
            return ()
        found = (f"database: can't be read: {failure}",)
    if not found or not _is_served(tenant):
        return ()
    tenants.withhold(tenant, "\n".join(found))
    for line in found:
        log.error("changed by hand: not served", extra={"tenant": tenant.key, "finding": line})
    return found


def _is_served(tenant: Tenant) -> bool:
    """Tell whether it still stands as it was listed: somebody may be moving or deleting it meanwhile."""
    try:
        now = tenants.by_key(tenant.key)
    except UnknownTenant:
        return False
    return (now.state, now.engine) == (State.ACTIVE, tenant.engine)


def _findings(tenant: Tenant, now: datetime, on_round: int | None) -> Iterator[str]:
    if tenant.engine is Engine.SQLITE:
        if not (tenants.folder() / "db.sqlite").is_file():  # to open it would make an empty one
            yield "db.sqlite: is gone"
            return
        if on_round is None and (damaged := tuple(_of_pages())):
            yield from damaged
            return
    try:
        tenants.require_this_release()
    except NotThisRelease as other:  # the other release may be serving it meanwhile: no hand did this
        log.warning("of another release", extra={"tenant": tenant.key, "difference": str(other)})
        return
    there = tenants.present_tables()
    if gone := [each.name for each in tenants.list_tables() if each.name not in there]:
        yield from (f"database: the table {name} is gone" for name in gone)
        return
    yield from audit.list_head_damage()
    if on_round is not None:
        yield from audit.list_block_damage(turn=on_round)
    yield from _of_blobs(now, BLOBS if on_round is None else BLOBS_ON_ROUNDS)


def _of_pages() -> Iterator[str]:
    until = clock.monotonic() + QUICK_CHECK.total_seconds()
    connection.ensure_connection()
    raw = connection.connection
    raw.set_progress_handler(lambda: clock.monotonic() > until, STEPS)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA quick_check({MOST_LINES})")
            yield from (f"database: {row[0]}" for row in cursor.fetchall() if row[0] != "ok")
    except DatabaseError as failure:
        if getattr(failure.__cause__, "sqlite_errorname", "") != "SQLITE_INTERRUPT":
            raise
    finally:
        raw.set_progress_handler(None, 0)


def _of_blobs(now: datetime, most: int) -> Iterator[str]:
    """Look at some documents, from another place in the order of their hashes each time."""
    home, since = tenants.folder(), f"{now.microsecond % 256:02x}"
    in_turn = chain(files.list_blobs(since=since), files.list_blobs())
    for sha256, size, path in dict.fromkeys(islice(in_turn, most)):  # once each, where there are few
        if size <= LARGEST_HASHED:
            wrong = tuple(verifying.of_blob(path, sha256, size, home))
        else:
            wrong = () if path.is_file() and path.stat().st_size == size else (
                f"{path.relative_to(home)}: is gone or its size has changed",
            )
        is_kept = wrong and next(files.list_blobs(since=sha256), ("",))[0] == sha256  # not just taken away
        yield from wrong if is_kept else ()
