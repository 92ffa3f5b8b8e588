"""The independent verifier finds every planted tampering. Not covered: time-stamps and witnesses."""

import base64
import copy
import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from ocapi.lib import merkle

VERIFIER = Path(__file__).parents[4] / "tools" / "verify_log.py"
KEY = ec.derive_private_key(20270101, ec.SECP256R1())
Export = dict[str, list[dict[str, Any]]]


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_bytes(head: dict[str, Any]) -> bytes:
    return "\n".join(str(head[name]) for name in ("size", "root", "at", "previous", "key")).encode()


def sign(head: dict[str, Any]) -> None:
    halves = utils.decode_dss_signature(KEY.sign(signed_bytes(head), ec.ECDSA(hashes.SHA256())))
    head["signature"] = text(b"".join(half.to_bytes(32, "big") for half in halves))


def an_export(*, leaves: int = 12, every: int = 4, word: str = "leaf") -> Export:
    tree, previous = merkle.Tree(), ""
    export: Export = {"leaves.jsonl": [], "heads.jsonl": []}
    for seq in range(leaves):
        leaf = f"{word} {seq}".encode()
        tree.append(leaf)
        export["leaves.jsonl"].append({"seq": seq, "leaf": base64.b64encode(leaf).decode()})
        if (seq + 1) % every == 0:
            head = {"size": seq + 1, "root": tree.root().hex(), "at": f"2027-01-01T00:{seq:02d}:00Z"}
            head |= {"previous": previous, "key": "k1"}
            sign(head)
            export["heads.jsonl"].append(head)
            previous = hashlib.sha256(signed_bytes(head)).hexdigest()
    return export


def findings(folder: Path, export: Export) -> set[str]:
    """Write the export, run the verifier as its own process, give the codes it names."""
    write(folder, export)
    command = [sys.executable, "-I", str(VERIFIER), str(folder)]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, env={**os.environ}
    )
    codes = {line.split(":")[0] for line in ended.stdout.splitlines()}
    assert ended.stderr == ""
    assert ended.returncode == (0 if codes == {"ok"} else 1)
    return codes


def write(folder: Path, export: Export) -> None:
    numbers = KEY.public_key().public_numbers()
    x, y = (text(part.to_bytes(32, "big")) for part in (numbers.x, numbers.y))
    jwk = {"kty": "EC", "crv": "P-256", "kid": "k1", "x": x, "y": y}
    (folder / "keys.json").write_text(json.dumps({"keys": [jwk]}))
    for name, rows in export.items():
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def tamper(export: Export, coin: random.Random) -> str:
    """Do to an export what somebody with full write access to the database could do, but for the key."""
    leaves, heads = export["leaves.jsonl"], export["heads.jsonl"]
    place = coin.randrange(len(leaves))
    way = coin.choice(["edit", "delete", "insert", "reorder", "truncate", "drop", "swap", "fork", "bend"])
    if way == "edit":
        raw = bytearray(base64.b64decode(leaves[place]["leaf"]))
        raw[coin.randrange(len(raw))] ^= 1 << coin.randrange(8)
        leaves[place]["leaf"] = base64.b64encode(raw).decode()
    elif way == "delete":
        del leaves[place]
    elif way == "insert":
        leaves.insert(place, {"seq": place, "leaf": base64.b64encode(b"planted").decode()})
    elif way == "reorder":
        other = (place + coin.randrange(1, len(leaves))) % len(leaves)
        leaves[place], leaves[other] = leaves[other], leaves[place]
    elif way == "truncate":
        del leaves[place:]
    elif way == "drop":
        del heads[coin.randrange(len(heads))]
    elif way == "swap":
        heads.reverse()
    elif way == "fork":
        fork = an_export(word="other")
        cut = coin.randrange(1, 3)
        export["leaves.jsonl"] = leaves[: 4 * cut] + fork["leaves.jsonl"][4 * cut :]
        export["heads.jsonl"] = heads[:cut] + fork["heads.jsonl"][cut:]
    else:
        head = coin.choice(heads)
        head["size"] -= 1
    if way in ("delete", "insert", "reorder") and coin.random() < 0.5:
        for seq, leaf in enumerate(export["leaves.jsonl"]):
            leaf["seq"] = seq
    return way


class TestVerifier:
    def test_accepts_a_sound_log(self, tmp_path: Path) -> None:
        assert findings(tmp_path, an_export()) == {"ok"}

    def test_accepts_an_empty_log(self, tmp_path: Path) -> None:
        assert findings(tmp_path, {"leaves.jsonl": [], "heads.jsonl": []}) == {"ok"}

    def test_finds_every_random_tampering(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        verifier = loaded()
        sound = an_export()
        write(tmp_path, sound)
        assert verifier.main([str(tmp_path)]) == 0
        missed = []
        for seed in range(400):
            export = copy.deepcopy(sound)
            way = tamper(export, random.Random(seed))
            write(tmp_path, export)
            if verifier.main([str(tmp_path)]) != 1:
                missed.append((seed, way))
        capsys.readouterr()
        assert missed == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (lambda e: e["leaves.jsonl"][3].update(leaf="AAAA"), "rootMismatch"),
            (lambda e: e["leaves.jsonl"].pop(3), "sequenceGap"),
            (lambda e: e["leaves.jsonl"].pop(), "truncated"),
            (lambda e: e["heads.jsonl"].pop(), "truncated"),
            (lambda e: e["heads.jsonl"].pop(1), "forkedHead"),
            (lambda e: e["heads.jsonl"].reverse(), "headOrder"),
            (lambda e: e["heads.jsonl"][0].update(at="2026-01-01T00:00:00Z"), "badSignature"),
            (lambda e: e["heads.jsonl"][0].update(key="k2"), "unknownKey"),
            (lambda e: e["heads.jsonl"][0].update(more=1), "malformed"),
            (lambda e: e["leaves.jsonl"][0].update(seq=True), "malformed"),
            (lambda e: e.pop("heads.jsonl"), "malformed"),
        ],
    )
    def test_names_what_it_finds(self, tmp_path: Path, change: Any, code: str) -> None:
        export = an_export()
        change(export)
        assert code in findings(tmp_path, export)

    def test_finds_a_rewritten_history_by_a_head_kept_earlier(self, tmp_path: Path) -> None:
        kept = an_export()["heads.jsonl"][1]
        assert findings(tmp_path, an_export() | {"seen.json": [kept]}) == {"ok"}
        assert findings(tmp_path, an_export(word="rewritten") | {"seen.json": [kept]}) == {"forkedHead"}
        assert findings(tmp_path, an_export(leaves=4) | {"seen.json": [kept]}) == {"truncated"}

    def test_checks_inclusion_proofs(self, tmp_path: Path) -> None:
        hashed = [merkle.leaf_hash(f"leaf {seq}".encode()) for seq in range(12)]
        proofs = [
            {"seq": seq, "size": 12, "path": [step.hex() for step in merkle.inclusion_path(hashed, seq, 12)]}
            for seq in range(12)
        ]
        assert findings(tmp_path, an_export() | {"proofs.jsonl": proofs}) == {"ok"}
        proofs[5]["seq"] = 6
        assert findings(tmp_path, an_export() | {"proofs.jsonl": proofs}) == {"rootMismatch"}

    def test_shares_no_code_and_stays_short(self) -> None:
        source = VERIFIER.read_text()
        assert "import ocapi" not in source
        assert "from ocapi" not in source
        assert len(source.splitlines()) <= 200


def loaded() -> Any:
    """Load the verifier in this process, for the many cases; the others run it as people do."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("verify_log", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
