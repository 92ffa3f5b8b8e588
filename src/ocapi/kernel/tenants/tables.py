"""The tables of the bound organization as lines of JSON: the same text from SQLite and from PostgreSQL."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Cast

from ocapi.kernel.tenants.data import Column, ColumnKind, NotThisRelease, RowRefused, Table
from ocapi.lib import codec

READ_ROWS = 1000  # fetched from a database at a time
LOAD_ROWS = 500  # handed to a database at a time
LARGEST_ROW = 64 << 20
MOST_MEMBERS = 1_000_000  # of all objects in one row


KINDS = {
    "AutoField": ColumnKind.INTEGER, "BigAutoField": ColumnKind.INTEGER, "SmallAutoField": ColumnKind.INTEGER,
    "IntegerField": ColumnKind.INTEGER, "BigIntegerField": ColumnKind.INTEGER,
    "SmallIntegerField": ColumnKind.INTEGER, "PositiveIntegerField": ColumnKind.INTEGER,
    "PositiveBigIntegerField": ColumnKind.INTEGER, "PositiveSmallIntegerField": ColumnKind.INTEGER,
    "FloatField": ColumnKind.NUMBER, "DecimalField": ColumnKind.DECIMAL, "BooleanField": ColumnKind.BOOLEAN,
    "CharField": ColumnKind.TEXT, "TextField": ColumnKind.TEXT, "SlugField": ColumnKind.TEXT,
    "FileField": ColumnKind.TEXT, "GenericIPAddressField": ColumnKind.TEXT,
    "DateTimeField": ColumnKind.INSTANT, "DateField": ColumnKind.DAY, "UUIDField": ColumnKind.UUID,
    "BinaryField": ColumnKind.BYTES, "JSONField": ColumnKind.JSON,
}
"""By the name Django gives a column type; a type that is missing here fails a test."""


def _models() -> dict[str, type[models.Model]]:
    found = {
        model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label != "tenants" and model._meta.managed and not model._meta.proxy
    }
    return dict(sorted(found.items()))


def kind_of(field: Any) -> ColumnKind:
    """Give what a column holds; raises KeyError for a type of column that nobody said how to write."""
    while field.is_relation:
        field = field.target_field
    return KINDS[field.get_internal_type()]


def list_tables() -> tuple[Table, ...]:
    """Give every table an organization has, by name; that of applied migrations is not among them."""
    return tuple(_described(model) for model in _models().values())


def _described(model: type[models.Model]) -> Table:
    meta = model._meta
    meaning = (model.__doc__ or "").strip().partition("\n\n")[0].split()
    assert meta.pk is not None
    return Table(
        name=meta.db_table, key=str(meta.pk.column),
        meaning="" if meaning[:1] == [f"{model.__name__}({meta.fields[0].attname},"] else " ".join(meaning),
        columns=tuple(
            Column(
                name=str(field.column), kind=kind_of(field), is_required=not field.null,
                references=_target(field), personal=getattr(getattr(field, "personal", None), "category", ""),
            )
            for field in meta.local_concrete_fields
        ),
    )


def _target(field: Any) -> str:
    if not field.is_relation:
        return ""
    return f"{field.target_field.model._meta.db_table}.{field.target_field.column}"


def present_tables() -> frozenset[str]:
    """Give the names of the tables the bound organization has now."""
    return frozenset(connections[DEFAULT_DB_ALIAS].introspection.table_names())


def applied_migrations() -> tuple[str, ...]:
    """Give the migrations the bound organization has had, as `app.name`, by name."""
    recorder = MigrationRecorder(connections[DEFAULT_DB_ALIAS])
    return tuple(sorted(f"{app}.{name}" for app, name in recorder.applied_migrations()))


def require_this_release(known: Iterable[str]) -> None:
    """Raise NotThisRelease unless the bound organization has had exactly these migrations."""
    differing = set(known) ^ set(applied_migrations())
    if differing:
        raise NotThisRelease(tuple(sorted(differing)))


@contextmanager
def reading_snapshot() -> Iterator[None]:
    """Show one state of the bound organization during a block and refuse to write; writers go on."""
    bound: Any = connections[DEFAULT_DB_ALIAS]
    bound.ensure_connection()
    if bound.vendor != "sqlite":
        with transaction.atomic(), bound.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    usual = bound.transaction_mode
    bound.transaction_mode = "DEFERRED"  # IMMEDIATE would keep writers out for as long as it takes
    try:
        with bound.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()  # its first read sets the state
            cursor.execute("PRAGMA query_only = on")
            try:
                yield
            finally:
                cursor.execute("PRAGMA query_only = off")
    finally:
        bound.transaction_mode = usual


@contextmanager
def held() -> Iterator[None]:
    """Keep every other writer out of the bound organization during a block, in one transaction."""
    bound = connections[DEFAULT_DB_ALIAS]
    with transaction.atomic():  # SQLite's begins IMMEDIATE, which is all it takes
        if bound.vendor != "sqlite":
            names = ", ".join(bound.ops.quote_name(name) for name in _models())
            with bound.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        yield


def make_useless() -> None:
    """Inside `held`: leave the bound organization's old database so that whoever writes to it fails."""
    bound = connections[DEFAULT_DB_ALIAS]
    with bound.cursor() as cursor:
        if bound.vendor != "sqlite":
            cursor.execute("SELECT current_schema()")
            (schema,) = cursor.fetchone()
            cursor.execute(f"DROP SCHEMA {bound.ops.quote_name(schema)} CASCADE")
            return
        # Dropping a hundred tables would check their references; the file is thrown away after this.
        (version,) = cursor.execute("PRAGMA schema_version").fetchone()
        cursor.execute("PRAGMA writable_schema = on")
        cursor.execute("DELETE FROM sqlite_master")
        cursor.execute(f"PRAGMA schema_version = {version + 1}")


