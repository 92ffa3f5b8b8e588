"""Writing of graphs as RDF/XML, which older harvesters ask: one description per thing, no nesting.

Source: RDF 1.1 XML Syntax. A property whose name can't be an XML name is not writable there.
"""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from ocapi.lib.rdf.graph import LANG_STRING, RDF, STRING, Graph, Value
from ocapi.lib.rdf.writing import NotWritable, term

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\Z")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(graph: Graph, *, prefixes: Mapping[str, str]) -> bytes:
    """Write a graph; prefixes: namespace by prefix, more are made as needed. Raises NotWritable."""
    spaces = {space: prefix for prefix, space in prefixes.items()}
    spaces.setdefault(RDF, "rdf")
    blocks = []
    for subject in sorted(graph.things):
        lines = []
        for predicate in sorted(graph.things[subject]):
            name = _name(predicate, spaces)
            lines += sorted(_property(name, value) for value in graph.things[subject][predicate])
        if lines:
            body = "".join(f"    {line}\n" for line in lines)
            blocks.append(f"  <rdf:Description {_about(subject)}>\n{body}  </rdf:Description>\n")
    used = "".join(f" xmlns:{prefix}={quoteattr(space)}" for space, prefix in sorted(spaces.items()))
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{used}>\n'
    return f"{head}{''.join(blocks)}</rdf:RDF>\n".encode()


def _name(predicate: str, spaces: dict[str, str]) -> str:
    term(predicate)
    at = max(predicate.rfind("#"), predicate.rfind("/")) + 1
    space, local = predicate[:at], predicate[at:]
    if not _LOCAL.match(local):
        raise NotWritable(predicate)
    return f"{spaces.setdefault(space, f'ns{len(spaces)}')}:{local}"


def _about(subject: str) -> str:
    if subject.startswith("_:"):
        return f"rdf:nodeID={quoteattr(subject[2:])}"
    term(subject)
    return f"rdf:about={quoteattr(subject)}"


def _property(name: str, value: Value) -> str:
    if isinstance(value, str):
        if value.startswith("_:"):
            return f"<{name} rdf:nodeID={quoteattr(value[2:])}/>"
        term(value)
        return f"<{name} rdf:resource={quoteattr(value)}/>"
    text = escape(_NOT_IN_XML.sub("\ufffd", value.text), {"\r": "&#13;"})
    if value.language:
        return f"<{name} xml:lang={quoteattr(value.language)}>{text}</{name}>"
    if value.datatype in (STRING, LANG_STRING):
        return f"<{name}>{text}</{name}>"
    return f"<{name} rdf:datatype={quoteattr(value.datatype)}>{text}</{name}>"
