"""Statements that are written once: names come from the models, values go in as parameters only.

For the few operations that run so often that building the same query anew is what they would cost. A name
that a model no longer has fails when the text is made; a test makes them all.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from ocapi.kernel.tenants.sqlite import with_qmarks

MAX_VALUES = 900  # in one statement; SQLite's own limit was 999 for long
Row = tuple[Any, ...]
T = TypeVar("T")
_HELD = "ocapi_statement_cursor"
_WAITING = "ocapi_statements_waiting"
_DRIVER = "ocapi_statement_driver"


class _Named:
    """A model's names, quoted: as text its table, by field its columns."""

    def __init__(self, model: type[models.Model]) -> None:
        self._model = model

    def __str__(self) -> str:
        return connection.ops.quote_name(self._model._meta.db_table)

    def __getattr__(self, field: str) -> str:
        return connection.ops.quote_name(column_of(self._model, field))


def column_of(model: type[models.Model], field: str) -> str:
    """Give the column of a field; raises FieldDoesNotExist."""
    column = model._meta.get_field(field).column  # type: ignore[union-attr]
    assert isinstance(column, str)
    return column


class Text:
    """A statement as Django takes it, and as SQLite itself does.

    has_single: its lists stand for their one value.
    """

    __slots__ = ("has_single", "of_sqlite", "text")

    def __init__(self, text: str, *, has_single: bool = False) -> None:
        self.text = text
        self.of_sqlite = with_qmarks(text)
        self.has_single = has_single


class Statement:
    """One text for both databases.

    In it `{name}` is the table of a model and `{name.field}` a column; `{among}` compares with a list of
    numbers or uuids that is one parameter. locks: alias whose rows stay locked until the transaction ends,
    where there is more than one writer, perhaps with SKIP LOCKED.
    """

    def __init__(self, text: str, *, locks: str = "", **named: type[models.Model]) -> None:
        self._text = text
        self._has_among = "{among}" in text
        self._locks = locks
        self._named = named
        self._texts: dict[tuple[str, bool], Text] = {}

    def text(self, vendor: str) -> str:
        """Give the text for a kind of database."""
        return self._made(vendor, ()).text

    def run(self, *values: Any) -> int:
        """Do it; gives how many rows it touched."""
        bound = connections[DEFAULT_DB_ALIAS]
        return int(_execute(bound, self._made(bound.vendor, values), values).rowcount)

    def later(self, *values: Any) -> None:
        """Do it, inside `together` perhaps only at its end."""
        bound = connections[DEFAULT_DB_ALIAS]
        _execute_later(bound, self._made(bound.vendor, values), values)

    def rows(self, *values: Any) -> list[Row]:
        """Give what it finds."""
        bound = connections[DEFAULT_DB_ALIAS]
        return _found(bound, self._made(bound.vendor, values), values)

    def row(self, *values: Any) -> Row | None:
        """Give the first it finds, or None."""
        found = self.rows(*values)
        return found[0] if found else None

    def _made(self, vendor: str, values: Sequence[Any]) -> Text:
        # a list of one is the usual one, and SQLite unpacks each list in a table of its own
        is_single = self._has_among and all(len(each) == 1 for each in values if each.__class__ is list)
        known = self._texts.get((vendor, is_single))
        if known is None:
            is_sqlite = vendor == "sqlite"
            unpacked = "= %s" if is_single else "IN (SELECT value FROM json_each(%s))"
            text = self._text.format(
                among=unpacked if is_sqlite else "= ANY(%s)",
                **{name: _Named(model) for name, model in self._named.items()},
            )
            if self._locks and not is_sqlite:
                text += f" FOR UPDATE OF {self._locks}"
            self._texts[vendor, is_single] = known = Text(
                text, has_single=is_single and is_sqlite
            )
        return known


