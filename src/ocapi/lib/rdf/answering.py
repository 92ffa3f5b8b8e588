"""The process that answers one question (`python -m ocapi.lib.rdf.answering`): reads it, answers, ends.

It gives up sockets, other programs, memory and time before it opens the index. What it writes: one line of
JSON with how it went, then the answer.
"""

import os
import sys
from typing import Any

from ocapi.lib import codec, confined
from ocapi.lib.rdf import asking
from ocapi.lib.rdf.asking import CPU_SECONDS, GRAPHS, MAX_ANSWER, MEMORY_BYTES, TABLES


class _TooMuch(Exception):
    """The answer is larger than is sent."""


class _Sheet:
    """Takes what is written, up to a limit."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0

    def write(self, part: bytes) -> int:
        """Take a part."""
        self._size += len(part)
        if self._size > MAX_ANSWER:
            raise _TooMuch
        self.parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits."""


def _chosen(taken: list[str], offered: tuple[str, ...]) -> str | None:
    for each in taken:
        if each in offered:
            return each
        if each in ("*/*", "application/*") or (each == "text/*" and offered is GRAPHS):
            return offered[0]
        if each == "text/*":
            return "text/csv"
    return None


def answer(asked: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Give how it went and the answer."""
    import pyoxigraph

    words = asking.words_of(asked["query"])
    is_named = bool(asked["default"] or asked["named"])
    dataset: dict[str, Any] = {"use_default_graph_as_union": "FROM" not in words and not is_named}
    try:
        if is_named:
            dataset["default_graph"] = [pyoxigraph.NamedNode(each) for each in asked["default"]]
            dataset["named_graphs"] = [pyoxigraph.NamedNode(each) for each in asked["named"]]
        store = pyoxigraph.Store.read_only(asked["store"])
        found: Any = store.query(asked["query"], base_iri=asked["base"], **dataset)
    except (SyntaxError, ValueError) as refused:
        return {"status": "refused", "reason": "notAQuery", "detail": str(refused)[:300]}, b""
    is_graph = isinstance(found, pyoxigraph.QueryTriples)
    chosen = _chosen(asked["graphs"], GRAPHS) if is_graph else _chosen(asked["tables"], TABLES)
    if chosen is None:
        return {"status": "refused", "reason": "notAcceptable"}, b""
    media_type = {"application/json": TABLES[0], "application/xml": TABLES[1]}.get(chosen, chosen)
    kind: Any = pyoxigraph.RdfFormat if is_graph else pyoxigraph.QueryResultsFormat
    sheet = _Sheet()
    try:
        found.serialize(output=sheet, format=kind.from_media_type(media_type))
    except _TooMuch:
        return {"status": "stopped", "reason": "size"}, b""
    except (ValueError, RuntimeError) as refused:
        return {"status": "refused", "reason": "notAQuery", "detail": str(refused)[:300]}, b""
    return {"status": "ok", "type": chosen if is_graph else media_type}, b"".join(sheet.parts)


def main() -> None:
    """Answer what stands on standard input."""
    asked = codec.decode_untyped(sys.stdin.buffer.read(), max_bytes=4 << 20)
    assert isinstance(asked, dict)
    try:
        confined.confine(memory_bytes=MEMORY_BYTES, cpu_seconds=CPU_SECONDS)
    except confined.NotConfined:
        head, body = {"status": "stopped", "reason": "notConfined"}, b""
    else:
        try:
            head, body = answer(asked)
        except (MemoryError, OSError):
            head, body = {"status": "stopped", "reason": "memory"}, b""
    sys.stdout.buffer.write(codec.encode_json(head) + b"\n" + body)
    sys.stdout.buffer.flush()
    os._exit(0)  # the threads of the index have nothing to finish


if __name__ == "__main__":
    main()
