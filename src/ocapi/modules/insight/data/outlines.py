"""The outlines of municipalities that maps draw, as others may know them."""

from dataclasses import dataclass
from datetime import datetime

LARGEST_UPLOAD = 8 << 20  # bytes a screen takes; the command takes larger files
LARGEST_FILE = 48 << 20  # bytes, from the command line
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A municipality of today as a map draws it. box: left, top, right, bottom in the units of the path."""

    nis: str
    path: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineSet:
    """The outlines there are. source: whom the borders are of; loaded_at: None without any."""

    outlines: tuple[Outline, ...] = ()
    source: str = ""
    loaded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinesTaken:
    """What an import did. others: areas of the file that are no Flemish municipality, left out."""

    count: int
    others: int


class OutlinesNotTaken(ValueError):
    """A file with outlines is not taken. reason: a code of lib.geo.outlines, or sourceMissing; what: the part
    that is meant.
    """

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(f"{reason}: {what}" if what else reason)
        self.reason, self.what = reason, what
