"""Reads back the N-Triples we wrote ourselves, without a parser: one statement a line, as `writing` makes
them.

Not for documents from outside: those go through `rdf.turtle`.
"""

import re

from ocapi.lib.rdf.graph import LANG_STRING, STRING, Graph, Lexical, Value

_LINE = re.compile(
    r"(?P<s><[^>]*>|_:\S+) <(?P<p>[^>]*)> "
    r'(?:<(?P<iri>[^>]*)>|(?P<blank>_:\S+)|"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<tag>\S+)|\^\^<(?P<type>[^>]*)>)?)'
    r" \.\Z"
)
_ESCAPE = re.compile(r'\\(?:u([0-9A-F]{4})|(["\\nrt]))')
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class NotOurLines(ValueError):
    """A line was not written by us; the text is its number."""


def read(text: str) -> Graph:
    """Give the graph of our own N-Triples; raises NotOurLines."""
    graph = Graph()
    for number, line in enumerate(text.split("\n"), 1):
        if not line:
            continue
        found = _LINE.match(line)
        if found is None:
            raise NotOurLines(f"line {number}")
        subject = found["s"]
        graph.add(subject[1:-1] if subject[0] == "<" else subject, found["p"], _value(found))
    return graph


def _value(found: re.Match[str]) -> Value:
    if found["iri"] is not None:
        return found["iri"]
    if found["blank"] is not None:
        return found["blank"]
    text = _ESCAPE.sub(lambda each: chr(int(each[1], 16)) if each[1] else _PLAIN[each[2]], found["text"])
    if found["tag"]:
        return Lexical(text, LANG_STRING, found["tag"])
    return Lexical(text, found["type"] or STRING)
