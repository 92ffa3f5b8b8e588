"""Built-in functions on contexts and on truth."""

from collections.abc import Sequence

from ocapi.lib.feel.budget import MAX_DEPTH, Run, require_list
from ocapi.lib.feel.comparing import identical
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.functions.signatures import Definition
from ocapi.lib.feel.values import Value


def _value(run: Run, context: dict[str, Value], key: str) -> Value:
    if key not in context:
        raise Fault("unknownKey", key)
    return context[key]


def _value_along(run: Run, context: dict[str, Value], keys: Sequence[Value]) -> Value:
    found: Value = context
    for key in keys:
        if type(key) is not str or type(found) is not dict or key not in found:
            raise Fault("unknownKey", str(key) if type(key) is str else "")
        found = found[key]
    return found


def _entries(run: Run, context: dict[str, Value]) -> Value:
    run.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


def _context(run: Run, entries: list[Value]) -> Value:
    made: dict[str, Value] = {}
    for entry in entries:
        run.spend(1)
        if type(entry) is not dict or "value" not in entry or type(entry.get("key")) is not str:
            raise Fault("wrongEntry", "entries")
        if entry["key"] in made:
            raise Fault("doubleKey", entry["key"])
        made[entry["key"]] = entry["value"]
    return made


def _put(run: Run, context: dict[str, Value], key: str, value: Value) -> Value:
    run.spend(len(context))
    return {**context, key: value}


def _put_along(run: Run, context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys or len(keys) > MAX_DEPTH or not all(type(key) is str for key in keys):
        raise Fault("unknownKey", "keys")
    inner: Value = context.get(keys[0])
    if len(keys) > 1 and type(inner) is not dict:
        raise Fault("unknownKey", keys[0])
    return _put(run, context, keys[0], value if len(keys) == 1 else _put_along(run, inner, keys[1:], value))


def _merge(run: Run, contexts: list[Value]) -> Value:
    made: dict[str, Value] = {}
    for context in contexts:
        if type(context) is not dict:
            raise Fault("wrongArgumentType", "contexts")
        run.spend(1 + len(context))
        made.update(context)
        require_list(len(made))
    return made


def _not(run: Run, negand: Value) -> Value:
    if type(negand) is not bool:
        raise Fault("notBoolean", "negand")
    return not negand


FUNCTIONS: tuple[Definition, ...] = (
    ("not", "negand: any", _not),
    ("is", "value1?: any, value2?: any", lambda run, one=None, other=None: identical(run, one, other)),
    ("get value", "m: context, key: string", _value),
    ("get value", "m: context, keys: list", _value_along),
    ("get entries", "m: context", _entries),
    ("context", "entries: list", _context),
    ("context put", "context: context, key: string, value: any", _put),
    ("context put", "context: context, keys: list, value: any", _put_along),
    ("context merge", "contexts: list", _merge),
)
