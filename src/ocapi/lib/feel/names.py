"""Names that hold spaces and symbols: matched against what is in scope, the longest first."""

from collections.abc import Iterable, Sequence
from typing import Any

from ocapi.lib.feel.lexer import Token, name_parts

RESERVED = frozenset({
    "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "null",
    "of", "or", "return", "satisfies", "some", "then", "true",
})
_NAME = 0  # the key under which a node of the tree keeps the name that ends there; tokens are strings


class Known:
    """Names in scope, one layer upon the other; `plus` opens a layer and leaves the ones below as they are.

    A layer is a tree by token, so that finding a name takes as long as the name, however many there are.
    """

    __slots__ = ("_outer", "_tree", "count")

    def __init__(self, names: Iterable[str] = (), outer: "Known | None" = None) -> None:
        self.count = 0
        self._tree: dict[Any, Any] = {}
        self._outer = outer
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Put one more name in this layer."""
        self.count += 1
        node = self._tree
        for part in name_parts(name):
            node = node.setdefault(part, {})
        if node is not self._tree:
            node[_NAME] = name

    def plus(self, names: Iterable[str]) -> "Known":
        """Give the names with a layer on top."""
        return Known(names, self)

    def longest(self, tokens: Sequence[Token], place: int) -> tuple[str, int] | None:
        """Give the longest name that starts at a token, and the place after it."""
        best: tuple[str, int] | None = None
        layer: Known | None = self
        while layer is not None:
            node = layer._tree.get(tokens[place].text)
            end = place
            while node is not None:
                end += 1
                if _NAME in node and (best is None or end > best[1]):
                    best = (node[_NAME], end)
                node = node.get(tokens[end].text) if end < len(tokens) else None
            layer = layer._outer
        return best


NOTHING = Known()
