"""Verify an exported audit log. This program shares no code with the platform that wrote the log.

Usage: verify_log.py FOLDER. The format and the findings are described in docs/standards/audit-log.md.
Prints one finding per line and ends with status 1, or "ok: N leaves, M heads" and status 0.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

PATTERNS = {
    "root": r"[0-9a-f]{64}",
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z",
    "previous": r"([0-9a-f]{64})?",
    "key": r"[!-~]{1,200}",
    "signature": r"[A-Za-z0-9_-]{86}",
}
Json = dict[str, Any]
Keys = dict[str, ec.EllipticCurvePublicKey]


@dataclass
class Log:
    findings: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)  # their hashes

    def report(self, code: str, text: str) -> None:
        self.findings.append(f"{code}: {text}")


def unpad(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def unique(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def lines(folder: Path, name: str, log: Log, *, required: bool) -> Iterator[tuple[int, Json]]:
    """Give the objects of a file of JSON lines with their line numbers; report lines that are none."""
    if not (folder / name).is_file():
        return log.report("malformed", f"{name} is missing") if required else None
    for number, line in enumerate((folder / name).open("rb"), start=1):
        try:
            value: Json = {**json.loads(line.decode(), object_pairs_hook=unique)}
        except (ValueError, TypeError, RecursionError) as failure:
            log.report("malformed", f"{name} line {number}: {failure}")
            continue
        yield number, value


def read_leaves(folder: Path, log: Log) -> None:
    expected = 0
    for number, line in lines(folder, "leaves.jsonl", log, required=True):
        try:
            if set(line) != {"seq", "leaf"} or type(seq := line["seq"]) is not int:
                raise ValueError("a leaf has seq and leaf")
            content = base64.b64decode(line["leaf"], validate=True)
        except (ValueError, TypeError) as failure:
            log.report("malformed", f"leaves.jsonl line {number}: {failure}")
            continue
        if seq != expected:
            log.report("sequenceGap", f"leaves.jsonl line {number}: found {seq}, expected {expected}")
        expected = seq + 1
        log.leaves.append(hashlib.sha256(b"\x00" + content).digest())


def read_keys(folder: Path, log: Log) -> Keys:
    keys: Keys = {}
    try:
        for key in json.loads((folder / "keys.json").read_bytes(), object_pairs_hook=unique)["keys"]:
            if (key["kty"], key["crv"]) != ("EC", "P-256") or key["kid"] in keys:
                raise ValueError("a key is EC on P-256 and has a kid of its own")
            x, y = (int.from_bytes(unpad(key[name]), "big") for name in ("x", "y"))
            keys[key["kid"]] = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as failure:
        log.report("malformed", f"keys.json: {failure}")
    return keys


def signed_bytes(head: Json) -> bytes:
    return "\n".join(str(head[name]) for name in ("size", "root", "at", "previous", "key")).encode()


def well_formed(head: Json) -> bool:
    texts = [isinstance(head.get(n), str) and re.fullmatch(p, head[n], re.ASCII) for n, p in PATTERNS.items()]
    return all(texts) and set(head) == {"size", *PATTERNS} and type(head["size"]) is int and head["size"] >= 0


def check_signature(head: Json, keys: Keys, log: Log, where: str) -> None:
    key = keys.get(head["key"])
    if key is None:
        return log.report("unknownKey", f"{where}: key {head['key']!r}")
    try:
        halves = [int.from_bytes(unpad(head["signature"])[place : place + 32], "big") for place in (0, 32)]
        key.verify(utils.encode_dss_signature(*halves), signed_bytes(head), ec.ECDSA(SHA256()))
    except InvalidSignature:
        log.report("badSignature", f"{where}: does not verify")


def roots_at(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """Recompute the root at each wanted size in one pass (RFC 9162 section 2.1.1)."""
    roots, frontier = dict[int, bytes](), list[bytes]()
    for size in range(len(leaves) + 1):
        if size in sizes:
            parts = frontier[::-1] or [hashlib.sha256(b"").digest()]
            roots[size] = reduce(lambda right, left: node(left, right), parts)
        if size < len(leaves):
            hashed, place = leaves[size], size
            while place & 1:
                hashed, place = node(frontier.pop(), hashed), place >> 1
            frontier.append(hashed)
    return roots


def check_heads(heads: list[tuple[str, Json]], keys: Keys, log: Log) -> None:
    roots = roots_at(log.leaves, {head["size"] for _, head in heads})
    previous, size, at = "", 0, ""
    for where, head in heads:
        check_signature(head, keys, log, where)
        if head["size"] > len(log.leaves):
            log.report("truncated", f"{where}: covers {head['size']} leaves of {len(log.leaves)}")
        elif roots[head["size"]].hex() != head["root"]:
            log.report("rootMismatch", f"{where}: the first {head['size']} leaves have another root")
        if head["previous"] != previous:
            log.report("forkedHead", f"{where}: does not follow the head before it")
        if head["size"] < size or head["at"][:19] < at:
            log.report("headOrder", f"{where}: is smaller or older than the head before it")
        previous, size, at = hashlib.sha256(signed_bytes(head)).hexdigest(), head["size"], head["at"][:19]
    if max((head["size"] for _, head in heads), default=0) < len(log.leaves):
        log.report("truncated", "heads.jsonl: leaves stand after the last head")


def check_proof(proof: Json, roots: dict[int, bytes], log: Log, where: str) -> None:
    """Follow an inclusion path (RFC 9162 section 2.1.3.2) to the root at the size it names."""
    try:
        here, last = proof["seq"], proof["size"] - 1
        result = log.leaves[here] if 0 <= here <= last else b""
        for step in map(bytes.fromhex, proof["path"]):
            is_right = here & 1 or here == last
            result = node(step, result) if is_right else node(result, step)
            while is_right and here and not here & 1:
                here, last = here >> 1, last >> 1
            here, last = here >> 1, last >> 1
        if last or result != roots.get(proof["size"]):
            log.report("rootMismatch", f"{where}: the path does not lead to the root")
    except (KeyError, TypeError, ValueError, IndexError) as failure:
        log.report("malformed", f"{where}: {failure}")


def read_heads(folder: Path, name: str, log: Log, *, required: bool) -> Iterator[tuple[str, Json]]:
    for number, head in lines(folder, name, log, required=required):
        if well_formed(head):
            yield f"{name} line {number}", head
        else:
            log.report("malformed", f"{name} line {number}: not a head")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    folder, log = Path(arguments[0]), Log()
    read_leaves(folder, log)
    keys = read_keys(folder, log)
    heads = list(read_heads(folder, "heads.jsonl", log, required=True))
    check_heads(heads, keys, log)
    for where, seen in read_heads(folder, "seen.json", log, required=False):
        check_signature(seen, keys, log, where)
        if all(signed_bytes(head) != signed_bytes(seen) for _, head in heads):
            code = "truncated" if seen["size"] > len(log.leaves) else "forkedHead"
            log.report(code, f"{where}: is not in this chain")
    proofs = list(lines(folder, "proofs.jsonl", log, required=False))
    roots = roots_at(log.leaves, {size for _, proof in proofs if type(size := proof.get("size")) is int})
    for number, proof in proofs:
        check_proof(proof, roots, log, f"proofs.jsonl line {number}")
    print("\n".join(log.findings) or f"ok: {len(log.leaves)} leaves, {len(heads)} heads")
    return 1 if log.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