class Insert:
    """Rows of one model, many in one statement. ending: what follows the values, such as RETURNING."""

    def __init__(self, model: type[models.Model], *fields: str, ending: str = "") -> None:
        self.model = model
        self.fields = fields
        self._ending = ending
        self._most = MAX_VALUES // len(fields)
        self._texts: dict[tuple[str, int], Text] = {}

    def text(self, vendor: str, count: int = 1) -> str:
        """Give the text for a kind of database and a number of rows."""
        return self._made(vendor, count).text

    def run(self, rows: Sequence[Row]) -> None:
        """Insert rows, in order."""
        self._each(rows, _execute)

    def later(self, rows: Sequence[Row]) -> None:
        """Insert rows, in order, inside `together` perhaps only at its end; never with an answer to read."""
        assert "RETURNING" not in self._ending
        self._each(rows, _execute_later)

    def one(self, row: Row) -> Row:
        """Insert a row and give what the ending returns."""
        bound = connections[DEFAULT_DB_ALIAS]
        return _found(bound, self._made(bound.vendor, 1), row)[0]

    def many(self, rows: Sequence[Row]) -> list[Row]:
        """Insert rows and give what the ending returns for each, in any order."""
        return [found for each in self._each(rows, _found) for found in each]

    def _each(self, rows: Sequence[Row], send: Callable[[Any, Text, Sequence[Any]], T]) -> list[T]:
        bound = connections[DEFAULT_DB_ALIAS]
        sent = []
        for start in range(0, len(rows), self._most):
            some = rows[start : start + self._most]
            values = [value for row in some for value in row]
            sent.append(send(bound, self._made(bound.vendor, len(some)), values))
        return sent

    def _made(self, vendor: str, count: int) -> Text:
        known = self._texts.get((vendor, count))
        if known is None:
            names = _Named(self.model)
            columns = ", ".join(getattr(names, each) for each in self.fields)
            places = f"({', '.join(['%s'] * len(self.fields))})"
            text = f"INSERT INTO {names} ({columns}) VALUES {', '.join([places] * count)}"
            self._texts[vendor, count] = known = Text(text + self._ending.format(t=names))
        return known


def _execute(bound: BaseDatabaseWrapper, made: Text, values: Sequence[Any]) -> Any:
    """Do it, and give the cursor with what came of it."""
    waiting = bound.__dict__.get(_WAITING)
    if bound.vendor != "sqlite" and not _is_watched(bound):
        held = [*(waiting or ()), (made, values)]  # what waits goes along
        if waiting:
            waiting.clear()
        return _send_prepared(bound, held)
    if waiting:
        _flush(bound, waiting)
    if bound.vendor == "sqlite":
        return _execute_each(bound, [(made, values)])
    cursor = _cursor(bound)
    cursor.execute(made.text, values)
    return cursor


def _execute_each(bound: BaseDatabaseWrapper, held: list[tuple[Text, Sequence[Any]]]) -> Any:
    """Do these on SQLite, one after the other; gives the cursor with what came of the last."""
    driver, cursor = _driver(bound), None
    if driver is None:
        for made, values in held:
            cursor = _cursor(bound)
            cursor.execute(made.text, _as_sqlite(made, values))
        return cursor
    bound.validate_no_broken_transaction()
    with bound.wrap_database_errors:
        for made, values in held:
            driver.execute(made.of_sqlite, _as_sqlite(made, values))
    return driver


def _as_sqlite(made: Text, values: Sequence[Any]) -> list[Any]:
    if made.has_single:
        values = [value[0] if value.__class__ is list else value for value in values]
    given, instants = list[Any](), dict[datetime, str]()  # the rows of a batch have one instant
    for value in values:
        kind = value.__class__
        if kind is datetime:
            text = instants.get(value)
            if text is None:
                text = instants[value] = _instant_text(value)
            given.append(text)
        else:
            given.append(_SQLITE[kind](value) if kind in _SQLITE else value)
    return given


