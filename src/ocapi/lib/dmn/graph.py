"""The requirements graph of a model and its imports, compiled: what needs what, and in which order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ocapi.lib.dmn import model
from ocapi.lib.dmn.boxes import BoxCompiler, Vocabulary, fitted
from ocapi.lib.dmn.errors import ModelRefused, Problem
from ocapi.lib.dmn.evaluation import Evaluation, Key
from ocapi.lib.dmn.functions import KnowledgeFunction, ServiceFunction
from ocapi.lib.dmn.items import Items
from ocapi.lib.feel.scope import Code
from ocapi.lib.feel.types import FunctionType, Type
from ocapi.lib.feel.values import Function, Value


class DecisionNode:
    """A compiled decision: its code, where its frame comes from, and the decisions it needs."""

    __slots__ = ("code", "element", "groups", "needs", "size", "type", "values")

    def __init__(self, element: model.Decision, kind: Type | None) -> None:
        self.element = element
        self.type = kind
        self.code: Code | None = None
        self.size = 1
        self.values: list[tuple[int, Key]] = []
        self.groups: list[tuple[int, dict[str, Key], dict[str, Value]]] = []
        self.needs: tuple[Key, ...] = ()


class Scope:
    """What one element may name: values and functions of its own model, and of imports under their names."""

    def __init__(self) -> None:
        self.values: dict[str, Key] = {}
        self.functions: dict[str, Value] = {}
        self.group_values: dict[str, dict[str, Key]] = {}
        self.group_functions: dict[str, dict[str, Value]] = {}

    def fixed(self) -> dict[str, Value]:
        """Give the names with one value: functions, and imports of which only functions are needed."""
        only = {
            alias: found for alias, found in self.group_functions.items() if alias not in self.group_values
        }
        return {**self.functions, **only}


class Graph:
    """All elements of a model and of the models it imports."""

    def __init__(self, documents: Sequence[model.Definitions]) -> None:
        """documents: imported ones before those that import them; the last one is the model itself."""
        self.problems: list[Problem] = []
        self.decisions: dict[Key, DecisionNode] = {}
        self.functions: dict[Key, Function] = {}
        self.inputs: dict[Key, tuple[model.Element, Type | None]] = {}
        self._elements: dict[Key, model.Element] = {}
        self._vocabularies: dict[str, Vocabulary] = {}
        self._documents = {document.namespace: document for document in documents}
        for document in documents:
            self._enter(document)
        for document in documents:
            self._compile(document)
        self._refuse_circles()

    def _enter(self, document: model.Definitions) -> None:
        imported: dict[str, Type] = {}
        for each in document.imports:
            types = self._vocabularies[each.namespace].items.own()
            imported |= {f"{each.name}.{name}" if each.name else name: kind for name, kind in types.items()}
        items = Items(document, imported)
        self.problems += items.problems
        items.problems = self.problems
        self._vocabularies[document.namespace] = Vocabulary(items, set(self._field_names()))
        for key, element in document.elements.items():
            place = (document.namespace, key)
            self._elements[place] = element
            if isinstance(element, model.InputData):
                self.inputs[place] = (element, items.find(element.type_ref, key))
            elif isinstance(element, model.Decision):
                self.decisions[place] = DecisionNode(element, items.find(element.type_ref, key))
            elif isinstance(element, model.Knowledge):
                self.functions[place] = KnowledgeFunction(element.name, key)
            else:
                self.functions[place] = ServiceFunction(element.name, key)

    def _field_names(self) -> Iterable[str]:
        for document in self._documents.values():
            yield from (element.name for element in document.elements.values())
            waiting = list(document.items)
            while waiting:
                item = waiting.pop()
                waiting += item.components
                yield from (component.name for component in item.components)
            yield from _written_names(document)

    def place_of(self, reference: str, namespace: str) -> Key | None:
        """Give the element a reference means: `#id`, or `namespace#id` of an import."""
        other, _, key = reference.rpartition("#")
        place = (other or namespace, key)
        return place if place in self._elements else None

    def _scope(self, document: model.Definitions, element: model.Element) -> Scope:
        scope = Scope()
        aliases = {each.namespace: each.name for each in document.imports}
        for reference in element.requires:
            place = self.place_of(reference, document.namespace)
            if place is None:
                self.problems.append(
                    Problem(element=element.key, reason="requirementMissing", detail=reference)
                )
                continue
            alias = "" if place[0] == document.namespace else aliases.get(place[0], "")
            name = self._elements[place].name
            if place in self.functions:
                (scope.group_functions.setdefault(alias, {}) if alias else scope.functions)[name] = (
                    self.functions[place])
            else:
                (scope.group_values.setdefault(alias, {}) if alias else scope.values)[name] = place
        return scope

    def _compile(self, document: model.Definitions) -> None:
        for key, element in document.elements.items():
            place, known = (document.namespace, key), len(self.problems)
            if isinstance(element, model.Decision):
                self._compile_decision(document, element, self.decisions[place])
            elif isinstance(element, model.Knowledge):
                self._compile_knowledge(document, element, place)
            elif isinstance(element, model.Service):
                self._bind_service(document, element, place)
            self.problems[known:] = [
                replace(each, element=each.element or key, owner=element.name)
                for each in self.problems[known:]
            ]

    def _compile_decision(
        self, document: model.Definitions, element: model.Decision, node: DecisionNode
    ) -> None:
        scope = self._scope(document, element)
        names = [*scope.values, *scope.group_values]
        compiler = BoxCompiler(
            self._vocabularies[document.namespace], names, scope.fixed(), self.problems
        )
        if element.logic is not None:
            node.code = compiler.box(element.logic)
        node.size = compiler.size
        node.values = [(slot, place) for slot, place in enumerate(scope.values.values(), 1)]
        first = 1 + len(scope.values)
        node.groups = [
            (slot, values, scope.group_functions.get(alias, {}))
            for slot, (alias, values) in enumerate(scope.group_values.items(), first)
        ]
        wanted = list(scope.values.values())
        for group in scope.group_values.values():
            wanted += group.values()
        node.needs = tuple(key for key in wanted if key in self.decisions)

    def _compile_knowledge(
        self, document: model.Definitions, element: model.Knowledge, place: Key
    ) -> None:
        function = self.functions[place]
        assert isinstance(function, KnowledgeFunction)
        box = element.function
        if box is None or box.body is None or box.kind != "FEEL":
            self.problems.append(Problem(element=element.key, reason="externalFunctionRefused"))
            return
        fixed = {element.name: function, **self._scope(document, element).fixed()}
        names = [parameter.name for parameter in box.parameters]
        vocabulary = self._vocabularies[document.namespace]
        compiler = BoxCompiler(vocabulary, names, fixed, self.problems)
        code = compiler.box(box.body)
        parameters = [(each.name, compiler.type_of(each.type_ref, element.key)) for each in box.parameters]
        result = _result_of(vocabulary.items.find(element.type_ref, element.key))
        function.bind(parameters, result, code, compiler.size)

    def _bind_service(self, document: model.Definitions, element: model.Service, place: Key) -> None:
        function = self.functions[place]
        assert isinstance(function, ServiceFunction)
        inputs, parameters = [], []
        for reference in (*element.input_data, *element.input_decisions):
            found = self.place_of(reference, document.namespace)
            if found in self.inputs:
                own, kind = self.inputs[found]
                parameters.append((own.name, kind))
                inputs.append(found)
            elif found in self.decisions:
                parameters.append((self.decisions[found].element.name, self.decisions[found].type))
                inputs.append(found)
            else:
                self.problems.append(
                    Problem(element=element.key, reason="requirementMissing", detail=reference)
                )
        outputs = [
            (self.decisions[found].element.name, found)
            for reference in element.outputs
            if (found := self.place_of(reference, document.namespace)) in self.decisions
        ]
        if not outputs:
            self.problems.append(Problem(element=element.key, reason="requirementMissing", detail="output"))
        kind = self._vocabularies[document.namespace].items.find(element.type_ref, element.key)
        function.bind(parameters, _result_of(kind), inputs, outputs, self.work_out)

    def _refuse_circles(self) -> None:
        """Walk the decisions without recursion; one that needs itself is refused."""
        done: dict[Key, bool] = {}
        for start in self.decisions:
            waiting = [start]
            while waiting:
                place = waiting[-1]
                needs = self.decisions[place].needs
                if place not in done:
                    done[place] = False
                    if any(done.get(each) is False for each in needs):
                        raise ModelRefused("cyclicRequirement", element=self._elements[place].name)
                    waiting += [each for each in needs if each not in done]
                else:
                    done[place] = True
                    waiting.pop()

    def work_out(self, run: Evaluation, place: Key) -> Value:
        """Give the value of a decision, working out first what it needs; each only once per evaluation."""
        waiting = [place]
        while waiting:
            missing = [each for each in self.decisions[waiting[-1]].needs if each not in run.known]
            if missing and waiting[-1] not in run.known:
                waiting += missing
                continue
            ready = waiting.pop()
            if ready not in run.known:
                self._decide(run, ready)
        return run.known[place]

    def _decide(self, run: Evaluation, place: Key) -> None:
        node = self.decisions[place]
        outer, run.element = run.element, node.element.key
        run.spend(1)
        if node.code is None:
            value = run.given.get(place)
            if value is None:
                run.fault("noLogic", 0, node.element.name)
        else:
            frame: list[Value] = [run] + [None] * (node.size - 1)
            for slot, key in node.values:
                frame[slot] = self._value(run, key)
            for slot, keys, functions in node.groups:
                frame[slot] = {**functions, **{name: self._value(run, key) for name, key in keys.items()}}
            value = node.code(frame)
        if node.type is not None:
            value = fitted(run, value, node.type, node.element.key)
        run.known[place] = value
        run.element = outer

    def _value(self, run: Evaluation, place: Key) -> Value:
        if place in run.known:
            return run.known[place]
        element, kind = self.inputs[place]
        value = run.given.get(place)
        if kind is not None:
            value = fitted(run, value, kind, element.key)
        run.known[place] = value
        return value


def _result_of(kind: Type | None) -> Type | None:
    return kind.result if isinstance(kind, FunctionType) else kind


def _written_names(document: model.Definitions) -> Iterable[str]:
    """Give the names of outputs and columns: they become keys of contexts."""
    for element in document.elements.values():
        box = element.logic if isinstance(element, model.Decision) else (
            element.function if isinstance(element, model.Knowledge) else None)
        if isinstance(box, model.FunctionBox):
            box = box.body
        if isinstance(box, model.TableBox):
            yield from (clause.name for clause in box.outputs)
        elif isinstance(box, model.RelationBox):
            yield from box.columns
        elif isinstance(box, model.ContextBox):
            yield from (entry.name for entry in box.entries)
