"""An exported audit log to tamper with, and what a tamperer with full write access could do to one.

The signing key is out of reach, unless the log's own signer cheats: then a head kept earlier tells.
"""

import base64
import hashlib
import importlib.util
import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from ocapi.lib import merkle

VERIFIER = Path(__file__).parents[4] / "tools" / "verify_log.py"
KEY = ec.derive_private_key(20270101, ec.SECP256R1())
STRANGER = ec.derive_private_key(666, ec.SECP256R1())
Row = dict[str, Any]
Export = dict[str, list[Row]]
"""Rows by file name; of `keys.json`, when it is there, the keys."""


@dataclass(slots=True, kw_only=True)
class Log:
    """An export; key: the private key that signed it, None when only the product has it."""

    export: Export
    key: ec.EllipticCurvePrivateKey | None

    @property
    def leaves(self) -> list[Row]:
        """Give the rows of the leaves."""
        return self.export["leaves.jsonl"]

    @property
    def heads(self) -> list[Row]:
        """Give the rows of the heads."""
        return self.export["heads.jsonl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """A log after one act. codes: the findings of which the verifier must name at least one."""

    log: Log
    way: str
    codes: frozenset[str]


def text(raw: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_bytes(head: Row) -> bytes:
    """Give the bytes a head's signature covers."""
    return "\n".join(str(head[name]) for name in ("size", "root", "at", "previous", "key")).encode()


def sign(head: Row, key: ec.EllipticCurvePrivateKey = KEY) -> None:
    """Put a signature into a head."""
    halves = utils.decode_dss_signature(key.sign(signed_bytes(head), ec.ECDSA(hashes.SHA256())))
    head["signature"] = text(b"".join(half.to_bytes(32, "big") for half in halves))


def jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> Row:
    """Give the public half as a JSON Web Key."""
    numbers = key.public_key().public_numbers()
    x, y = (text(part.to_bytes(32, "big")) for part in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y}


def an_export(*, leaves: int = 12, every: int = 4, word: str = "leaf") -> Export:
    """Make a sound log of numbered leaves with a head after `every` of them."""
    content = [f"{word} {seq}".encode() for seq in range(leaves)]
    sizes = list(range(every, leaves + 1, every))
    return {
        "leaves.jsonl": [leaf_row(seq, leaf) for seq, leaf in enumerate(content)],
        "heads.jsonl": chained(content, sizes=sizes, kid="k1", key=KEY),
    }


def leaf_row(seq: int, leaf: bytes) -> Row:
    """Give the row of a leaf."""
    return {"seq": seq, "leaf": base64.b64encode(leaf).decode()}


def chained(
    content: list[bytes], *, sizes: list[int], kid: str, key: ec.EllipticCurvePrivateKey
) -> list[Row]:
    """Sign one head per size, each following the one before."""
    tree, grown, previous, heads = merkle.Tree(), 0, "", list[Row]()
    for number, size in enumerate(sizes):
        for leaf in content[grown:size]:
            tree.append(leaf)
        grown = size
        at = f"2027-01-01T{number // 60:02d}:{number % 60:02d}:00Z"
        head: Row = {"size": size, "root": tree.root().hex(), "at": at, "previous": previous, "key": kid}
        sign(head, key)
        heads.append(head)
        previous = hashlib.sha256(signed_bytes(head)).hexdigest()
    return heads


def write(folder: Path, export: Export) -> None:
    """Write an export where the verifier reads it."""
    keys = export.get("keys.json", [jwk(KEY, "k1")])
    (folder / "keys.json").write_text(json.dumps({"keys": keys}))
    (folder / "seen.json").unlink(missing_ok=True)
    (folder / "proofs.jsonl").unlink(missing_ok=True)
    for name, rows in export.items():
        if name != "keys.json":
            (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(folder: Path) -> Export:
    """Read an export that the product wrote."""
    export = {
        name: [json.loads(line) for line in (folder / name).read_text().splitlines()]
        for name in ("leaves.jsonl", "heads.jsonl")
    }
    return export | {"keys.json": json.loads((folder / "keys.json").read_text())["keys"]}


def loaded(change: Callable[[str], str] = lambda source: source) -> Any:
    """Load the verifier in this process, for many cases; `change` plants a fault in its source."""
    spec = importlib.util.spec_from_loader("verify_log", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_log"] = module  # its dataclass looks itself up
    exec(compile(change(VERIFIER.read_text()), str(VERIFIER), "exec"), module.__dict__)  # noqa: S102
    return module


# --- what a tamperer does ---------------------------------------------------------------------------------

ANY_PLACE = frozenset({"sequenceGap", "rootMismatch", "truncated"})


def _renumbered(log: Log, coin: random.Random) -> None:
    if coin.random() < 0.5:
        for seq, leaf in enumerate(log.leaves):
            leaf["seq"] = seq


def _edit(log: Log, coin: random.Random) -> frozenset[str]:
    leaf = coin.choice(log.leaves)
    raw = bytearray(base64.b64decode(leaf["leaf"]))
    raw[coin.randrange(len(raw))] ^= 1 << coin.randrange(8)
    leaf["leaf"] = base64.b64encode(raw).decode()
    return frozenset({"rootMismatch"})


def _delete(log: Log, coin: random.Random) -> frozenset[str]:
    start = coin.randrange(len(log.leaves))
    del log.leaves[start : start + coin.choice((1, 1, 1, 2, 5))]
    _renumbered(log, coin)
    return ANY_PLACE


def _insert(log: Log, coin: random.Random) -> frozenset[str]:
    place = coin.randrange(len(log.leaves) + 1)
    log.leaves.insert(place, leaf_row(place, coin.choice((b"planted", b"", coin.randbytes(40)))))
    _renumbered(log, coin)
    return ANY_PLACE


def _reorder(log: Log, coin: random.Random) -> frozenset[str]:
    one, other = coin.sample(range(len(log.leaves)), 2)
    log.leaves[one], log.leaves[other] = log.leaves[other], log.leaves[one]
    _renumbered(log, coin)
    return ANY_PLACE


def _misnumber(log: Log, coin: random.Random) -> frozenset[str]:
    coin.choice(log.leaves)["seq"] += coin.choice((-2, -1, 1, 2, 1000))
    return frozenset({"sequenceGap"})


def _truncate(log: Log, coin: random.Random) -> frozenset[str]:
    del log.leaves[coin.randrange(len(log.leaves)) :]
    return frozenset({"truncated"})


def _roll_back(log: Log, coin: random.Random) -> frozenset[str]:
    """Cut leaves and heads at a head: in itself a sound log, but for the head somebody kept."""
    log.export["seen.json"] = [dict(log.heads[-1])]
    keep = coin.randrange(1, len(log.heads))
    del log.heads[keep:]
    del log.leaves[log.heads[-1]["size"] :]
    return frozenset({"truncated"})


def _drop_head(log: Log, coin: random.Random) -> frozenset[str]:
    del log.heads[coin.randrange(len(log.heads))]
    return frozenset({"forkedHead", "truncated"})


def _swap_heads(log: Log, coin: random.Random) -> frozenset[str]:
    one, other = coin.sample(range(len(log.heads)), 2)
    log.heads[one], log.heads[other] = log.heads[other], log.heads[one]
    return frozenset({"headOrder", "forkedHead"})


def _bend_head(log: Log, coin: random.Random) -> frozenset[str]:
    head = coin.choice(log.heads)
    member = coin.choice(("size", "root", "at", "previous", "signature", "key"))
    if member == "size":
        head["size"] += coin.choice((-1, 1))
    elif member == "at":
        head["at"] = "2020" + head["at"][4:]
    elif member == "key":
        head["key"] += "x"
        return frozenset({"unknownKey"})
    elif member == "signature":
        raw = bytearray(base64.urlsafe_b64decode(head["signature"] + "=="))
        raw[coin.randrange(64)] ^= 1 << coin.randrange(8)
        head["signature"] = text(bytes(raw))
    else:
        head[member] = hashlib.sha256(coin.randbytes(8)).hexdigest()
    return frozenset({"badSignature"})


def _fork(log: Log, coin: random.Random) -> frozenset[str]:
    """Write another history from some leaf on, under a key of one's own with the known name."""
    _rewrite(log, coin, STRANGER)
    return frozenset({"badSignature", "forkedHead"})


def _replace_key(log: Log, coin: random.Random) -> frozenset[str]:
    """The same, and hand out that key as the log's: only a head kept earlier tells."""
    log.export["seen.json"] = [dict(log.heads[-1])]
    kid = log.heads[0]["key"]
    _rewrite(log, coin, STRANGER, whole=True)
    log.export["keys.json"] = [jwk(STRANGER, kid)]
    return frozenset({"badSignature", "forkedHead"})


def _two_views(log: Log, coin: random.Random) -> frozenset[str]:
    """The signer itself signs a second history: only a head kept earlier tells."""
    kept = coin.randrange(len(log.heads))
    log.export["seen.json"] = [dict(log.heads[kept])]
    assert log.key is not None
    _rewrite(log, coin, log.key, whole=True, before=log.heads[kept]["size"])
    return frozenset({"forkedHead"})


def _step_back(log: Log, coin: random.Random) -> frozenset[str]:
    """The signer goes on from the last head with one that is smaller or older; the chain stays whole."""
    assert log.key is not None
    last, earlier = log.heads[-1], log.heads[coin.randrange(len(log.heads) - 1)]
    is_older = coin.random() < 0.5
    head = dict(last if is_older else earlier, previous=hashlib.sha256(signed_bytes(last)).hexdigest())
    head["at"] = earlier["at"] if is_older else last["at"]
    sign(head, log.key)
    log.heads.append(head)
    return frozenset({"headOrder"})


def _rewrite(log: Log, coin: random.Random, key: ec.EllipticCurvePrivateKey, *, whole: bool = False,
             before: int | None = None) -> None:
    content = [base64.b64decode(leaf["leaf"]) for leaf in log.leaves]
    content[coin.randrange(before or len(content))] += b" rewritten"
    log.export["leaves.jsonl"] = [leaf_row(seq, leaf) for seq, leaf in enumerate(content)]
    heads = chained(content, sizes=[head["size"] for head in log.heads], kid=log.heads[0]["key"], key=key)
    cut = 0 if whole else coin.randrange(len(heads))
    log.export["heads.jsonl"] = log.heads[:cut] + heads[cut:]


def _add_member(log: Log, coin: random.Random) -> frozenset[str]:
    coin.choice([*log.leaves, *log.heads])["note"] = "more"
    return frozenset({"malformed"})


def _change_kind(log: Log, coin: random.Random) -> frozenset[str]:
    row = coin.choice([*log.leaves, *log.heads])
    member = coin.choice(sorted(row))
    others = [None, [], {}, True, 1.5, -1, "", "é", "\x00", 10**30]
    row[member] = coin.choice([each for each in others if each != row[member]])
    return frozenset({"malformed", "sequenceGap", "rootMismatch", "badSignature", "truncated", "forkedHead"})


def _bend_proof(log: Log, coin: random.Random) -> frozenset[str]:
    hashed = [merkle.leaf_hash(base64.b64decode(leaf["leaf"])) for leaf in log.leaves]
    size = coin.choice(log.heads)["size"]
    seq = coin.randrange(size)
    path = [step.hex() for step in merkle.inclusion_path(hashed[:size], seq, size)]
    step = coin.randrange(len(path))
    path[step] = hashlib.sha256(path[step].encode()).hexdigest()
    log.export["proofs.jsonl"] = [{"seq": seq, "size": size, "path": path}]
    return frozenset({"rootMismatch"})


WAYS: dict[str, Callable[[Log, random.Random], frozenset[str]]] = {
    "edit": _edit, "delete": _delete, "insert": _insert, "reorder": _reorder, "misnumber": _misnumber,
    "truncate": _truncate, "roll back": _roll_back, "drop a head": _drop_head, "swap heads": _swap_heads,
    "bend a head": _bend_head, "fork": _fork, "replace the key": _replace_key, "two views": _two_views,
    "step back": _step_back, "add a member": _add_member, "change a kind": _change_kind,
    "bend a proof": _bend_proof,
}
BY_THE_SIGNER = ("two views", "step back")


def tampered(log: Log, coin: random.Random) -> Tampered:
    """Do one act of chance to a log, which it changes; the log must have three heads or more."""
    ways = [way for way in WAYS if way not in BY_THE_SIGNER or log.key is not None]
    way = coin.choice(ways)
    return Tampered(log=log, way=way, codes=WAYS[way](log, coin))
