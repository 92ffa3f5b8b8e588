"""One evaluation of a model: the run of FEEL, with what the requirements graph knows so far."""

from datetime import datetime

from ocapi.lib.dmn.explaining import TableAnswer
from ocapi.lib.feel.budget import Limits, Run
from ocapi.lib.feel.values import Value

MAX_ANSWERS = 1_000

Key = tuple[str, str]
"""Namespace of the model and key of the element."""


class Evaluation(Run):
    """A run with the values of inputs and decisions; each decision is worked out once, when it is needed."""

    __slots__ = ("answers", "explains", "given", "known")

    def __init__(self, *, now: datetime, limits: Limits, given: dict[Key, Value], explains: bool) -> None:
        super().__init__(now=now, limits=limits)
        self.given = given
        self.known: dict[Key, Value] = {}
        self.explains = explains
        self.answers: list[TableAnswer] = []
