"""Facts of insight: figures over twelve complete months, in which small groups are hidden already.

Only such windows travel, one a month: figures of single months beside them would let a reader subtract, and
a small month would follow from two large windows.
"""

from ocapi.lib.envelope import Fact, event
from ocapi.modules.insight.data import PublishedFigures


@event("be.ocapi.insight.figures.published.v1")
class FiguresPublished(Fact):
    """Emitted when a municipality has counted a complete month, with the twelve months up to it.

    Once a month; not when it has fewer than twelve complete months, and not when a count is corrected later.
    until: the last month, `2026-10`. total and domains: a hidden count is absent.
    """

    until: str
    name: str
    total: PublishedFigures
    domains: tuple[PublishedFigures, ...]


@event("be.ocapi.insight.comparison.published.v1")
class ComparisonPublished(Fact):
    """Emitted when a collective took in newer figures of a member, for its other members to compare with.

    Not when it knew them already, and not when it took in a comparison itself. member: IRI of who published.
    """

    member: str
    until: str
    name: str
    total: PublishedFigures
    domains: tuple[PublishedFigures, ...]
