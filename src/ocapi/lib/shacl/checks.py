"""One check per parameter: made once from its values, then run on the values of a property.

A check is given the focus, the values, the graph, and what is known beyond it; it gives the values that
break it, None standing for "the set as a whole".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import re2

from ocapi.lib.rdf.graph import LANG_STRING, STRING, SUBCLASS_OF, TYPE, Graph, Lexical, Value
from ocapi.lib.shacl.datatypes import Comparable, comparable, compare, is_well_formed
from ocapi.lib.shacl.shapes import Constraint
from ocapi.lib.shacl.vocabulary import SH

MAX_PATTERN = 2_000
PATTERN_MEMORY = 8 << 20  # bytes RE2 may use for one pattern
LITERAL = "http://www.w3.org/2000/01/rdf-schema#Literal"
KINDS = {  # IRI, blank, literal
    "IRI": (True, False, False),
    "BlankNode": (False, True, False),
    "Literal": (False, False, True),
    "BlankNodeOrIRI": (True, True, False),
    "IRIOrLiteral": (True, False, True),
    "BlankNodeOrLiteral": (False, True, True),
}


class NotCompilable(ValueError):
    """A constraint can't be made into a check; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beyond the data at hand: code lists, and objects it refers to.

    types: classes by IRI. above: all classes above a class, itself not among them.
    """

    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    above: Mapping[str, frozenset[str]] = field(default_factory=dict)


NOTHING_KNOWN = Known()
Broken: TypeAlias = Sequence[str | Lexical | None]
NONE: tuple[Value, ...] = ()
WHOLE = (None,)
Check: TypeAlias = Callable[[Value, list[Value], Graph, Known], Broken]


def is_a(value: Value, wanted: str, graph: Graph, known: Known) -> bool:
    """Tell whether a thing is an instance of a class, by its own types, known ones and classes above them."""
    if isinstance(value, Lexical):
        return False
    properties = graph.things.get(value)
    own = properties.get(TYPE, ()) if properties else ()
    if wanted in own or wanted in known.types.get(value, ()):
        return True
    if not own and value not in known.types:
        return False
    return any(wanted in _above(each, graph, known) for each in (*own, *known.types.get(value, ())))


def _above(of: Value, graph: Graph, known: Known) -> set[Value]:
    found: set[Value] = set()
    pending = [of]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            fresh = {*graph.values(each, SUBCLASS_OF), *known.above.get(each, ())} - found
            found |= fresh
            pending.extend(fresh)
    return found


def make(constraint: Constraint) -> Check:
    """Make the check of a constraint that names no other shape; raises NotCompilable."""
    return MAKERS[constraint.parameter](constraint)


def _number(constraint: Constraint) -> int:
    value = constraint.values[0]
    assert isinstance(value, Lexical)
    return int(value.text)


def _min_count(constraint: Constraint) -> Check:
    least = _number(constraint)

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        return WHOLE if len(values) < least else NONE

    return check


def _max_count(constraint: Constraint) -> Check:
    most = _number(constraint)

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        return WHOLE if len(values) > most else NONE

    return check


class Each:
    """A check that looks at each value alone. fits: tells whether a value is as is asked."""

    __slots__ = ("fits",)

    def __init__(self, fits: Callable[[Value], bool]) -> None:
        self.fits = fits

    def __call__(self, focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        """Give the values that do not fit."""
        fits = self.fits
        for value in values:
            if not fits(value):
                return [each for each in values if not fits(each)]
        return NONE


def _class(constraint: Constraint) -> Check:
    wanted = constraint.values[0]
    if not isinstance(wanted, str):
        raise NotCompilable("sh:class names no class")

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        return [value for value in values if not is_a(value, wanted, graph, known)]

    return check


def _datatype(constraint: Constraint) -> Check:
    wanted = constraint.values[0]
    if wanted == LITERAL:
        return Each(lambda value: isinstance(value, Lexical))
    if wanted in (STRING, LANG_STRING):
        return Each(lambda value: isinstance(value, Lexical) and value.datatype == wanted)
    return Each(
        lambda value: isinstance(value, Lexical) and value.datatype == wanted and is_well_formed(value)
    )


def _node_kind(constraint: Constraint) -> Check:
    name = constraint.values[0]
    kinds = KINDS.get(name.removeprefix(SH)) if isinstance(name, str) else None
    if kinds is None:
        raise NotCompilable("sh:nodeKind is unknown")
    is_iri, is_blank, is_literal = kinds

    def fits(value: Value) -> bool:
        if isinstance(value, Lexical):
            return is_literal
        return is_blank if value.startswith("_:") else is_iri

    return Each(fits)


def _text(value: Value) -> str | None:
    if isinstance(value, Lexical):
        return value.text
    return None if value.startswith("_:") else value


def _min_length(constraint: Constraint) -> Check:
    least = _number(constraint)
    return Each(lambda value: least == 0 or ((text := _text(value)) is not None and len(text) >= least))


def _max_length(constraint: Constraint) -> Check:
    most = _number(constraint)

    def fits(value: Value) -> bool:
        if type(value) is Lexical:  # most are
            return len(value.text) <= most
        text = _text(value)
        return text is not None and len(text) <= most

    return Each(fits)


def _pattern(constraint: Constraint) -> Check:
    written = constraint.values[0]
    flags = next((each.text for each in constraint.more.get("flags", ()) if isinstance(each, Lexical)), "")
    if not isinstance(written, Lexical) or len(written.text) > MAX_PATTERN or set(flags) - set("ims"):
        raise NotCompilable("sh:pattern is no text, too long, or has flags that are not known")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        search = re2.compile(f"(?{flags}){written.text}" if flags else written.text, options)
    except re2.error:
        raise NotCompilable(f"sh:pattern {written.text[:80]!r} can't be matched in linear time") from None
    return Each(lambda value: (text := _text(value)) is not None and search.search(text) is not None)


def _in(constraint: Constraint) -> Check:
    allowed = frozenset(constraint.values)
    return Each(lambda value: value in allowed)


def _has_value(constraint: Constraint) -> Check:
    wanted = constraint.values[0]

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        return NONE if wanted in values else WHOLE

    return check


def _language_in(constraint: Constraint) -> Check:
    wanted = {each.text.lower() for each in constraint.values if isinstance(each, Lexical)}

    def fits(value: Value) -> bool:
        if not isinstance(value, Lexical) or not value.language:
            return False
        tag = value.language.lower()
        return "*" in wanted or any(tag == each or tag.startswith(f"{each}-") for each in wanted)

    return Each(fits)


def _unique_lang(constraint: Constraint) -> Check:
    flag = constraint.values[0]
    is_asked = isinstance(flag, Lexical) and flag.text in ("true", "1")

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        if not is_asked or len(values) < 2:
            return NONE
        tags = [each.language.lower() for each in values if isinstance(each, Lexical) and each.language]
        return [None for tag in dict.fromkeys(tags) if tags.count(tag) > 1]

    return check


def _range(holds: Callable[[int], bool]) -> Callable[[Constraint], Check]:
    def made(constraint: Constraint) -> Check:
        written = constraint.values[0]
        limit = comparable(written) if isinstance(written, Lexical) else None
        if limit is None:
            raise NotCompilable("the limit of a range is no value that can be compared")

        def fits(value: Value) -> bool:
            order = compare(comparable(value), limit) if isinstance(value, Lexical) else None
            return order is not None and holds(order)

        return Each(fits)

    return made


def _equals(constraint: Constraint) -> Check:
    other = _predicate(constraint)

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        others = graph.values(focus, other)
        here = [each for each in values if each not in others]
        return [*here, *(each for each in others if each not in values)]

    return check


def _disjoint(constraint: Constraint) -> Check:
    other = _predicate(constraint)

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
        others = graph.values(focus, other)
        return [each for each in values if each in others]

    return check


def _less(holds: Callable[[int], bool]) -> Callable[[Constraint], Check]:
    def made(constraint: Constraint) -> Check:
        other = _predicate(constraint)

        def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> Broken:
            others = [_sortable(each) for each in graph.values(focus, other)]
            pairs = ((value, compare(_sortable(value), each)) for value in values for each in others)
            return [value for value, order in pairs if order is None or not holds(order)]

        return check

    return made


def _sortable(value: Value) -> Comparable | None:
    return comparable(value) if isinstance(value, Lexical) else None


def _predicate(constraint: Constraint) -> str:
    other = constraint.values[0]
    if not isinstance(other, str):
        raise NotCompilable("a property pair names no property")
    return other


MAKERS: dict[str, Callable[[Constraint], Check]] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "in": _in,
    "hasValue": _has_value,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _less(lambda order: order < 0),
    "lessThanOrEquals": _less(lambda order: order <= 0),
    "minInclusive": _range(lambda order: order >= 0),
    "maxInclusive": _range(lambda order: order <= 0),
    "minExclusive": _range(lambda order: order > 0),
    "maxExclusive": _range(lambda order: order < 0),
}
