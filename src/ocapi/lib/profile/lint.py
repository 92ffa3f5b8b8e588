"""Lint of a profile: what its parts do not say by themselves, and what they say against each other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ocapi.lib.finding import Finding
from ocapi.lib.jsonld.context import MISTYPED_HOSTS, PLACEHOLDER_HOSTS, Context
from ocapi.lib.rdf.graph import LANG_STRING, TYPE, Graph, Lexical, Value
from ocapi.lib.shacl.checks import LITERAL
from ocapi.lib.shacl.datatypes import comparable, compare
from ocapi.lib.shacl.shapes import Shape
from ocapi.lib.shacl.vocabulary import SH

_LOWER = ("minInclusive", "minExclusive")
_UPPER = ("maxInclusive", "maxExclusive")
_WORTHLESS = frozenset({"todo", "tbd", "n/a", "-"})


def of_context(context: Context) -> Iterator[Finding]:
    """Find what is wrong between the terms of a context."""
    classes = {term.iri for name, term in context.terms.items() if is_class_name(name)}
    shared: dict[str, list[str]] = defaultdict(list)
    spaces: dict[str, set[str]] = defaultdict(set)
    for name, term in context.terms.items():
        scheme, _, rest = term.iri.partition("://")
        spaces[rest.rpartition("#")[0] or rest.rpartition("/")[0]].add(scheme)
        if any(each in name for each in " ()") or name[:1].isdigit() or "::" in name:
            yield Finding(code="termUnhandy", where=name, detail="spaces, brackets, a colon or a digit first")
        if not is_class_name(name):
            shared[term.iri].append(name)
            if term.iri in classes:
                yield Finding(code="classAsProperty", where=name, detail=term.iri)
            if term.is_untyped and term.iri[-1:] not in ("#", "/"):
                yield Finding(code="untyped", where=name, detail="the context says not what its values are")
    for iri, names in shared.items():
        if len(names) > 2:
            yield Finding(code="iriShared", where=iri, detail=", ".join(sorted(names)))
    for space, schemes in spaces.items():
        if len(schemes) > 1:
            yield Finding(code="namespaceTwice", where=space, detail="under http and https")


def is_class_name(name: str) -> bool:
    """Tell whether a term is the name of a class: a capital first, and no class before it."""
    return name[:1].isupper() and "." not in name


def of_shapes(shapes: Mapping[str, Shape], graph: Graph, context: Context) -> Iterator[Finding]:
    """Find dead targets, placeholders, untyped properties, and what nothing can satisfy."""
    properties = {term.iri for name, term in context.terms.items() if not is_class_name(name)}
    classes = {term.iri: name for name, term in context.terms.items() if is_class_name(name)}
    for shape in shapes.values():
        for target in shape.target_classes:
            local = target.replace("/", "#").rpartition("#")[2]
            if target not in classes and ("." in local or target in properties):
                proposed = _proposed(shape.name, context)
                yield Finding(
                    code="deadTarget",
                    where=shape.name,
                    detail=f"{target} is a property; meant is {proposed or 'unknown'}",
                )
        if shape.description.strip().lower() in _WORTHLESS or shape.label.strip().lower() in _WORTHLESS:
            yield Finding(code="descriptionMissing", where=shape.name, detail=shape.description[:40])
        if shape.has_target:
            yield from _of_class(shape, shapes)
    yield from _dead_names(graph)


def _proposed(name: str, context: Context) -> str:
    local = name.replace("/", "#").rpartition("#")[2].removesuffix("Shape")
    term = context.terms.get(local)
    return term.iri if term else ""


def _dead_names(graph: Graph) -> Iterator[Finding]:
    dead: Counter[str] = Counter()
    for subject, _predicate, value in graph:
        for each in (subject, value):
            host = (
                each.partition("://")[2].partition("/")[0].partition("#")[0] if isinstance(each, str) else ""
            )
            if host in PLACEHOLDER_HOSTS or host in MISTYPED_HOSTS or ".test-" in f".{host}":
                dead[str(each) if host in PLACEHOLDER_HOSTS else host] += 1
    for name, count in sorted(dead.items()):
        code = "placeholder" if "://" in name else "deadHost"
        yield Finding(code=code, where=name, detail=f"in {count} statements of the shapes")


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


def _of_class(shape: Shape, shapes: Mapping[str, Shape]) -> Iterator[Finding]:
    if reason := _closed_to_all(shape, shapes):
        yield Finding(code="unsatisfiable", where=shape.name, detail=reason, is_fatal=True)
    for predicate, parts in joined(shape, shapes).items():
        where = f"{shape.name} {predicate}"
        reason = _unsatisfiable(parts)
        if reason:
            is_asked = max(numbers(parts, "minCount"), default=0) > 0 or bool(values_of(parts, "hasValue"))
            yield Finding(code="unsatisfiable", where=where, detail=reason, is_fatal=is_asked)
        typed = ("class", "datatype", "nodeKind", "in", "node", "or", "and", "xone", "hasValue")
        if not any(values_of(parts, each) for each in typed):
            yield Finding(code="untyped", where=where, detail="no shape says what its values are")


def _closed_to_all(shape: Shape, shapes: Mapping[str, Shape]) -> str:
    """Give why no thing of the class can say anything, empty when one may."""
    asked = [each for each in shape.constraints if each.parameter == "closed"]
    if not any(isinstance(v, Lexical) and v.text in ("true", "1") for each in asked for v in each.values):
        return ""
    allowed = {*joined(shape, shapes), *(v for each in asked for v in each.more.get("ignored", ()))}
    if not allowed - {TYPE}:
        return "closed, and no property is declared"
    if shape.target_classes and TYPE not in allowed:
        return "closed, and rdf:type, which every object has, is not among sh:ignoredProperties"
    return ""


def _unsatisfiable(parts: list[Shape]) -> str:
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
