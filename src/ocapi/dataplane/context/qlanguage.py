"""The query language of entities: `q` (GS CIM 009 clause 4.9), `scopeQ` (4.19), selections of types (4.17).

A query is compiled once to a function of an entity. Nesting, number of terms and patterns are bounded;
patterns are RE2, which takes linear time.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import re2

from ocapi.dataplane.context.entity import VALUE_OF, Entity, Instance
from ocapi.dataplane.context.errors import Refusal, bad
from ocapi.dataplane.context.vocabulary import Terms

Test: TypeAlias = Callable[[Entity], bool]
LONGEST = 4_096
MOST_TERMS = 100
DEEPEST = 20
_OPERATOR = re.compile(r"!~=|~=|==|!=|>=|<=|>|<")
_PATH = re.compile(r"[^\x00-\x20<>\"{}|^`\\()=;,&?*'$%!~\[\]]+(\[[^\]\[]{1,200}\])?")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[-+][0-9]{2}:[0-9]{2}))?|[0-9]{2}:[0-9]{2}:[0-9.]+Z?"
)


@dataclass(frozen=True, slots=True)
class _Range:
    low: Any
    high: Any


class _Reader:
    """Cuts a text into terms, `;` binding stronger than `|`."""

    def __init__(self, text: str, term: Callable[["_Reader"], Test]) -> None:
        if len(text) > LONGEST:
            raise Refusal("TooComplexQuery", f"a query has at most {LONGEST} characters")
        self.text, self.at, self._term, self._left, self._depth = text, 0, term, MOST_TERMS, 0

    def whole(self) -> Test:
        found = self._any()
        if self.at < len(self.text):
            raise bad(f"query: unexpected text at character {self.at + 1}")
        return found

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("|"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda entity: any(each(entity) for each in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._takes(";"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda entity: all(each(entity) for each in tests)

    def _one(self) -> Test:
        self._left -= 1
        if self._left < 0 or self._depth > DEEPEST:
            raise Refusal("TooComplexQuery", f"a query has at most {MOST_TERMS} terms, {DEEPEST} deep")
        if not self._takes("("):
            return self._term(self)
        self._depth += 1
        found = self._any()
        if not self._takes(")"):
            raise bad("query: a bracket is not closed")
        self._depth -= 1
        return found

    def _takes(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def match(self, pattern: "re.Pattern[str]") -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found.group()


def compile_q(text: str, terms: Terms) -> Test:
    """Compile a `q`; raises Refusal."""
    return _Reader(text, lambda reader: _q_term(reader, terms)).whole()


def compile_types(text: str, terms: Terms) -> Test:
    """Compile a selection of types: `A,B`, `A|B`, `(A;B)`."""

    def term(reader: _Reader) -> Test:
        name = reader.match(re.compile(r"[^();|,]+"))
        if not name:
            raise bad("type: a name is missing")
        iri = terms.expand(name.strip())
        return lambda entity: iri in entity.types

    return _Reader(text.replace(",", "|"), term).whole()


def compile_scopes(text: str) -> Test:
    """Compile a `scopeQ`: `/A/B`, `/A/+/C`, `/A/#`, joined by `,` or `|` and `;`."""

    def term(reader: _Reader) -> Test:
        pattern = reader.match(re.compile(r"[^();|,]+"))
        if not pattern.startswith("/") and pattern != "#":
            raise bad("scopeQ: a scope begins with a slash")
        parts = pattern.strip("/").split("/")
        return lambda entity: any(_scope_fits(each.strip("/").split("/"), parts) for each in entity.scopes)

    return _Reader(text.replace(",", "|"), term).whole()


def _scope_fits(scope: Sequence[str], pattern: Sequence[str]) -> bool:
    for place, part in enumerate(pattern):
        if part == "#":
            return True
        if place >= len(scope) or part not in ("+", scope[place]):
            return False
    return len(scope) == len(pattern)


def _q_term(reader: _Reader, terms: Terms) -> Test:
    path = reader.match(_PATH)
    if not path:
        raise bad(f"q: the name of an attribute is missing at character {reader.at + 1}")
    read = _reading(path, terms)
    operator = reader.match(_OPERATOR)
    if not operator:
        return lambda entity: bool(read(entity))
    if operator in ("~=", "!~="):
        return _pattern_test(read, _pattern(reader), is_wanted=operator == "~=")
    wanted = _values(reader)
    if operator in ("==", "!="):
        is_equal = operator == "=="
        return lambda entity: (
            any(_equals(value, each) for value in read(entity) for each in wanted)
            if is_equal
            else bool(found := read(entity))
            and not any(_equals(value, each) for value in found for each in wanted)
        )
    if len(wanted) != 1 or isinstance(wanted[0], _Range):
        raise bad("q: an order compares with one value")
    return lambda entity: any(_ordered(value, operator, wanted[0]) for value in read(entity))


def _pattern_test(read: Callable[[Entity], list[Any]], pattern: Any, *, is_wanted: bool) -> Test:
    def test(entity: Entity) -> bool:
        texts = [each for each in read(entity) if isinstance(each, str)]
        return bool(texts) and any(pattern.search(each) is not None for each in texts) == is_wanted

    return test


def compile_pattern(text: str) -> Any:
    """Compile a pattern as RE2; raises Refusal."""
    if len(text) > 512:
        raise Refusal("TooComplexQuery", "a pattern has at most 512 characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(text, options)
    except re2.error:
        raise bad("the pattern is no regular expression we can use") from None


def _pattern(reader: _Reader) -> Any:
    if reader.text.startswith('"', reader.at):
        return compile_pattern(_quoted(reader))
    depth, start = 0, reader.at
    while reader.at < len(reader.text):
        sign = reader.text[reader.at]
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
        if depth < 0 or (sign in ";|" and depth == 0):
            break
        reader.at += 1
    return compile_pattern(reader.text[start : reader.at])


def _quoted(reader: _Reader) -> str:
    end = reader.text.find('"', reader.at + 1)
    if end < 0:
        raise bad("q: a quote is not closed")
    found = reader.text[reader.at + 1 : end]
    reader.at = end + 1
    return found


def _values(reader: _Reader) -> list[Any]:
    found = [_range_or_value(reader)]
    while reader.text.startswith(",", reader.at):
        reader.at += 1
        found.append(_range_or_value(reader))
    return found


def _range_or_value(reader: _Reader) -> Any:
    low = _one_value(reader)
    if not reader.text.startswith("..", reader.at):
        return low
    reader.at += 2
    return _Range(low, _one_value(reader))


def _one_value(reader: _Reader) -> Any:
    if reader.text.startswith('"', reader.at):
        return _quoted(reader)
    text = reader.match(re.compile(r"(?:(?!\.\.)[^;|(),])+"))
    if not text:
        raise bad(f"q: a value is missing at character {reader.at + 1}")
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if any(sign in text for sign in ".eE") else int(text[:300])
    return text


def _reading(path: str, terms: Terms) -> Callable[[Entity], list[Any]]:
    """Give a function from an entity to the values under a path of attributes and keys of the value."""
    head, bracket, inner = path.partition("[")
    is_iri = "://" in head or head.startswith("urn:")
    names = [head] if is_iri else head.split(".")
    keys = inner[:-1].split(".") if bracket else []
    iris = [each if each in _OWN else terms.expand(each) for each in names]
    if not all(names):
        raise bad("q: a name is empty")

    def read(entity: Entity) -> list[Any]:
        if names[0] in ("createdAt", "modifiedAt") and len(names) == 1:
            return [entity.created_at if names[0] == "createdAt" else entity.modified_at]
        held = entity.attributes.get(terms.expand(names[0]), {})
        found: list[Any] = []
        for instance in held.values():
            found.extend(_values_under(instance, iris[1:], keys))
        return found

    return read


_OWN = frozenset({"observedAt", "unitCode", "createdAt", "modifiedAt", "datasetId"})


def _values_under(instance: Instance, names: Sequence[str], keys: Sequence[str]) -> list[Any]:
    for name in names:
        held = instance.get(name)
        if name in _OWN or held is None:
            return [held] if held is not None else []
        instance = held
    value = instance[VALUE_OF[instance["type"]]]
    if instance["type"] == "LanguageProperty" and keys in ([], ["*"]):
        return [text for each in value.values() for text in (each if isinstance(each, list) else [each])]
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _equals(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, _Range):
        return _ordered(value, ">=", wanted.low) and _ordered(value, "<=", wanted.high)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return value == wanted
    if not (isinstance(value, str) and isinstance(wanted, str)):
        return False
    if value == wanted:
        return True
    moments = (_moment(value), _moment(wanted))
    return moments[0] is not None and moments[0] == moments[1]


def _ordered(value: Any, operator: str, wanted: Any) -> bool:
    numbers = (int, float)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return False
    if isinstance(value, numbers) and isinstance(wanted, numbers):
        return _compares(value, operator, wanted)
    if not (isinstance(value, str) and isinstance(wanted, str)):
        return False
    moments = (_moment(value), _moment(wanted))
    if moments[0] is not None and moments[1] is not None:
        return _compares(moments[0].timestamp(), operator, moments[1].timestamp())
    return _compares(value, operator, wanted)


def _moment(text: str) -> datetime | None:
    if not _MOMENT.fullmatch(text) or "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _compares(value: Any, operator: str, wanted: Any) -> bool:
    if operator == ">":
        return bool(value > wanted)
    if operator == "<":
        return bool(value < wanted)
    return bool(value >= wanted) if operator == ">=" else bool(value <= wanted)
