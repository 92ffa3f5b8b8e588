"""pySHACL over graphs of ours: the second opinion in tests, and the judge of what is not compiled.

rdflib never parses anything here: it is handed statements one by one. Nothing is fetched, no import followed,
no query or script of a shape run. The fallback runs this in a process of its own (`python -m
ocapi.lib.rdf.oracle`), because a judge that takes for ever can only be ended from outside.
"""

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from ocapi.lib import codec, confined
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import LANG_STRING, STRING, Graph, Lexical, Value, of_triples
from ocapi.lib.rdf.writing import Written, write

if TYPE_CHECKING:
    import rdflib

SH = "http://www.w3.org/ns/shacl#"
WALL_SECONDS = 5
MEMORY = 1 << 30  # bytes of address space for the process of the fallback
MAX_STATEMENTS = 20_000
BASE = "urn:ocapi:none"


class Found(NamedTuple):
    """One result of pySHACL, in the terms of `lib.shacl.results`."""

    focus: Value
    path: str
    component: str
    value: Value | None
    shape: str


class FallbackFailed(RuntimeError):
    """The process that judges was ended or gave up; reason: tooLarge | tooLong | failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def validate(data: Graph, shapes: Graph) -> tuple[Found, ...]:
    """Give what pySHACL finds in a graph by shapes, in no order."""
    return validate_by(rdflib_graph(shapes), data)


def validate_by(shapes: "rdflib.Graph", data: Graph) -> tuple[Found, ...]:
    """Do the same by shapes that stand ready: to make them takes longer than to judge one object."""
    import pyshacl

    _conforms, report, _text = pyshacl.validate(
        rdflib_graph(data),
        shacl_graph=shapes,
        inference="none",
        advanced=False,
        js=False,
        do_owl_imports=False,
        meta_shacl=False,
        max_validation_depth=30,
    )
    return tuple(_results(report))


def judge(data: Graph, shapes: Graph, *, wall_seconds: float = WALL_SECONDS) -> tuple[Found, ...]:
    """Do the same in a process with limits of time and memory; raises FallbackFailed."""
    if sum(1 for _ in data) + sum(1 for _ in shapes) > MAX_STATEMENTS:
        raise FallbackFailed("tooLarge")
    asked = codec.encode_json([write(each, format=Written.N_TRIPLES) for each in (data, shapes)])
    try:
        done = confined.run("ocapi.lib.rdf.oracle", asked=asked, wall_seconds=wall_seconds)
    except confined.TooLong:
        raise FallbackFailed("tooLong") from None
    if done.code:
        raise FallbackFailed("failed")
    rows = codec.decode_json(done.said, list[tuple[Any, str, str, Any, str]], max_bytes=64 << 20)
    return tuple(Found(_value(f), path, name, _value(v), shape) for f, path, name, v, shape in rows)


def _value(written: Any) -> Any:
    return Lexical(*written) if isinstance(written, list) else written


def rdflib_graph(graph: Graph) -> "rdflib.Graph":
    """Give a graph of ours as one of rdflib, statement by statement."""
    import rdflib

    made = rdflib.Graph()
    made.addN((_term(s), _term(p), _term(v), made) for s, p, v in graph)
    return made


def _term(value: Value) -> Any:
    import rdflib

    if isinstance(value, Lexical):
        if value.language:
            return rdflib.Literal(value.text, lang=value.language)
        return rdflib.Literal(value.text, datatype=rdflib.URIRef(value.datatype), normalize=False)
    return rdflib.BNode(value[2:]) if value.startswith("_:") else rdflib.URIRef(value)


def _ours(term: Any) -> Value:
    import rdflib

    if isinstance(term, rdflib.Literal):
        language = (term.language or "").lower()
        return Lexical(str(term), LANG_STRING if language else str(term.datatype or STRING), language)
    return f"_:{term}" if isinstance(term, rdflib.BNode) else str(term)


def _results(report: Any) -> list[Found]:
    import rdflib

    result, detail = rdflib.URIRef(f"{SH}result"), rdflib.URIRef(f"{SH}detail")
    below = set(report.objects(None, detail))
    found = []
    for each in report.objects(None, result):
        if each in below:
            continue

        def one(name: str, of: Any = each) -> Any:
            return report.value(of, rdflib.URIRef(f"{SH}{name}"))

        value, path = one("value"), one("resultPath")
        found.append(
            Found(
                focus=_ours(one("focusNode")),
                path="" if path is None else _path(report, path),
                component=str(one("sourceConstraintComponent")).removeprefix(SH),
                value=None if value is None else _ours(value),
                shape=str(_ours(one("sourceShape"))),
            )
        )
    return found


def _path(report: Any, path: Any) -> str:
    import rdflib
    from rdflib.collection import Collection

    if isinstance(path, rdflib.URIRef):
        return str(path)
    inverse = report.value(path, rdflib.URIRef(f"{SH}inversePath"))
    if inverse is not None:
        return f"^{_path(report, inverse)}"
    return "/".join(_path(report, each) for each in Collection(report, path))


def main() -> None:
    """Judge what stands on standard input, and write the results to standard output."""
    confined.confine(memory_bytes=MEMORY, cpu_seconds=WALL_SECONDS, is_enough=True)
    data, shapes = (
        of_triples(turtle.parse(each.encode(), format=turtle.Format.N_TRIPLES, base_iri=BASE))
        for each in codec.decode_json(sys.stdin.buffer.read(), list[str], max_bytes=64 << 20)
    )
    sys.stdout.buffer.write(codec.encode_json([list(each) for each in validate(data, shapes)]))


if __name__ == "__main__":
    main()
