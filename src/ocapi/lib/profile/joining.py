"""What is asked of one property by all property shapes together, and whether any value can be so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ocapi.lib.rdf.graph import LANG_STRING, Lexical, Value
from ocapi.lib.shacl.checks import LITERAL
from ocapi.lib.shacl.datatypes import comparable, compare
from ocapi.lib.shacl.shapes import Shape
from ocapi.lib.shacl.vocabulary import SH

_LOWER = ("minInclusive", "minExclusive")
_UPPER = ("maxInclusive", "maxExclusive")


def joined(shape: Shape, shapes: Mapping[str, Shape]) -> dict[str, list[Shape]]:
    """Give the property shapes of a node shape by predicate: the constraints of one may stand on several."""
    found: dict[str, list[Shape]] = defaultdict(list)
    for name in shape.values("property"):
        each = shapes.get(name) if isinstance(name, str) else None
        if each and each.is_active and each.path and len(each.path) == 1 and not each.path[0].is_inverse:
            found[each.path[0].predicate].append(each)
    return found


def values_of(parts: Iterable[Shape], parameter: str) -> list[Value]:
    """Give the values of a parameter on all property shapes of one property."""
    return [value for each in parts for value in each.values(parameter)]


def numbers(parts: Iterable[Shape], parameter: str) -> list[int]:
    """Give the values of a count on all property shapes of one property."""
    return [int(v.text) for v in values_of(parts, parameter) if isinstance(v, Lexical) and v.text.isdigit()]


def unsatisfiable(parts: list[Shape]) -> str:
    """Give why no value can satisfy all shapes of one property, empty when one may."""
    least, most = max(numbers(parts, "minCount"), default=0), min(numbers(parts, "maxCount"), default=None)
    if most is not None and least > most:
        return f"at least {least} and at most {most} values"
    if most == 0 and values_of(parts, "hasValue"):
        return "a value that must be there and at most 0 values"
    datatypes = {v for v in values_of(parts, "datatype") if isinstance(v, str)}
    if len(datatypes) > 1:
        return f"datatypes {', '.join(sorted(datatypes))} at once"
    kinds = {v.removeprefix(SH) for v in values_of(parts, "nodeKind") if isinstance(v, str)}
    if (datatypes or kinds == {"Literal"}) and values_of(parts, "class"):
        return "a literal that is an instance of a class"
    if datatypes and kinds & {"IRI", "BlankNode", "BlankNodeOrIRI"} or "Literal" in kinds and len(kinds) > 1:
        return f"a literal of kind {', '.join(sorted(kinds))}"
    if values_of(parts, "languageIn") and datatypes - {LANG_STRING}:
        return "a language on a datatype that has none"
    shortest = max(numbers(parts, "minLength"), default=0)
    longest = min(numbers(parts, "maxLength"), default=None)
    if longest is not None and shortest > longest:
        return f"at least {shortest} and at most {longest} characters"
    return _empty_range(parts) or _not_among(parts)


def _empty_range(parts: list[Shape]) -> str:
    for low in _LOWER:
        for high in _UPPER:
            for one in values_of(parts, low):
                for other in values_of(parts, high):
                    if not isinstance(one, Lexical) or not isinstance(other, Lexical):
                        continue
                    order = compare(comparable(one), comparable(other))
                    if order is None or order > 0 or (order == 0 and "Exclusive" in low + high):
                        return f"{low} {one.text} and {high} {other.text}"
    return ""


def _not_among(parts: list[Shape]) -> str:
    lists = [c.values for each in parts for c in each.constraints if c.parameter == "in"]
    if any(not each for each in lists):
        return "one of an empty list"
    if lists and not set(lists[0]).intersection(*lists[1:]):
        return "one of two lists that have nothing in common"
    datatypes = {v for v in values_of(parts, "datatype") if isinstance(v, str)} - {LITERAL}
    kept = [v for v in (lists[0] if lists else ()) if isinstance(v, Lexical) and v.datatype in datatypes]
    if lists and datatypes and not kept:
        return f"one of a list in which nothing is of datatype {', '.join(sorted(datatypes))}"
    wanted = values_of(parts, "hasValue")
    outside = [each for each in wanted if any(each not in allowed for allowed in lists)]
    return "a value that must be there and is not among the allowed ones" if outside else ""
