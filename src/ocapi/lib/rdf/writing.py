"""Writing of graphs: N-Quads, N-Triples, Turtle and TriG, sorted so that equal graphs give equal bytes.

IRIs are checked, because an IRI with a bracket in it would end the statement it stands in.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from ocapi.lib.rdf.graph import LANG_STRING, STRING, TYPE, Graph, Lexical, Value
from ocapi.lib.rdf.tags import is_tag

_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r'[\\"\n\r\t\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class Written(StrEnum):
    """The formats written here, by media type, in the order in which a feed prefers them."""

    N_QUADS = "application/n-quads"
    TRIG = "application/trig"
    N_TRIPLES = "application/n-triples"
    TURTLE = "text/turtle"


class NotWritable(ValueError):
    """A name in the graph is no IRI, or a language is no tag; detail holds it."""


def write(graph: Graph, *, format: Written, name: str = "", prefixes: Mapping[str, str] | None = None) -> str:
    """Write a graph; name: IRI of the named graph for N-Quads and TriG, empty for the default graph.

    prefixes: namespace by prefix, used by Turtle and TriG. Raises NotWritable.
    """
    if format in (Written.N_QUADS, Written.N_TRIPLES):
        tail = f" {term(name)} ." if name and format is Written.N_QUADS else " ."
        lines = (f"{term(s)} {term(p)} {term(v)}{tail}\n" for s, p, v in graph)
        return "".join(sorted(lines))
    body = _turtle(graph, prefixes or {})
    head = "".join(
        f"@prefix {prefix}: {term(space)} .\n" for prefix, space in sorted((prefixes or {}).items())
    )
    if format is Written.TRIG and name:
        body = f"{term(name)} {{\n{body}}}\n"
    return f"{head}\n{body}" if head else body


def expanded_json(graph: Graph) -> list[dict[str, Any]]:
    """Give a graph as expanded JSON-LD: things by name, properties by IRI, no context needed."""
    return [
        {
            "@id": subject,
            **{
                predicate: [_expanded(v) for v in properties[predicate]]
                for predicate in sorted(properties)
                if predicate != TYPE
            },
            **({"@type": properties[TYPE]} if TYPE in properties else {}),
        }
        for subject, properties in sorted(graph.things.items())
    ]


def _expanded(value: Value) -> dict[str, str]:
    if isinstance(value, str):
        return {"@id": value}
    if value.language:
        return {"@value": value.text, "@language": value.language}
    return (
        {"@value": value.text}
        if value.datatype == STRING
        else {"@value": value.text, "@type": value.datatype}
    )


def term(value: Value) -> str:
    """Write one term as N-Triples does; raises NotWritable."""
    if isinstance(value, Lexical):
        return _literal(value)
    if value.startswith("_:"):
        return value
    if _NOT_IN_IRI.search(value) or ":" not in value:
        raise NotWritable(value)
    return f"<{value}>"


def is_writable(value: Value) -> bool:
    """Tell whether a term can be written: its name is an IRI, its language a tag."""
    try:
        term(value)
    except NotWritable:
        return False
    return True


def _literal(value: Lexical) -> str:
    text = f'"{escaped(value.text)}"'
    if value.language:
        if not is_tag(value.language):
            raise NotWritable(value.language)
        return f"{text}@{value.language}"
    return text if value.datatype in (STRING, LANG_STRING) else f"{text}^^{term(value.datatype)}"


def escaped(text: str) -> str:
    """Write a text as it stands between quotes."""
    return _TO_ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[0]) or f"\\u{ord(found[0]):04X}"


def _turtle(graph: Graph, prefixes: Mapping[str, str]) -> str:
    def short(value: Value) -> str:
        if isinstance(value, str) and not value.startswith("_:"):
            for prefix, space in prefixes.items():
                if value.startswith(space) and _LOCAL.match(value[len(space) :]):
                    return f"{prefix}:{value[len(space) :]}"
        return term(value)

    blocks = []
    for subject in sorted(graph.things):
        properties = graph.things[subject]
        lines = [
            ("a" if predicate == TYPE else short(predicate))
            + " "
            + ", ".join(sorted(short(each) for each in properties[predicate]))
            for predicate in sorted(properties, key=lambda each: (each != TYPE, each))
            if properties[predicate]
        ]
        if lines:
            blocks.append(f"{short(subject)} " + " ;\n    ".join(lines) + " .\n")
    return "\n".join(blocks)
