"""A syntax tree into closures. The tree is walked once; evaluating calls the closures and nothing else."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from ocapi.lib.feel import syntax
from ocapi.lib.feel.arithmetic import negate
from ocapi.lib.feel.budget import CONTAINERS, Limits, Run, weigh
from ocapi.lib.feel.errors import BudgetExceeded, Fault
from ocapi.lib.feel.functions import BUILT_INS
from ocapi.lib.feel.functions.signatures import BuiltIn, invoke
from ocapi.lib.feel.lambdas import External, Lambda
from ocapi.lib.feel.loops import filter_code, for_code, quantified_code
from ocapi.lib.feel.operators import between_code, chain_code, comparison_code, folded, logic_code
from ocapi.lib.feel.properties import part_of
from ocapi.lib.feel.scope import Code, Compiling, Frame, read
from ocapi.lib.feel.temporal_text import parse_at
from ocapi.lib.feel.types import BUILT_IN, Type, UnknownType, resolve
from ocapi.lib.feel.unary import bounded, in_code
from ocapi.lib.feel.values import Function, Range, Value, kind_of

TRIAL_STEPS = 20_000  # for all that is worked out while compiling
_TRIAL = datetime(1970, 1, 1, tzinfo=UTC)  # constants can't see the clock; folding needs some instant


class Compiler(Compiling):
    """Turns nodes into code. names: variables in scope; types: of items; fixed: names with one value."""

    def __init__(
        self, names: Iterable[str] = (), types: Mapping[str, Type] = BUILT_IN,
        fixed: Mapping[str, Value] = MappingProxyType({}),
    ) -> None:
        super().__init__(names, types, fixed)
        self._trial_steps = TRIAL_STEPS
        self._rules: dict[type, Callable[[Any], Code]] = {
            syntax.Literal: lambda node: self.constant(node.value),
            syntax.AtLiteral: self._at_literal,
            syntax.Name: self._name,
            syntax.Path: self._path,
            syntax.Filter: lambda node: filter_code(self, node),
            syntax.Call: self._call,
            syntax.Negation: self._negation,
            syntax.Chain: lambda node: chain_code(self, node),
            syntax.Comparison: lambda node: comparison_code(self, node),
            syntax.Logic: lambda node: logic_code(self, node),
            syntax.Between: lambda node: between_code(self, node),
            syntax.In: lambda node: in_code(self, node),
            syntax.InstanceOf: self._instance_of,
            syntax.If: self._if,
            syntax.For: lambda node: for_code(self, node),
            syntax.Quantified: lambda node: quantified_code(self, node),
            syntax.ListNode: self._list,
            syntax.ContextNode: self._context,
            syntax.RangeNode: self._range,
            syntax.UnaryRange: self._unary_range,
            syntax.FunctionNode: lambda node: self.function(node, None),
        }

    def code(self, node: syntax.Node) -> Code:
        """Give the code of a node."""
        return self._rules[type(node)](node)

    def trial(self, code: Code) -> Value:
        """Run code that depends on nothing; None when it has no value or is not worth keeping."""
        if self._trial_steps <= 0:
            return None
        run = Run(now=_TRIAL, limits=Limits(steps=self._trial_steps, milliseconds=20))
        try:
            value = code([run] + [None] * self.size)
        except BudgetExceeded:
            self._trial_steps = 0
            return None
        except Fault:
            return None
        self._trial_steps -= run.steps + 1
        return None if run.issues or type(value) in CONTAINERS else value

    def _at_literal(self, node: syntax.AtLiteral) -> Code:
        try:
            return self.constant(parse_at(node.text))
        except Fault as fault:
            return self.failing(fault.code, node.position, fault.detail)

    def _name(self, node: syntax.Name) -> Code:
        name, position = node.name, node.position
        slot, items = self.place_of(name)
        if name == "?":
            self.question_used = True
        if slot is not None:
            found = read(slot)
            if name == "partial":
                found = _copied(found)
        elif name in self.fixed:
            found = self.constant(self.fixed[name])
        elif name in BUILT_INS:
            found = self.constant(BUILT_INS[name])
        else:
            found = self.failing("unknownName", position, name)
        if not items:
            return found

        def field(frame: Frame) -> Value:
            for place in items:
                item = frame[place]
                if type(item) is dict and name in item:
                    return item[name]
            return found(frame)

        return field

    def _path(self, node: syntax.Path) -> Code:
        source, name, position = self.code(node.source), node.name, node.position

        def path(frame: Frame) -> Value:
            value = source(frame)
            if type(value) is dict and name in value:
                return value[name]
            try:
                return part_of(frame[0], value, name)
            except Fault as fault:
                return frame[0].fault(fault.code, position, fault.detail)

        return folded(self, path, source)

    def _call(self, node: syntax.Call) -> Code:
        codes = [self.code(argument) for argument in node.arguments]
        names, position = node.names, node.position
        name = node.callee.name if isinstance(node.callee, syntax.Name) else ""
        if name in BUILT_INS and name not in self.fixed and self.place_of(name)[0] is None:
            return self._built_in_call(BUILT_INS[name], codes, names, position)
        callee = self.code(node.callee)

        def call(frame: Frame) -> Value:
            function = callee(frame)
            run: Run = frame[0]
            if not isinstance(function, Function):
                return run.fault("notAFunction", position, kind_of(function))
            try:
                return function.call(run, [code(frame) for code in codes], names)
            except Fault as fault:
                return run.fault(fault.code, position, fault.detail)

        return call

    def _built_in_call(
        self, built_in: BuiltIn, codes: list[Code], names: tuple[str, ...] | None, position: int
    ) -> Code:
        overloads = built_in.matching(len(codes), names)
        name = built_in.name

        def call(frame: Frame) -> Value:
            run: Run = frame[0]
            try:
                return invoke(run, name, overloads, [code(frame) for code in codes], names)
            except Fault as fault:
                return run.fault(fault.code, position, fault.detail)

        return folded(self, call, *codes) if built_in.is_pure else call

    def _negation(self, node: syntax.Negation) -> Code:
        operand, position = self.code(node.operand), node.position

        def negation(frame: Frame) -> Value:
            try:
                return negate(operand(frame))
            except Fault as fault:
                return frame[0].fault(fault.code, position, fault.detail)

        return folded(self, negation, operand)

    def _instance_of(self, node: syntax.InstanceOf) -> Code:
        value, position = self.code(node.value), node.position
        try:
            wanted = resolve(node.type, self.types)
        except UnknownType as unknown:
            return self.failing("unknownType", position, str(unknown))

        def instance_of(frame: Frame) -> Value:
            given = value(frame)
            if type(given) in CONTAINERS:
                weigh(frame[0], given)
            return given is not None and wanted.has(given)

        return instance_of

    def _if(self, node: syntax.If) -> Code:
        branches = [(self.code(condition), self.code(result)) for condition, result in node.branches]
        otherwise, position = self.code(node.otherwise), node.position

        def choice(frame: Frame) -> Value:
            for condition, result in branches:
                answer = condition(frame)
                if answer is True:
                    return result(frame)
                if answer is not False and answer is not None:
                    frame[0].fault("notBoolean", position, kind_of(answer))
            return otherwise(frame)

        return choice

    def _list(self, node: syntax.ListNode) -> Code:
        codes = [self.code(item) for item in node.items]
        if codes and all(code in self.constants for code in codes):
            return self.constant([self.constants[code] for code in codes])
        return lambda frame: [code(frame) for code in codes]

    def _context(self, node: syntax.ContextNode) -> Code:
        entries: list[tuple[str, int, Code]] = []
        with self.layer():
            for key, value in node.entries:
                if isinstance(value, syntax.FunctionNode):  # may call itself by its name
                    slot = self.declare(key)
                    code = self.function(value, slot)
                else:
                    code = self.code(value)
                    slot = self.declare(key)
                entries.append((key, slot, code))

        def context(frame: Frame) -> Value:
            made = {}
            for key, slot, code in entries:
                made[key] = frame[slot] = code(frame)
            return made

        return context

    def _range(self, node: syntax.RangeNode) -> Code:
        low, high, position = self.code(node.low), self.code(node.high), node.position
        low_included, high_included = node.low_included, node.high_included

        def interval(frame: Frame) -> Value:
            start, end = low(frame), high(frame)
            if (start is None and low_included) or (end is None and high_included):
                return frame[0].fault("nullEnd", position)
            if start is not None and end is not None and type(start) is not type(end):
                return frame[0].fault("notARange", position, f"{kind_of(start)}..{kind_of(end)}")
            return Range(start, end, low_included, high_included)

        return folded(self, interval, low, high)

    def _unary_range(self, node: syntax.UnaryRange) -> Code:
        end, symbol = self.code(node.end), node.operator
        return folded(self, lambda frame: bounded(symbol, end(frame)), end)

    def function(self, node: syntax.FunctionNode, own_slot: int | None) -> Code:
        """Give the code of a function definition; own_slot: where its own name stands."""
        parameters: list[tuple[str, Type | None]] = []
        for parameter in node.parameters:
            try:
                declared = None if parameter.type is None else resolve(parameter.type, self.types)
            except UnknownType as unknown:
                return self.failing("unknownType", parameter.position, str(unknown))
            parameters.append((parameter.name, declared))
        if node.external:
            refused = External(tuple(parameters))
            return lambda frame: refused
        with self.layer(name for name, _ in parameters) as slots:
            body = self.code(node.body)
        return closing(parameters, slots, body, own_slot)


def closing(
    parameters: list[tuple[str, Type | None]], slots: list[int], body: Code, own_slot: int | None = None,
    result: Type | None = None, name: str = "function",
) -> Code:
    """Give the code that makes a function value of what the frame holds at that moment."""
    return lambda frame: Lambda(name, parameters, slots, body, list(frame), own_slot, result)


def _copied(code: Code) -> Code:
    """Read a list that is still growing as the value it is now."""

    def copied(frame: Frame) -> Value:
        items = code(frame)
        frame[0].spend(len(items))
        return list(items)

    return copied


