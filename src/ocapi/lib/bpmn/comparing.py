"""What differs between two drawings, element by element; where things are drawn does not count."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ocapi.lib.bpmn import reader
from ocapi.lib.bpmn.model import Definitions, Flow, Node, Process


class Change(StrEnum):
    """What became of an element."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An element that differs. parts: what of it changed, by code.

    name: as drawn last; of an arrow without one what it joins, else the id.
    """

    element: str
    kind: str
    name: str
    change: Change
    parts: tuple[str, ...] = ()


def compare(before: bytes, after: bytes) -> tuple[Difference, ...]:
    """Tell what was added, removed and changed, in the order of the later drawing; raises MalformedInput."""
    old, new = _elements(reader.read(before)), _elements(reader.read(after))
    found = [_difference(old.get(key), each) for key, each in new.items()]
    found += [_named(each, Change.REMOVED) for key, each in old.items() if key not in new]
    drawn = {**old, **new}
    return tuple(_joined(each, drawn) for each in found if each is not None)


_Element = Node | Flow | Process


def _elements(definitions: Definitions) -> dict[str, _Element]:
    return {each.id: each for process in definitions.processes for each in _of(process)}


def _of(process: Process) -> Iterator[_Element]:
    yield process
    yield from process.nodes.values()
    yield from process.flows


def _difference(old: _Element | None, new: _Element) -> Difference | None:
    if old is None:
        return _named(new, Change.ADDED)
    before, after = _facts(old), _facts(new)
    parts = tuple(name for name in after if before.get(name) != after[name])
    return _named(new, Change.CHANGED, parts) if parts or type(old) is not type(new) else None


def _named(each: _Element, change: Change, parts: tuple[str, ...] = ()) -> Difference:
    kind = each.kind.value if isinstance(each, Node) else type(each).__name__.lower()
    return Difference(
        element=each.id, kind="sequenceFlow" if kind == "flow" else kind, name=each.name or each.id,
        change=change, parts=parts,
    )


def _joined(found: Difference, drawn: Mapping[str, _Element]) -> Difference:
    """Name an arrow without a name by what it joins."""
    each = drawn[found.element]
    if not isinstance(each, Flow) or each.name:
        return found
    ends = (drawn[key].name or key if key in drawn else key for key in (each.source, each.target))
    return dataclasses.replace(found, name=" → ".join(ends))


def _facts(each: _Element) -> dict[str, object]:
    """Give what counts: not the line in the file, nor what another product keeps in it."""
    if isinstance(each, Process):
        return {"name": each.name, "isExecutable": each.is_executable}
    left_out = ("line", "extensions")
    return {
        part.name: _without_line(getattr(each, part.name))
        for part in dataclasses.fields(each) if part.name not in left_out
    }


def _without_line(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_without_line(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(
            _without_line(getattr(value, part.name)) for part in dataclasses.fields(value)
            if part.name != "line"
        )
    return value
