"""Column types. Each own column is declared with `personal=None` or `personal=Personal(...)`;
untagged fails.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models

LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """Why a column may hold personal data, as the record of processing needs it (GDPR art. 30).

    category: contact, identification, nationalNumber, content, ... legal_basis: code of the legal ground.
    purpose: code of the purpose. retention: code of the retention rule. source: who gave it.
    """

    category: str
    legal_basis: str
    purpose: str
    retention: str
    source: str


class Tagged:
    """Mixin of every column type: keeps the tag on the column, out of migrations."""

    personal: Personal | None

    def __init__(self, *args: Any, personal: Personal | None, **kwargs: Any) -> None:
        self.personal = personal
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        # Migrations name Django's own column types, so that a tag can change without one.
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        plain = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django.db.models"))
        return name, f"django.db.models.{plain.__name__}", args, kwargs

    def clone(self) -> Any:
        _name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return type(self)(*args, personal=self.personal, **kwargs)


class Text(Tagged, models.CharField):
    """Short text with a maximum length."""


@Text.register_lookup
class Begins(models.Lookup):
    """`column__begins`: text that begins so, letter by letter, found by an index on both databases.

    `startswith` is no such thing: on SQLite it takes no account of case and reads every row.
    On PostgreSQL the index needs the operator class `varchar_pattern_ops`, which serves equality too.
    """

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Write it as a range: SQLite compares text by its bytes."""
        column, given = self.process_lhs(compiler, connection)
        return f"{column} >= %s AND {column} < %s", (*given, self.rhs, *given, f"{self.rhs}{LAST_CHARACTER}")

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Write it as a pattern: there the order of text is that of a language."""
        column, given = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", (*given, f"{connection.ops.prep_for_like_query(self.rhs)}%")


class LongText(Tagged, models.TextField):
    """Text without a practical maximum."""


class Integer(Tagged, models.BigIntegerField):
    """Whole number of 64 bits."""


class Cents(Tagged, models.BigIntegerField):
    """Amount in whole cents; the currency stands beside it."""


class Boolean(Tagged, models.BooleanField):
    """Yes or no."""


class Instant(Tagged, models.DateTimeField):
    """Point in time, UTC, microseconds; always handed in, never `auto_now`."""


class Day(Tagged, models.DateField):
    """Civil date."""


class Identifier(Tagged, models.UUIDField):
    """The uuid of something that lives elsewhere: no foreign key across modules."""


class Document(Tagged, models.JSONField):
    """Small structured value whose shape the owning module's `data` types give."""


class Bytes(Tagged, models.BinaryField):
    """Opaque bytes: hashes and encrypted values."""


class Reference(Tagged, models.ForeignKey):
    """Foreign key inside a module or to a kernel model."""


class RowNumber(models.BigAutoField):
    """Key of rows that stay, or that nobody names by it: the number of a deleted last row may come again.

    On SQLite it leaves out AUTOINCREMENT, which keeps the last number of each table in one more page and
    looks it up at each insert. Not for rows that are claimed by their number, such as timers.
    """

    def db_type_suffix(self, connection: Any) -> str | None:
        """Say nothing more on SQLite than that it is the key."""
        return None if connection.vendor == "sqlite" else super().db_type_suffix(connection)


class Record(models.Model):
    """Abstract start of every table: `id` for joins inside, `uuid` for everybody else."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, editable=False)

    class Meta:
        abstract = True


class LastingRecord(Record):
    """A record that is written often and stays: see `RowNumber`."""

    id = RowNumber(primary_key=True)

    class Meta:
        abstract = True
