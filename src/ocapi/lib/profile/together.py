"""What shapes that hold of one class say against each other: over two shapes, by `sh:node` and `sh:and`, and
through `sh:not`.

Only what surely excludes everything is told, as it refuses a profile: a shape is taken to hold when all it
asks is asked in the same words, or by a stricter count.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ocapi.lib.finding import Finding
from ocapi.lib.profile.joining import joined, numbers, unsatisfiable, values_of
from ocapi.lib.rdf.graph import TYPE, Lexical, Value
from ocapi.lib.shacl.shapes import Constraint, Shape
from ocapi.lib.shacl.vocabulary import LENGTHS, RANGES

_OF_A_VALUE = frozenset({"class", "datatype", "nodeKind", "in", "languageIn", "pattern", *LENGTHS, *RANGES})
"""What a shape behind `sh:node` asks of a value as the property itself would."""
_JOINING = ("node", "and")
_BY_THE_REST = frozenset({"closed", "qualifiedValueShape"})
"""What means something else in another shape: it looks at what else stands there."""
Names = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """All that is asked of one thing. shapes: by name. parts: by property, with what its values are asked."""

    shapes: Mapping[str, Shape]
    parts: Mapping[str, list[Shape]]


def contradictions(shapes: Mapping[str, Shape], told: frozenset[str]) -> Iterator[Finding]:
    """Find what no thing of a class can be, as its shapes together ask it. told: places that were told of."""
    groups: dict[str, list[Shape]] = defaultdict(list)
    for shape in shapes.values():
        if shape.has_target and shape.is_active and shape.path is None:
            for each in shape.target_classes or (shape.name,):
                groups[each].append(shape)
    seen = set(told)
    for targeting in groups.values():
        asked = _asked(targeting, shapes)
        for where, reason, is_fatal in _found(asked, targeting[0].name, shapes):
            if where not in seen:
                seen.add(where)
                yield Finding(code="unsatisfiable", where=where, detail=reason, is_fatal=is_fatal)


def _asked(shapes_of_class: Iterable[Shape], shapes: Mapping[str, Shape]) -> _Asked:
    found = _along(shapes_of_class, shapes)
    held = {name: each for name, each in found.items() if each.path is None}
    of_properties = [one for each in held.values() for some in joined(each, shapes).values() for one in some]
    of_properties += [each for each in found.values() if each.path]  # a member of sh:and may be one
    parts: dict[str, list[Shape]] = defaultdict(list)
    for each in of_properties:
        if each.path and len(each.path) == 1 and not each.path[0].is_inverse:
            behind = [other for other in _along([each], shapes).values() if other.path is None]
            parts[each.path[0].predicate] += [each, *map(_of_values, behind)]
    return _Asked(shapes=held, parts=parts)


def _along(some: Iterable[Shape], shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Give shapes with all that they ask for by `sh:node` and `sh:and`, however far."""
    found, pending = dict[str, Shape](), list(some)
    while pending:
        shape = pending.pop()
        if shape.name in found or not shape.is_active:
            continue
        found[shape.name] = shape
        names = [value for each in _JOINING for value in shape.values(each)]
        pending += [shapes[each] for each in names if isinstance(each, str) and each in shapes]
    return found


def _of_values(shape: Shape) -> Shape:
    kept = tuple(each for each in shape.constraints if each.parameter in _OF_A_VALUE)
    return replace(shape, constraints=kept)


def _found(asked: _Asked, name: str, shapes: Mapping[str, Shape]) -> Iterator[tuple[str, str, bool]]:
    """Give where, why, and whether a thing can't go without."""
    for shape in asked.shapes.values():
        for each in shape.values("not"):
            if isinstance(each, str) and _holds(each, asked, shapes, frozenset()):
                yield shape.name, f"what sh:not forbids is always so: {each}", True
        yield from _closed_to_asked(shape, asked, shapes)
    for predicate, parts in asked.parts.items():
        if reason := unsatisfiable(parts) or _forbidden(parts, shapes):
            is_asked = max(numbers(parts, "minCount"), default=0) > 0 or bool(values_of(parts, "hasValue"))
            yield f"{name} {predicate}", reason, is_asked


