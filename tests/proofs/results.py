"""Result of a proof: the JSON of reliability.md §4, its verdict, its exit code and its replay lines."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.proofs.proof import PROJECT, Case, Fault

SCHEMA = "ocapi-proof/1"
PASS, FAIL, BLIND, SET_UP = 0, 1, 2, 3
CODES = {"pass": PASS, "fail": FAIL, "blind": BLIND}
Document = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Result:
    """What one proof found. canaries: name → caught. blind_to: what it could not look at at all."""

    proof: str
    level: str
    seed: int
    cases: int = 0
    failed: list[tuple[Case, Fault]] = field(default_factory=list)
    canaries: dict[str, bool] = field(default_factory=dict)
    blind_to: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wall_s: float = 0.0

    @property
    def verdict(self) -> str:
        """Give `blind` before anything else: a proof that misses a planted fault may miss others."""
        if self.blind_to or not all(self.canaries.values()):
            return "blind"
        return "fail" if self.failed else "pass"

    def document(self, replay: Path | None) -> Document:
        """Give the JSON object; replay: the file that `--replay` takes, written when something failed."""
        line = replay_line(self.proof, replay) if replay else ""
        return {
            "schema": SCHEMA, "proof": self.proof, "level": self.level, "seed": self.seed,
            "cases": self.cases,
            "failed": [
                {"id": case.id, "seed": case.seed, "crashpoint": case.crashpoint, "expected": fault.expected,
                 "got": fault.got, "replay": line}
                for case, fault in self.failed
            ],
            "canaries": [
                {"name": name, "must_fail": True, "failed": caught} for name, caught in self.canaries.items()
            ],
            "wall_s": round(self.wall_s, 1), "verdict": self.verdict, "notes": self.notes,
            "blind_to": self.blind_to,
        }


def replay_line(proof: str, file: Path) -> str:
    """Give the command that tries the failed cases again."""
    shown = file.relative_to(PROJECT) if file.is_relative_to(PROJECT) else file
    return f"ocapi proof {proof} --replay {shown}"


def summed(documents: list[Document], *, level: str, seed: int, not_built: list[str]) -> Document:
    """Give one object over several proofs, each whole inside; what does not exist yet is named."""
    worst = max((each["verdict"] for each in documents), key=lambda name: CODES[name], default="blind")
    return {
        "schema": SCHEMA, "proof": "all", "level": level, "seed": seed,
        "cases": sum(each["cases"] for each in documents),
        "failed": [row for each in documents for row in each["failed"]],
        "canaries": [row for each in documents for row in each["canaries"]],
        "wall_s": round(sum(each["wall_s"] for each in documents), 1), "verdict": worst,
        "not_built": not_built, "proofs": documents,
    }


def failed_cases(file: Path, proof: str) -> list[Case]:
    """Read the failed cases of one proof from a result file; raises ValueError for anything else."""
    found = json.loads(file.read_text())
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError(f"{file} is no result of ocapi proof")
    documents = found.get("proofs", [found])
    rows = [row for each in documents if each["proof"] == proof for row in each["failed"]]
    return [Case(id=row["id"], seed=row["seed"], crashpoint=row["crashpoint"]) for row in rows]


def write(document: Document, file: Path) -> None:
    """Write one result file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
