"""No leaf, no data: the watch that every test runs under sees what it should, and nothing else."""

import ast
import csv
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from ocapi.main import watching

SOURCE = Path(__file__).resolve().parents[2] / "src" / "ocapi"
PLANTED = Path("tests", "proofs", "leaf", "planted.py")


def rows() -> list[dict[str, str]]:
    with watching.LEAFLESS.open(newline="") as file:
        return list(csv.DictReader(file))


class TestStatements:
    @pytest.mark.parametrize("sql", [
        'SELECT "accounts_person"."id", "accounts_person"."given_name" FROM "accounts_person"',
        'SELECT DISTINCT p."given_name" FROM "accounts_person" p WHERE p."id" = %s',
        'SELECT (SELECT U0."given_name" FROM "accounts_person" U0 LIMIT 1) AS "x" FROM "jobs_job"',
        'SELECT * FROM "accounts_person"',
        'UPDATE "accounts_person" SET "given_name" = %s RETURNING "given_name"',
        'WITH RECURSIVE x AS (SELECT 1) SELECT "given_name" FROM "accounts_person"',
    ])
    def test_that_answer_with_a_personal_column_are_known(self, tenant, sql):
        assert ("accounts_person", "given_name") in watching.personal_columns(sql)

    @pytest.mark.parametrize("sql", [
        'SELECT COUNT(*) AS "__count" FROM "accounts_person"',
        'SELECT "accounts_person"."uuid" FROM "accounts_person" WHERE "accounts_person"."given_name" = %s',
        'SELECT 1 AS "a" FROM "accounts_person" LIMIT 1',
        'UPDATE "accounts_person" SET "given_name" = %s',
        'SELECT "jobs_job"."name" FROM "jobs_job"',
    ])
    def test_that_answer_with_none_are_let_be(self, tenant, sql):
        assert watching.personal_columns(sql) == frozenset()


class TestWatch:
    def test_sees_a_read_without_a_leaf(self, tenant):
        from ocapi.kernel.accounts import api as accounts
        from ocapi.kernel.accounts.testing import a_person
        from ocapi.kernel.tenants.testing import NOW

        person = a_person(now=NOW)
        with watching.watching("a page") as watched:
            accounts.get_person(person.uuid)
        assert "accounts_person without a leaf" in watching.uncovered(watched)[0]

    def test_lets_be_what_found_no_row(self, tenant):
        from ocapi.kernel.accounts import api as accounts

        with watching.watching("a page") as watched:
            assert accounts.get_persons({UUID(int=1)}) == {}
        assert watching.uncovered(watched) == []

    def test_fails_the_test_of_a_page_that_shows_a_person_without_a_leaf(self):
        of_this_run = ("OCAPI_", "PYTEST_", "DJANGO_")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:randomly", str(PLANTED)],
            capture_output=True, text=True, cwd=SOURCE.parents[1], timeout=120,
            env={name: value for name, value in os.environ.items() if not name.startswith(of_this_run)},
        )
        assert "1 failed, 1 passed" in run.stdout, run.stdout + run.stderr
        assert "GET page read" in run.stdout
        assert "of accounts_person without a leaf" in run.stdout


class TestReadsThatNeedNoLeaf:
    def test_name_a_table_a_function_and_a_reason(self, tenant):
        wrong = []
        for row in rows():
            tree = ast.parse((SOURCE / row["file"]).read_text())
            functions = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
            if row["table"] not in watching.tagged() or row["function"] not in functions:
                wrong.append(f"{row['table']}, {row['file']}:{row['function']} does not exist")
            if len(row["reason"]) < 20:
                wrong.append(f"{row['table']}, {row['file']}:{row['function']} has no reason")
        assert wrong == []
