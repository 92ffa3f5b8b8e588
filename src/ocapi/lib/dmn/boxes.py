"""Boxed expressions into closures: each kind of box adds names, then hands texts to the compiler of FEEL."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from ocapi.lib.dmn import model
from ocapi.lib.dmn.errors import Problem
from ocapi.lib.dmn.items import Items
from ocapi.lib.dmn.tables import Output, Table
from ocapi.lib.feel import syntax
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.compiler import Compiler, closing
from ocapi.lib.feel.errors import Fault, FeelSyntaxError
from ocapi.lib.feel.free_names import calls_outside
from ocapi.lib.feel.functions import BUILT_IN_NAMES
from ocapi.lib.feel.lambdas import External
from ocapi.lib.feel.loops import domain, filtering, looping, quantifying
from ocapi.lib.feel.names import Known
from ocapi.lib.feel.parser import parse_condition, parse_expression, parse_unary_tests
from ocapi.lib.feel.scope import Code, Frame, Test
from ocapi.lib.feel.scope import Items as FieldLayer
from ocapi.lib.feel.types import Type, coerced
from ocapi.lib.feel.unary import test_code, tests_code
from ocapi.lib.feel.values import Function, Value, kind_of

_FEEL = ("", "feel", "https://www.omg.org/spec/dmn/20230324/feel/")


class Vocabulary:
    """What all expressions of a model share: its types, and names of fields that may follow a dot."""

    __slots__ = ("items", "properties", "types")

    def __init__(self, items: Items, properties: Iterable[str]) -> None:
        self.items = items
        self.properties = Known(properties)
        self.types = Known(items.types)


class BoxCompiler(Compiler):
    """Compiles one element of a model. Texts that are no FEEL become null and a problem."""

    def __init__(
        self, vocabulary: Vocabulary, names: Iterable[str], fixed: Mapping[str, Value],
        problems: list[Problem],
    ) -> None:
        super().__init__(names, vocabulary.items.types, fixed)
        self._vocabulary = vocabulary
        self._problems = problems
        self._fixed_names = BUILT_IN_NAMES.plus(fixed)
        self._layers_known: list[tuple[dict[str, int], Known]] = []
        self._boxes: dict[type, Callable[[Any], Code]] = {
            model.LiteralBox: self._literal,
            model.ContextBox: self._context_box,
            model.InvocationBox: self._invocation,
            model.RelationBox: self._relation,
            model.ListBox: self._list_box,
            model.FunctionBox: lambda box: self.function_box(box, "function", None),
            model.ConditionalBox: self._conditional,
            model.FilterBox: self._filter_box,
            model.LoopBox: self._loop,
            model.TableBox: self._table,
        }

    def box(self, box: model.Boxed) -> Code:
        """Give the code of a boxed expression, made to fit the type it declares."""
        code = self._boxes[type(box)](box)
        if isinstance(box, model.FunctionBox):
            return code
        return self.fitting(code, box.type_ref, box.id)

    def fitting(self, code: Code, type_ref: str, element: str) -> Code:
        """Give code whose value is made to fit a type; what does not fit is null."""
        wanted = self.type_of(type_ref, element)
        if wanted is None or code in self.constants and wanted.constraint is None and wanted.has(
            self.constants[code]
        ):
            return code
        return lambda frame: fitted(frame[0], code(frame), wanted, element)

    def type_of(self, type_ref: str, element: str) -> Type | None:
        """Give a type by its reference; None: any."""
        return self._vocabulary.items.find(type_ref, element)

    def _known(self) -> Known:
        """Give the names in scope; layers that are still there are only added to, not made again."""
        layers = [layer for layer in self.layers if isinstance(layer, dict)]
        kept = 0
        for (earlier, _), layer in zip(self._layers_known, layers, strict=False):
            if earlier is not layer:
                break
            kept += 1
        del self._layers_known[kept:]
        for layer in layers[kept:]:
            below = self._layers_known[-1][1] if self._layers_known else self._fixed_names
            self._layers_known.append((layer, below.plus(())))
        for layer, known in self._layers_known:
            for name in islice(layer, known.count, None):
                known.add(name)
        return self._layers_known[-1][1]

    def text(self, text: str, element: str) -> Code:
        """Give the code of a FEEL text, or code that fails when the text is none."""
        in_filter = any(isinstance(layer, FieldLayer) for layer in self.layers)
        parse = parse_condition if in_filter else parse_expression
        try:
            node = parse(
                text, known=self._known(), properties=self._vocabulary.properties,
                types=self._vocabulary.types,
            )
        except FeelSyntaxError as failure:
            return self._broken(failure, element)
        self._refuse_outside(node, element)
        return self.code(node)

    def _broken(self, failure: FeelSyntaxError, element: str) -> Code:
        self._problems.append(Problem(element=element, reason="syntax", detail=str(failure)))
        return self.failing("syntax", failure.position, f"{element}: {failure.reason}")

    def tests(self, text: str, element: str) -> syntax.Tests | None:
        """Parse a cell of tests; None when it is none, and then a problem."""
        try:
            found = parse_unary_tests(
                text, known=self._known(), properties=self._vocabulary.properties,
                types=self._vocabulary.types,
            )
        except FeelSyntaxError as failure:
            self._problems.append(Problem(element=element, reason="syntax", detail=str(failure)))
            return None
        self._refuse_outside(found, element)
        return found

    def _refuse_outside(self, node: syntax.Node, element: str) -> None:
        if calls_outside(node):
            self._problems.append(Problem(element=element, reason="externalFunctionRefused"))

    def _literal(self, box: model.LiteralBox) -> Code:
        if box.language.lower() not in _FEEL and "feel" not in box.language.lower():
            self._problems.append(Problem(element=box.id, reason="notFeel", detail=box.language))
            return self.failing("notFeel", 0, box.language)
        return self.text(box.text, box.id)

    def _context_box(self, box: model.ContextBox) -> Code:
        entries: list[tuple[str, int, Code]] = []
        result: Code | None = None
        self.layers.append({})
        for entry in box.entries:
            if not entry.name:
                result = self.box(entry.value)
                continue
            if isinstance(entry.value, model.FunctionBox):  # may call itself by its name
                slot = self.declare(entry.name)
                code = self.function_box(entry.value, entry.name, slot)
            else:
                code = self.fitting(self.box(entry.value), entry.type_ref, entry.value.id)
                slot = self.declare(entry.name)
            entries.append((entry.name, slot, code))
        self.layers.pop()

        def context(frame: Frame) -> Value:
            made = {}
            for name, slot, code in entries:
                made[name] = frame[slot] = code(frame)
            return made if result is None else result(frame)

        return context

    def _invocation(self, box: model.InvocationBox) -> Code:
        callee = self.box(box.callee)
        names = [entry.name for entry in box.bindings]
        codes = [self.fitting(self.box(entry.value), entry.type_ref, box.id) for entry in box.bindings]
        element = box.id

        def invocation(frame: Frame) -> Value:
            run: Run = frame[0]
            function = callee(frame)
            if not isinstance(function, Function):
                return run.fault("notAFunction", 0, f"{element}: {kind_of(function)}")
            try:
                return function.call(run, [code(frame) for code in codes], names)
            except Fault as fault:
                return run.fault(fault.code, 0, f"{element}: {fault.detail}")

        return invocation

    def _relation(self, box: model.RelationBox) -> Code:
        columns = box.columns
        rows = [[self.box(cell) for cell in row] for row in box.rows]
        return lambda frame: [
            {name: code(frame) for name, code in zip(columns, row, strict=True)} for row in rows
        ]

    def _list_box(self, box: model.ListBox) -> Code:
        codes = [self.box(item) for item in box.items]
        return lambda frame: [code(frame) for code in codes]

    def function_box(self, box: model.FunctionBox, name: str, own_slot: int | None) -> Code:
        """Give the code that makes the function a box defines; external ones are never run."""
        parameters = [(each.name, self.type_of(each.type_ref, box.id)) for each in box.parameters]
        if box.kind != "FEEL" or box.body is None:
            self._problems.append(Problem(element=box.id, reason="externalFunctionRefused"))
            refused = External(parameters)
            return lambda frame: refused
        with self.layer(each.name for each in box.parameters) as slots:
            body = self.box(box.body)
        return closing(parameters, slots, body, own_slot, self.type_of(box.type_ref, box.id), name)

    def _conditional(self, box: model.ConditionalBox) -> Code:
        condition, then, otherwise = (self.box(part) for part in (box.condition, box.then, box.otherwise))

        def conditional(frame: Frame) -> Value:
            answer = condition(frame)
            if type(answer) is not bool and answer is not None:
                frame[0].fault("notBoolean", 0, kind_of(answer))
            return then(frame) if answer is True else otherwise(frame)

        return conditional

    def _filter_box(self, box: model.FilterBox) -> Code:
        source = self.box(box.source)
        with self.layer(["item"]) as (slot,), self.fields_of(slot):
            condition = self.box(box.match)
        return filtering(self, source, condition, slot, 0)

    def _loop(self, box: model.LoopBox) -> Code:
        source = self.box(box.source)

        def items(frame: Frame) -> list[Value]:
            return domain(frame[0], source(frame))

        with self.layer(["partial", box.variable]) as (partial, slot):
            body = self.box(box.body)
        if box.kind == "for":
            return looping([(slot, items)], body, partial, 0)
        return quantifying([(slot, items)], body, box.kind == "some", 0)

    def _table(self, box: model.TableBox) -> Code:
        with self.layer(["?"]):
            inputs = [self._input(clause) for clause in box.inputs]
            outputs = [self._output(clause, box.id) for clause in box.outputs]
            rows = []
            for rule in box.rules:
                tests = [self._cell(text, rule.id) for text in rule.tests]
                rows.append((tests, [self.text(text, rule.id) for text in rule.outputs]))
        return Table(box, inputs, outputs, rows, self.choices).code

    def _input(self, clause: model.InputClause) -> tuple[Code, Test | None]:
        code = self.fitting(self.text(clause.text, clause.id), clause.type_ref, clause.id)
        return code, self._cell(clause.allowed, clause.id) if clause.allowed else None

    def _cell(self, text: str, element: str) -> Test | None:
        if not text or text == "-":
            return None
        node = self.tests(text, element)
        return _never if node is None else tests_code(self, node)

    def _output(self, clause: model.OutputClause, table: str) -> Output:
        listed = clause.allowed or self._vocabulary.items.allowed_text(clause.type_ref)
        node = self.tests(listed, clause.id) if listed else None
        kind = self.type_of(clause.type_ref, clause.id)
        allowed = [test_code(self, each) for each in node.tests] if node is not None else []
        default = self.text(clause.default, clause.id) if clause.default else None
        return Output(clause.name, kind, allowed, default)


def _never(value: Value, frame: Frame) -> bool:
    return False


def fitted(run: Run, value: Value, wanted: Type, element: str) -> Value:
    """Make a value fit a type; what does not is recorded and null."""
    try:
        return coerced(run, value, wanted)
    except Fault as fault:
        return run.fault(fault.code, 0, f"{element}: {fault.detail}")
