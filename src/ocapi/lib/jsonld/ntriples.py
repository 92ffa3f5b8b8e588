"""Writes an object of JSON-LD as lines of N-Triples at once, when it is written as is usual.

The lines are those of its graph (`expansion`, `rdf.writing`), which is not made. It only does what it knows:
another way of writing is left to who makes the graph.
"""

import re
from collections.abc import Mapping
from typing import Any

from ocapi.lib.jsonld.context import Context, Term
from ocapi.lib.jsonld.expansion import MAX_DEPTH, MAX_THINGS, MAX_VALUES, scalar
from ocapi.lib.rdf import writing
from ocapi.lib.rdf.graph import TYPE, Lexical

_LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+").fullmatch
_PLAIN = re.compile(r'[^\\"\x00-\x1f\x7f]*').fullmatch
_PLAIN_KINDS = frozenset({bool, int, float})


class NotUsual(Exception):
    """An object is not written as is usual: its graph tells what it says."""


class Writer:
    """Writes objects of one context; what a member stands for is looked up once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._is_plain = not (context.within or context.aliases)
        self._members: dict[str, tuple[str, str, Term]] = {}
        self._classes: dict[str, str] = {}
        self._lines: list[str] = []
        self._of = self._name = self._label = ""
        self._things = 0

    def lines(self, body: Mapping[str, Any], *, of: str, name: str, label: str) -> list[str]:
        """Give the lines of an object, some perhaps twice, each without its end.

        of: its IRI. name: IRI that stands for it as a subject. label: what its nameless things begin with.
        Raises NotUsual.
        """
        if not self._is_plain or not _LINK(of) or not _LINK(name) or body.get("@id", of) != of:
            raise NotUsual
        self._lines, self._things = [], 0
        self._of, self._name, self._label = of, f"<{name}>", label
        self._thing(body, of, 0)
        return self._lines

    def _thing(self, body: Mapping[str, Any], known_as: str, depth: int) -> str:
        """Write a thing; gives how it is named as a value."""
        self._things += 1
        if self._things > MAX_THINGS or depth > MAX_DEPTH:
            raise NotUsual
        said = body.get("@id", known_as)
        if said:
            if type(said) is not str or not _LINK(said):
                raise NotUsual
            here = f"<{said}>"
        else:
            here = f"_:{self._label}b{self._things}"
        subject = self._name if said == self._of else here
        lines, members = self._lines, self._members
        for key, value in body.items():
            if key == "@type":
                lines.append(f"{subject} <{TYPE}> {self._class(value)} .")
            elif key != "@id" and value is not None:
                predicate, tail, term = members.get(key) or self._member(key)
                if type(value) is str and tail:  # most are
                    text = value if _PLAIN(value) else writing.escaped(value)
                    lines.append(f'{subject} {predicate} "{text}"{tail}')
                    continue
                if type(value) is list and len(value) > MAX_VALUES:
                    raise NotUsual
                for each in value if type(value) is list else (value,):
                    if each is not None:
                        lines.append(f"{subject} {predicate} {self._value(each, term, tail, depth)}")
        return here

    def _value(self, value: Any, term: Term, tail: str, depth: int) -> str:
        """Write a value with the end of its line."""
        kind = type(value)
        if kind is dict and not value.keys() & {"@value", "@list", "@set", "@context"}:
            return f"{self._thing(value, '', depth + 1)} ."
        if kind is str:
            if tail:
                return f'"{value if _PLAIN(value) else writing.escaped(value)}"{tail}'
            if term.is_link and not term.is_vocabulary and _LINK(value):
                return f"<{value}> ."
        if kind in _PLAIN_KINDS:
            return f"{writing.term(scalar(value, term))} ."
        raise NotUsual

    def _member(self, key: str) -> tuple[str, str, Term]:
        """Give a member: its predicate, the end of a line with a plain text (else empty), and its term."""
        term = self._context.terms.get(key)
        if term is None or term.is_reverse or term.container not in ("", "@set") or not _LINK(term.iri):
            raise NotUsual
        tail = ""
        if not term.is_link:
            datatype, language = ("", term.language) if term.is_text else (term.datatype, "")
            tail = writing.term(Lexical("", datatype, language) if datatype or language else Lexical(""))[2:]
            tail += " ."
        found = self._members[key] = (f"<{term.iri}>", tail, term)
        return found

    def _class(self, written: Any) -> str:
        if type(written) is not str:
            raise NotUsual
        found = self._classes.get(written)
        if found is None:
            term = self._context.terms.get(written)
            iri = term.iri if term is not None else written
            if not _LINK(iri) or len(self._classes) > MAX_VALUES:
                raise NotUsual
            found = self._classes[written] = f"<{iri}>"
        return found
