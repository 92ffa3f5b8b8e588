"""Offers the answers of kept questions as open data: only over datasets that are open, and only those that
somebody chose to offer.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ocapi.lib import actor as actors
from ocapi.modules.insight.api import explorer as api
from ocapi.modules.insight.data.indicators import FormulaNotRun, QueryNotFound, SavedQuery
from ocapi.modules.opendata.data import Column, ColumnKind, Offer, OfferNotFound, Table, Value
from ocapi.modules.opendata.extensions import MAX_ROWS

READER = actors.system("insight.open_questions")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_READERS: dict[ColumnKind, Callable[[str], Value]] = {
    ColumnKind.INTEGER: int,
    ColumnKind.DECIMAL: Decimal,
    ColumnKind.DAY: date.fromisoformat,
    ColumnKind.BOOLEAN: lambda text: text == "True",
}


class OpenQuestions:
    """The answer of a question is computed anew whenever opendata renews the file."""

    name = "questions"

    def list_offers(self, *, now: datetime) -> tuple[Offer, ...]:
        """Give the questions that are offered, by title."""
        return tuple(self._offer(each) for each in api.list_offered(actor=READER))

    def read(self, *, code: str, now: datetime) -> Table:
        """Give the answer of a question. Raises OfferNotFound, also when it can't be answered any more."""
        try:
            kept = api.get_query(query=UUID(code), actor=READER)
            found = api.read_offered(query=kept.uuid, most_rows=MAX_ROWS + 1, actor=READER)
        except (ValueError, QueryNotFound, FormulaNotRun):
            raise OfferNotFound(code) from None
        columns = _columns(kept)
        readers = [_READERS.get(each.kind, str) for each in columns]
        rows = tuple(
            tuple(None if cell is None else read(cell) for read, cell in zip(readers, row, strict=True))
            for row in found.rows
        )
        return Table(columns=columns, rows=rows)

    def _offer(self, kept: SavedQuery) -> Offer:
        return Offer(
            source=self.name,
            code=str(kept.uuid),
            title=kept.title,
            columns=_columns(kept),
            description=f"Antwoord op een vraag over open gegevens: {kept.title}.",
            keywords=("cijfers", "verkenner"),
            theme="GOVE",
            frequency="IRREG",
            quality="Berekend uit open gegevens van dit bestuur, opnieuw bij elk nieuw bestand.",
        )


def _columns(kept: SavedQuery) -> tuple[Column, ...]:
    return tuple(
        Column(name=_name(name, place), label=name, kind=_kind(type_))
        for place, (name, type_) in enumerate(kept.columns, start=1)
    )


def _name(name: str, place: int) -> str:
    """Write the name of a column as files do; one that can't be is called by its place."""
    return name if name.isascii() and name.isidentifier() else f"kolom_{place}"


def _kind(type_: str) -> ColumnKind:
    if type_ in _WHOLE:
        return ColumnKind.INTEGER
    if type_.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        return ColumnKind.DECIMAL
    return {"DATE": ColumnKind.DAY, "BOOLEAN": ColumnKind.BOOLEAN}.get(type_, ColumnKind.TEXT)
