"""Where sealed values stand: each place says how many are not under a key yet, and seals them anew."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Func

from ocapi.kernel.tenants import sealing
from ocapi.kernel.tenants.data import Rewrapped
from ocapi.kernel.tenants.keyring import MARK_BYTES, mark_of
from ocapi.lib import crashpoint

_SEALED = "_sealed"
_Change = tuple[Any, Any, Any]  # key of the row, the value that was there, the value to be there


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnVault:
    """A column of bytes, each one sealed value. name: the context the values are sealed under."""

    name: str
    model: type[models.Model]
    column: str

    def count_left(self, *, kid: str) -> int:
        """Tell how many values are sealed under another key."""
        return self._others(kid).count()

    def rewrap(self, *, kid: str, after: str, limit: int) -> Rewrapped:
        """Seal the next `limit` values of another key under the newest one, in one transaction."""
        rows = self._others(kid).filter(pk__gt=int(after or 0)).order_by("pk")
        with transaction.atomic():
            found = list(rows.values_list("pk", self.column)[:limit])
            _store(self.model, self.column, [
                (key, stored, self._again(bytes(stored))) for key, stored in found
            ])
        crashpoint.point("keys.rewrap.after_commit")
        return Rewrapped(count=len(found), after=str(found[-1][0]) if len(found) == limit else "")

    def _again(self, stored: bytes) -> bytes:
        return sealing.encrypt(sealing.decrypt(stored, context=self.name), context=self.name)

    def _others(self, kid: str) -> "models.QuerySet[Any]":
        head = Func(F(self.column), 1, MARK_BYTES, function="substr", output_field=models.BinaryField())
        rows: models.QuerySet[Any] = self.model._default_manager.annotate(**{_SEALED: head})
        return rows.exclude(**{_SEALED: mark_of(kid)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVault:
    """A few rows, each perhaps with one sealed value in base64 inside what a column holds.

    read: gives that text from the column's value, or empty. write: gives the value with another text in it.
    """

    name: str
    model: type[models.Model]
    column: str
    read: Callable[[Any], str]
    write: Callable[[Any, str], Any]

    def count_left(self, *, kid: str) -> int:
        """Tell how many values are sealed under another key."""
        values = self.model._default_manager.order_by("pk").values_list(self.column, flat=True)
        return sum(self._is_other(value, kid) for value in values.iterator(chunk_size=500))

    def rewrap(self, *, kid: str, after: str, limit: int) -> Rewrapped:
        """Seal those of another key under the newest one, a transaction per `limit` rows, to the end.

        It never stops in between: the key of a session would then stand in a job's arguments.
        """
        count, last = 0, None
        while True:
            rows = self.model._default_manager.order_by("pk")
            rows = rows if last is None else rows.filter(pk__gt=last)
            with transaction.atomic():
                found = list(rows.values_list("pk", self.column)[:limit])
                changes = [(key, held, self._again(held)) for key, held in found if self._is_other(held, kid)]
                _store(self.model, self.column, changes)
            crashpoint.point("keys.rewrap.after_commit")
            count += len(changes)
            if len(found) < limit:
                return Rewrapped(count=count, after="")
            last = found[-1][0]

    def _is_other(self, held: Any, kid: str) -> bool:
        text = self.read(held)
        return bool(text) and not text.startswith(base64.b64encode(mark_of(kid)).decode())

    def _again(self, held: Any) -> Any:
        value = sealing.decrypt(base64.b64decode(self.read(held)), context=self.name)
        return self.write(held, base64.b64encode(sealing.encrypt(value, context=self.name)).decode())


def as_is(held: str) -> str:
    """Read a column that holds nothing but the sealed text."""
    return held


def instead(held: str, text: str) -> str:
    """Write a column that holds nothing but the sealed text."""
    return text


def _store(model: type[models.Model], column: str, changes: list[_Change]) -> None:
    """Put each new value where the old one still stands: what changed meanwhile is sealed anew already."""
    field: Any = model._meta.get_field(column)
    quote = connection.ops.quote_name
    key_column = str(model._meta.pk.column)
    sql = (f"UPDATE {quote(model._meta.db_table)} SET {quote(field.column)} = %s "
           f"WHERE {quote(key_column)} = %s AND {quote(field.column)} = %s")
    prepared = [
        (field.get_db_prep_save(new, connection), key, field.get_db_prep_save(old, connection))
        for key, old, new in changes
    ]
    if prepared:
        with connection.cursor() as cursor:
            cursor.executemany(sql, prepared)
    crashpoint.point("keys.rewrap.before_commit")
