"""What the parts of the compiler share: where names live, and which code is constant.

An expression becomes closures over a frame, a list: place 0 holds the run, the others hold variables. Every
variable of an expression has its own place, so a function value is a copy of the frame it was made in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from ocapi.lib.feel import syntax
from ocapi.lib.feel.types import Type
from ocapi.lib.feel.values import Value

Frame = list[Any]
Code = Callable[[Frame], Value]
Test = Callable[[Value, Frame], Any]


class Items:
    """A layer of names known only when it runs: the fields of the item a filter looks at."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot


class Compiling:
    """The state of one compilation; subclasses know how to turn nodes into code."""

    def __init__(
        self, names: Iterable[str], types: Mapping[str, Type], fixed: Mapping[str, Value]
    ) -> None:
        self.types = types
        self.fixed = fixed
        self.size = 1
        self.layers: list[dict[str, int] | Items] = [{}]
        self.constants: dict[Code, Value] = {}
        self.choices: dict[Test, frozenset[str]] = {}  # tests that one of these strings passes, and no other
        self.question_used = False
        for name in names:
            self.declare(name)

    def code(self, node: syntax.Node) -> Code:
        """Give the code of a node."""
        raise NotImplementedError

    def trial(self, code: Code) -> Value:
        """Run code that depends on nothing; None when it has no value worth keeping."""
        raise NotImplementedError

    def slot(self) -> int:
        """Give a new place in the frame."""
        self.size += 1
        return self.size - 1

    def declare(self, name: str) -> int:
        """Give a name a place in the innermost layer."""
        layer = self.layers[-1]
        assert isinstance(layer, dict)
        layer[name] = self.slot()
        return layer[name]

    @contextmanager
    def layer(self, names: Iterable[str] = ()) -> Iterator[list[int]]:
        """Open a layer with these names; gives their places."""
        self.layers.append({})
        yield [self.declare(name) for name in names]
        self.layers.pop()

    @contextmanager
    def fields_of(self, slot: int) -> Iterator[None]:
        """Look for names first among the fields of what stands at a place."""
        self.layers.append(Items(slot))
        yield
        self.layers.pop()

    def place_of(self, name: str) -> tuple[int | None, list[int]]:
        """Give where a name stands (None: nowhere) and the items whose fields come before it, inner first."""
        items: list[int] = []
        for layer in reversed(self.layers):
            if isinstance(layer, Items):
                items.append(layer.slot)
            elif name in layer:
                return layer[name], items
        return None, items

    def constant(self, value: Value) -> Code:
        """Give code that always gives this value."""
        def constant(frame: Frame) -> Value:
            return value

        self.constants[constant] = value
        return constant

    def failing(self, fault: str, position: int, detail: str = "") -> Code:
        """Give code that always records this fault."""
        return lambda frame: frame[0].fault(fault, position, detail)


def read(slot: int) -> Code:
    """Give code that reads a place of the frame."""
    return itemgetter(slot)
