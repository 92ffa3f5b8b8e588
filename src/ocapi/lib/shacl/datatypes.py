"""Lexical spaces and comparison of literals (XML Schema 1.1 part 2; SPARQL 1.1 section 17.3).

Stricter than rdflib, on purpose: a day is no xsd:dateTime, `1e3` is no xsd:decimal, `24:00:00` is read as XML
Schema says, and the Gregorian fragments (gYear and the like) are checked.
"""

import datetime as dates
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from ocapi.lib.rdf.graph import STRING, XSD, Lexical

Comparable: TypeAlias = Decimal | float | bool | str | dates.date | dates.datetime | dates.time
_ZONE = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_DOUBLE = re.compile(r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN)\Z")
_DAY = re.compile(rf"(\d{{4}}-\d\d-\d\d)({_ZONE})\Z", re.ASCII)
_INSTANT = re.compile(rf"(\d{{4}}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)({_ZONE})\Z", re.ASCII)
_TIME = re.compile(rf"(\d\d:\d\d:\d\d(?:\.\d+)?)({_ZONE})\Z", re.ASCII)
_FRAGMENTS = {
    "gYear": re.compile(rf"-?\d{{4,}}{_ZONE}\Z", re.ASCII),
    "gYearMonth": re.compile(rf"-?\d{{4,}}-(?:0[1-9]|1[0-2]){_ZONE}\Z", re.ASCII),
    "gMonth": re.compile(rf"--(?:0[1-9]|1[0-2]){_ZONE}\Z", re.ASCII),
    "gDay": re.compile(rf"---(?:0[1-9]|[12]\d|3[01]){_ZONE}\Z", re.ASCII),
    "gMonthDay": re.compile(rf"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]){_ZONE}\Z", re.ASCII),
    "duration": re.compile(
        r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?\Z", re.ASCII
    ),
    "hexBinary": re.compile(r"(?:[0-9a-fA-F]{2})*\Z"),
    "language": re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*\Z"),
}
_WHOLE: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "long": (-(1 << 63), (1 << 63) - 1),
    "int": (-(1 << 31), (1 << 31) - 1),
    "short": (-(1 << 15), (1 << 15) - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, (1 << 64) - 1),
    "unsignedInt": (0, (1 << 32) - 1),
    "unsignedShort": (0, (1 << 16) - 1),
    "unsignedByte": (0, 255),
}
MAX_DIGITS = 400  # digits of a number that are still read as one
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
TEXTS = frozenset({STRING, f"{XSD}anyURI", f"{XSD}normalizedString", f"{XSD}token"})


def _whole(local: str) -> Callable[[str], Comparable | None]:
    least, most = _WHOLE[local]

    def read(text: str) -> Comparable | None:
        text = text.strip()
        if not _INTEGER.match(text) or len(text) > MAX_DIGITS:
            return None
        number = int(text)
        fits = (least is None or number >= least) and (most is None or number <= most)
        return Decimal(number) if fits else None

    return read


def _decimal(text: str) -> Comparable | None:
    text = text.strip()
    return Decimal(text) if _DECIMAL.match(text) and len(text) <= MAX_DIGITS else None


def _double(text: str) -> Comparable | None:
    text = text.strip()
    return float(text.replace("INF", "inf")) if _DOUBLE.match(text) and len(text) <= MAX_DIGITS else None


def _boolean(text: str) -> Comparable | None:
    return _BOOLEANS.get(text.strip())


def _day(text: str) -> Comparable | None:
    found = _DAY.match(text.strip())
    try:
        return dates.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _instant(text: str) -> Comparable | None:
    found = _INSTANT.match(text.strip())
    if not found:
        return None
    day, time, zone = found.groups()
    is_midnight = time.startswith("24:00:00") and not time[8:].strip(".0")
    try:
        read = dates.datetime.fromisoformat(f"{day}T{'00:00:00' if is_midnight else _micro(time)}{zone}")
        return read + dates.timedelta(days=1) if is_midnight else read
    except (ValueError, OverflowError):
        return None


def _time(text: str) -> Comparable | None:
    found = _TIME.match(text.strip())
    try:
        return dates.time.fromisoformat(f"{_micro(found[1])}{found[2]}") if found else None
    except ValueError:
        return None


def _micro(time: str) -> str:
    whole, _, fraction = time.partition(".")
    return f"{whole}.{fraction[:6]:0<6}" if fraction else whole


READERS: dict[str, Callable[[str], Comparable | None]] = {
    **{f"{XSD}{local}": _whole(local) for local in _WHOLE},
    f"{XSD}decimal": _decimal,
    f"{XSD}double": _double,
    f"{XSD}float": _double,
    f"{XSD}boolean": _boolean,
    f"{XSD}date": _day,
    f"{XSD}dateTime": _instant,
    f"{XSD}dateTimeStamp": _instant,
    f"{XSD}time": _time,
}


def is_well_formed(value: Lexical) -> bool:
    """Tell whether the text belongs to its datatype; a datatype unknown here holds every text."""
    if value.datatype in TEXTS:
        return True
    reader = READERS.get(value.datatype)
    if reader is not None:
        return reader(value.text) is not None
    pattern = _FRAGMENTS.get(value.datatype.removeprefix(XSD))
    return pattern is None or bool(pattern.match(value.text.strip()))


def takes_any_text(datatype: str) -> bool:
    """Tell whether no text is ill-formed by a datatype."""
    return datatype not in READERS and datatype.removeprefix(XSD) not in _FRAGMENTS


def comparable(value: Lexical) -> Comparable | None:
    """Give what a literal is compared by, None when it can't be."""
    reader = READERS.get(value.datatype)
    return reader(value.text) if reader is not None else value.text if value.datatype in TEXTS else None


def compare(one: Comparable | None, other: Comparable | None) -> int | None:
    """Give -1, 0 or 1, or None when the two can't be compared (another kind, or a zone on one side)."""
    if one is None or other is None or _kind(one) != _kind(other):
        return None
    try:
        return (one > other) - (one < other)  # type: ignore[operator]
    except TypeError:
        return None


def _kind(value: Comparable) -> str:
    return "number" if isinstance(value, Decimal | float) else type(value).__name__
