"""What makes an empty organization on PostgreSQL, recorded. Not covered: a crash meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants import postgres, template

pytestmark = pytest.mark.skipif(settings.OCAPI.store != "postgres", reason="a folder of its own per build")


class TestRecordTemplate:
    def test_is_done_by_one_machine_after_the_other(self, installation: object, tmp_path: Path) -> None:
        kept = [template.statements_path(tmp_path / name) for name in ("one", "other")]

        def record(path: Path) -> None:
            try:
                postgres.record_template(kept=path)
            finally:
                tenants.close_connections()

        with ThreadPoolExecutor(2) as machines:
            list(machines.map(record, kept))
        recorded = [path.read_bytes() for path in kept]
        assert recorded[0].count(b"CREATE TABLE") > 100
        assert len({text.count(b"CREATE TABLE") for text in recorded}) == 1
