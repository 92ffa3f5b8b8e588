"""The independent verifier finds every planted tampering. Not covered: time-stamps and witnesses."""

import copy
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ocapi.lib import merkle
from ocapi.lib.tests.exported_log import KEY, VERIFIER, Export, Log, an_export, loaded, tampered, write

LOG = Log(export=an_export(), key=KEY)


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


class TestVerifier:
    def test_accepts_a_sound_log(self, tmp_path: Path) -> None:
        assert findings(tmp_path, an_export()) == {"ok"}

    def test_accepts_an_empty_log(self, tmp_path: Path) -> None:
        assert findings(tmp_path, {"leaves.jsonl": [], "heads.jsonl": []}) == {"ok"}

    def test_finds_and_names_random_tamperings(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A sample; `ocapi proof tamper` tries many more, on a log of the product too."""
        verifier, missed = loaded(), []
        for seed in range(100):
            planted = tampered(copy.deepcopy(LOG), random.Random(seed))
            write(tmp_path, planted.log.export)
            code = verifier.main([str(tmp_path)])
            named = {line.split(":")[0] for line in capsys.readouterr().out.splitlines()}
            if code != 1 or not named & planted.codes:
                missed.append((seed, planted.way, named))
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
