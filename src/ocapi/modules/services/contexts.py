"""Contexts of JSON-LD that a file names by address: read from beside the file, never fetched."""

import re
from pathlib import Path

from ocapi.lib import codec
from ocapi.lib.codec import MalformedInput, Reason

MAX_BYTES = 64 << 20
MAX_CONTEXT = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\Z")


def put_in(raw: bytes, *, folder: Path) -> bytes:
    """Give a JSON-LD document with each context named by address replaced by the file of that name.

    `https://ipdc.example.org/ipdc-lpdc-im.jsonld` is read from `ipdc-lpdc-im.jsonld` in `folder`. Raises
    MalformedInput for what is no JSON, and names a context that is not there.
    """
    document = codec.decode_untyped(raw, max_bytes=MAX_BYTES)
    if not isinstance(document, dict) or "@context" not in document:
        return raw
    said = document["@context"]
    named = said if isinstance(said, list) else [said]
    document["@context"] = [_read(each, folder) if isinstance(each, str) else each for each in named]
    return codec.encode_json(document)


def _read(address: str, folder: Path) -> codec.JsonValue:
    name = address.partition("#")[0].partition("?")[0].rpartition("/")[2]
    path = folder / name
    if not _NAME.match(name) or not path.is_file():
        raise MalformedInput(
            Reason.INVALID_VALUE,
            path="$.@context",
            detail=f"{address}: put the file {name} beside the import",
        )
    with path.open("rb") as file:
        held = codec.decode_untyped(file.read(MAX_CONTEXT + 1), max_bytes=MAX_CONTEXT)
    if not isinstance(held, dict) or "@context" not in held:
        raise MalformedInput(Reason.INVALID_VALUE, path="$.@context", detail=f"{name} holds no context")
    return held["@context"]
