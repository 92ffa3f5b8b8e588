"""Lint of a profile: what its parts do not say by themselves, and what they say against each other."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from ocapi.lib.finding import Finding
from ocapi.lib.jsonld.context import MISTYPED_HOSTS, PLACEHOLDER_HOSTS, Context
from ocapi.lib.profile.joining import joined, numbers, unsatisfiable, values_of
from ocapi.lib.profile.together import contradictions
from ocapi.lib.rdf.graph import TYPE, Graph, Lexical
from ocapi.lib.shacl.shapes import Shape

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
    found = [each for shape in shapes.values() if shape.has_target for each in _of_class(shape, shapes)]
    yield from found
    yield from contradictions(shapes, frozenset(each.where for each in found if each.code == "unsatisfiable"))
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


def _of_class(shape: Shape, shapes: Mapping[str, Shape]) -> Iterator[Finding]:
    if reason := _closed_to_all(shape, shapes):
        yield Finding(code="unsatisfiable", where=shape.name, detail=reason, is_fatal=True)
    for predicate, parts in joined(shape, shapes).items():
        where = f"{shape.name} {predicate}"
        reason = unsatisfiable(parts)
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
