"""Decision tables as sheets that people change: read from a DMN file, and written back into that same file.

All else in the file stays as it is. A new input gets its input data and the requirement that makes it known.
"""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import quoteattr

from lxml import etree

from ocapi.lib import xml
from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.reader import MAX_BYTES, NAMESPACES
from ocapi.lib.dmn.xml_parts import child, children, local, text_of

MAX_LINES, MAX_COLUMNS, MAX_CELL = 500, 40, 2_000
POLICIES = (
    "UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "COLLECT SUM", "COLLECT MIN", "COLLECT MAX",
    "COLLECT COUNT", "RULE ORDER", "OUTPUT ORDER",
)
TYPES = ("", "string", "number", "boolean", "date", "time", "date and time", "days and time duration",
         "years and months duration", "Any")
_NAME = re.compile(r"[^\W\d][\w' +.*/-]*", re.UNICODE)
_NEWEST = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_BLANK = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="{ns}" id="model" name={title} namespace={place}>
  <inputData id="input1" name="invoer"><variable name="invoer" typeRef="string"/></inputData>
  <decision id="decision1" name={title}>
    <variable name={title} typeRef="string"/>
    <informationRequirement id="needs1"><requiredInput href="#input1"/></informationRequirement>
    <decisionTable id="table1" hitPolicy="UNIQUE">
      <input id="column1" label="invoer">
        <inputExpression typeRef="string"><text>invoer</text></inputExpression>
      </input>
      <output id="result1" typeRef="string"/>
      <rule id="rule1"><inputEntry><text>-</text></inputEntry><outputEntry><text>null</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An input (text: its expression) or output (text: its name). origin: its place before, -1 when new."""

    text: str
    label: str = ""
    type: str = ""
    origin: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule. note: what stands beside it; origin: its place before, -1 when new."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    note: str = ""
    origin: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One decision table. owner: the decision or knowledge model it stands in; policy: one of POLICIES."""

    owner: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        too_large = len(self.lines) > MAX_LINES or len(self.inputs) + len(self.outputs) > MAX_COLUMNS
        cells = [*(cell for each in self.lines for cell in (*each.inputs, *each.outputs, each.note)),
                 *(part for each in (*self.inputs, *self.outputs) for part in (each.text, each.label))]
        if too_large or any(len(each) > MAX_CELL for each in cells):
            raise ModelRefused("tooLarge", element=self.owner)
        if self.policy not in POLICIES or not self.outputs:
            raise ModelRefused("sheetRefused", element=self.owner)


def blank(title: str) -> bytes:
    """Give a model with one small table."""
    place = "urn:ocapi:rules:" + re.sub(r"\W+", "-", title.lower()).strip("-")
    return _BLANK.format(ns=_NEWEST, title=quoteattr(title), place=quoteattr(place)).encode()


def read_sheets(raw: bytes) -> tuple[Sheet, ...]:
    """Give the decision tables of a file, in its order; raises ModelRefused."""
    return tuple(_sheet(each) for each in _tables(root_of(raw)))


def write_sheet(raw: bytes, place: int, sheet: Sheet) -> bytes:
    """Give the file with the table at a place as the sheet has it; raises ModelRefused, IndexError."""
    root = root_of(raw)
    try:
        _write(root, _tables(root)[place], sheet)
    except ValueError:  # a character that XML can't hold
        raise ModelRefused("characterRefused", element=sheet.owner) from None
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _write(root: etree._Element, table: etree._Element, sheet: Sheet) -> None:
    policy, _mark, aggregation = sheet.policy.partition(" ") if sheet.policy.startswith("COLLECT ") else (
        sheet.policy, "", "")
    table.set("hitPolicy", policy)
    table.attrib.pop("aggregation", "")
    if aggregation:
        table.set("aggregation", aggregation)
    heads = {name: list(children(table, name)) for name in ("input", "output", "rule")}
    notes = list(children(table, "annotation"))
    if not notes and any(each.note for each in sheet.lines):
        notes = [_made(table, "annotation", name="note")]
    first = min((table.index(each) for group in heads.values() for each in group), default=len(table))
    for group in (*heads.values(), notes):
        for each in group:
            if each.getparent() is table:
                table.remove(each)
    made = [
        *(_input(table, column, heads["input"]) for column in sheet.inputs),
        *(_output(table, column, heads["output"]) for column in sheet.outputs), *notes,
        *(_rule(table, line, sheet, heads["rule"], len(notes)) for line in sheet.lines),
    ]
    for offset, each in enumerate(made):
        table.insert(first + offset, each)
    _name_ids(root, table)
    _require(root, table, sheet)


def root_of(raw: bytes) -> etree._Element:
    """Give the root of a DMN file; raises ModelRefused."""
    try:
        root = xml.parse(raw, max_bytes=MAX_BYTES)
    except xml.MalformedXml as refusal:
        raise ModelRefused(refusal.reason, detail=str(refusal)) from None
    if local(root) != "definitions" or etree.QName(root).namespace not in NAMESPACES:
        raise ModelRefused("notDmn", detail=local(root))
    return root


