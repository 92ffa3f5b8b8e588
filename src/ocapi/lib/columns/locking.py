"""Shuts a connection to DuckDB: it sees the files it was given and nothing else, for good.

The order matters (reliability.md 2.2): limits and paths first, then no access from outside, at last no
changing of settings.
"""

from collections.abc import Iterable
from typing import Any


def shut(connection: Any, files: Iterable[str], *, memory_mb: int, threads: int, zone: str) -> None:
    """Let a connection read these files and nothing else. Views over them come before `seal`."""
    connection.execute("SET allowed_paths=?", [sorted(set(files))])
    for setting in (
        f"memory_limit='{memory_mb}MB'",
        f"threads={threads}",
        "temp_directory=''",
        f"TimeZone='{zone}'",
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        "allow_community_extensions=false",
        "enable_external_access=false",
    ):
        connection.execute(f"SET {setting}")


def seal(connection: Any) -> None:
    """Let nobody change a setting of a connection any more."""
    connection.execute("SET lock_configuration=true")


def quoted(text: str) -> str:
    """Write a text as SQL."""
    return "'" + text.replace("'", "''") + "'"
