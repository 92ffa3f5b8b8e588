"""Functions written in FEEL: a body with the frame it closes over; and external ones, which never run."""

from collections.abc import Sequence
from typing import NoReturn

from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.scope import Code, Frame
from ocapi.lib.feel.types import Type, coerced
from ocapi.lib.feel.values import Function, Value, placed


class Lambda(Function):
    """A function value; it holds a copy of the frame, so later changes there do not reach it."""

    __slots__ = ("_body", "_frame", "_own_slot", "_slots")

    def __init__(
        self, name: str, parameters: Sequence[tuple[str, Type | None]], slots: Sequence[int], body: Code,
        frame: Frame, own_slot: int | None, result: Type | None,
    ) -> None:
        super().__init__(name, parameters, result)
        self._slots = slots
        self._body = body
        self._frame = frame
        self._own_slot = own_slot

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None = None) -> Value:
        """Make the arguments fit and run the body in a frame of its own."""
        frame = self._frame.copy()
        frame[0] = run
        if self._own_slot is not None:
            frame[self._own_slot] = self
        given = placed(self, arguments, names)
        for slot, value, (_, wanted) in zip(self._slots, given, self.parameters, strict=True):
            frame[slot] = value if wanted is None else coerced(run, value, wanted)
        run.enter()
        run.spend(len(frame))
        value = self._body(frame)
        run.leave()
        return value if self.result is None else coerced(run, value, self.result)


class External(Function):
    """A function in another language. It can be defined and is never called."""

    __slots__ = ()

    def __init__(self, parameters: Sequence[tuple[str, Type | None]]) -> None:
        super().__init__("external", parameters)

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None = None) -> NoReturn:
        """Refuse."""
        raise Fault("externalFunctionRefused")
