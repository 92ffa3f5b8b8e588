"""What is still written in the database of a replaced organization. Not covered: the day (registry)."""

import pytest

from ocapi.kernel.tenants import closing


class TestStatement:
    @pytest.mark.parametrize(("sql", "harmless"), [
        ('SELECT 1 FROM "cases_case" FOR UPDATE', True),
        ('INSERT INTO "audit_leaf" ("a") VALUES (1) ON CONFLICT DO UPDATE SET "a" = 1', True),
        ('UPDATE "django_session" SET "x" = 1', True),
        ('INSERT INTO "cases_case" ("a") SELECT "a" FROM "audit_leaf"', False),
        ('WITH x AS (SELECT 1) INSERT INTO "cases_case" ("a") SELECT * FROM x', False),
        ('WITH x AS (DELETE FROM "cases_case" RETURNING "id") SELECT * FROM x', False),
        ('insert or replace into cases_case values (1)', False),
        ('WITH x AS (SELECT 1) SELECT * FROM x', True),
        ('WITH x AS (DELETE FROM "audit_leaf" RETURNING 1) INSERT INTO "cases_case" SELECT * FROM x', False),
        ('DROP TABLE "audit_leaf"', False),
        ("VACUUM", False),
        ("", False),
    ])
    def test_knows_what_only_reads(self, sql: str, harmless: bool) -> None:
        assert closing.is_harmless(sql) is harmless
