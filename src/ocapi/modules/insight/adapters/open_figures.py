"""Offers the figures that the organization shares with its peers as open data."""

from datetime import datetime

from ocapi.lib import actor as actors
from ocapi.modules.insight import api
from ocapi.modules.insight.data import TOTAL
from ocapi.modules.opendata.data import Column, ColumnKind, Offer, OfferNotFound, Table, Value

READER = actors.system("insight.open_figures")
CODE = "aanvragen-per-domein"
COLUMNS = (
    Column(name="tot_en_met", label="Twaalf maanden tot en met", kind=ColumnKind.DAY),
    Column(name="domein", label="Domein", is_group=True),
    Column(name="aanvragen", label="Aanvragen", kind=ColumnKind.INTEGER, is_count=True),
    Column(name="digitaal", label="Digitaal ingediend", kind=ColumnKind.INTEGER, is_count=True),
    Column(name="beslist", label="Beslist", kind=ColumnKind.INTEGER, is_count=True),
    Column(name="binnen_termijn", label="Binnen de termijn", kind=ColumnKind.INTEGER, is_count=True),
)


class OpenFigures:
    """Requests by domain over twelve complete months: the very figures that peers get, and no others.

    Shorter periods or single services beside them would let a reader subtract.
    """

    name = "insight"

    def list_offers(self, *, now: datetime) -> tuple[Offer, ...]:
        """Give the one offer, once twelve complete months were published to peers."""
        if not self._rows(now):
            return ()
        return (
            Offer(
                source=self.name,
                code=CODE,
                title="Aanvragen aan het loket per domein",
                columns=COLUMNS,
                description="Hoeveel aanvragen het bestuur kreeg en besliste, per domein, in een jaar. "
                "Kleine aantallen staan er niet in.",
                keywords=("dienstverlening", "aanvragen", "cijfers"),
                theme="GOVE",
                frequency="MONTHLY",
                is_aggregate=True,
                is_local=True,
                quality="Aantallen onder vijf zijn weggelaten, met wat ze verraadt.",
            ),
        )

    def read(self, *, code: str, now: datetime) -> Table:
        """Give a domain per row; a count that is hidden is empty."""
        rows = self._rows(now)
        if code != CODE or not rows:
            raise OfferNotFound(code)
        return Table(columns=COLUMNS, rows=rows)

    def _rows(self, now: datetime) -> tuple[tuple[Value, ...], ...]:
        rows: list[tuple[Value, ...]] = []
        titles = {each.code: each.title for each in api.list_domains()}
        for code, title in sorted(titles.items(), key=lambda each: each[1]):
            rows += [
                (
                    own.until,
                    title,
                    own.figures.received,
                    own.figures.digital,
                    own.figures.decided,
                    own.figures.in_term,
                )
                for own in api.list_comparison(domain=code, actor=READER, now=now)
                if own.is_own and code != TOTAL
            ]
        return tuple(rows)
