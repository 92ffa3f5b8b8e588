"""Dashboards that people compose of indicators, as others may know them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_TILES = 24
LONGEST_TITLE = 120
LONGEST_LEAD = 400
SPANS = (0, 1, 2, 5, 10)  # years; 0 is everything there is


class Shape(StrEnum):
    """What a tile shows of its indicator: the newest number, its course, its parts, similar municipalities,
    or all municipalities on a map.
    """

    NUMBER = "number"
    LINE = "line"
    PARTS = "parts"
    PEERS = "peers"
    MAP = "map"


class Size(StrEnum):
    """How wide a tile is on a large screen: a quarter, a half or the whole; on a small one always whole."""

    SMALL = "small"
    HALF = "half"
    FULL = "full"


class Role(StrEnum):
    """For whom a start page is; none for any other dashboard."""

    NONE = ""
    DATA_OFFICER = "dataOfficer"
    ALDERMAN = "alderman"
    DOMAIN_OFFICER = "domainOfficer"
    CITIZEN = "citizen"


class Audience(StrEnum):
    """Who sees what was published: nobody yet, the desk, or everybody."""

    NOBODY = "nobody"
    INSIDE = "inside"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile. title: empty for that of the indicator. years: of SPANS. area: NIS code, empty for the own
    municipality.
    """

    indicator: str
    shape: Shape = Shape.NUMBER
    size: Size = Size.SMALL
    title: str = ""
    years: int = 0
    area: str = ""

    def __post_init__(self) -> None:
        if self.years not in SPANS or len(self.title) > LONGEST_TITLE:
            raise ValueError(f"{self.indicator}: years of {SPANS}, a title of at most {LONGEST_TITLE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a dashboard holds, tiles in the order they are read."""

    title: str
    lead: str = ""
    tiles: tuple[Tile, ...] = ()

    def __post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > LONGEST_TITLE or len(self.lead) > LONGEST_LEAD:
            raise ValueError(f"a title of 1 to {LONGEST_TITLE} characters, a lead of at most {LONGEST_LEAD}")
        if len(self.tiles) > MOST_TILES:
            raise ValueError(f"at most {MOST_TILES} tiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedDashboard:
    """A dashboard of a content pack, published as it is; one that was edited here is left alone."""

    code: str
    role: Role
    audience: Audience
    layout: Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A dashboard. draft: the newest that was kept. published: what readers see, None when nothing was.

    revision: counts the changes; whoever saves tells the one that was read. is_own: made or edited here.
    """

    code: str
    draft: Layout
    published: Layout | None
    audience: Audience
    role: Role
    revision: int
    is_own: bool
    saved_at: datetime
    published_at: datetime | None

    @property
    def has_changes(self) -> bool:
        """Tell whether the draft differs from what readers see."""
        return self.published != self.draft


class DashboardNotFound(LookupError):
    """No dashboard of that code, or not one this reader may see."""


class ChangedMeanwhile(RuntimeError):
    """Somebody else saved after this draft was read; nothing was written. revision: the newest one."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"revision {revision} was saved")
        self.revision = revision


class NotOpen(ValueError):
    """Tiles whose indicator is not open, so the dashboard can't be shown to everybody. codes: which ones."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)
        super().__init__(", ".join(self.codes))


class NothingToShow(ValueError):
    """A dashboard without tiles can't be published."""
