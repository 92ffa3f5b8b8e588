"""Reads a profile from its files: a folder, or the same files as they were pinned.

Files: `shacl.ttl` and `context.jsonld` (or `shacl.repaired.ttl` and `context.repaired.jsonld`, which go
before them; else the only `.ttl` that is named for shapes, and the only `.jsonld`), code lists in
`codelists/`, or `profile.yaml` alone: a profile in our own form. Nothing is fetched.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ocapi.lib.finding import Finding
from ocapi.lib.jsonld import context as contexts
from ocapi.lib.jsonld.context import Context, Term
from ocapi.lib.profile import joining, lint, own
from ocapi.lib.profile.model import Class, Profile, Property
from ocapi.lib.profile.ordinary import Ordinary
from ocapi.lib.rdf import lines, turtle
from ocapi.lib.rdf.graph import LANG_STRING, SUBCLASS_OF, TYPE, Graph, of_triples
from ocapi.lib.rdf.writing import Written, write
from ocapi.lib.shacl import compiler, reader
from ocapi.lib.shacl.checks import Known
from ocapi.lib.shacl.shapes import Shape

CONTEXTS = ("context.repaired.jsonld", "context.jsonld")
SHAPES = ("shacl.repaired.ttl", "shacl.ttl")
LISTS = "codelists"
PINNED_SHAPES, PINNED_LISTS, PINNED = "pinned.shapes.nt", "pinned.lists.nt", "pinned.digest"
OWN = "profile.yaml"
MAX_FILE = 4 << 20
MAX_FILES = 60
BASE = "urn:ocapi:profile:"
_LIST_FORMATS = {".ttl": turtle.Format.TURTLE, ".nt": turtle.Format.N_TRIPLES}


class NotAProfile(ValueError):
    """A folder holds no profile, or one too large; the text says which."""


def files_of(folder: Path) -> dict[str, bytes]:
    """Give the files of a profile by name, none that is no part of it; raises NotAProfile."""
    places = {name: folder / name for name in (*CONTEXTS, *SHAPES, OWN) if (folder / name).is_file()}
    places |= _published(folder, known=CONTEXTS, kind="*.jsonld", words=("",))
    places |= _published(folder, known=SHAPES, kind="*.ttl", words=("shacl", "shape"))
    lists = folder / LISTS
    found = sorted(lists.iterdir()) if lists.is_dir() else []
    places |= {f"{LISTS}/{each.name}": each for each in found if each.suffix in _LIST_FORMATS}
    if not places or len(places) > MAX_FILES:
        raise NotAProfile(f"{folder.name}: no context.jsonld, shacl.ttl or profile.yaml")
    files = {}
    for name, place in places.items():
        with place.open("rb") as file:
            files[name] = file.read(MAX_FILE + 1)
        if len(files[name]) > MAX_FILE:
            raise NotAProfile(f"{folder.name}: {name} is larger than {MAX_FILE} bytes")
    return files


def _published(
    folder: Path, *, known: tuple[str, ...], kind: str, words: tuple[str, ...]
) -> dict[str, Path]:
    """Give the one file that has the name it was published under, such as `adressen-SHACL.ttl`, by ours."""
    if any((folder / name).is_file() for name in (*known, OWN)):
        return {}
    named = (each for each in folder.glob(kind) if any(word in each.name.lower() for word in words))
    found = sorted(each for each in named if each.is_file())
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise NotAProfile(f"{folder.name}: which of {names} is it? Name it {known[-1]}")
    return {known[-1]: found[0]} if found else {}


def digest_of(files: Mapping[str, bytes]) -> str:
    """Give what pins a profile: SHA-256 over the names and hashes of its files."""
    lines = (f"{name} {hashlib.sha256(files[name]).hexdigest()}\n" for name in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def pinned(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files as they are kept: shapes and code lists as plain lines, which no parser is needed for.

    Reading these gives the same profile, with the digest of the files they were made from.
    """
    profile = read(files, name="")
    kept = {name: raw for name, raw in files.items() if name == OWN}
    if OWN not in files:
        kept[CONTEXTS[1]] = next((files[name] for name in CONTEXTS if name in files), b"{}")
        kept[PINNED_SHAPES] = write(profile.shapes_graph, format=Written.N_TRIPLES).encode()
    kept[PINNED_LISTS] = write(profile.lists, format=Written.N_TRIPLES).encode()
    return {**kept, PINNED: profile.digest.encode()}


def read(files: Mapping[str, bytes], *, name: str) -> Profile:
    """Read a profile; what is wrong stands in its findings, and decides whether it `is_usable`.

    Raises MalformedInput for a profile in our own form that can't be read.
    """
    findings: list[Finding] = []
    title = name
    if OWN in files:
        definition = own.read(files[OWN])
        title = definition.title
        context = contexts.read(own.context_of(definition))
        graph = own.shapes_of(definition)
        listed = own.lists_of(definition)
    else:
        context = _context(files)
        graph, listed = _graph(files, findings), Graph()
    shapes = reader.read(graph)
    if not graph.things:
        told = "only the context says what there is; shapes are read from shacl.ttl"
        findings.append(Finding(code="shapesMissing", where="", detail=told))
    validator = compiler.compiled(shapes.shapes)
    classes = _classes(shapes.shapes, context) or _classes_of_context(context)
    if not classes:
        findings.append(Finding(code="classesMissing", where="", is_fatal=True))
    lists = _lists(files, findings)
    for statement in listed:
        lists.add(*statement)
    known = known_of(lists)
    read_shapes = shapes.findings if graph.things else ()
    return Profile(
        name=name,
        title=title,
        digest=files[PINNED].decode() if PINNED in files else digest_of(files),
        context=context,
        classes=classes,
        shapes=shapes.shapes,
        shapes_graph=graph,
        lists=lists,
        known=known,
        validator=validator,
        ordinary=Ordinary(context, shapes.shapes, validator, known),
        findings=(
            *context.findings,
            *lint.of_context(context),
            *read_shapes,
            *validator.findings,
            *lint.of_shapes(shapes.shapes, graph, context),
            *findings,
        ),
    )