def _tables(root: etree._Element) -> list[etree._Element]:
    return [each for each in root.iter() if local(each) == "decisionTable"]


def _owner(table: etree._Element) -> etree._Element | None:
    return next((each for each in table.iterancestors()
                 if local(each) in ("decision", "businessKnowledgeModel")), None)


def _sheet(table: etree._Element) -> Sheet:
    owner = _owner(table)
    inputs, outputs = list(children(table, "input")), list(children(table, "output"))
    policy = table.get("hitPolicy", "UNIQUE").upper()
    found = f"{policy} {table.get('aggregation', '')}".strip()
    return Sheet(
        owner="" if owner is None else owner.get("name", ""), policy=found if found in POLICIES else "UNIQUE",
        inputs=tuple(
            Column(text=_inner(each, "inputExpression"), label=each.get("label", ""), type=_type(each),
                   origin=place)
            for place, each in enumerate(inputs)
        ),
        outputs=tuple(
            Column(text=each.get("name", ""), label=each.get("label", ""), type=_type(each), origin=place)
            for place, each in enumerate(outputs)
        ),
        lines=tuple(_line(each, place) for place, each in enumerate(children(table, "rule"))),
    )


def _type(column: etree._Element) -> str:
    holder = child(column, "inputExpression")
    found = (column if holder is None else holder).get("typeRef") or ""
    return found.rpartition(":")[2]


def _inner(node: etree._Element, name: str) -> str:
    holder = child(node, name)
    return "" if holder is None else text_of(holder, "text")


def _line(rule: etree._Element, place: int) -> Line:
    def cells(name: str) -> tuple[str, ...]:
        return tuple(text_of(each, "text") for each in children(rule, name))

    notes = cells("annotationEntry")
    return Line(
        inputs=cells("inputEntry"), outputs=cells("outputEntry"), origin=place,
        note=notes[0] if notes else text_of(rule, "description"),
    )


