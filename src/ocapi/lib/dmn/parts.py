"""Everything in a DMN file in words, and its plain expressions to change; all else keeps every byte.

A decision or knowledge model whose logic is one FEEL expression can be changed here; a table is a sheet
(`sheets`). All other logic is shown as FEEL would write it, and stays as it came.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

from lxml import etree

from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.sheets import root_of
from ocapi.lib.dmn.xml_parts import child, children, local, named_type, text_of

KINDS = ("decision", "businessKnowledgeModel", "decisionService", "inputData", "itemDefinition", "import")
MAX_TEXT, MAX_LINES, MAX_DEPTH = 10_000, 400, 40  # characters of an expression; lines shown; boxes in boxes
_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_NEEDS = ("requiredInput", "requiredDecision", "requiredKnowledge", "outputDecision", "encapsulatedDecision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One element of a model. place: among all of them; kind: one of KINDS; needs: names of what it uses, of
    what stands in another file the name of that import; parameters: names a function takes.

    shape: element name of its logic, empty without; text: the expression, when it is one; lines: other logic
    as FEEL would write it, cut at MAX_LINES; is_editable: whether `write_expression` may change `text`.
    """

    place: int
    kind: str
    name: str
    type: str = ""
    needs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    shape: str = ""
    text: str = ""
    lines: tuple[str, ...] = ()
    is_editable: bool = False


def read_parts(raw: bytes) -> tuple[Part, ...]:
    """Give every element of a file that decides or is decided by, in its order; raises ModelRefused."""
    root = root_of(raw)
    names = {f"#{each.get('id')}": each.get("name", "") for each in root if each.get("id")}
    names |= {each.get("namespace", ""): each.get("name", "") for each in children(root, "import")}
    return tuple(_part(each, place, names) for place, each in enumerate(children(root, *KINDS)))


def write_expression(raw: bytes, place: int, text: str) -> bytes:
    """Give the file with another expression at a place, every other byte as it was.

    Raises ModelRefused for a text that can't stand there, IndexError for a place without an expression.
    """
    if len(text) > MAX_TEXT:
        raise ModelRefused("expressionTooLong")
    if any(ord(each) < 32 and each not in "\t\n\r" or each in "\ufffe\uffff" for each in text):
        raise ModelRefused("characterRefused")
    root = root_of(raw)
    found = list(children(root, *KINDS))[place]
    logic = _logic(found)
    holder = child(logic, "text") if logic is not None and _is_editable(logic) else None
    if holder is None:
        raise IndexError(place)
    return _spliced(raw, [each for each in root.iter() if isinstance(each.tag, str)].index(holder), text)


def _part(node: etree._Element, place: int, names: dict[str, str]) -> Part:
    logic = _logic(node)
    is_editable = logic is not None and _is_editable(logic)
    variable = child(node, "variable")
    own_type = named_type(node) or ("" if variable is None else named_type(variable))
    is_shown = logic is not None and not is_editable and local(logic) != "decisionTable"
    return Part(
        place=place, kind=local(node), name=node.get("name") or node.get("namespace") or "",
        type=own_type or text_of(node, "typeRef"),
        needs=tuple(dict.fromkeys(
            _named(each.get("href", ""), names) for each in node.iter() if local(each) in _NEEDS
        )),
        parameters=_parameters(node),
        shape="" if logic is None else local(logic), is_editable=is_editable,
        text=text_of(logic, "text") if logic is not None and is_editable else "",
        lines=_cut(_shown(logic, 0)) if is_shown else (),
    )


def _named(reference: str, names: dict[str, str]) -> str:
    """Give the name of what is used: `#id` in this file, `namespace#id` in an imported one."""
    return names.get(reference) or names.get(reference.partition("#")[0]) or reference


def _parameters(node: etree._Element) -> tuple[str, ...]:
    inner = child(node, "encapsulatedLogic") if local(node) == "businessKnowledgeModel" else None
    found = () if inner is None else children(inner, "formalParameter")
    return tuple(each.get("name", "") for each in found)


def _cut(lines: Iterator[str]) -> tuple[str, ...]:
    found: list[str] = []
    for each in lines:
        if len(found) == MAX_LINES:
            return (*found, "…")
        found.append(each[:500])
    return tuple(found)


def _logic(node: etree._Element) -> etree._Element | None:
    """Give the boxed expression of a decision or knowledge model."""
    if local(node) == "businessKnowledgeModel":
        inner = child(node, "encapsulatedLogic")
        return None if inner is None else _box(inner)
    return _box(node) if local(node) == "decision" else None


_BOXES = (
    "literalExpression", "decisionTable", "context", "invocation", "relation", "list", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)


def _box(node: etree._Element) -> etree._Element | None:
    return next(children(node, *_BOXES), None)


def _is_editable(logic: etree._Element) -> bool:
    language = logic.get("expressionLanguage", "")
    return (
        local(logic) == "literalExpression" and child(logic, "text") is not None
        and (not language or "FEEL" in language.upper())
    )


