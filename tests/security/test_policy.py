"""The policy table against the one that people reviewed. Not covered: routes (test_routes), rows of lists."""

import csv
import io
import re
from pathlib import Path

import ocapi
from ocapi.main import reference

SOURCE = Path(ocapi.__file__).parent
OPERATION = re.compile(r'(?<!name=)"[a-z]+\.[a-z_]+"')  # as an argument, not where a manifest declares it


def differences(expected: dict[str, dict[str, str]], actual: dict[str, dict[str, str]]) -> list[str]:
    """Say how two policy tables differ, one sentence per operation or cell."""
    found = [f"{name}: reviewed, but no manifest declares it" for name in expected.keys() - actual.keys()]
    found += [
        f"{name}: not reviewed; add it to tests/security/policy.csv"
        for name in actual.keys() - expected.keys()
    ]
    for name in sorted(expected.keys() & actual.keys()):
        found += [
            f"{name}.{column}: reviewed as {expected[name][column]!r}, declared as {value!r}"
            for column, value in actual[name].items() if expected[name].get(column) != value
        ]
    return sorted(found)


def declared() -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(reference.pages()["policy.csv"]))
    return {row["operation"]: row for row in rows}


class TestPolicy:
    def test_is_what_people_reviewed(self, tenant, expected_policy):
        assert differences(expected_policy, declared()) == []

    def test_holds_each_operation_once_and_in_order(self, expected_policy):
        assert list(expected_policy) == sorted(expected_policy)

    def test_is_asked_for_every_operation_it_holds(self, expected_policy):
        """An operation nobody asks for protects nothing; those of the data plane are asked for as scopes."""
        asked = {
            text for path in SOURCE.rglob("*.py") if not {"tests", "migrations"} & set(path.parts)
            for text in OPERATION.findall(path.read_text())
        }
        unasked = {
            name for name, row in expected_policy.items()
            if row["surface"] != "dataplane" and f'"{name}"' not in asked
        }
        assert unasked == set()

    def test_lets_nobody_anonymous_see_personal_data(self, expected_policy):
        open_rows = [
            name for name, row in expected_policy.items()
            if row["personal"] == "yes" and row["anonymous"] in ("allow", "own")
        ]
        assert open_rows == []

    def test_lets_nobody_suspended_change_anything(self, expected_policy):
        changing = [
            name for name, row in expected_policy.items()
            if row["leaf"] == "change" and row["suspended"] in ("allow", "own")
        ]
        assert changing == []


class TestDifferences:
    """The canary: each kind of planted fault must be seen."""

    def planted(self, expected_policy, change):
        copy = {name: dict(row) for name, row in expected_policy.items()}
        change(copy)
        return differences(expected_policy, copy)

    def test_name_a_cell_that_was_opened(self, expected_policy):
        found = self.planted(expected_policy, lambda table: table["cases.read"].update(supplier="allow"))
        assert found == ["cases.read.supplier: reviewed as 'deny', declared as 'allow'"]

    def test_name_an_operation_nobody_reviewed(self, expected_policy):
        found = self.planted(expected_policy, lambda table: table.update({"cases.burn": {}}))
        assert found == ["cases.burn: not reviewed; add it to tests/security/policy.csv"]

    def test_name_an_operation_that_vanished(self, expected_policy):
        found = self.planted(expected_policy, lambda table: table.pop("cases.read"))
        assert found == ["cases.read: reviewed, but no manifest declares it"]
