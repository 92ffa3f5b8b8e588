"""Judges a feature by the tree of a filter.

A comparison with a value that is missing, or of another kind, does not hold. Of a property with several
values one has to hold.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import re2

from ocapi.lib.cql2.syntax import (
    Among,
    Compare,
    Joined,
    Like,
    Missing,
    Moment,
    Named,
    Node,
    NotCql2,
    Opposite,
    Place,
    Scalar,
    Span,
    Truth,
    instant,
    span_of,
)
from ocapi.lib.geo import relations
from ocapi.lib.geo.systems import Geometry, envelope

Judge = Callable[[Mapping[str, Any], Geometry | None], bool]
GEOMETRY = "geometry"
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compiled(node: Node) -> Judge:
    """Give a function that tells whether a feature (properties, geometry) passes; raises NotCql2."""
    match node:
        case Truth(verdict):
            return lambda said, at: verdict
        case Opposite(of):
            inner = compiled(of)
            return lambda said, at: not inner(said, at)
        case Joined(is_all, parts):
            judges = [compiled(each) for each in parts]
            join = all if is_all else any
            return lambda said, at: join(each(said, at) for each in judges)
        case Missing(name):
            return lambda said, at: said.get(name) in (None, [], "")
        case Place(_, geometry):
            return lambda said, at: at is not None and relations.intersect(at, geometry)
        case Compare():
            return _compare(node)
        case Like(value, pattern):
            return _like(value, pattern)
        case Among(value, members):
            return lambda said, at: any(
                _holds("=", mine, each) for mine in _values(value, said) for each in members
            )
        case Moment(relation, name, span):
            return lambda said, at: any(_relates(relation, mine, span) for mine in _spans(said.get(name)))


def names(node: Node) -> Iterator[str]:
    """Give the names of the properties a filter reads; that of a geometry too."""
    match node:
        case Opposite(of):
            yield from names(of)
        case Joined(_, parts):
            for each in parts:
                yield from names(each)
        case Missing(name) | Place(name, _) | Moment(_, name, _):
            yield name
        case Like(value, _) | Among(value, _):
            yield value.name
        case Compare(_, left, right):
            yield from (each.name for each in (left, right) if isinstance(each, Named))
        case _:
            return


def boxes(node: Node) -> tuple[relations.Box, ...]:
    """Give boxes that every feature that passes meets: what an index may be asked first."""
    match node:
        case Place(_, geometry):
            return (envelope(geometry),)
        case Joined(True, parts):
            return tuple(found for each in parts for found in boxes(each))
    return ()


def _compare(node: Compare) -> Judge:
    left, right, sign = node.left, node.right, node.operator

    def judge(said: Mapping[str, Any], at: Geometry | None) -> bool:
        return any(
            _holds(sign, mine, theirs)
            for mine in _values(left, said)
            for theirs in _values(right, said, is_folded=isinstance(left, Named) and left.is_folded)
        )

    return judge


def _values(term: Named | Scalar, said: Mapping[str, Any], *, is_folded: bool = False) -> Iterable[Any]:
    if not isinstance(term, Named):
        return (term.casefold() if is_folded and isinstance(term, str) else term,)
    found = said.get(term.name)
    several = found if isinstance(found, list) else [found]
    if term.is_folded:
        return [each.casefold() if isinstance(each, str) else each for each in several]
    return several


def _holds(sign: str, mine: Any, theirs: Any) -> bool:
    if isinstance(mine, date) and isinstance(theirs, str):
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(sign, sign)
        return _holds(turned, theirs, mine)
    if isinstance(theirs, date) and isinstance(mine, str):
        return any(_at(sign, each, span_of(theirs)) for each in _spans(mine))
    is_number = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (mine, theirs))
    if is_number or (isinstance(mine, str) and isinstance(theirs, str)):
        return _SIGNS[sign](mine, theirs)
    if isinstance(mine, bool) and isinstance(theirs, bool):
        return _SIGNS[sign](mine, theirs)
    return False


def _at(sign: str, mine: Span, theirs: Span) -> bool:
    """Compare two moments, a day as its whole length."""
    if None in mine or None in theirs:
        return False
    (low, high), (first, last) = mine, theirs
    assert low and high and first and last
    match sign:
        case "=":
            return first <= low and high <= last
        case "<>":
            return not (first <= low and high <= last)
        case "<":
            return high < first
        case "<=":
            return high <= last
        case ">":
            return low > last
        case _:
            return low >= first


def _spans(found: Any) -> Iterator[Span]:
    for each in found if isinstance(found, list) else [found]:
        try:
            if isinstance(each, datetime | str):
                yield span_of(each if isinstance(each, datetime) else instant(each))
        except ValueError:
            continue


def _relates(relation: str, mine: Span, theirs: Span) -> bool:
    (low, high), (first, last) = mine, theirs
    assert low and high
    match relation:
        case "after":
            return last is not None and low > last
        case "before":
            return first is not None and high < first
        case "during":
            return (first is None or low > first) and (last is None or high < last)
        case "equals":
            return low == first and high == last
        case _:
            return (first is None or high >= first) and (last is None or low <= last)


def _like(value: Named, pattern: str) -> Judge:
    parts, is_escaped = [], False
    for each in pattern.casefold() if value.is_folded else pattern:
        if is_escaped or each not in "%_\\":
            parts.append(re2.escape(each))
            is_escaped = False
        elif each == "\\":
            is_escaped = True
        else:
            parts.append(".*" if each == "%" else ".")
    try:
        found = re2.compile(f"(?s){''.join(parts)}")
    except re2.error:
        raise NotCql2("the pattern of LIKE is too long") from None
    return lambda said, at: any(
        isinstance(each, str) and found.fullmatch(each) is not None for each in _values(value, said)
    )