def _shown(node: etree._Element | None, depth: int) -> Iterator[str]:
    """Give a boxed expression as lines of FEEL."""
    if node is None:
        yield "null"
    elif depth > MAX_DEPTH:
        yield "…"
    else:
        yield from _WRITERS.get(local(node), _literal)(node, depth + 1)


def _literal(node: etree._Element, depth: int) -> Iterator[str]:
    yield from (text_of(node, "text") or local(node)).splitlines()


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {each}" for each in lines)


def _led(word: str, lines: Iterator[str]) -> Iterator[str]:
    """Give lines with a word before the first."""
    first = next(lines, "")
    yield f"{word} {first}".rstrip()
    yield from _indented(lines)


def _context(node: etree._Element, depth: int) -> Iterator[str]:
    yield "{"
    for each in children(node, "contextEntry"):
        variable = child(each, "variable")
        name = "result" if variable is None else variable.get("name", "")
        yield from _indented(_led(f"{name}:", _shown(_box(each), depth)))
    yield "}"


def _invocation(node: etree._Element, depth: int) -> Iterator[str]:
    called = _box(node)
    yield f"{'' if called is None else text_of(called, 'text')}("
    for each in children(node, "binding"):
        parameter = child(each, "parameter")
        name = "" if parameter is None else parameter.get("name", "")
        yield from _indented(_led(f"{name}:", _shown(_box(each), depth)))
    yield ")"


def _relation(node: etree._Element, depth: int) -> Iterator[str]:
    yield " | ".join(each.get("name", "") for each in children(node, "column"))
    for row in children(node, "row"):
        yield " | ".join(" ".join(_shown(each, depth)) for each in children(row, *_BOXES))


def _list(node: etree._Element, depth: int) -> Iterator[str]:
    yield "["
    for each in children(node, *_BOXES):
        yield from _indented(_shown(each, depth))
    yield "]"


def _function(node: etree._Element, depth: int) -> Iterator[str]:
    names = ", ".join(each.get("name", "") for each in children(node, "formalParameter"))
    external = node.get("kind", "FEEL")
    yield f"function({names})" + ("" if external == "FEEL" else f" {external}")
    yield from _indented(_shown(_box(node), depth))


def _worded(*parts: tuple[str, str]) -> Callable[[etree._Element, int], Iterator[str]]:
    def write(node: etree._Element, depth: int) -> Iterator[str]:
        variable = node.get("iteratorVariable", "")
        for word, name in parts:
            part = child(node, name)
            yield from _led(word.format(variable), _shown(None if part is None else _box(part), depth))

    return write


def _table(node: etree._Element, depth: int) -> Iterator[str]:
    for rule in children(node, "rule"):
        entries = [" & ".join(text_of(each, "text") for each in children(rule, name))
                   for name in ("inputEntry", "outputEntry")]
        yield " → ".join(entries)


_WRITERS = {
    "context": _context, "invocation": _invocation, "relation": _relation, "list": _list,
    "functionDefinition": _function, "decisionTable": _table,
    "conditional": _worded(("if", "if"), ("then", "then"), ("else", "else")),
    "filter": _worded(("", "in"), ("where", "match")),
    "for": _worded(("for {} in", "in"), ("return", "return")),
    "some": _worded(("some {} in", "in"), ("satisfies", "satisfies")),
    "every": _worded(("every {} in", "in"), ("satisfies", "satisfies")),
}


class _Finder:
    """Where the content of one element stands in a file that was accepted before: bytes from and until."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.depth = wanted, -1, 0
        self.start = self.end = -1
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._close

    def _begin(self, _name: str, _attributes: dict[str, str]) -> None:
        self.seen += 1
        if self.seen == self.wanted:
            self.start = self.parser.CurrentByteIndex
        if self.start >= 0 and self.end < 0:
            self.depth += 1

    def _close(self, _name: str) -> None:
        if self.start >= 0 and self.end < 0:
            self.depth -= 1
            if not self.depth:
                self.end = self.parser.CurrentByteIndex


def _spliced(raw: bytes, number: int, text: str) -> bytes:
    finder = _Finder(number)
    finder.parser.Parse(raw, True)
    opened = _TAG.match(raw, finder.start)
    assert opened is not None
    told = escape(text).replace("\r", "&#13;").encode(_encoding(raw), "xmlcharrefreplace")
    tag = opened.group()
    if tag.endswith(b"/>"):
        name = tag[1:-2].split()[0]
        return raw[: opened.start()] + tag[:-2] + b">" + told + b"</" + name + b">" + raw[opened.end() :]
    return raw[: opened.end()] + told + raw[finder.end :]


def _encoding(raw: bytes) -> str:
    """Give how new characters are written: as references, unless the file is in UTF-8."""
    declared = _DECLARED.match(raw.removeprefix(b"\xef\xbb\xbf"))
    return "ascii" if declared and declared[1].lower() != b"utf-8" else "utf-8"