def _found(bound: BaseDatabaseWrapper, made: Text, values: Sequence[Any]) -> list[Row]:
    cursor = _execute(bound, made, values)
    with bound.wrap_database_errors:  # SQLite finds some of its errors while rows are read
        return cursor.fetchall()  # type: ignore[no-any-return]


def _driver(bound: BaseDatabaseWrapper) -> sqlite3.Cursor | None:
    """Give SQLite's own cursor, where nobody wants to see each statement go by.

    A step has a dozen small statements: Django's way there costs as much as SQLite's work.
    """
    if _is_watched(bound):
        return None
    held = bound.__dict__.get(_DRIVER)
    if held is None or held[0] is not bound.connection:
        held = bound.__dict__[_DRIVER] = (bound.connection, bound.connection.cursor())
    return held[1]  # type: ignore[no-any-return]


def _is_watched(bound: BaseDatabaseWrapper) -> bool:
    return bool(bound.execute_wrappers or bound.force_debug_cursor or bound.connection is None)


def _send_prepared(bound: BaseDatabaseWrapper, held: list[tuple[Text, Sequence[Any]]]) -> Any:
    """Do these on PostgreSQL in one way there and back, each planned once; gives the cursor of the last."""
    from ocapi.kernel.tenants import postgres

    bound.validate_no_broken_transaction()
    with bound.wrap_database_errors:
        return postgres.send_prepared(bound.connection, [(made.text, values) for made, values in held])


@contextmanager
def together() -> Iterator[None]:
    """Keep what is done `later` inside this block until its end, and send it then: to a server as one text.

    What finds or counts something sends all before it first, so that order stays as it is written.
    """
    bound = connections[DEFAULT_DB_ALIAS]
    if _WAITING in bound.__dict__:
        yield
        return
    waiting: list[tuple[Text, Sequence[Any]]] = []
    bound.__dict__[_WAITING] = waiting
    try:
        yield
        _flush(bound, waiting)
    finally:
        del bound.__dict__[_WAITING]


def _execute_later(bound: BaseDatabaseWrapper, made: Text, values: Sequence[Any]) -> None:
    waiting = bound.__dict__.get(_WAITING)
    if waiting is None:
        _execute(bound, made, values)
    else:
        waiting.append((made, values))


def _flush(bound: BaseDatabaseWrapper, waiting: list[tuple[Text, Sequence[Any]]]) -> None:
    if not waiting:
        return
    held = list(waiting)
    waiting.clear()
    if bound.vendor == "sqlite":
        _execute_each(bound, held)
        return
    if not _is_watched(bound):
        _send_prepared(bound, held)
        return
    texts = "; ".join(made.text for made, _values in held)
    _cursor(bound).execute(texts, [value for _text, values in held for value in values])


def _cursor(bound: BaseDatabaseWrapper) -> CursorWrapper:
    """Give a cursor: the same one as long as its connection is open, as every answer is read to its end."""
    held = bound.__dict__.get(_HELD)
    if held is not None and held[0] is bound.connection and not bound.queries_logged:
        return held[1]  # type: ignore[no-any-return]
    cursor: CursorWrapper = bound.cursor()
    if not bound.queries_logged:
        bound.__dict__[_HELD] = (bound.connection, cursor)
    return cursor


def _instant_text(value: datetime) -> str:
    universal = value if value.tzinfo is UTC else value.astimezone(UTC)
    return universal.isoformat(" ")[:-6]  # without "+00:00", as Django's own columns hold it


def _list_text(values: Sequence[Any]) -> str:
    return json.dumps(values, default=lambda value: value.hex)


_SQLITE: dict[type, Callable[[Any], Any]] = {
    UUID: lambda value: f"{value.int:032x}", datetime: _instant_text, list: _list_text, tuple: _list_text,
    date: date.isoformat,
}


def uuid(value: object) -> UUID:
    """Read a uuid column."""
    return value if isinstance(value, UUID) else UUID(hex=str(value))


def instant(value: datetime) -> datetime:
    """Read a column of instants."""
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
