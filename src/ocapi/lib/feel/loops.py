"""Code that repeats: filters, `for`, `some` and `every`. All of it spends steps; sizes are checked first."""

from collections.abc import Callable
from decimal import Decimal

from ocapi.lib.feel import syntax
from ocapi.lib.feel.arithmetic import add
from ocapi.lib.feel.budget import LOOK_EVERY, Run, require_list
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.scope import Code, Compiling, Frame, read
from ocapi.lib.feel.temporal import Date, date_of
from ocapi.lib.feel.values import Range, Value, kind_of

Source = tuple[int, Code]
Step = Callable[[Frame], Value]
_NOTHING = object()
_ONE = Decimal(1)


def source_code(compiling: Compiling, node: syntax.Node) -> Code:
    """Give the code of what is looped over; `partial` is read in place there, elsewhere as a copy."""
    if isinstance(node, syntax.Name) and node.name == "partial":
        slot, items = compiling.place_of("partial")
        if slot is not None and not items:
            return read(slot)
    return compiling.code(node)


def filter_code(compiling: Compiling, node: syntax.Filter) -> Code:
    """`source[condition]`: an item by its place, or the items for which the condition holds."""
    source = source_code(compiling, node.source)
    with compiling.layer(["item"]) as (slot,), compiling.fields_of(slot):
        condition = compiling.code(node.condition)
    return filtering(compiling, source, condition, slot, node.position)


def filtering(compiling: Compiling, source: Code, condition: Code, slot: int, position: int) -> Code:
    """Give the code of a filter whose item stands at a place."""
    fixed = compiling.constants.get(condition)
    if type(fixed) is Decimal:
        return lambda frame: _at(frame[0], _listed(source(frame)), fixed, position)

    def filtered(frame: Frame) -> Value:
        run: Run = frame[0]
        items = source(frame)
        if items is None:
            return run.fault("nullFilter", position)
        items = _listed(items)
        if not items:
            return _from_nothing(frame, condition, slot, position)
        kept = []
        for item in items:
            run.spend(1)
            frame[slot] = item
            answer = condition(frame)
            if answer is True:
                kept.append(item)
            elif answer is not False and answer is not None:
                if type(answer) is Decimal:
                    return _at(run, items, answer, position)
                return run.fault("notBoolean", position, kind_of(answer))
        return kept

    return filtered


def _from_nothing(frame: Frame, condition: Code, slot: int, position: int) -> Value:
    """Filter an empty list: by place there is no item, by condition there is an empty list."""
    run: Run = frame[0]
    known = len(run.issues)
    frame[slot] = None
    answer = condition(frame)
    del run.issues[known:]
    return _at(run, [], answer, position) if type(answer) is Decimal else []


def _listed(value: Value) -> list[Value]:
    return value if type(value) is list else [value]


def _at(run: Run, items: list[Value], index: Decimal, position: int) -> Value:
    place = int(index) if index.adjusted() < 10 else 0
    if place != index or place == 0 or abs(place) > len(items):
        return run.fault("indexOutOfRange", position, str(index)[:20])
    return items[place - 1 if place > 0 else place]


def iterator_sources(compiling: Compiling, iterators: tuple[syntax.Iterator, ...]) -> list[Source]:
    """Give place and items of each iterator, declaring its name for the ones after it."""
    found = []
    for iterator in iterators:
        low = source_code(compiling, iterator.source)
        high = None if iterator.until is None else compiling.code(iterator.until)
        found.append((compiling.declare(iterator.name), _domain_code(low, high)))
    return found


def _domain_code(low: Code, high: Code | None) -> Code:
    if high is None:
        return lambda frame: domain(frame[0], low(frame))
    return lambda frame: _span(frame[0], low(frame), high(frame))


