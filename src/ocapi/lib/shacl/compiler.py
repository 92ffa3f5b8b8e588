"""Compiles shapes into one validator: closures over plain values, made once per profile.

Shapes that call each other in a circle, or hold what is not compiled, are left to the fallback by name: the
validator says which, and does not judge by them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ocapi.lib.finding import Finding
from ocapi.lib.rdf.graph import TYPE, Graph, Lexical, Properties, Value
from ocapi.lib.shacl import checks
from ocapi.lib.shacl.checks import NONE, NOTHING_KNOWN, WHOLE, Check, Known, NotCompilable
from ocapi.lib.shacl.results import Result, Results
from ocapi.lib.shacl.shapes import Constraint, Path, Shape
from ocapi.lib.shacl.vocabulary import OF_SHAPE_LISTS, OF_SHAPES, component

Judge: TypeAlias = Callable[[Value, Graph, Known, Results], None]
ASKS_OF_NONE = frozenset({"minCount", "hasValue", "equals", "qualifiedValueShape"})
"""The parameters that say something of a property without values."""
Part: TypeAlias = Callable[[Value, list[Value], Graph, Known, Results], None]

_NO_PROPERTIES: Properties = {}


@dataclass(frozen=True, slots=True)
class Validator:
    """The compiled shapes. fallback: names of the shapes with a target that are not judged here."""

    by_class: Mapping[str, tuple[Judge, ...]]
    elsewhere: tuple[tuple[Shape, Judge], ...]
    judges: Mapping[str, Judge]
    fallback: tuple[str, ...]
    findings: tuple[Finding, ...]

    def validate(self, graph: Graph, known: Known = NOTHING_KNOWN) -> Results:
        """Give every broken constraint of the things in a graph, in the order of the graph."""
        out: Results = []
        for subject, properties in graph.things.items():
            types = properties.get(TYPE)
            if types:
                for judge in self._of_types(types, known):
                    judge(subject, graph, known, out)
        for shape, judge in self.elsewhere:
            for focus in _targets(shape, graph):
                judge(focus, graph, known, out)
        return list(dict.fromkeys(out)) if len(out) > 1 else out

    def _of_types(self, types: list[Value], known: Known) -> Iterable[Judge]:
        if len(types) == 1 and types[0] not in known.above:  # most are
            return self.by_class.get(types[0], ())  # type: ignore[arg-type]
        classes: dict[Value, None] = {}
        for each in types:
            classes[each] = None
            classes.update(dict.fromkeys(known.above.get(each, ()) if isinstance(each, str) else ()))
        found = [judge for each in classes for judge in self.by_class.get(each, ())]  # type: ignore[arg-type]
        return dict.fromkeys(found)


def compiled(shapes: Mapping[str, Shape]) -> Validator:
    """Compile all shapes of a profile."""
    making = _Making(shapes)
    by_class: dict[str, tuple[Judge, ...]] = {}
    elsewhere = []
    for name, shape in shapes.items():
        if not shape.has_target or not shape.is_active:
            continue
        judge = making.judge(name)
        if judge is None:
            continue
        for each in shape.target_classes:
            by_class[each] = (*by_class.get(each, ()), judge)
        if shape.target_nodes or shape.target_subjects_of or shape.target_objects_of:
            elsewhere.append((shape, judge))
    fallback = tuple(
        name
        for name, each in shapes.items()
        if each.has_target and making.made.get(name) is None and each.is_active
    )
    return Validator(
        by_class=by_class,
        elsewhere=tuple(elsewhere),
        fallback=fallback,
        findings=tuple(making.findings),
        judges={name: judge for name, judge in making.made.items() if judge is not None},
    )


def _targets(shape: Shape, graph: Graph) -> Iterable[Value]:
    found: dict[Value, None] = dict.fromkeys(shape.target_nodes)
    for predicate in shape.target_subjects_of:
        found.update(
            dict.fromkeys(each for each, properties in graph.things.items() if predicate in properties)
        )
    for predicate in shape.target_objects_of:
        for properties in graph.things.values():
            found.update(dict.fromkeys(properties.get(predicate, ())))
    return found


def _nothing(focus: Value, graph: Graph, known: Known, out: Results) -> None:
    """Judge nothing: a deactivated shape."""


class _Simple(NamedTuple):
    """What judges the values of one property: all, what one value can break, and what none can.

    quick: each tells whether a value alone is as is asked; together they say what on_one does. None when
    something of it hangs on more than the value.
    """

    predicate: str
    parts: list[Part]
    on_one: list[Part]
    on_none: list[Part]
    quick: tuple[Callable[[Value], bool], ...] | None


def _in_turn(steps: Sequence[tuple[Judge, _Simple | None]]) -> Judge:
    """Judge a thing by one after the other; what asks of a property alone needs no call of its own."""

    def judge(focus: Value, graph: Graph, known: Known, out: Results) -> None:
        properties = graph.things.get(focus, _NO_PROPERTIES) if isinstance(focus, str) else _NO_PROPERTIES
        for other, simple in steps:
            if simple is None:
                other(focus, graph, known, out)
                continue
            predicate, parts, on_one, on_none, quick = simple
            if values := properties.get(predicate):
                if len(values) > 1:
                    judging = parts
                elif quick is None:
                    judging = on_one
                else:
                    value = values[0]
                    for fits in quick:
                        if not fits(value):
                            judging = on_one
                            break
                    else:
                        continue
                for part in judging:
                    part(focus, values, graph, known, out)
            elif on_none:
                for part in on_none:
                    part(focus, [], graph, known, out)

    return judge


class _Making:
    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = shapes
        self.simple: dict[Judge, _Simple] = {}
        self.checks: dict[Part, checks.Each] = {}
        self.made: dict[str, Judge | None] = {}
        self.open: list[str] = []
        self.findings: list[Finding] = []

    def judge(self, name: str) -> Judge | None:
        """Give the judge of a shape, None when it is left to the fallback."""
        if name in self.open:
            self.findings.append(Finding(code="shapesInCircle", where=name))
            return None
        if name in self.made:
            return self.made[name]
        shape = self.shapes.get(name)
        if shape is None:
            self.findings.append(Finding(code="shapeUnknown", where=name))
            return None
        self.open.append(name)
        self.made[name] = None if shape.is_active else _nothing
        if shape.is_active and not shape.outside:
            try:
                self.made[name] = self.shape_judge(shape)
            except NotCompilable as refused:
                self.findings.append(Finding(code="notCompiled", where=name, detail=str(refused)))
        self.open.remove(name)
        return self.made[name]

    def shape_judge(self, shape: Shape) -> Judge:
        if shape.path is None:
            judges = [judge for each in shape.constraints for judge in self.node_judges(shape, each)]
            return _in_turn([(judge, self.simple.get(judge)) for judge in judges])
        parts = [self.part(shape, each) for each in shape.constraints]
        if len(shape.path) == 1 and not shape.path[0].is_inverse:
            predicate = shape.path[0].predicate

            paired = list(zip(parts, shape.constraints, strict=True))
            on_none = [part for part, each in paired if each.parameter in ASKS_OF_NONE]
            on_one = [part for part, each in paired if not _holds_for_one(each)]

            asked = [self.checks.get(part) for part in on_one]
            quick = tuple(each.fits for each in asked if each is not None)
            is_quick = len(quick) == len(asked)
            simple = _Simple(predicate, parts, on_one, on_none, quick if is_quick else None)
            judge_property = _in_turn([(_nothing, simple)])
            self.simple[judge_property] = simple
            return judge_property
        path = shape.path

        def judge_path(focus: Value, graph: Graph, known: Known, out: Results) -> None:
            values = reached(focus, path, graph)
            for part in parts:
                part(focus, values, graph, known, out)

        return judge_path

    def node_judges(self, shape: Shape, constraint: Constraint) -> list[Judge]:
        """Give what judges a thing itself by one constraint: that of its properties as it is."""
        if constraint.parameter == "property":
            return self.needed(constraint.values)
        part = self.part(shape, constraint)
        return [lambda focus, graph, known, out: part(focus, [focus], graph, known, out)]

    def part(self, shape: Shape, constraint: Constraint) -> Part:
        parameter = constraint.parameter
        if parameter == "property":
            return _properties(self.needed(constraint.values))
        if parameter == "closed":
            return self.closed(shape, constraint)
        if parameter == "qualifiedValueShape":
            return self.qualified(shape, constraint)
        check = (
            _of_shapes(parameter, self.needed(constraint.values))
            if parameter in (*OF_SHAPES, *OF_SHAPE_LISTS)
            else checks.make(constraint)
        )
        part = _reporting(shape, component(parameter), check, limit=_limit(constraint))
        if isinstance(check, checks.Each):
            self.checks[part] = check
        return part

    def needed(self, names: Iterable[Value]) -> list[Judge]:
        found = []
        for name in names:
            judge = self.judge(name) if isinstance(name, str) else None
            if judge is None:
                raise NotCompilable(f"names the shape {name}, which is not compiled")
            found.append(judge)
        return found

    def closed(self, shape: Shape, constraint: Constraint) -> Part:
        flag = constraint.values[0]
        is_asked = isinstance(flag, Lexical) and flag.text in ("true", "1")
        known_paths = {
            path[0].predicate
            for name in shape.values("property")
            if isinstance(name, str) and name in self.shapes
            if (path := self.shapes[name].path) and len(path) == 1 and not path[0].is_inverse
        }
        allowed = {*known_paths, *constraint.more.get("ignored", ())}

        def part(focus: Value, values: list[Value], graph: Graph, known: Known, out: Results) -> None:
            for each in values if is_asked else ():
                said = graph.things.get(each, _NO_PROPERTIES) if isinstance(each, str) else _NO_PROPERTIES
                if said.keys() <= allowed:
                    continue
                for predicate, found in said.items():
                    if predicate not in allowed:
                        out.extend(
                            Result(
                                focus,
                                predicate,
                                component("closed"),
                                value,
                                shape.name,
                                shape.severity,
                                shape.message,
                            )
                            for value in found
                        )

        return part

    def qualified(self, shape: Shape, constraint: Constraint) -> Part:
        judge = self.needed(constraint.values)[0]
        if any(
            isinstance(each, Lexical) and each.text in ("true", "1")
            for each in constraint.more.get("disjoint", ())
        ):
            raise NotCompilable("sh:qualifiedValueShapesDisjoint")
        least, most = (_first_number(constraint.more.get(key, ())) for key in ("least", "most"))

        def check_of(is_broken: Callable[[int], bool]) -> Check:
            def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> checks.Broken:
                return WHOLE if is_broken(sum(_conforms(judge, v, graph, known) for v in values)) else NONE

            return check

        parts = []
        if least is not None:
            parts.append(
                _reporting(
                    shape,
                    "QualifiedMinCountConstraintComponent",
                    check_of(lambda count: count < least),
                    limit=str(least),
                )
            )
        if most is not None:
            parts.append(
                _reporting(
                    shape,
                    "QualifiedMaxCountConstraintComponent",
                    check_of(lambda count: count > most),
                    limit=str(most),
                )
            )

        def part(focus: Value, values: list[Value], graph: Graph, known: Known, out: Results) -> None:
            for each in parts:
                each(focus, values, graph, known, out)

        return part


def reached(focus: Value, path: Path, graph: Graph) -> list[Value]:
    """Give the values at the end of a path, each once."""
    here: dict[Value, None] = {focus: None}
    for step in path:
        there: dict[Value, None] = {}
        for each in here:
            found = (
                graph.subjects(step.predicate, each)
                if step.is_inverse
                else graph.values(each, step.predicate)
            )
            there.update(dict.fromkeys(found))
        here = there
    return list(here)


def path_text(path: Path | None) -> str:
    """Write a path: predicates with `/` between them and `^` before one against its direction."""
    return "/".join(f"^{step.predicate}" if step.is_inverse else step.predicate for step in path or ())


def _holds_for_one(constraint: Constraint) -> bool:
    """Tell whether a single value can't break a constraint."""
    if constraint.parameter == "uniqueLang":
        return True
    count = _first_number(constraint.values)
    if count is None:
        return False
    return (
        count <= 1 if constraint.parameter == "minCount" else constraint.parameter == "maxCount" and count > 0
    )


