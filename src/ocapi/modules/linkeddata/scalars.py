"""Values of JSON-LD as the values of a table: numbers, days and instants by the kind of their column.

What a datatype allows and a file can't hold (a day before the year 1, infinity) is left empty.
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ocapi.lib import clock
from ocapi.modules.linkeddata.data import Scalar, ValueKind

_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\Z")
LARGEST = 2**63  # what a column of whole numbers in Parquet holds
DIGITS = 40  # of a decimal


def of(value: Any, kind: ValueKind) -> Scalar:
    """Give a value by the kind of its column; None for one that is no such value."""
    if value is None or kind in (ValueKind.TEXT, ValueKind.LINK, ValueKind.GEOMETRY):
        return None if value is None else text(value)
    try:
        return _READERS[kind](value)
    except (ValueError, InvalidOperation, OverflowError):
        return None


def kind_of(values: list[Any]) -> ValueKind:
    """Give the kind that all of these values of JSON have; text when they have none in common."""
    if all(isinstance(each, bool) for each in values):
        return ValueKind.BOOLEAN
    if all(isinstance(each, int) and not isinstance(each, bool) for each in values):
        return ValueKind.INTEGER
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
        return ValueKind.DECIMAL
    if all(isinstance(each, str) and _DAY.match(each) for each in values):
        return ValueKind.DAY
    if all(isinstance(each, str) and each.startswith(("https://", "http://")) for each in values):
        return ValueKind.LINK
    return ValueKind.TEXT


def text(value: Any) -> str:
    """Give a value as text; nothing is the empty text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _integer(value: Any) -> int | None:
    found = int(value) if isinstance(value, int) else int(str(value)[:DIGITS].strip())
    return found if -LARGEST <= found < LARGEST else None


def _decimal(value: Any) -> Decimal | None:
    found = Decimal(str(value)[:DIGITS].strip())
    return found if found.is_finite() and abs(found.adjusted()) < DIGITS else None


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip()[:10])


def _instant(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    return found if found.tzinfo else found.replace(tzinfo=clock.BRUSSELS)


def _boolean(value: Any) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text(value))


_READERS = {
    ValueKind.INTEGER: _integer,
    ValueKind.DECIMAL: _decimal,
    ValueKind.LONGITUDE: _decimal,
    ValueKind.LATITUDE: _decimal,
    ValueKind.DAY: _day,
    ValueKind.INSTANT: _instant,
    ValueKind.BOOLEAN: _boolean,
}
