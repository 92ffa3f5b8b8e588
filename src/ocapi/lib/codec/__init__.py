"""The one door for outside input and for our own encodings: JSON, YAML and CSV, with limits.

Every refusal is a `MalformedInput` with a reason code, the place and a short detail without values; the edge
turns it into a 400 or 413. No RecursionError leaves this package: typed and untyped parsers both raise it on
nested brackets, and it is no ValueError.
"""

from ocapi.lib.codec.json_in import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_KEYS,
    JsonValue,
    Reader,
    convert,
    decode_json,
    decode_signed_json,
    decode_unique,
    decode_untyped,
)
from ocapi.lib.codec.json_out import (
    Embedded,
    canonical_json,
    encode_json,
    encode_plain,
    encode_record,
    encode_records,
)
from ocapi.lib.codec.malformed import MalformedInput, Reason
from ocapi.lib.codec.tables import Row, decode_csv, encode_csv, stream_csv
from ocapi.lib.codec.yaml_in import decode_yaml
from ocapi.lib.codec.yaml_out import encode_yaml

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_KEYS",
    "Embedded",
    "JsonValue",
    "MalformedInput",
    "Reader",
    "Reason",
    "Row",
    "canonical_json",
    "convert",
    "decode_csv",
    "decode_json",
    "decode_signed_json",
    "decode_unique",
    "decode_untyped",
    "decode_yaml",
    "encode_csv",
    "encode_json",
    "encode_plain",
    "encode_record",
    "encode_records",
    "encode_yaml",
    "stream_csv",
]
