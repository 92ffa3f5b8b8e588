"""A decision model ready to answer: load it once, ask it often, from any thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocapi.lib.dmn import model
from ocapi.lib.dmn.errors import ModelRefused, Problem
from ocapi.lib.dmn.evaluation import Evaluation, Key
from ocapi.lib.dmn.explaining import TableAnswer
from ocapi.lib.dmn.functions import ServiceFunction
from ocapi.lib.dmn.graph import Graph
from ocapi.lib.dmn.reader import read
from ocapi.lib.feel.budget import DEFAULT, MAX_DEPTH, Limits
from ocapi.lib.feel.errors import BudgetExceeded, Fault, Issue
from ocapi.lib.feel.natives import detached, require_bounded, to_feel
from ocapi.lib.feel.types import ANY, Type
from ocapi.lib.feel.values import Value

MAX_FILES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a decision gave, why parts of it are null and, when asked for, which rules matched."""

    value: Value
    issues: tuple[Issue, ...] = ()
    tables: tuple[TableAnswer, ...] = ()
    steps: int = 0


class UnknownDecision(LookupError):
    """The model has no decision or decision service of that name."""


class Model:
    """A compiled model. problems: what is wrong in elements that therefore answer null.

    names: of the decisions and knowledge models of this file, by id.
    """

    __slots__ = ("_decisions", "_graph", "_inputs", "_services", "name", "names", "namespace", "problems")

    def __init__(self, definitions: model.Definitions, graph: Graph) -> None:
        self.name = definitions.name
        self.namespace = definitions.namespace
        self.names = {key: each.name for key, each in definitions.elements.items()}
        self.problems: tuple[Problem, ...] = tuple(graph.problems)
        self._graph = graph
        own = self.namespace
        self._decisions = {
            node.element.name: key for key, node in graph.decisions.items() if key[0] == own
        }
        self._services = {
            function.name: function for key, function in graph.functions.items()
            if key[0] == own and isinstance(function, ServiceFunction)
        }
        self._inputs: dict[str, Key] = {}
        for key, (element, _) in graph.inputs.items():
            self._inputs[f"{{{key[0]}}}{element.name}"] = key
            if key[0] == own:
                self._inputs[element.name] = key

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of the decisions, in the order of the file."""
        return tuple(self._decisions)

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the decision services."""
        return tuple(self._services)

    @property
    def inputs(self) -> dict[str, Type]:
        """The inputs by name, with their types; those of an imported model as `evaluate` takes them."""
        own = {name: key for name, key in self._inputs.items() if not name.startswith("{")}
        imported = {
            name: key for name, key in self._inputs.items()
            if name.startswith("{") and key[0] != self.namespace
        }
        return {name: self._graph.inputs[key][1] or ANY for name, key in {**own, **imported}.items()}

    def evaluate(
        self, decision: str, inputs: Mapping[str, object], *, now: datetime, limits: Limits = DEFAULT,
        explains: bool = False,
    ) -> Answer:
        """Answer one decision, working out only what it needs.

        inputs: by name; those of an imported model as `{namespace}name`; missing ones are null. now: aware.
        Raises UnknownDecision, NotAValue, BudgetExceeded.
        """
        place = self._decisions.get(decision)
        if place is None:
            raise UnknownDecision(decision)
        given = {key: to_feel(inputs[name]) for name, key in self._inputs.items() if name in inputs}
        run = Evaluation(now=now, limits=limits, given=given, explains=explains)
        try:
            value = self._graph.work_out(run, place)
        except RecursionError:
            raise BudgetExceeded("callDepth", MAX_DEPTH) from None
        return _answer(run, value)

    def evaluate_service(
        self, service: str, inputs: Mapping[str, object], *, now: datetime, limits: Limits = DEFAULT,
        explains: bool = False,
    ) -> Answer:
        """Answer a decision service: the value of its one output decision, or a context of several.

        inputs: its input data and input decisions by name. Raises as `evaluate` does.
        """
        function = self._services.get(service)
        if function is None:
            raise UnknownDecision(service)
        arguments = [to_feel(inputs.get(name)) for name, _ in function.parameters]
        run = Evaluation(now=now, limits=limits, given={}, explains=explains)
        try:
            value = function.call(run, arguments)
        except Fault as fault:
            run.fault(fault.code, 0, fault.detail)
            value = None
        except RecursionError:
            raise BudgetExceeded("callDepth", MAX_DEPTH) from None
        return _answer(run, value)


def _answer(run: Evaluation, value: Value) -> Answer:
    if type(value) in (list, dict):
        require_bounded(value)
        value = detached(value)
    return Answer(value=value, issues=tuple(run.issues), tables=tuple(run.answers), steps=run.steps)


def load(raw: bytes, *, others: Sequence[bytes] = ()) -> Model:
    """Read and compile a model. others: the files it may import, as one folder would hold them.

    Raises ModelRefused with the element; what is wrong in one expression only is in `problems` instead.
    """
    if len(others) > MAX_FILES:
        raise ModelRefused("tooManyFiles", detail=str(len(others)))
    main = read(raw)
    documents = {definitions.namespace: definitions for definitions in map(read, others)}
    documents[main.namespace] = main
    return Model(main, Graph(_imports_first(main, documents)))


def _imports_first(
    main: model.Definitions, documents: Mapping[str, model.Definitions]
) -> Sequence[model.Definitions]:
    """Give a model after all it imports; circles and missing files are refused."""
    ordered: dict[str, model.Definitions] = {}
    path: list[str] = []

    def visit(document: model.Definitions) -> None:
        if document.namespace in path:
            raise ModelRefused("cyclicImport", element=document.name)
        if document.namespace in ordered:
            return
        path.append(document.namespace)
        for each in document.imports:
            found = documents.get(each.namespace)
            if found is None:
                raise ModelRefused("importMissing", element=document.name, detail=each.namespace)
            visit(found)
        path.pop()
        ordered[document.namespace] = document

    visit(main)
    return tuple(ordered.values())
