"""Reads CQL2 text into a tree. Never evaluates, never more than its limits allow.

Understood: AND OR NOT, `= <> < <= > >=`, [NOT] LIKE, [NOT] BETWEEN, [NOT] IN, IS [NOT] NULL, CASEI, DATE,
TIMESTAMP, INTERVAL, S_INTERSECTS and S_DISJOINT with WKT or BBOX, and T_AFTER, T_BEFORE, T_DURING, T_EQUALS,
T_INTERSECTS and T_DISJOINT. Anything else is a NotCql2 that names the place.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeAlias

from ocapi.lib.geo import reading, relations
from ocapi.lib.geo.systems import CRS84, SYSTEMS, Geometry, System
from ocapi.lib.geo.systems import read as in_degrees

MAX_TEXT = 8_000  # characters
MAX_DEPTH = 30
MAX_NODES = 400
MAX_MEMBERS = 1_000  # of an IN list

Scalar: TypeAlias = str | float | bool | datetime | date
Span: TypeAlias = tuple[datetime | None, datetime | None]
"""From and until, both belonging to it; None is open."""


class NotCql2(ValueError):
    """The text is no filter we understand; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Named:
    """The value of a property. is_folded: compared without regard of capitals."""

    name: str
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values compared. operator: `=`, `<>`, `<`, `<=`, `>`, `>=`."""

    operator: str
    left: Named | Scalar
    right: Named | Scalar


@dataclass(frozen=True, slots=True)
class Like:
    """A text that looks like a pattern of `%` and `_`."""

    value: Named
    pattern: str


@dataclass(frozen=True, slots=True)
class Among:
    """A value that is one of a list."""

    value: Named
    members: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A property without value."""

    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """The geometry of the feature meets a geometry of CRS84."""

    name: str
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a property, by relation to a span. relation: after, before, during, equals, intersects."""

    relation: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Truth:
    """Always, or never."""

    value: bool


@dataclass(frozen=True, slots=True)
class Opposite:
    """What does not hold."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts that all hold, or of which one holds."""

    is_all: bool
    parts: "tuple[Node, ...]"


Node: TypeAlias = Compare | Like | Among | Missing | Place | Moment | Truth | Opposite | Joined
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|''|\\.)*')|(?P<quoted>\"(?:[^\"]|\"\")+\")"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<word>[^\W\d][\w.:-]*)|(?P<sign><>|<=|>=|[=<>(),]))"
)
_RELATIONS = {
    "T_AFTER": "after",
    "T_BEFORE": "before",
    "T_DURING": "during",
    "T_EQUALS": "equals",
    "T_INTERSECTS": "intersects",
}
_GEOMETRIES = frozenset(
    ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
)
_WORDS = frozenset(("AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"))


def parse(text: str, *, system: System = SYSTEMS[CRS84]) -> Node:
    """Give the tree of a filter; system: of its geometries (filter-crs). Raises NotCql2."""
    if len(text) > MAX_TEXT:
        raise NotCql2(f"a filter has at most {MAX_TEXT} characters")
    reader = _Reader(text, system)
    found = reader.whole(0)
    reader.end()
    return found


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int
    end: int

    @property
    def word(self) -> str:
        """Give a bare word in capitals, empty for anything else."""
        return self.text.upper() if self.kind == "word" else ""