def _first_number(values: Iterable[Value]) -> int | None:
    return next(
        (int(each.text) for each in values if isinstance(each, Lexical) and each.text.isdigit()), None
    )


def _limit(constraint: Constraint) -> str:
    if constraint.parameter in (*OF_SHAPES, *OF_SHAPE_LISTS):
        return ""
    return ", ".join(each.text if isinstance(each, Lexical) else each for each in constraint.values[:20])


def _conforms(judge: Judge, value: Value, graph: Graph, known: Known) -> bool:
    found: Results = []
    judge(value, graph, known, found)
    return not found


def _properties(judges: list[Judge]) -> Part:
    if len(judges) == 1:
        judge = judges[0]

        def part(focus: Value, values: list[Value], graph: Graph, known: Known, out: Results) -> None:
            for value in values:
                judge(value, graph, known, out)

        return part
    raise NotCompilable("sh:property names several shapes at once")


def _of_shapes(parameter: str, judges: list[Judge]) -> Check:
    holds: dict[str, Callable[[int], bool]] = {
        "node": lambda count: count == len(judges),
        "and": lambda count: count == len(judges),
        "or": lambda count: count > 0,
        "xone": lambda count: count == 1,
        "not": lambda count: count == 0,
    }
    is_kept = holds[parameter]

    def check(focus: Value, values: list[Value], graph: Graph, known: Known) -> checks.Broken:
        return [
            value
            for value in values
            if not is_kept(sum(_conforms(judge, value, graph, known) for judge in judges))
        ]

    return check


def _reporting(shape: Shape, name: str, check: Check, *, limit: str) -> Part:
    path = path_text(shape.path)

    def part(focus: Value, values: list[Value], graph: Graph, known: Known, out: Results) -> None:
        for value in check(focus, values, graph, known):
            out.append(Result(focus, path, name, value, shape.name, shape.severity, shape.message, limit))

    return part
