"""What was changed by hand on the disk of a living organization is found and named. Not covered: the log of
readings (capture), backups (test_backups), the program that verifies the log (audit).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.tests import carried
from ocapi.kernel.registry.tests.carried import KEY
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind
from ocapi.kernel.tenants.testing import NOW

SQLITE_ONLY = pytest.mark.skipif(settings.OCAPI.store != "sqlite", reason="there is no file to damage")


@pytest.fixture
def home(installation: Path) -> Iterator[Path]:
    """The folder of an organization with something in it, and a sealed log."""
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    with tenants.bind(KEY):
        carried.fill()
        (tenants.folder() / "inbox" / "0001.seg").unlink()  # what `carried` puts there is no segment
        audit.seal(now=NOW)
        yield tenants.folder()
    tenants.delete(key=KEY)


def found() -> tuple[str, ...]:
    with tenants.unbound():
        return registry.verify_tenant(key=KEY, now=NOW)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def blob_of(home: Path) -> Path:
    return next(path for path in (home / "blobs").rglob("*") if path.is_file())


class TestWhole:
    def test_has_no_finding_and_leaves_a_leaf_each_time(self, home: Path) -> None:
        assert (found(), found()) == ((), ())
        from ocapi.kernel.audit.testing import operations_of

        assert operations_of("tenants.verify") == ["tenants.verify"] * 2


class TestFolder:
    def test_names_a_blob_that_was_edited_cut_or_taken_away(self, home: Path) -> None:
        blob, name = blob_of(home), str(blob_of(home).relative_to(home))
        good = blob.read_bytes()
        blob.chmod(0o600)
        for wrong, said in ((good[:-1] + b"x", "bytes have changed"), (good[:5], "(5 bytes")):
            blob.write_bytes(wrong)
            (line,) = found()
            assert line.startswith(name)
            assert said in line
        blob.unlink()
        assert found() == (f"{name}: No such file or directory",)

    def test_names_a_file_that_belongs_to_nobody(self, home: Path) -> None:
        (home / "blobs" / "ab").mkdir(exist_ok=True)
        (home / "blobs" / "ab" / ("ab" * 32)).write_bytes(b"extra")
        (home / "notes.txt").write_text("extra")
        stray = f"blobs/ab/{'ab' * 32}"
        assert found() == (
            "notes.txt: does not belong here", f"{stray}: belongs to no file of this organization",
        )

    def test_names_a_link_in_the_place_of_a_blob(self, home: Path, tmp_path: Path) -> None:
        blob = blob_of(home)
        (tmp_path / "elsewhere").write_bytes(blob.read_bytes())
        blob.unlink()
        blob.symlink_to(tmp_path / "elsewhere")
        assert any(line.endswith("a link") for line in found())


class TestDatabase:
    @pytest.mark.parametrize(("sql", "said"), [
        ("UPDATE audit_leaf SET operation = 'x' WHERE operation = 'cases.read'", "operation differ"),
        ("UPDATE audit_leaf SET person = NULL WHERE person IS NOT NULL", "person differ"),
        ("UPDATE audit_leaf SET about = '[]' WHERE operation = 'cases.read'", "about differ"),
        ("UPDATE audit_leaf SET canonical = leaf_hash WHERE sequence = 0", "not those that were hashed"),
        ("UPDATE audit_node SET hash = canonical FROM audit_leaf WHERE level = 0", "audit_node 0/0"),
        ("UPDATE audit_head SET root = previous", "rootDiffers"),
        ("DELETE FROM audit_subject; DELETE FROM audit_leaf WHERE sequence = 1", "log: rootDiffers"),
    ])
    def test_names_what_was_edited_in_the_log(self, home: Path, sql: str, said: str) -> None:
        for statement in sql.split("; "):
            run(statement)
        assert any(said in line for line in found()), found()

    @SQLITE_ONLY
    def test_names_a_page_that_was_overwritten(self, home: Path) -> None:
        run("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        with (home / "db.sqlite").open("r+b") as database:
            database.seek(4096 * 40)
            database.write(b"\xff" * 4096 * 40)
        assert any(line.startswith("database: ") for line in found())
        connection.close()

    @SQLITE_ONLY
    def test_names_a_row_that_refers_to_nothing(self, home: Path) -> None:
        run("PRAGMA foreign_keys = OFF")
        run("DELETE FROM audit_leaf WHERE operation = 'cases.read'")
        run("PRAGMA foreign_keys = ON")
        assert any("of audit_subject refers to a row of audit_leaf" in line for line in found())

    def test_of_another_release_is_named(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run("DELETE FROM django_migrations WHERE app = 'jobs' AND name = '0003_trace'")
        assert found() == ("database: migrations that differ: jobs.0003_trace",)
