"""Which names an expression takes from outside: those it neither binds itself nor finds built in."""

from collections.abc import Iterator
from dataclasses import fields

from ocapi.lib.feel.functions import BUILT_INS
from ocapi.lib.feel.syntax import (
    ContextNode,
    Filter,
    For,
    FunctionNode,
    Name,
    Node,
    Path,
    Quantified,
)

_GIVEN = frozenset({"?", "item", "partial"})


def free_names(node: Node) -> frozenset[str]:
    """Give the names of the outside that an expression uses.

    A name inside a filter may be a key of what is filtered (`lines[amount > 3]`); those are left out, for
    nobody can tell before it runs. Nothing is evaluated.
    """
    return frozenset(_free(node, _GIVEN))


def calls_outside(node: Node) -> bool:
    """Tell whether an expression defines an external function (Java, PMML), which never runs here."""
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, FunctionNode) and each.external:
            return True
        waiting += parts_of(each)
    return False


def named_in_filters(node: Node) -> frozenset[str]:
    """Give the names used inside filters, which are names of the outside or keys of what is filtered."""
    found: set[str] = set()
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Filter):
            found |= set(_free(each.condition, _GIVEN))
        waiting += parts_of(each)
    return frozenset(found)


def _free(node: Node, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, Name):
        if node.name not in bound and node.name not in BUILT_INS:
            yield node.name
    elif isinstance(node, Path | Filter):
        yield from _free(node.source, bound)
    elif isinstance(node, ContextNode):
        inner = bound | {key for key, _value in node.entries}
        for _key, value in node.entries:
            yield from _free(value, inner)
    elif isinstance(node, FunctionNode):
        yield from _free(node.body, bound | {each.name for each in node.parameters})
    elif isinstance(node, For | Quantified):
        inner = bound | {each.name for each in node.iterators}
        for part in parts_of(node):
            yield from _free(part, inner)
    else:
        for part in parts_of(node):
            yield from _free(part, bound)


def parts_of(node: Node) -> list[Node]:
    """Give the nodes directly under a node."""
    found: list[Node] = []
    waiting: list[object] = [getattr(node, each.name) for each in fields(node)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Node):
            found.append(each)
        elif isinstance(each, tuple):
            waiting += each
    return found
