"""What a failure says of the place where an organization's rows and files stand: full, or not to be reached.

Neither is a defect of ours nor the caller's mistake: the edge answers 507 or 503 and says when to come back.
"""

import errno
import sqlite3
from enum import StrEnum

from django.db import Error

_FULL_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL_SQLITE = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})  # the second: of the index beside a WAL
_BUSY_SQLITE = frozenset({"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY_TIMEOUT", "SQLITE_LOCKED"})
_FULL_STATE = "53100"  # PostgreSQL, appendix A: disk_full
_AWAY_STATES = ("08", "57P", "53")  # connection exception, operator intervention, insufficient resources
_LONGEST_CHAIN = 10


class Outage(StrEnum):
    """Why nothing can be kept now."""

    FULL = "full"
    AWAY = "away"


def outage_of(failure: BaseException | None) -> Outage | None:
    """Tell which outage is behind a failure, or None when it is something else."""
    for _step in range(_LONGEST_CHAIN):
        if failure is None:
            return None
        found = _judged(failure)
        if found is not None:
            return found
        failure = failure.__cause__ or failure.__context__
    return None


def _judged(failure: BaseException) -> Outage | None:
    if isinstance(failure, sqlite3.Error):
        name = getattr(failure, "sqlite_errorname", "")
        return Outage.FULL if name in _FULL_SQLITE else Outage.AWAY if name in _BUSY_SQLITE else None
    if isinstance(failure, OSError) and failure.errno in _FULL_ERRNO:
        return Outage.FULL
    if isinstance(failure, Error) or not hasattr(failure, "sqlstate"):  # Django's twin of the driver's error
        return None
    state = failure.sqlstate
    if state == _FULL_STATE:
        return Outage.FULL
    # Without a state no server answered: psycopg tells so by the class alone.
    is_lost = state is None and type(failure).__name__ in ("OperationalError", "InterfaceError")
    return Outage.AWAY if is_lost or (state or "").startswith(_AWAY_STATES) else None
