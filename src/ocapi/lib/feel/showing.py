"""Values as FEEL writes them, for string() and for explanations."""

from decimal import Decimal

from ocapi.lib.feel.budget import Run, require_string
from ocapi.lib.feel.numbers import plain
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from ocapi.lib.feel.temporal_text import show as show_temporal
from ocapi.lib.feel.values import Function, Range, Value

_COMPOUND = frozenset({list, dict, Range})
_TEMPORAL = (Date, Time, DateTime, DaysDuration, MonthsDuration)


def show(run: Run, value: Value) -> str:
    """Give a value as text: a string as it is, all else as FEEL would write it."""
    return value if type(value) is str else literal(run, value)


def literal(run: Run, value: Value) -> str:
    """Give a value as FEEL would write it, a string in quotes."""
    if type(value) not in _COMPOUND:
        return _simple(value)
    parts: list[str] = []
    _write(run, value, parts, [0])
    return "".join(parts)


def quoted(text: str) -> str:
    """Give a string as a FEEL literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("\t", "\\t") + '"'


def _write(run: Run, value: Value, parts: list[str], size: list[int]) -> None:
    run.spend(1)
    if type(value) is list:
        _put(parts, size, "[")
        for place, item in enumerate(value):
            _put(parts, size, ", " if place else "")
            _write(run, item, parts, size)
        _put(parts, size, "]")
    elif type(value) is dict:
        _put(parts, size, "{")
        for place, (key, item) in enumerate(value.items()):
            _put(parts, size, f"{', ' if place else ''}{key}: ")
            _write(run, item, parts, size)
        _put(parts, size, "}")
    elif type(value) is Range:
        _write_range(run, value, parts, size)
    else:
        _put(parts, size, _simple(value))


def _write_range(run: Run, value: Range, parts: list[str], size: list[int]) -> None:
    if value.operator:
        _put(parts, size, f"({value.operator} ")
        _write(run, value.high if value.operator in ("<", "<=") else value.low, parts, size)
        _put(parts, size, ")")
        return
    _put(parts, size, "[" if value.low_included else "(")
    _write(run, value.low, parts, size)
    _put(parts, size, "..")
    _write(run, value.high, parts, size)
    _put(parts, size, "]" if value.high_included else ")")


def _put(parts: list[str], size: list[int], text: str) -> None:
    size[0] += len(text)
    require_string(size[0])
    parts.append(text)


def _simple(value: Value) -> str:
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Decimal:
        return plain(value)
    if type(value) is str:
        return quoted(value)
    if isinstance(value, _TEMPORAL):
        return show_temporal(value)
    return f"function {value.name}" if isinstance(value, Function) else "unknown"
