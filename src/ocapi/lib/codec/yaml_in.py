"""Decoding of YAML content packs and settings: no aliases, no tags, no duplicate keys, bounded."""

from typing import Any, Protocol, TypeVar

import yaml

from ocapi.lib.codec.json_in import MAX_BYTES, MAX_DEPTH, convert, require_limits
from ocapi.lib.codec.malformed import MalformedInput, Reason, require_size, require_utf8

MAX_NODES = 200_000

T = TypeVar("T")


class _Mark(Protocol):
    """A place in a document; both YAML parsers bring a class of their own for it."""

    line: int


class _Loader(yaml.CSafeLoader):
    """The safe loader, which also refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise MalformedInput(
                    Reason.NOT_YAML, path=_line(key.start_mark), detail="a key must be a text"
                )
            if key.value in names:
                raise MalformedInput(
                    Reason.DUPLICATE_MEMBER, path=_line(key.start_mark), detail=f"{key.value!r} stands twice"
                )
            names.add(key.value)
        return super().construct_mapping(node, deep=deep)


def decode_yaml(
    raw: bytes, as_type: type[T], *, max_bytes: int = 16 * MAX_BYTES, max_depth: int = MAX_DEPTH
) -> T:
    """Decode one YAML document into a typed value (`object` for any shape), or raise MalformedInput.

    Aliases and anchors are refused, they can grow a small file without bound; so are tags of any kind
    beyond the plain ones. Dates come as `date`. The place of an error is a line or a path.
    """
    require_size(raw, max_bytes)
    text = require_utf8(raw)
    try:
        _require_bounded(text, max_depth)
        loader = _Loader(text)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
    except MalformedInput:
        raise
    except yaml.MarkedYAMLError as failure:
        raise MalformedInput(
            Reason.NOT_YAML, path=_line(failure.problem_mark), detail=failure.problem or ""
        ) from None
    except (yaml.YAMLError, ValueError) as failure:
        raise MalformedInput(Reason.NOT_YAML, detail=str(failure)) from None
    require_limits(value, max_depth=max_depth, max_keys=MAX_NODES)
    return convert(value, as_type)


def _require_bounded(text: str, max_depth: int) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise MalformedInput(
                Reason.ALIAS_REFUSED,
                path=_line(event.start_mark),
                detail="aliases and anchors are not allowed",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > max_depth:
            raise MalformedInput(
                Reason.TOO_DEEP, path=_line(event.start_mark), detail=f"nested deeper than {max_depth}"
            )
        if count > MAX_NODES:
            raise MalformedInput(Reason.TOO_MANY_MEMBERS, detail=f"more than {MAX_NODES} values")


def _line(mark: _Mark | None) -> str:
    return f"line {mark.line + 1}" if mark else "$"
