"""Decoding of JSON from outside: typed where the shape is known, bounded where it is not."""

import json
import math
import re
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar, cast

import msgspec
import msgspec.inspect as shapes
import orjson

from ocapi.lib.codec.malformed import MalformedInput, Reason, require_size

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_KEYS = 10_000  # members of all objects of one document together

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

T = TypeVar("T")
_ESCAPED_NUL = b"\\u0000"
_SPACED_COLON = re.compile(rb'"[ \t\r\n]+:')
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*?)`(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*?)`(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_AT = re.compile(r" - at `(?P<path>.*)`$", re.DOTALL)
_WITH_FIELDS = (shapes.DataclassType, shapes.TypedDictType, shapes.NamedTupleType)


def decode_json(raw: bytes, as_type: type[T], *, max_bytes: int = MAX_BYTES) -> T:
    """Decode JSON into a typed value, or raise MalformedInput with the place.

    Unknown members of dataclasses are refused by name; a msgspec Struct decides with `forbid_unknown_fields`.
    A type made of Structs alone is decoded straight from the bytes.
    """
    require_size(raw, max_bytes)
    if not _is_direct(cast(object, as_type)) or _has_escaped_nul(raw):
        return convert(decode_untyped(raw, max_bytes=max_bytes), as_type)
    return _direct(msgspec.json.Decoder(as_type), raw)


class Reader(Generic[T]):
    """Decodes one type made of Structs alone, which was made while the process runs; made once, used often.

    A text with U+0000 is refused, wherever it stands.
    """

    def __init__(self, as_type: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(as_type)

    def read(self, raw: bytes, *, max_bytes: int = MAX_BYTES) -> T:
        """Decode, or raise MalformedInput with the place."""
        require_size(raw, max_bytes)
        if _has_escaped_nul(raw):
            raise MalformedInput(Reason.NUL_CHARACTER, detail="U+0000 is not allowed in texts")
        return _direct(self._decoder, raw)


def _has_escaped_nul(raw: bytes) -> bool:
    """Tell whether U+0000 may stand in a text; one sign is looked for first, which costs next to nothing."""
    return b"\\" in raw and _ESCAPED_NUL in raw


def _direct(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as failure:
        raise _validation(failure) from None
    except msgspec.DecodeError as failure:
        raise MalformedInput(Reason.NOT_JSON, detail=str(failure)) from None
    except RecursionError:
        raise _too_deep(MAX_DEPTH) from None
    except UnicodeDecodeError:
        raise MalformedInput(Reason.NOT_UTF8, detail="not UTF-8") from None


def decode_untyped(
    raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, max_keys: int = MAX_KEYS
) -> JsonValue:
    """Decode JSON of unknown shape within limits of size, nesting and members, or raise MalformedInput.

    Of duplicate members the last one counts; a document whose signature matters goes through
    `decode_signed_json`.
    """
    return _bounded(raw, max_bytes=max_bytes, max_depth=max_depth, max_keys=max_keys)[0]


def _bounded(raw: bytes, *, max_bytes: int, max_depth: int, max_keys: int) -> tuple[JsonValue, int]:
    """Decode within limits; gives the value and how many members it has."""
    require_size(raw, max_bytes)
    try:
        value = cast(JsonValue, orjson.loads(raw))
    except orjson.JSONDecodeError as failure:
        is_deep = "recursion" in str(failure).lower() or "depth" in str(failure).lower()
        if is_deep:
            raise _too_deep(max_depth) from None
        raise MalformedInput(Reason.NOT_JSON, detail=str(failure)) from None
    return value, require_limits(value, max_depth=max_depth, max_keys=max_keys)


def decode_signed_json(raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JsonValue:
    """Decode a signed document: as `decode_untyped`, and a member that stands twice is refused.

    Signatures and hashes are over the received bytes, never over a re-encoding of this value.
    """
    require_size(raw, max_bytes)
    try:
        value = cast(
            JsonValue,
            json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant,
                       parse_float=_finite),
        )
    except UnicodeDecodeError:
        raise MalformedInput(Reason.NOT_UTF8, detail="not UTF-8") from None
    except RecursionError:
        raise _too_deep(max_depth) from None
    except MalformedInput:
        raise
    except ValueError as failure:
        raise MalformedInput(Reason.NOT_JSON, detail=str(failure)) from None
    require_limits(value, max_depth=max_depth, max_keys=MAX_KEYS)
    _require_encodable(raw)
    return value


def decode_unique(
    raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, max_keys: int = MAX_KEYS
) -> JsonValue:
    """Decode JSON of unknown shape as `decode_untyped`, and refuse a member that stands twice.

    Members are counted in the text and in the value; only where the text does not tell is it read slowly.
    """
    value, members = _bounded(raw, max_bytes=max_bytes, max_depth=max_depth, max_keys=max_keys)
    if _SPACED_COLON.search(raw) is None and raw.count(b'":') == members:
        return value
    try:
        json.loads(raw.decode(), object_pairs_hook=_unique)
    except ValueError as failure:
        if isinstance(failure, MalformedInput):
            raise
        raise MalformedInput(Reason.NOT_JSON, detail=str(failure)) from None
    return value


def _finite(text: str) -> float:
    """Read a number; 1e999 is JSON by its grammar and would be infinite."""
    number = float(text)
    if not math.isfinite(number):
        raise MalformedInput(Reason.NOT_JSON, detail="a number is too large")
    return number


def convert(value: object, as_type: type[T]) -> T:
    """Turn an already bounded value (from `decode_untyped` or `decode_yaml`) into a typed one, strictly."""
    _refuse_unknown(value, _shape(cast(object, as_type)), "$")
    try:
        return msgspec.convert(value, type=as_type)
    except msgspec.ValidationError as failure:
        raise _validation(failure) from None


def require_limits(value: object, *, max_depth: int, max_keys: int) -> int:
    """Refuse a value that nests too deep, has too many members, or holds U+0000; gives its members."""
    left = max_keys
    pending: list[tuple[object, int]] = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if isinstance(item, str):
            if "\0" in item:
                raise MalformedInput(Reason.NUL_CHARACTER, detail="U+0000 is not allowed in texts")
        elif isinstance(item, list | dict):
            if depth >= max_depth:
                raise _too_deep(max_depth)
            if isinstance(item, dict):
                left -= len(item)
                pending.extend((key, depth + 1) for key in item)
            pending.extend(
                (child, depth + 1) for child in (item.values() if isinstance(item, dict) else item)
            )
        if left < 0:
            raise MalformedInput(Reason.TOO_MANY_MEMBERS, detail=f"more than {max_keys} members")
    return max_keys - left


def _too_deep(max_depth: int) -> MalformedInput:
    return MalformedInput(Reason.TOO_DEEP, detail=f"nested deeper than {max_depth}")


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:80]
        detail = f"{twice!r} stands twice in one object"
        raise MalformedInput(Reason.DUPLICATE_MEMBER, path=f"$..{twice}", detail=detail)
    return members


def _refuse_constant(name: str) -> float:
    raise MalformedInput(Reason.NOT_JSON, detail=f"{name} is not JSON")


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _require_encodable(raw: bytes) -> None:
    """Refuse lone surrogates, which only the standard library lets through."""
    if _SURROGATE.search(raw):
        try:
            orjson.loads(raw)
        except orjson.JSONDecodeError as failure:
            raise MalformedInput(Reason.NOT_JSON, detail=str(failure)) from None


def _validation(failure: msgspec.ValidationError) -> MalformedInput:
    text = str(failure)
    for pattern, reason in ((_UNKNOWN, Reason.UNKNOWN_MEMBER), (_MISSING, Reason.MISSING_MEMBER)):
        if found := pattern.match(text):
            path = f"{found['path'] or '$'}.{found['name']}"
            return MalformedInput(reason, path=path, detail=f"member {found['name']!r}")
    at = _AT.search(text)
    reason = (
        Reason.WRONG_TYPE if text.startswith("Expected `") and ", got `" in text else Reason.INVALID_VALUE
    )
    return MalformedInput(reason, path=at["path"] if at else "$", detail=_AT.sub("", text))


@lru_cache(maxsize=512)
def _shape(as_type: Any) -> shapes.Type:
    return shapes.type_info(as_type)


@lru_cache(maxsize=512)
def _is_direct(as_type: Any) -> bool:
    """Tell whether a type is made of Structs and plain values, with no room for unbounded nesting."""
    seen: set[int] = set()
    pending = [_shape(as_type)]
    while pending:
        shape = pending.pop()
        if isinstance(shape, (*_WITH_FIELDS, shapes.AnyType, shapes.RawType, shapes.CustomType)):
            return False
        if id(shape) in seen:
            return False  # a recursive type nests without limit
        if isinstance(shape, shapes.StructType):
            seen.add(id(shape))
        pending.extend(_children(shape))
    return True


def _children(shape: shapes.Type) -> list[shapes.Type]:
    if isinstance(shape, shapes.StructType):
        return [field.type for field in shape.fields]
    if isinstance(shape, shapes.UnionType):
        return list(shape.types)
    if isinstance(shape, shapes.TupleType):
        return list(shape.item_types)
    if isinstance(shape, shapes.DictType):
        return [shape.key_type, shape.value_type]
    if isinstance(shape, shapes.ListType | shapes.SetType | shapes.FrozenSetType | shapes.VarTupleType):
        return [shape.item_type]
    return [shape.type] if isinstance(shape, shapes.Metadata) else []


def _refuse_unknown(value: object, shape: shapes.Type, path: str) -> None:
    """Walk value and type together and refuse members a dataclass does not have, which msgspec ignores."""
    if isinstance(shape, shapes.Metadata):
        _refuse_unknown(value, shape.type, path)
    elif isinstance(shape, shapes.UnionType):
        _refuse_unknown_in_union(value, shape, path)
    elif isinstance(value, dict):
        _refuse_unknown_in_object(value, shape, path)
    elif isinstance(value, list):
        items = shape.item_types if isinstance(shape, shapes.TupleType) else None
        every = None if items is not None else next(iter(_children(shape)), None)
        for position, item in enumerate(value):
            inner = items[position] if items is not None and position < len(items) else every
            if inner is not None:
                _refuse_unknown(item, inner, f"{path}[{position}]")


def _refuse_unknown_in_union(value: object, shape: shapes.UnionType, path: str) -> None:
    for option in shape.types:
        is_object = isinstance(option, (*_WITH_FIELDS, shapes.StructType, shapes.DictType))
        if isinstance(value, dict):
            fits = is_object and _has_tag_of(value, option)
        else:
            fits = isinstance(value, list) and not is_object
        if fits:
            _refuse_unknown(value, option, path)


def _has_tag_of(value: dict[str, object], option: shapes.Type) -> bool:
    if not isinstance(option, shapes.StructType) or option.tag_field is None:
        return True
    return value.get(option.tag_field) == option.tag


def _refuse_unknown_in_object(value: dict[str, object], shape: shapes.Type, path: str) -> None:
    if isinstance(shape, shapes.DictType):
        for name, item in value.items():
            _refuse_unknown(item, shape.value_type, f"{path}.{name}")
    if not isinstance(shape, shapes.DataclassType | shapes.TypedDictType | shapes.StructType):
        return
    fields = {field.encode_name: field.type for field in shape.fields}
    for name, item in value.items():
        if name in fields:
            _refuse_unknown(item, fields[name], f"{path}.{name}")
        elif not isinstance(shape, shapes.StructType):
            raise MalformedInput(Reason.UNKNOWN_MEMBER, path=f"{path}.{name}", detail=f"member {name!r}")