def _made(near: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    made = near.makeelement(f"{{{etree.QName(near).namespace}}}{tag}", {}, None)
    for key, value in attributes.items():
        made.set(key, value)
    return made


def _with_text(node: etree._Element, text: str) -> etree._Element:
    holder = child(node, "text")
    if holder is None:
        holder = _made(node, "text")
        node.insert(0, holder)
    if "".join(str(part) for part in holder.itertext()).strip() != text.strip():
        for each in list(holder):
            holder.remove(each)
        holder.text = text
    return node


def _input(table: etree._Element, column: Column, old: Sequence[etree._Element]) -> etree._Element:
    found = old[column.origin] if 0 <= column.origin < len(old) else _made(table, "input")
    holder = child(found, "inputExpression")
    if holder is None:
        holder = _made(table, "inputExpression")
        found.insert(0, holder)
    _with_text(holder, column.text)
    _set(found, "label", column.label)
    if column.type != _type(found):
        _set(holder, "typeRef", column.type)
    return found


def _output(table: etree._Element, column: Column, old: Sequence[etree._Element]) -> etree._Element:
    found = old[column.origin] if 0 <= column.origin < len(old) else _made(table, "output")
    _set(found, "name", column.text)
    _set(found, "label", column.label)
    if column.type != _type(found):
        _set(found, "typeRef", column.type)
    return found


def _set(node: etree._Element, name: str, value: str) -> None:
    if value:
        node.set(name, value)
    else:
        node.attrib.pop(name, "")


def _rule(
    table: etree._Element, line: Line, sheet: Sheet, old: Sequence[etree._Element], notes: int
) -> etree._Element:
    is_known = 0 <= line.origin < len(old)
    found = copy.deepcopy(old[line.origin]) if is_known else _made(table, "rule")
    kept = {name: list(children(found, name)) for name in ("inputEntry", "outputEntry", "annotationEntry")}
    for group in kept.values():
        for each in group:
            found.remove(each)
    for name, columns, cells in (
        ("inputEntry", sheet.inputs, line.inputs), ("outputEntry", sheet.outputs, line.outputs),
    ):
        for column, text in zip(columns, cells, strict=True):
            before = kept[name][column.origin] if 0 <= column.origin < len(kept[name]) else None
            found.append(_with_text(_made(table, name) if before is None else before, text))
    _note(table, found, line, kept["annotationEntry"], notes)
    return found


def _note(
    table: etree._Element, rule: etree._Element, line: Line, kept: list[etree._Element], notes: int
) -> None:
    description = child(rule, "description")
    if description is not None and not kept:  # DMN 1.1 kept the note here
        description.text = line.note
        return
    for place in range(notes):
        entry = kept[place] if place < len(kept) else _made(table, "annotationEntry")
        rule.append(_with_text(entry, line.note) if place == 0 else entry)


def _name_ids(root: etree._Element, table: etree._Element) -> None:
    """Give what is new an id, and what was copied another one."""
    seen: set[str] = set()
    for each in root.iter():
        if not isinstance(each.tag, str):
            continue
        key = each.get("id")
        if key is not None and key in seen:
            del each.attrib["id"]
        elif key is not None:
            seen.add(key)
    for each in table.iter():
        if local(each) in ("input", "output", "rule") and each.get("id") is None:
            each.set("id", _free(seen, local(each)))


def _free(seen: set[str], kind: str) -> str:
    number = next(number for number in range(1, 1_000_000) if f"{kind}_{number}" not in seen)
    seen.add(f"{kind}_{number}")
    return f"{kind}_{number}"


def _require(root: etree._Element, table: etree._Element, sheet: Sheet) -> None:
    """Let the decision know the inputs that its table names."""
    owner = _owner(table)
    if owner is None or local(owner) != "decision":
        return  # a knowledge model gets its values as parameters
    known = {each.get("name", ""): each for each in children(root, "inputData", "decision")}
    used = {
        target.get("href", "") for need in children(owner, "informationRequirement") for target in need
        if isinstance(target.tag, str)
    }
    seen = {str(each.get("id")) for each in root.iter() if isinstance(each.tag, str) and each.get("id")}
    for column in sheet.inputs:
        name = column.text.strip()
        if not _NAME.fullmatch(name) or re.search(r"[+*/.-]", name):
            continue
        found = known.get(name)
        if found is None:
            found = _made(root, "inputData", id=_free(seen, "input"), name=name)
            variable = _made(root, "variable", name=name)
            _set(variable, "typeRef", column.type)
            found.append(variable)
            root.insert(root.index(_top(root, owner)), found)
            known[name] = found
        href = f"#{found.get('id')}"
        if found is owner or href in used or found.get("id") is None:
            continue
        need = _made(root, "informationRequirement", id=_free(seen, "needs"))
        kind = "requiredInput" if local(found) == "inputData" else "requiredDecision"
        need.append(_made(root, kind, href=href))
        owner.insert(_place_of_needs(owner), need)
        used.add(href)


def _top(root: etree._Element, node: etree._Element) -> etree._Element:
    found = node
    while found.getparent() is not None and found.getparent() is not root:
        found = found.getparent()  # type: ignore[assignment]
    return found


def _place_of_needs(owner: etree._Element) -> int:
    before = ("description", "extensionElements", "question", "allowedAnswers", "variable",
              "informationRequirement")
    places = [owner.index(each) for each in children(owner, *before)]
    return max(places, default=-1) + 1


def with_line(sheet: Sheet, after: int) -> Sheet:
    """Give a sheet with an empty rule after one, -1 for at the top."""
    empty = Line(inputs=("-",) * len(sheet.inputs), outputs=("null",) * len(sheet.outputs))
    lines = (*sheet.lines[:after + 1], empty, *sheet.lines[after + 1:])
    return replace(sheet, lines=lines)


def without_line(sheet: Sheet, place: int) -> Sheet:
    """Give a sheet without one of its rules."""
    return replace(sheet, lines=(*sheet.lines[:place], *sheet.lines[place + 1:]))


def moved_up(sheet: Sheet, place: int) -> Sheet:
    """Give a sheet with a rule one place higher; the order counts for some policies."""
    if not 0 < place < len(sheet.lines):
        return sheet
    lines = list(sheet.lines)
    lines[place - 1], lines[place] = lines[place], lines[place - 1]
    return replace(sheet, lines=tuple(lines))


def with_input(sheet: Sheet, name: str) -> Sheet:
    """Give a sheet with one more input, which every rule accepts."""
    return replace(
        sheet, inputs=(*sheet.inputs, Column(text=name, label=name)),
        lines=tuple(replace(each, inputs=(*each.inputs, "-")) for each in sheet.lines),
    )


def with_output(sheet: Sheet, name: str) -> Sheet:
    """Give a sheet with one more output, null in every rule."""
    return replace(
        sheet, outputs=(*sheet.outputs, Column(text=name, label=name)),
        lines=tuple(replace(each, outputs=(*each.outputs, "null")) for each in sheet.lines),
    )


def without_column(sheet: Sheet, place: int) -> Sheet:
    """Give a sheet without a column, inputs counted before outputs; the last output stays."""
    count = len(sheet.inputs)
    if place < count:
        return replace(
            sheet, inputs=_without(sheet.inputs, place),
            lines=tuple(replace(each, inputs=_without(each.inputs, place)) for each in sheet.lines),
        )
    if len(sheet.outputs) < 2:
        return sheet
    return replace(
        sheet, outputs=_without(sheet.outputs, place - count),
        lines=tuple(replace(each, outputs=_without(each.outputs, place - count)) for each in sheet.lines),
    )


def _without(given: tuple, place: int) -> tuple:  # type: ignore[type-arg]
    return (*given[:place], *given[place + 1:])
