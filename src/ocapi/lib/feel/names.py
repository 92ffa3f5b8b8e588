"""Names that hold spaces and symbols: matched against what is in scope, the longest first."""

from collections.abc import Iterable, Sequence

from ocapi.lib.feel.lexer import Token, name_parts

RESERVED = frozenset({
    "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "null",
    "of", "or", "return", "satisfies", "some", "then", "true",
})


class Known:
    """Names in scope, one layer upon the other; immutable, `plus` gives a new one."""

    __slots__ = ("_by_first", "_outer")

    def __init__(self, names: Iterable[str] = (), outer: "Known | None" = None) -> None:
        by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            parts = name_parts(name)
            if parts:
                by_first.setdefault(parts[0], []).append((parts, name))
        for candidates in by_first.values():
            candidates.sort(key=lambda pair: -len(pair[0]))
        self._by_first = by_first
        self._outer = outer

    def plus(self, names: Iterable[str]) -> "Known":
        """Give the names with a layer on top."""
        return Known(names, self)

    def longest(self, tokens: Sequence[Token], place: int) -> tuple[str, int] | None:
        """Give the longest name that starts at a token, and the place after it."""
        best: tuple[str, int] | None = None
        layer: Known | None = self
        while layer is not None:
            for parts, name in layer._by_first.get(tokens[place].text, ()):
                end = place + len(parts)
                if best is not None and end <= best[1]:
                    break
                if all(tokens[place + index].text == part for index, part in enumerate(parts)
                       if place + index < len(tokens)) and end < len(tokens):
                    best = (name, end)
                    break
            layer = layer._outer
        return best


NOTHING = Known()