def domain(run: Run, value: Value) -> list[Value]:
    """Give the items a loop goes through: those of a list, of a range, or the value itself."""
    if type(value) is list:
        run.spend(1)
        return value
    if value is None:
        raise Fault("nullIteration")
    if type(value) is not Range:
        return [value]
    low, high = value.low, value.high
    if type(low) is Decimal and type(high) is Decimal:
        low = low if value.low_included else add(low, _ONE)
        high = high if value.high_included else add(high, -_ONE)
        return _span(run, low, high) if low <= high else []
    items = _span(run, low, high)
    return items[not value.low_included:len(items) - (not value.high_included)]


def _span(run: Run, low: Value, high: Value) -> list[Value]:
    """Give whole numbers or days from one end to the other, upwards or downwards; the size comes first."""
    if type(low) is Decimal and type(high) is Decimal:
        if low.adjusted() > 30 or high.adjusted() > 30 or low != int(low) or high != int(high):
            raise Fault("notIterable", "number")
        first, last = int(low), int(high)
        make: Callable[[int], Value] = from_int
    elif type(low) is Date and type(high) is Date:
        first, last, make = low.days, high.days, date_of
    else:
        raise Fault("notIterable", f"{kind_of(low)}..{kind_of(high)}")
    size = abs(last - first) + 1
    require_list(size)
    way = 1 if first <= last else -1
    numbers = range(first, last + way, way)
    made: list[Value] = []
    for start in range(0, size, LOOK_EVERY):
        run.spend(min(LOOK_EVERY, size - start))
        made += [make(number) for number in numbers[start:start + LOOK_EVERY]]
    return made


def for_code(compiling: Compiling, node: syntax.For) -> Code:
    """`for … return …`; `partial` holds the results so far."""
    with compiling.layer(["partial"]):
        sources = iterator_sources(compiling, node.iterators)
        result = compiling.code(node.result)
        partial = compiling.place_of("partial")[0]
    assert partial is not None
    return looping(sources, result, partial, node.position)


def looping(sources: list[Source], result: Code, partial: int, position: int) -> Code:
    """Give the code of a `for` whose results so far stand at a place."""

    def looped(frame: Frame) -> Value:
        made: list[Value] = []
        frame[partial] = made

        def step(inner: Frame) -> Value:
            require_list(len(made) + 1)
            made.append(result(inner))
            return _NOTHING

        try:
            _each(frame, sources, 0, step)
        except Fault as fault:
            return frame[0].fault(fault.code, position, fault.detail)
        return made

    return looped


def _each(frame: Frame, sources: list[Source], level: int, step: Step) -> Value:
    """Run the step for every combination; stops at the first answer that is one."""
    run: Run = frame[0]
    slot, items_of = sources[level]
    items = items_of(frame)
    require_list(len(items))
    is_last = level + 1 == len(sources)
    for item in items:
        run.spend(1)
        frame[slot] = item
        answer = step(frame) if is_last else _each(frame, sources, level + 1, step)
        if answer is not _NOTHING:
            return answer
    return _NOTHING


def quantified_code(compiling: Compiling, node: syntax.Quantified) -> Code:
    """`some|every … satisfies …`."""
    with compiling.layer():
        sources = iterator_sources(compiling, node.iterators)
        condition = compiling.code(node.condition)
    return quantifying(sources, condition, node.quantifier == "some", node.position)


def quantifying(sources: list[Source], condition: Code, decisive: bool, position: int) -> Code:
    """Give the code that looks for the decisive answer; null when a condition is no boolean."""

    def quantified(frame: Frame) -> Value:
        unknown = False

        def step(inner: Frame) -> Value:
            nonlocal unknown
            answer = condition(inner)
            if answer is decisive:
                return decisive
            if answer is None:
                unknown = True
            elif type(answer) is not bool:
                raise Fault("notBoolean", kind_of(answer))
            return _NOTHING

        try:
            found = _each(frame, sources, 0, step)
        except Fault as fault:
            return frame[0].fault(fault.code, position, fault.detail)
        if found is not _NOTHING:
            return found
        return None if unknown else not decisive

    return quantified