def read_rows(table: str) -> Iterator[bytes]:
    """Give each row as one line of JSON without its line feed, by primary key; NULL is left out."""
    model = _models()[table]
    fields = model._meta.local_concrete_fields
    kinds = [kind_of(field) for field in fields]
    names = [str(field.column) for field in fields]
    wanted = [
        Cast(field.attname, models.TextField()) if kind is ColumnKind.JSON else models.F(field.attname)
        for field, kind in zip(fields, kinds, strict=True)
    ]
    rows = model._base_manager.order_by("pk").values_list(*wanted)
    for row in rows.iterator(chunk_size=READ_ROWS):
        values = {
            name: codec.Embedded(value.encode()) if kind is ColumnKind.JSON
            else bytes(value) if kind is ColumnKind.BYTES else value
            for name, kind, value in zip(names, kinds, row, strict=True) if value is not None
        }
        yield codec.encode_record(values)


def count_rows(table: str) -> int:
    """Tell how many rows a table has."""
    return _models()[table]._base_manager.count()


@contextmanager
def loading() -> Iterator[None]:
    """Empty every table of the bound organization and let a block load them: all or nothing.

    References are checked at the end. Raises RowRefused.
    """
    bound = connections[DEFAULT_DB_ALIAS]
    there = present_tables()  # an older release has fewer
    found = {name: model for name, model in _models().items() if name in there}
    try:
        with transaction.atomic():
            with bound.cursor() as cursor:
                for name in found:
                    cursor.execute(f"DELETE FROM {bound.ops.quote_name(name)}")
            yield
            with bound.cursor() as cursor:
                for statement in bound.ops.sequence_reset_sql(no_style(), list(found.values())):
                    cursor.execute(statement)
            bound.check_constraints()
    except DatabaseError as failure:
        raise RowRefused(table="", line=0, why=_first_line(failure)) from failure


def load_rows(table: Table, lines: Iterable[bytes]) -> int:
    """Load lines as `read_rows` gives them, inside `loading`; gives how many. Raises RowRefused."""
    load, count = _Load(table), 0
    numbered = enumerate(lines, start=1)
    while some := [load.values(line, number) for number, line in islice(numbered, LOAD_ROWS)]:
        load.insert(some, last=count + len(some))
        count += len(some)
    return count


class _Load:
    """Turns lines into rows of one table."""

    def __init__(self, table: Table) -> None:
        self._bound = connections[DEFAULT_DB_ALIAS]
        self._table = table
        self._names = {column.name for column in table.columns}
        self._is_sqlite = self._bound.vendor == "sqlite"
        quote = self._bound.ops.quote_name
        self._into = f"{quote(table.name)} ({', '.join(quote(column.name) for column in table.columns)})"

    def values(self, line: bytes, number: int) -> tuple[Any, ...]:
        try:
            row = codec.decode_untyped(line, max_bytes=LARGEST_ROW, max_keys=MOST_MEMBERS)
            if not isinstance(row, dict) or not set(row) <= self._names:
                raise ValueError("not an object of the columns in schema.json")
            return tuple(
                self._value(column.kind, row[column.name]) if column.name in row else None
                for column in self._table.columns
            )
        except (codec.MalformedInput, ValueError, TypeError, InvalidOperation) as failure:
            raise RowRefused(table=self._table.name, line=number, why=str(failure)) from None

    def _value(self, kind: ColumnKind, value: Any) -> Any:
        read = parse(kind, value)
        if not self._is_sqlite:
            return read
        if isinstance(read, UUID):
            return read.hex
        if isinstance(read, datetime):
            return self._bound.ops.adapt_datetimefield_value(read)
        return str(read) if isinstance(read, date | Decimal) else read

    def insert(self, rows: Sequence[tuple[Any, ...]], *, last: int) -> None:
        try:
            with self._bound.cursor() as cursor:
                if self._is_sqlite:
                    marks = ", ".join(["%s"] * len(self._table.columns))
                    cursor.executemany(f"INSERT INTO {self._into} VALUES ({marks})", rows)
                else:
                    from ocapi.kernel.tenants import postgres

                    with self._bound.wrap_database_errors:
                        postgres.copy_rows(cursor, self._into, rows)
        except DatabaseError as failure:
            first = last - len(rows) + 1
            why = f"between it and line {last}: {_first_line(failure)}"
            raise RowRefused(table=self._table.name, line=first, why=why) from failure


def parse(kind: ColumnKind, value: Any) -> Any:
    """Give the value a JSON member stands for; raises ValueError, TypeError or InvalidOperation."""
    if kind is ColumnKind.JSON:
        return json.dumps(value)
    wanted: tuple[type, ...] = {
        ColumnKind.INTEGER: (int,), ColumnKind.NUMBER: (int, float), ColumnKind.BOOLEAN: (bool,),
    }.get(kind, (str,))
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not ColumnKind.BOOLEAN):
        raise TypeError(f"{type(value).__name__} where {kind} is expected")
    return _PARSERS[kind](str(value)) if kind in _PARSERS else value


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without zone")
    return instant


_PARSERS: dict[ColumnKind, Callable[[str], Any]] = {
    ColumnKind.INSTANT: _instant, ColumnKind.DAY: date.fromisoformat, ColumnKind.UUID: UUID,
    ColumnKind.DECIMAL: Decimal, ColumnKind.BYTES: lambda text: base64.b64decode(text, validate=True),
}


def _first_line(failure: BaseException) -> str:
    return str(failure).strip().partition("\n")[0]
