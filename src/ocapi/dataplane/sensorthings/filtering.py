"""`$filter` and `$orderby`: expressions of OData 4.01 as SensorThings takes them (OGC 18-088 clause 9.3.3.5).

An expression is compiled to a function of a record, which is asked for a path and gives a value; size and
depth are bounded. Comparing with what is not there is false, never an error.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from ocapi.dataplane.sensorthings.functions import FUNCTIONS
from ocapi.dataplane.sensorthings.model import refuse
from ocapi.lib import geometry

Record: TypeAlias = Callable[[tuple[str, ...]], Any]
Expression: TypeAlias = Callable[[Record], Any]
LONGEST = 4_096
DEEPEST = 30
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<geo>geography'(?:[^']|'')*') | (?P<text>'(?:[^']|'')*') |
    (?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)) |
    (?P<day>\d{4}-\d\d-\d\d(?![\dT])) | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?) |
    (?P<word>[A-Za-z_@][\w@.]*(?:/[A-Za-z_@][\w@.]*)*) | (?P<sign>[(),]))""",
    re.VERBOSE,
)
_COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
}
_COUNTS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "mod": lambda a, b: math.fmod(a, b),
}


class _Reader:
    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            refuse(f"an expression has at most {LONGEST} characters")
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found:
                refuse(f"unexpected text in an expression at character {at + 1}")
            self.tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            at = found.end()
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def takes(self, *words: str) -> str:
        if (
            self.at < len(self.tokens)
            and self.tokens[self.at][1] in words
            and self.tokens[self.at][0] in ("word", "sign")
        ):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def needs(self, sign: str) -> None:
        if not self.takes(sign):
            refuse(f"{sign!r} is missing in an expression")

    def either(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            refuse(f"an expression nests at most {DEEPEST} deep")
        parts = [self.both()]
        while self.takes("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else lambda record: any(each(record) is True for each in parts)

    def both(self) -> Expression:
        parts = [self.negated()]
        while self.takes("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else lambda record: all(each(record) is True for each in parts)

    def negated(self) -> Expression:
        if self.takes("not"):
            self.depth += 1
            if self.depth > DEEPEST:
                refuse(f"an expression nests at most {DEEPEST} deep")
            inner = self.negated()
            self.depth -= 1
            return lambda record: inner(record) is not True
        return self.compared()

    def compared(self) -> Expression:
        left = self.counted(("add", "sub"))
        operator = self.takes(*_COMPARES)
        if not operator:
            return left
        right, compare = self.counted(("add", "sub")), _COMPARES[operator]
        return lambda record: compares(
            left(record), right(record), compare, is_equality=operator in ("eq", "ne")
        )

    def counted(self, operators: tuple[str, ...]) -> Expression:
        left = self._inner(operators)
        while operator := self.takes(*operators):
            left = _calculated(left, self._inner(operators), _COUNTS[operator])
        return left

    def _inner(self, operators: tuple[str, ...]) -> Expression:
        return self.counted(("mul", "div", "mod")) if operators == ("add", "sub") else self.one()

    def one(self) -> Expression:
        if self.takes("("):
            found = self.either()
            self.needs(")")
            return found
        if self.at >= len(self.tokens):
            refuse("an expression ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind != "word":
            value = _literal(kind, text)
            return lambda record: value
        if text in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[text]
            return lambda record: constant
        if self.takes("("):
            return self._function(text)
        path = tuple(text.split("/"))
        return lambda record: record(path)

    def _function(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            refuse(f"function {name[:40]!r} is not supported", 501)
        function, least, most = FUNCTIONS[name]
        inner: list[Expression] = []
        while not self.takes(")"):
            if inner:
                self.needs(",")
            inner.append(self.either())
            if len(inner) > 10:
                refuse(f"{name}: too many arguments")
        if not least <= len(inner) <= most:
            refuse(f"{name}: takes {least} to {most} arguments")
        return lambda record: _called(function, [each(record) for each in inner])


def compile_filter(text: str) -> Callable[[Record], bool]:
    """Compile a `$filter`; raises Refusal."""
    reader = _Reader(text)
    found = reader.either()
    if reader.at < len(reader.tokens):
        refuse(f"unexpected {reader.peek()[:40]!r} in an expression")
    return lambda record: found(record) is True


def compile_order(text: str) -> list[tuple[Expression, bool]]:
    """Compile an `$orderby`: expressions, and whether each is descending; raises Refusal."""
    found = []
    for part in text.split(","):
        words = part.strip().rsplit(" ", 1)
        is_down = len(words) == 2 and words[1] == "desc"
        reader = _Reader(words[0] if len(words) == 2 and words[1] in ("asc", "desc") else part)
        found.append((reader.counted(("add", "sub")), is_down))
        if reader.at < len(reader.tokens):
            refuse("$orderby: give paths with asc or desc, commas between")
    return found


def time_bounds(text: str) -> tuple[dict[str, datetime], bool]:
    """Give the bounds an expression puts on phenomenonTime: and whether that is all it says."""
    found: dict[str, datetime] = {}
    parts = re.split(r"\s+and\s+", text.strip()) if text else []
    pattern = re.compile(r"\(?\s*phenomenonTime\s+(ge|gt|le|lt|eq)\s+(\S+?)\s*\)?")
    is_all = True
    for part in parts if not re.search(r"\b(or|not)\b", text) else ():
        match = pattern.fullmatch(part)
        try:
            at = datetime.fromisoformat(match.group(2)) if match else None
        except ValueError:
            at = None
        if match and at is not None and at.tzinfo is not None and match.group(1) not in found:
            found[match.group(1)] = at
        else:
            is_all = False
    return found, is_all and len(found) == len(parts)


def as_comparable(value: Any) -> Any:
    """Give a value as it is compared: texts that are instants or intervals as the instant they begin."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value) >= 20 and value[4:5] == "-" and "T" in value:
        try:
            found = datetime.fromisoformat(value.partition("/")[0])
        except ValueError:
            return value
        return found if found.tzinfo is not None else value
    return value


def compares(left: Any, right: Any, compare: Callable[[Any, Any], bool], *, is_equality: bool) -> bool:
    """Compare two values; those of different kinds are not equal and have no order."""
    if isinstance(left, tuple):  # through many: one of them will do
        return any(compares(each, right, compare, is_equality=is_equality) for each in left)
    left, right = as_comparable(left), as_comparable(right)
    kinds = (bool, (int, float), str, datetime, date)
    is_alike = any(isinstance(left, kind) and isinstance(right, kind) for kind in kinds)
    if isinstance(left, bool) != isinstance(right, bool):
        is_alike = False
    if is_alike:
        return compare(left, right)
    return compare(left, right) if is_equality else False


def _calculated(left: Expression, right: Expression, operation: Callable[[Any, Any], Any]) -> Expression:
    return lambda record: _called(lambda a, b: operation(a, b), [left(record), right(record)])


def _called(function: Callable[..., Any], values: list[Any]) -> Any:
    if any(value is None for value in values):
        return None
    try:
        return function(*values)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError, geometry.TooManyPairs):
        return None


def _literal(kind: str, text: str) -> Any:
    if kind == "number":
        return float(text) if any(sign in text for sign in ".eE") else int(text[:300])
    if kind == "text":
        return text[1:-1].replace("''", "'")
    try:
        if kind == "moment":
            return datetime.fromisoformat(text).astimezone(UTC)
        if kind == "day":
            return date.fromisoformat(text)
        return geometry.read(geometry.of_text(text[len("geography'") : -1]))
    except ValueError:
        refuse(f"{text[:60]!r} is no value")
