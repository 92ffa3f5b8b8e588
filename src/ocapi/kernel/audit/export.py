"""The log as a folder that anyone can verify; docs/standards/audit-log.md describes it."""

import base64
from collections.abc import Iterable
from pathlib import Path

from ocapi.kernel.audit import data, queries
from ocapi.lib import codec, durable


def write(*, folder: Path) -> data.Head:
    """Write leaves, heads and keys up to the newest head into `folder`; raises NoHead for an empty log."""
    heads = list(queries.all_heads())
    if not heads:
        raise data.NoHead
    durable.make_directory(folder)
    _write_lines(folder / "leaves.jsonl", (
        {"seq": sequence, "leaf": base64.b64encode(leaf).decode()}
        for sequence, leaf in queries.leaves_below(heads[-1].size)
    ))
    _write_lines(folder / "heads.jsonl", map(head_json, heads))
    durable.write_file(folder / "keys.json", codec.encode_json({"keys": queries.public_keys()}))
    return heads[-1]


def head_json(head: data.Head) -> dict[str, object]:
    """Give a head as its JSON object."""
    return {
        "size": head.size, "root": head.root.hex(), "at": data.instant_text(head.at),
        "previous": head.previous.hex(), "key": head.key,
        "signature": base64.urlsafe_b64encode(head.signature).rstrip(b"=").decode(),
    }


def _write_lines(path: Path, objects: "Iterable[dict[str, object]]") -> None:
    with durable.StreamWriter(path.parent) as stream:
        for each in objects:
            stream.write(codec.encode_json(each) + b"\n")
        stream.commit(path)
