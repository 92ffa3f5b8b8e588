"""Built-in functions on lists; places count from 1, negative ones from the end."""

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key

from ocapi.lib.feel.budget import Run, require_list
from ocapi.lib.feel.comparing import compare, equal
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.functions.signatures import Definition, whole_number
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.values import Function, Value

Items = list[Value]


def _same(run: Run, left: Value, right: Value) -> bool:
    return (left is None and right is None) or equal(run, left, right) is True


def _contains(run: Run, items: Items, element: Value) -> Value:
    run.spend(1 + len(items))
    return any(_same(run, item, element) for item in items)


def _extreme(sign: int) -> Callable[[Run, Items], Value]:
    def extreme(run: Run, items: Items) -> Value:
        run.spend(1 + len(items))
        if not items:
            return None
        best = items[0]
        for item in items:
            order = compare(item, best)
            if order is None:
                raise Fault("notComparable", "list")
            if order == sign:
                best = item
        return best

    return extreme


def _all(run: Run, items: Items) -> Value:
    return _truth(run, items, decisive=False)


def _any(run: Run, items: Items) -> Value:
    return _truth(run, items, decisive=True)


def _truth(run: Run, items: Items, *, decisive: bool) -> Value:
    run.spend(1 + len(items))
    if any(item is decisive for item in items):
        return decisive
    if all(type(item) is bool for item in items):
        return not decisive
    raise Fault("notBoolean", "list")


def _sublist(run: Run, items: Items, start: Decimal, length: Decimal | None = None) -> Value:
    begin = _index(items, start, "start position")
    run.spend(len(items))
    if length is None:
        return items[begin:]
    count = whole_number(length, "length")
    if count < 1 or begin + count > len(items):
        raise Fault("outOfRange", "length")
    return items[begin:begin + count]


def _index(items: Items, position: Decimal, what: str) -> int:
    place = whole_number(position, what)
    if place == 0 or abs(place) > len(items):
        raise Fault("outOfRange", what)
    return place - 1 if place > 0 else len(items) + place


def _append(run: Run, items: Items, *more: Value) -> Value:
    return _joined(run, [items, list(more)])


def _joined(run: Run, lists: Items) -> Value:
    size = 0
    for part in lists:
        size += len(part) if type(part) is list else 1
    require_list(size)
    run.spend(size)
    made: Items = []
    for part in lists:
        made += part if type(part) is list else [part]
    return made


def _insert(run: Run, items: Items, position: Decimal, item: Value) -> Value:
    place = _index(items, position, "position")
    return _joined(run, [items[:place], [item], items[place:]])


def _remove(run: Run, items: Items, position: Decimal) -> Value:
    place = _index(items, position, "position")
    return _joined(run, [items[:place], items[place + 1:]])


def _replace_at(run: Run, items: Items, position: Decimal, item: Value) -> Value:
    place = _index(items, position, "position")
    return _joined(run, [items[:place], [item], items[place + 1:]])


def _replace_where(run: Run, items: Items, match: Function, item: Value) -> Value:
    made: Items = []
    for old in items:
        run.spend(1)
        answer = match.call(run, [old, item])
        if type(answer) is not bool:
            raise Fault("notBoolean", "match")
        made.append(item if answer else old)
    return made


def _index_of(run: Run, items: Items, match: Value) -> Value:
    run.spend(1 + len(items))
    return [from_int(place) for place, item in enumerate(items, 1) if _same(run, item, match)]


def _distinct(run: Run, items: Items) -> Value:
    made: Items = []
    seen: set[str] = set()
    for item in items:
        run.spend(1)
        if type(item) is str:  # the common case, without comparing each with each
            if item not in seen:
                seen.add(item)
                made.append(item)
            continue
        run.spend(len(made))
        if not any(_same(run, item, other) for other in made):
            made.append(item)
    return made


def _union(run: Run, lists: Items) -> Value:
    joined: Items = _joined(run, lists)
    return _distinct(run, joined)


def _flatten(run: Run, items: Items) -> Value:
    made: Items = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            run.spend(1)
            if type(item) is list:
                waiting.append(iter(item))
                break
            require_list(len(made) + 1)
            made.append(item)
        else:
            waiting.pop()
    return made


def _sort(run: Run, items: Items, precedes: Function | None = None) -> Value:
    def order(left: Value, right: Value) -> int:
        run.spend(1)
        if precedes is None:
            found = compare(left, right)
            if found is None:
                raise Fault("notComparable", "list")
            return found
        answer = precedes.call(run, [left, right])
        if type(answer) is not bool:
            raise Fault("notBoolean", "precedes")
        if answer:
            return -1
        return 1 if precedes.call(run, [right, left]) is True else 0

    return sorted(items, key=cmp_to_key(order))


FUNCTIONS: tuple[Definition, ...] = (
    ("list contains", "list: list, element: any", _contains),
    ("count", "list: list*", lambda run, items: from_int(len(items))),
    ("min", "list: list*", _extreme(-1)),
    ("max", "list: list*", _extreme(1)),
    ("all", "list: list*", _all),
    ("any", "list: list*", _any),
    ("sublist", "list: list, start position: number, length?: number", _sublist),
    ("append", "list: list, item: any*", _append),
    ("concatenate", "list: list*", _joined),
    ("insert before", "list: list, position: number, newItem: any", _insert),
    ("remove", "list: list, position: number", _remove),
    ("list replace", "list: list, position: number, newItem: any", _replace_at),
    ("list replace", "list: list, match: function, newItem: any", _replace_where),
    ("reverse", "list: list", lambda run, items: items[::-1]),
    ("index of", "list: list, match: any", _index_of),
    ("union", "list: list*", _union),
    ("distinct values", "list: list", _distinct),
    ("flatten", "list: list", _flatten),
    ("sort", "list: list, precedes: function", _sort),
    ("sort", "list: list", _sort),
)
