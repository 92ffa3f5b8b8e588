"""Knowledge models and decision services as function values; bound when all exist, so they may recur."""

from collections.abc import Callable, Sequence

from ocapi.lib.dmn.evaluation import Evaluation, Key
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.scope import Code
from ocapi.lib.feel.types import Type, coerced
from ocapi.lib.feel.values import Function, Value, placed


class KnowledgeFunction(Function):
    """A business knowledge model."""

    __slots__ = ("_code", "_size", "element")

    def __init__(self, name: str, element: str) -> None:
        super().__init__(name, ())
        self.element = element
        self._code: Code | None = None
        self._size = 0

    def bind(
        self, parameters: Sequence[tuple[str, Type | None]], result: Type | None, code: Code, size: int
    ) -> None:
        """Give it its body; the parameters stand in the first places of its frame."""
        self.parameters = tuple(parameters)
        self.result = result
        self._code = code
        self._size = size

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None = None) -> Value:
        """Make the arguments fit and run the body."""
        if self._code is None:
            raise Fault("externalFunctionRefused", self.name)
        frame: list[Value] = [run, *(
            value if wanted is None else coerced(run, value, wanted)
            for value, (_, wanted) in zip(placed(self, arguments, names), self.parameters, strict=True)
        )]
        frame += [None] * (self._size - len(frame))
        outer, run.element = run.element, self.element
        run.enter()
        value = self._code(frame)
        run.leave()
        run.element = outer
        return value if self.result is None else coerced(run, value, self.result)


class ServiceFunction(Function):
    """A decision service; its decisions see what it is given and nothing of what surrounds the call."""

    __slots__ = ("_inputs", "_outputs", "_work_out", "element")

    def __init__(self, name: str, element: str) -> None:
        super().__init__(name, ())
        self.element = element

    def bind(
        self, parameters: Sequence[tuple[str, Type | None]], result: Type | None, inputs: Sequence[Key],
        outputs: Sequence[tuple[str, Key]], work_out: Callable[[Evaluation, Key], Value],
    ) -> None:
        """Give it its decisions. inputs: where the arguments go; outputs: names and keys."""
        self.parameters = tuple(parameters)
        self.result = result
        self._inputs = tuple(inputs)
        self._outputs = tuple(outputs)
        self._work_out = work_out

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None = None) -> Value:
        """Work out the output decisions: the value of one, or a context of several."""
        assert isinstance(run, Evaluation)
        given = {}
        for key, value, (_, wanted) in zip(
            self._inputs, placed(self, arguments, names), self.parameters, strict=True
        ):
            given[key] = value if wanted is None else coerced(run, value, wanted)
        outer = (run.known, run.given, run.element)
        run.known, run.given, run.element = dict(given), given, self.element
        run.enter()
        values = {name: self._work_out(run, key) for name, key in self._outputs}
        run.leave()
        run.known, run.given, run.element = outer
        value = next(iter(values.values())) if len(values) == 1 else values
        return value if self.result is None else coerced(run, value, self.result)
