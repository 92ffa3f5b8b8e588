"""What docs/security says is there. Not covered: whether a named test proves enough, which people judge."""

import ast
import csv
import dataclasses
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.architecture.rules import PROJECT, imported

HERE = "tests/architecture/test_security_papers.py"
ASVS = PROJECT / "docs" / "security" / "asvs.csv"
PER_LEVEL = {"1": 70, "2": 183, "3": 21}
"""Of ASVS 5.0.0: all of levels 1 and 2, and level 3 of chapters 8, 11, 14 and 16 (6, 10, 4 and 1)."""
LEVEL_3 = {"8", "11", "14", "16"}
STATUSES = {"met", "not applicable", "open"}
CRYPTOGRAPHY = {"cryptography", "hashlib", "hmac", "joserfc", "secrets", "ssl"}
INVENTORY = PROJECT / "docs" / "security" / "cryptography.md"


def rows() -> list[dict[str, str]]:
    with ASVS.open(newline="") as file:
        return list(csv.DictReader(file))


def wrong_with(row: dict[str, str]) -> Iterator[str]:
    """Say what is missing in a line: a status, a proof that exists, a reason."""
    proofs = row["test"].split()
    if row["status"] not in STATUSES or (row["applies"] == "no") != (row["status"] == "not applicable"):
        yield f"{row['requirement']}: status {row['status']!r} where applies is {row['applies']!r}"
    if (row["status"] == "met") != bool(proofs):
        yield f"{row['requirement']}: {row['status']} with {len(proofs)} proofs"
    if row["status"] != "met" and not row["reason"]:
        yield f"{row['requirement']}: {row['status']} without a reason"
    yield from (f"{row['requirement']}: no {proof}" for proof in proofs if not exists(proof))


def exists(proof: str) -> bool:
    """Tell whether a page, or a test `path::Class::test_name` (or a class, or a function), is there."""
    path, *names = proof.split("::")
    if not (PROJECT / path).is_file():
        return False
    if not names:
        return path.endswith(".md")
    body: list[ast.stmt] = ast.parse((PROJECT / path).read_text()).body
    for name in names:
        found = [
            node for node in body
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True


class TestAsvs:
    def test_has_a_line_for_every_requirement_we_promise(self):
        told = rows()
        assert Counter(row["level"] for row in told) == PER_LEVEL
        assert len({row["requirement"] for row in told}) == len(told)
        assert {row["requirement"].split(".")[0] for row in told if row["level"] == "3"} == LEVEL_3

    def test_says_what_proves_each_line_or_why_nothing_does(self):
        assert [wrong for row in rows() for wrong in wrong_with(row)] == []

    def test_has_no_open_line_in_authorization(self):
        found = {row["requirement"] for row in rows() if row["status"] == "open"}
        assert {each for each in found if each.startswith("8.")} == set()

    @pytest.mark.parametrize(("name", "planted"), [
        ("test", f"{HERE}::TestAsvs::test_nobody_wrote"),
        ("test", "tests/architecture/test_gone.py::TestAsvs"), ("test", "docs/security/gone.md"),
        ("test", ""), ("status", "promised"), ("applies", "no"),
    ])
    def test_would_be_caught_when_it_claims_what_is_not_there(self, name, planted):
        sound = {
            "requirement": "1.1.1", "level": "1", "applies": "yes", "status": "met", "reason": "",
            "test": f"{HERE}::TestAsvs::test_has_a_line_for_every_requirement_we_promise",
        }
        assert list(wrong_with(sound)) == []
        assert list(wrong_with({**sound, name: planted})) != []


def using_cryptography(root: Path) -> set[str]:
    """Give the files below a folder that import a library of cryptography or hashing; tests are left out."""
    return {
        str(path.relative_to(root)) for folder in ("src", "tools") for path in (root / folder).rglob("*.py")
        if "tests" not in path.relative_to(root).parts
        and CRYPTOGRAPHY & set(imported(ast.parse(path.read_text())))
    }


class TestInventory:
    def test_names_every_file_that_uses_cryptography(self):
        listed = re.findall(r"^\| `((?:src|tools)/\S+\.py)` \|", INVENTORY.read_text(), re.MULTILINE)
        assert sorted(listed) == sorted(using_cryptography(PROJECT))

    def test_would_miss_no_planted_one(self, tmp_path):
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "planted.py").write_text("def hidden():\n    import hmac\n")
        assert using_cryptography(tmp_path) == {"src/planted.py"}


LIMITS = PROJECT / "docs" / "security" / "limits.md"
_LIMIT = re.compile(r"^\| [^|]+ \| `([\w.]+):([\w.]+)` = (\S+) \| `([^`]+)` \|$", re.MULTILINE)


def value_of(module: str, name: str) -> object:
    """Give a constant of the code, or the default of a dataclass's member; a period in seconds."""
    of, _, member = name.partition(".")
    found = getattr(importlib.import_module(module), of)
    if member:
        found = next(each.default for each in dataclasses.fields(found) if each.name == member)
    return found.total_seconds() if isinstance(found, timedelta) else found


class TestLimits:
    def test_on_the_page_are_those_of_the_code(self):
        told = _LIMIT.findall(LIMITS.read_text())
        assert len(told) > 15
        wrong = [
            (name, written, value_of(module, name)) for module, name, written, _proof in told
            if value_of(module, name) != ast.literal_eval(written)
        ]
        assert wrong == []

    def test_are_each_held_by_a_test(self):
        page = LIMITS.read_text()
        named = re.findall(r"`((?:src|tests)/[^`]+\.py[^`]*)`", page)
        rows = page.partition("## Limits")[2].partition("\n\n## ")[0].count("\n| ") - 1
        assert len(_LIMIT.findall(page)) == rows
        assert [each for each in named if "::" in each and not exists(each)] == []

    @pytest.mark.parametrize("line", [
        "| x | `ocapi.lib.egress:MAX_REDIRECTS` = 4 | `tests/x.py` |",
        "| x | `ocapi.dataplane.plan:Plan.web_line` = 63 | `tests/x.py` |",
    ])
    def test_would_be_caught_when_they_differ(self, line):
        ((module, name, written, _proof),) = _LIMIT.findall(line)
        assert value_of(module, name) != ast.literal_eval(written)
