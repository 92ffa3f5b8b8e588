"""The rows of a table as things of the web of data: who each is about, and what it says. Pure.

A row is about what its subject column names, else about itself. Columns with `within` describe a thing that
the property leads to: what stands in the same place of those columns is said of one thing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocapi.lib.geo.reading import WKT_LITERAL
from ocapi.lib.rdf.graph import STRING, XSD
from ocapi.modules.opendata.data import SEPARATOR, Column, ColumnKind, Table, Value

DATATYPES = {
    ColumnKind.INTEGER: f"{XSD}integer",
    ColumnKind.DECIMAL: f"{XSD}decimal",
    ColumnKind.LONGITUDE: f"{XSD}decimal",
    ColumnKind.LATITUDE: f"{XSD}decimal",
    ColumnKind.DAY: f"{XSD}date",
    ColumnKind.INSTANT: f"{XSD}dateTime",
    ColumnKind.BOOLEAN: f"{XSD}boolean",
    ColumnKind.GEOMETRY: WKT_LITERAL,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One value of a property. column: what it is of; its datatype and name follow from it."""

    column: Column
    text: str

    @property
    def is_link(self) -> bool:
        """Tell whether the value names a thing."""
        return self.column.kind is ColumnKind.LINK

    @property
    def datatype(self) -> str:
        """Give the datatype of the text."""
        return DATATYPES.get(self.column.kind, STRING)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing within a row. property: what leads to it. name: its IRI, empty when it has none."""

    property: str
    term: str
    name: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """What a row says. name: IRI of what it is about."""

    name: str
    said: tuple[Said, ...]
    things: tuple[Thing, ...]


def predicate(column: Column, iri: str) -> str:
    """Give the property a column is written as."""
    return column.iri or f"{iri}#kolom-{column.name}"


def parts(value: Value, column: Column, write: Callable[[Value], str]) -> list[str]:
    """Give the values in a cell as texts; an empty one keeps the place of a thing within that lacks it."""
    if value is None:
        return []
    return write(value).split(SEPARATOR) if column.is_several else [write(value)]


def described(table: Table, iri: str, write: Callable[[Value], str]) -> Iterator[Described]:
    """Give what each row says. iri: of the dataset, by which rows without a subject are named."""
    subject = next((place for place, each in enumerate(table.columns) if each.is_subject), None)
    groups: dict[str, list[int]] = {}
    for place, each in enumerate(table.columns):
        if each.within:
            groups.setdefault(each.within, []).append(place)
    links = {
        each.iri: place
        for place, each in enumerate(table.columns)
        if each.iri in groups and not each.within and each.kind is ColumnKind.LINK
    }
    simple = [
        (place, each)
        for place, each in enumerate(table.columns)
        if place != subject and not each.within and place not in links.values()
    ]
    for number, row in enumerate(table.rows, start=1):
        name = row[subject] if subject is not None else None
        yield Described(
            name=name if isinstance(name, str) else f"{iri}#rij-{number}",
            said=tuple(
                Said(column, text)
                for place, column in simple
                for text in parts(row[place], column, write)
                if text or not column.is_several
            ),
            things=tuple(
                thing
                for leads, places in groups.items()
                for thing in _things(table, row, leads, places, links.get(leads), write)
            ),
        )


def _things(
    table: Table,
    row: tuple[Value, ...],
    leads: str,
    places: list[int],
    link: int | None,
    write: Callable[[Value], str],
) -> Iterator[Thing]:
    columns = table.columns
    cells = {at: parts(row[at], columns[at], write) for at in (*places, *(() if link is None else (link,)))}
    term = columns[places[0]].name.partition(".")[0] if link is None else columns[link].name
    for number in range(max(map(len, cells.values()), default=0)):
        said = [
            Said(columns[at], cells[at][number])
            for at in places
            if number < len(cells[at]) and cells[at][number]
        ]
        name = cells[link][number] if link is not None and number < len(cells[link]) else ""
        if name or said:
            yield Thing(leads, term, name, tuple(said))
