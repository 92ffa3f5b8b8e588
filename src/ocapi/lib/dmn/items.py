"""Item definitions into types: components, collections, functions, allowed values."""

from collections.abc import Mapping
from dataclasses import replace

from ocapi.lib.dmn import model
from ocapi.lib.dmn.errors import Problem
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.compiler import Compiler
from ocapi.lib.feel.errors import FeelSyntaxError
from ocapi.lib.feel.functions import BUILT_IN_NAMES
from ocapi.lib.feel.parser import parse_unary_tests
from ocapi.lib.feel.types import (
    ANY,
    BUILT_IN,
    Constraint,
    ContextType,
    Deferred,
    FunctionType,
    ListType,
    Type,
)
from ocapi.lib.feel.unary import tests_code
from ocapi.lib.feel.values import Value

MAX_DEPTH = 32


class Items:
    """The types of one model, its imports included under their names; what can't be made is a problem."""

    def __init__(self, definitions: model.Definitions, imported: Mapping[str, Type]) -> None:
        self.types: dict[str, Type] = {**BUILT_IN, **imported}
        self.problems: list[Problem] = []
        self._definitions = {item.name: item for item in definitions.items}
        self._busy: set[str] = set()
        self._made: set[str] = set()
        for name in self._definitions:
            self._named(name, name, 0)

    def own(self) -> dict[str, Type]:
        """Give the types this model defines."""
        return {name: self.types[name] for name in self._definitions}

    def allowed_text(self, reference: str) -> str:
        """Give the allowed values of an item definition; outputs without values of their own use them."""
        item = self._definitions.get(reference)
        return item.allowed if item is not None and not item.is_collection else ""

    def find(self, reference: str, element: str) -> Type | None:
        """Give the type of a reference, None for no reference or Any; an unknown one is a problem."""
        if not reference:
            return None
        found = self.types.get(reference)
        if found is None:
            self.problems.append(Problem(element=element, reason="unknownType", detail=reference))
        return None if found is ANY else found

    def _named(self, reference: str, element: str, depth: int) -> Type:
        if reference in self._definitions and reference not in self._made:
            if reference in self._busy:
                return Deferred(reference, self.types)
            self._busy.add(reference)
            self.types[reference] = self._made_of(self._definitions[reference], depth)
            self._busy.discard(reference)
            self._made.add(reference)
        if reference in self.types:
            return self.types[reference]
        if reference:
            self.problems.append(Problem(element=element, reason="unknownType", detail=reference))
        return ANY

    def _made_of(self, item: model.Item, depth: int) -> Type:
        if depth > MAX_DEPTH:
            self.problems.append(Problem(element=item.name, reason="tooDeep"))
            return ANY
        base = self._base(item, depth)
        if item.allowed:
            base = self._constrained(base, item.allowed, item.name)
        if item.is_collection:
            base = ListType(base)
        return self._constrained(base, item.constraint, item.name) if item.constraint else base

    def _base(self, item: model.Item, depth: int) -> Type:
        if item.components:
            return ContextType(tuple((each.name, self._made_of(each, depth + 1)) for each in item.components))
        if item.parameters is not None:
            return FunctionType(
                tuple(self._named(each.type_ref, item.name, depth + 1) for each in item.parameters),
                self._named(item.result_ref, item.name, depth + 1),
            )
        return self._named(item.type_ref, item.name, depth + 1)

    def _constrained(self, base: Type, text: str, element: str) -> Type:
        constraint = self._constraint(text, element)
        earlier = base.constraint
        if constraint is None:
            return base
        if earlier is None:
            return replace(base, constraint=constraint)
        return replace(base, constraint=lambda run, value: earlier(run, value) and constraint(run, value))

    def _constraint(self, text: str, element: str) -> Constraint | None:
        compiler = Compiler(["?"], self.types)
        try:
            test = tests_code(compiler, parse_unary_tests(text, known=BUILT_IN_NAMES))
        except FeelSyntaxError as failure:
            self.problems.append(Problem(element=element, reason="syntax", detail=str(failure)))
            return None
        size = compiler.size

        def holds(run: Run, value: Value) -> bool:
            return test is None or test(value, [run] + [None] * size) is True

        return holds