def _closed_to_asked(
    shape: Shape, asked: _Asked, shapes: Mapping[str, Shape]
) -> Iterator[tuple[str, str, bool]]:
    closing = [each for each in shape.constraints if each.parameter == "closed"]
    if not any(isinstance(v, Lexical) and v.text in ("true", "1") for each in closing for v in each.values):
        return
    named = [shapes[each] for each in shape.values("property") if isinstance(each, str) and each in shapes]
    allowed: set[Value] = {each.path[0].predicate for each in named if each.path and len(each.path) == 1}
    allowed |= {v for each in closing for v in each.more.get("ignored", ())} | {TYPE}
    for predicate, parts in asked.parts.items():
        if predicate not in allowed and max(numbers(parts, "minCount"), default=0) > 0:
            yield f"{shape.name} {predicate}", "closed, and another shape of the class asks for it", True


def _forbidden(parts: list[Shape], shapes: Mapping[str, Shape]) -> str:
    """Give why `sh:not` on a property forbids every value it may have, empty when it does not."""
    for each in values_of(parts, "not"):
        if isinstance(each, str) and _is_every_value(each, parts, shapes, frozenset()):
            return f"what sh:not forbids is so of each value: {each}"
    return ""


def _holds(name: str, asked: _Asked, shapes: Mapping[str, Shape], above: Names) -> bool:
    """Tell whether a thing of which so much is asked surely is what a shape asks."""
    shape = shapes.get(name)
    if shape is None or name in above or not _is_whole(shape):
        return False
    if shape.path is not None:
        return _holds_property(shape, asked)
    return name in asked.shapes or all(
        _is_met(each, asked, shapes, above | {name}) for each in shape.constraints
    )


def _is_met(said: Constraint, asked: _Asked, shapes: Mapping[str, Shape], above: Names) -> bool:
    if said.parameter in ("property", *_JOINING):
        return all(isinstance(each, str) and _holds(each, asked, shapes, above) for each in said.values)
    return _is_said(said, asked.shapes.values())


def _holds_property(shape: Shape, asked: _Asked) -> bool:
    if not shape.path or len(shape.path) != 1 or shape.path[0].is_inverse:
        return False
    parts = asked.parts.get(shape.path[0].predicate, [])
    return all(_is_counted(each, parts) or _is_said(each, parts) for each in shape.constraints)


def _is_counted(said: Constraint, parts: list[Shape]) -> bool:
    values = [int(v.text) for v in said.values if isinstance(v, Lexical) and v.text.isdigit()]
    if len(values) != len(said.values) or not values:
        return False
    if said.parameter == "minCount":
        least = max([*numbers(parts, "minCount"), int(bool(values_of(parts, "hasValue")))], default=0)
        return least >= max(values)
    most = min(numbers(parts, "maxCount"), default=None)
    return said.parameter == "maxCount" and most is not None and most <= min(values)


def _is_every_value(name: str, parts: list[Shape], shapes: Mapping[str, Shape], above: Names) -> bool:
    """Tell whether what is asked of the values of a property makes each of them what a shape asks."""
    shape = shapes.get(name)
    if shape is None or name in above or not _is_whole(shape) or shape.path is not None:
        return False
    for each in shape.constraints:
        if each.parameter in _JOINING:
            inner = above | {name}
            if not all(
                isinstance(v, str) and _is_every_value(v, parts, shapes, inner) for v in each.values
            ):
                return False
        elif each.parameter not in _OF_A_VALUE or not _is_said(each, parts):
            return False
    return True


def _is_whole(shape: Shape) -> bool:
    return shape.is_active and not shape.outside


def _is_said(said: Constraint, by: Iterable[Shape]) -> bool:
    """Tell whether a constraint stands in one of these shapes in the same words."""
    return said.parameter not in _BY_THE_REST and any(
        each.parameter == said.parameter and each.more == said.more and each.values == said.values
        for shape in by
        for each in shape.constraints
    )
