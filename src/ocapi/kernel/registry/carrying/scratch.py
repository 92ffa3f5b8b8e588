"""A folder for work in progress, in the data folder; what a dead process left is cleared by the next."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ocapi.lib import durable, ids


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder that is gone when the block ends."""
    home = Path(settings.OCAPI.data) / "scratch"
    durable.make_directory(home)
    for left in home.iterdir():
        if not _is_running(left.name.partition("-")[0]):
            durable.remove_tree(left)
    made = home / f"{os.getpid()}-{ids.token(6)}"
    durable.make_directory(made)
    try:
        yield made
    finally:
        durable.remove_tree(made)


def _is_running(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