def _context(files: Mapping[str, bytes]) -> Context:
    chosen = next((name for name in CONTEXTS if name in files), None)
    return contexts.read(files[chosen] if chosen else b"{}")


def _graph(files: Mapping[str, bytes], findings: list[Finding]) -> Graph:
    if PINNED_SHAPES in files:
        return lines.read(files[PINNED_SHAPES].decode())
    chosen = next((name for name in SHAPES if name in files), None)
    return _parsed(files[chosen], turtle.Format.TURTLE, chosen, findings) if chosen else Graph()


def _parsed(raw: bytes, format: turtle.Format, name: str, findings: list[Finding]) -> Graph:
    try:
        return of_triples(turtle.parse(raw, format=format, base_iri=BASE, max_bytes=MAX_FILE))
    except turtle.MalformedRdf as refused:
        detail = f"line {refused.line}: {refused.detail}"
        findings.append(Finding(code="notTurtle", where=name, detail=detail, is_fatal=True))
        return Graph()


def _lists(files: Mapping[str, bytes], findings: list[Finding]) -> Graph:
    if PINNED_LISTS in files:
        return lines.read(files[PINNED_LISTS].decode())
    lists = Graph()
    for name in sorted(files):
        if name.startswith(f"{LISTS}/"):
            parsed = _parsed(files[name], _LIST_FORMATS[Path(name).suffix], name, findings)
            for statement in parsed:
                lists.add(*statement)
    return lists


def known_of(lists: Graph) -> Known:
    """Give what code lists make known: the classes of their concepts, and which class stands above which."""
    types = {
        subject: frozenset(each for each in properties[TYPE] if isinstance(each, str))
        for subject, properties in lists.things.items()
        if TYPE in properties
    }
    above: dict[str, frozenset[str]] = {}
    for subject, properties in lists.things.items():
        if SUBCLASS_OF in properties:
            found: set[str] = set()
            pending = [subject]
            while pending:
                each = pending.pop()
                fresh = {v for v in lists.values(each, SUBCLASS_OF) if isinstance(v, str)} - found
                found |= fresh
                pending.extend(fresh)
            above[subject] = frozenset(found)
    return Known(types=types, above=above)


def _classes(shapes: Mapping[str, Shape], context: Context) -> tuple[Class, ...]:
    terms: dict[str, str] = {}
    for name, known in context.terms.items():
        if lint.is_class_name(name):
            terms.setdefault(known.iri, name)
    by_property: dict[str, list[str]] = {}
    for name, known in context.terms.items():
        by_property.setdefault(known.iri, []).append(name)
    found: dict[str, Class] = {}
    for shape in shapes.values():
        for iri in shape.target_classes if shape.is_active and shape.path is None else ():
            term = terms.get(iri)
            if term is not None and iri not in found:
                properties = tuple(_properties(shape, shapes, context, by_property))
                found[iri] = Class(iri=iri, term=term, label=shape.label or term, properties=properties)
    return tuple(found.values())


def _properties(
    shape: Shape, shapes: Mapping[str, Shape], context: Context, names: Mapping[str, list[str]]
) -> Iterator[Property]:
    for predicate, parts in joining.joined(shape, shapes).items():
        terms = tuple(sorted(names.get(predicate, ()), key=lambda each: (len(each), each)))
        datatype = next((v for v in joining.values_of(parts, "datatype") if isinstance(v, str)), "")
        yield Property(
            iri=predicate,
            terms=terms,
            label=next((each.label for each in parts if each.label), terms[0] if terms else predicate),
            description=next((each.description for each in parts if each.description), ""),
            minimum=max(joining.numbers(parts, "minCount"), default=0),
            maximum=min(joining.numbers(parts, "maxCount"), default=None),
            datatype=datatype,
            of_class=next((v for v in joining.values_of(parts, "class") if isinstance(v, str)), ""),
            is_text=datatype == LANG_STRING or any(context.terms[each].is_text for each in terms),
            allowed=tuple(joining.values_of(parts, "in")),
        )


def _classes_of_context(context: Context) -> tuple[Class, ...]:
    """Give the classes of a profile without shapes: what a class has by its own context (JSON-LD 1.1, 4.1.8),
    and every other property, which may stand on each; none has to.
    """
    shared = _named(context.terms)
    found: dict[str, Class] = {}
    for name, term in context.terms.items():
        if lint.is_class_name(name) and term.iri not in found:
            own = _named(context.within.get(term.iri, {}))
            properties = tuple({**shared, **own}.values())
            found[term.iri] = Class(iri=term.iri, term=name, label=name, properties=properties)
    return tuple(found.values())


def _named(terms: Mapping[str, Term]) -> dict[str, Property]:
    """Give the properties among terms by name."""
    return {
        name: Property(
            iri=term.iri,
            terms=(name,),
            label=name,
            datatype=term.datatype,
            of_class=term.of_class,
            is_text=term.is_text,
            maximum=None if term.container in ("@set", "@list") else 1,
        )
        for name, term in terms.items()
        if not lint.is_class_name(name)
    }
