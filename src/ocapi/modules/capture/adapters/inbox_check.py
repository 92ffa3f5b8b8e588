"""Proves the log of readings: whole segments, and no record gone that was added up."""

from collections.abc import Iterator

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import seglog
from ocapi.modules.capture import api


class InboxCheck:
    """Reads every frame of the inbox of the bound organization."""

    name = "capture"

    def findings(self) -> Iterator[str]:
        """Give a damaged segment, or records that were added up and are gone."""
        folder = tenants.folder() / "inbox"
        first, last, added_up, gone = 0, 0, api.last_added_up(), api.last_removable()
        try:
            for record in seglog.read(folder) if folder.is_dir() else ():
                first, last = first or record.sequence, record.sequence
        except seglog.CorruptSegment as damage:
            yield f"inbox/{damage}"
            return
        if first > gone + 1:
            yield f"inbox: begins at record {first}: segments before it are gone"
        if last < added_up:
            yield f"inbox: ends at record {last}, {added_up} were added up: its end was cut off"
