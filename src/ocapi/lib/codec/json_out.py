"""Encoding of our own values to JSON: for answers and events, and canonically for hashes and signatures."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from ocapi.lib.codec.json_in import JsonValue

Embedded = msgspec.Raw
"""JSON text that stands in a record as it is, not as a string."""

LARGEST_INTEGER = 2**53 - 1  # beyond it JSON readers disagree (RFC 8785 section 3.2.2.3)


def encode_json(value: object) -> bytes:
    """Encode a value: instants in UTC with Z, Decimal and UUID as text, enums by value.

    Raises ValueError for an instant without zone and for a number that is not finite.
    """
    return msgspec.json.encode(_plain(value))


def encode_record(values: dict[str, object]) -> bytes:
    """Encode one row of a table on one line: instants (aware, in UTC) with Z, bytes in base64, Decimal and
    UUID as text, `Embedded` as the JSON it holds. Faster than `encode_json` and without its checks.
    """
    return msgspec.json.encode(values)


_ENCODER = msgspec.json.Encoder()


def encode_records(values: Sequence[object]) -> list[bytes]:
    """Encode many rows at once, each as `encode_record` does; a row may be a Struct."""
    return _ENCODER.encode_lines(values).split(b"\n")[:-1]  # a text holds no line end as it stands


def encode_plain(values: Sequence[object]) -> bytes:
    """Encode a list of whole numbers, or of Structs, as `encode_record` encodes a row."""
    return _ENCODER.encode(values)


def canonical_json(value: object) -> bytes:
    """Encode a value as RFC 8785 canonical JSON; the same value gives the same bytes for ever.

    Raises ValueError for floats and integers beyond 2^53: amounts and measures are texts in signed data.
    """
    plain = msgspec.to_builtins(value, builtin_types=(datetime,), str_keys=True)
    if _is_orderly(plain):
        return msgspec.json.encode(plain, order="sorted")
    return msgspec.json.encode(_ordered(plain))


def _is_orderly(value: object) -> bool:
    """Tell whether a value holds nothing to look at twice, so that the encoder's own order is the right one.

    Among keys in ASCII every order is the same one.
    """
    if isinstance(value, dict):
        if not "".join(value).isascii():
            return False
        value = value.values()
    elif isinstance(value, int):
        return abs(value) <= LARGEST_INTEGER
    elif not isinstance(value, list | tuple):
        return value is None or isinstance(value, str)
    return all(type(item) is str or _is_orderly(item) for item in value)


def _plain(value: object) -> JsonValue:
    plain = msgspec.to_builtins(value, builtin_types=(datetime,), str_keys=True)
    if type(plain) is dict and _SCALARS.issuperset(map(type, plain.values())):
        return plain  # a fact or a row, mostly: nothing to look at twice
    return _checked(plain)


_SCALARS = frozenset({str, int, bool, type(None)})


def _checked(value: object) -> JsonValue:
    if type(value) in _SCALARS:  # most of what there is: asked first, for an answer holds thousands
        return value  # type: ignore[return-value]
    if isinstance(value, dict):
        return {key: _checked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant without zone cannot be encoded")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number that is not finite cannot be encoded")
    if isinstance(value, int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _ordered(value: object) -> JsonValue:
    if type(value) is str or value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_place)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, float):
        raise ValueError("canonical JSON of ours holds no floats")
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ValueError("an integer beyond 2^53 has no canonical form")
    return _checked(value)


def _place(key: str) -> bytes:
    # RFC 8785 section 3.2.3 orders by UTF-16 code units, which differs from Python's order above U+FFFF
    return key.encode("utf-16-be")