class _Reader:
    def __init__(self, text: str, system: System) -> None:
        self._text, self._at, self._nodes, self._system = text, 0, 0, system

    def _peek(self) -> _Token:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            rest = self._text[self._at :].strip()
            if rest:
                raise NotCql2(f"not understood from character {self._at + 1}")
            return _Token("end", "", self._at, self._at)
        kind = str(found.lastgroup)
        return _Token(kind, found[kind], found.start(kind), found.end())

    def _next(self) -> _Token:
        found = self._peek()
        self._at = found.end
        return found

    def _takes(self, *words: str) -> bool:
        if (found := self._peek()).word in words or (found.kind == "sign" and found.text in words):
            self._at = found.end
            return True
        return False

    def _want(self, word: str) -> None:
        if not self._takes(word):
            raise NotCql2(f"{word} is missing at character {self._peek().at + 1}")

    def end(self) -> None:
        """Raise when something follows."""
        if (found := self._peek()).kind != "end":
            raise NotCql2(f"not understood from character {found.at + 1}")

    def _counted(self, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise NotCql2(f"a filter has at most {MAX_NODES} parts, {MAX_DEPTH} deep")

    def whole(self, depth: int) -> Node:
        """Read alternatives."""
        return self._several("OR", depth)

    def _several(self, word: str, depth: int) -> Node:
        self._counted(depth)
        parts = [self._part(word, depth)]
        while self._takes(word):
            parts.append(self._part(word, depth))
        return parts[0] if len(parts) == 1 else Joined(word == "AND", tuple(parts))

    def _part(self, word: str, depth: int) -> Node:
        return self._several("AND", depth + 1) if word == "OR" else self._factor(depth + 1)

    def _factor(self, depth: int) -> Node:
        self._counted(depth)
        if self._takes("NOT"):
            return Opposite(self._factor(depth + 1))
        found = self._peek()
        if found.text == "(" and found.kind == "sign":
            self._next()
            inner = self.whole(depth + 1)
            self._want(")")
            return inner
        if found.word in ("TRUE", "FALSE"):
            self._next()
            return Truth(found.word == "TRUE")
        if found.word in ("S_INTERSECTS", "S_DISJOINT"):
            return self._place()
        if found.word in _RELATIONS or found.word == "T_DISJOINT":
            return self._moment()
        return self._predicate()

    def _predicate(self) -> Node:
        left = self._value()
        sign = self._peek()
        if sign.kind == "sign" and sign.text in ("=", "<>", "<", "<=", ">", ">="):
            self._next()
            return Compare(sign.text, left, self._value())
        if not isinstance(left, Named):
            raise NotCql2(f"a comparison is missing at character {sign.at + 1}")
        if self._takes("IS"):
            is_not = self._takes("NOT")
            self._want("NULL")
            missing = Missing(left.name)
            return Opposite(missing) if is_not else missing
        is_not = self._takes("NOT")
        found = self._tested(left)
        return Opposite(found) if is_not else found

    def _tested(self, left: Named) -> Node:
        if self._takes("LIKE"):
            pattern = self._value()
            if not isinstance(pattern, str):
                raise NotCql2("LIKE wants a text between single quotes")
            return Like(left, pattern)
        if self._takes("BETWEEN"):
            low = self._scalar()
            self._want("AND")
            return Joined(True, (Compare(">=", left, low), Compare("<=", left, self._scalar())))
        if self._takes("IN"):
            self._want("(")
            members = [self._scalar()]
            while self._takes(","):
                members.append(self._scalar())
                if len(members) > MAX_MEMBERS:
                    raise NotCql2(f"a list has at most {MAX_MEMBERS} values")
            self._want(")")
            return Among(left, tuple(members))
        raise NotCql2(f"a comparison is missing at character {self._peek().at + 1}")

    def _scalar(self) -> Scalar:
        found = self._value()
        if isinstance(found, Named):
            raise NotCql2(f"{found.name} stands where a value must stand")
        return found

    def _value(self) -> Named | Scalar:
        found = self._next()
        if found.kind == "text":
            return _unquoted(found.text)
        if found.kind == "number":
            return float(found.text)
        if found.kind == "quoted":
            return Named(found.text[1:-1].replace('""', '"'))
        if found.word == "CASEI":
            self._want("(")
            inner = self._value()
            self._want(")")
            return Named(inner.name, is_folded=True) if isinstance(inner, Named) else inner
        if found.word in ("TRUE", "FALSE"):
            return found.word == "TRUE"
        if found.word in ("DATE", "TIMESTAMP") and self._peek().text == "(":
            return self._instant(found.word)
        if found.kind == "word" and found.word not in _WORDS:
            if self._peek().text == "(":
                raise NotCql2(f"the function {found.text[:40]} is not known")
            return Named(found.text)
        raise NotCql2(f"a value is missing at character {found.at + 1}")

    def _instant(self, kind: str) -> datetime | date:
        self._want("(")
        text = self._next()
        self._want(")")
        try:
            if text.kind != "text":
                raise ValueError
            return (
                instant(_unquoted(text.text))
                if kind == "TIMESTAMP"
                else date.fromisoformat(_unquoted(text.text))
            )
        except ValueError:
            raise NotCql2(f"{kind} wants a time by ISO 8601 at character {text.at + 1}") from None

    def _place(self) -> Node:
        is_opposite = self._next().word == "S_DISJOINT"
        self._want("(")
        name = self._value()
        self._want(",")
        geometry = self._geometry()
        self._want(")")
        if not isinstance(name, Named):
            raise NotCql2("the first argument is the name of the geometry")
        found = Place(name.name, geometry)
        return Opposite(found) if is_opposite else found

    def _geometry(self) -> Geometry:
        start = self._next()
        if start.word == "BBOX":
            self._want("(")
            numbers = [self._number()]
            while self._takes(","):
                numbers.append(self._number())
            self._want(")")
            if len(numbers) not in (4, 6):
                raise NotCql2("BBOX has four or six numbers")
            half = len(numbers) // 2
            found = relations.box((numbers[0], numbers[1], numbers[half], numbers[half + 1]))
        elif start.word.rstrip("ZM") in _GEOMETRIES or start.word in _GEOMETRIES:
            found = self._wkt(start.at)
        else:
            raise NotCql2(f"a geometry is missing at character {start.at + 1}")
        try:
            return in_degrees(found, self._system)
        except ValueError as refused:
            raise NotCql2(str(refused)) from None

    def _wkt(self, start: int) -> Geometry:
        depth, at = 0, self._text.find("(", start)
        for end in range(max(at, start), len(self._text)):
            depth += {"(": 1, ")": -1}.get(self._text[end], 0)
            if depth == 0 and end >= at >= 0:
                break
        else:
            raise NotCql2(f"a geometry does not end, from character {start + 1}")
        self._at = end + 1
        try:
            return reading.wkt(self._text[start : end + 1], default=self._system)[0]
        except (reading.MalformedGeometry, reading.UnsupportedGeometry) as refused:
            raise NotCql2(f"the geometry at character {start + 1}: {refused}") from None

    def _number(self) -> float:
        found = self._next()
        if found.kind != "number":
            raise NotCql2(f"a number is missing at character {found.at + 1}")
        return float(found.text)

    def _moment(self) -> Node:
        word = self._next().word
        self._want("(")
        name = self._value()
        self._want(",")
        span = self._span()
        self._want(")")
        if not isinstance(name, Named):
            raise NotCql2("the first argument is the name of a property")
        if word == "T_DISJOINT":
            return Opposite(Moment("intersects", name.name, span))
        return Moment(_RELATIONS[word], name.name, span)

    def _span(self) -> Span:
        if not self._takes("INTERVAL"):
            found = self._scalar()
            if not isinstance(found, date):
                raise NotCql2("the second argument is DATE, TIMESTAMP or INTERVAL")
            return span_of(found)
        self._want("(")
        texts = [self._scalar()]
        self._want(",")
        texts.append(self._scalar())
        self._want(")")
        try:
            low, high = (None if each == ".." else span_of(instant(str(each))) for each in texts)
        except ValueError:
            raise NotCql2("INTERVAL wants two times by ISO 8601, or '..'") from None
        return (low[0] if low else None, high[1] if high else None)


def instant(text: str) -> datetime | date:
    """Give an instant with zone, or a day, by RFC 3339; raises ValueError."""
    if len(text) == 10:
        return date.fromisoformat(text)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def span_of(moment: datetime | date) -> Span:
    """Give first and last instant of a moment; a day is counted in UTC, as RFC 3339 does."""
    if isinstance(moment, datetime):
        return moment, moment
    return (
        datetime.combine(moment, time.min, tzinfo=UTC),
        datetime.combine(moment, time.max, tzinfo=UTC),
    )


def _unquoted(text: str) -> str:
    return re.sub(r"''|\\'", "'", text[1:-1])
