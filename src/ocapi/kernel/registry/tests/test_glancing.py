"""An organization that was changed by hand is not served after a start. Not covered: what only the whole
proof finds (test_verifying), what front and web answer for one that is not served (main, dataplane).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry import glancing
from ocapi.kernel.registry.tests import carried
from ocapi.kernel.registry.tests.carried import KEY
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind, State
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.actor import system

OTHER = "untouched"
OTHER_HASH = "UPDATE audit_node SET hash = (SELECT min(leaf_hash) FROM audit_leaf) WHERE "
SQLITE_ONLY = pytest.mark.skipif(settings.OCAPI.store != "sqlite", reason="there is no file to damage")


@pytest.fixture
def home(installation: Path) -> Iterator[Path]:
    """The folder of an organization with something in it and a sealed log, beside another organization."""
    tenants.create(key=OTHER, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    with tenants.bind(KEY):
        carried.fill()
        (tenants.folder() / "inbox" / "0001.seg").unlink()  # what `carried` puts there is no segment
        audit.seal(now=NOW)
        path = tenants.folder()
    yield path
    for key in (KEY, OTHER):
        tenants.delete(key=key)


def change(sql: str) -> None:
    with tenants.bind(KEY), connection.cursor() as cursor:
        cursor.execute(sql)


def start() -> dict[str, tuple[str, ...]]:
    return registry.glance_at_all(now=NOW)


def states() -> tuple[State, State]:
    return tenants.by_key(KEY).state, tenants.by_key(OTHER).state


def blob_of(home: Path) -> Path:
    return next(path for path in (home / "blobs").rglob("*") if path.is_file())


class TestWhole:
    def test_is_served_as_before(self, home: Path) -> None:
        assert (start(), states()) == ({}, (State.ACTIVE, State.ACTIVE))

    def test_of_another_release_is_left_to_the_upgrade(self, home: Path) -> None:
        change("DELETE FROM django_migrations WHERE app = 'jobs' AND name = '0003_trace'")
        assert (start(), states()) == ({}, (State.ACTIVE, State.ACTIVE))

    def test_database_that_does_not_answer_is_left_alone(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(**_: object) -> Iterator[str]:
            raise DatabaseError("x") from OSError(28, "No space left on device")

        monkeypatch.setattr(audit, "list_head_damage", full)
        assert (start(), states()) == ({}, (State.ACTIVE, State.ACTIVE))

    def test_starts_with_another_organization_each_second_and_stops_when_asked(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[str] = []
        monkeypatch.setattr(glancing, "_glance", lambda tenant, now: looked.append(tenant.key))
        for second in (0, 1):
            at = NOW + timedelta(seconds=second)
            registry.glance_at_all(now=at, is_stopping=lambda: len(looked) % 2 == 1)
            looked.append("stopped")
        assert len(looked) == 4
        assert looked[0] != looked[2]


class TestWhileServed:
    def test_each_organization_has_its_turn_however_short_a_stretch_is(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[tuple[str, int]] = []
        monkeypatch.setattr(glancing, "A_STRETCH", timedelta())
        monkeypatch.setattr(glancing, "_glance", lambda tenant, now, turn: looked.append((tenant.key, turn)))
        rounds = registry.begin_rounds()
        everyone = {each.key for each in tenants.list_tenants()}
        for _ in range(2 * len(everyone)):
            rounds.go_on(now=NOW)
        assert sorted(looked) == sorted((key, turn) for key in everyone for turn in (0, 1))

    @pytest.mark.parametrize(("sql", "said"), [
        ("UPDATE audit_leaf SET operation = 'x' WHERE sequence = {old}", "operation differ"),
        ("UPDATE audit_leaf SET canonical = leaf_hash WHERE sequence = {old}", "not those that were hashed"),
        (OTHER_HASH + "level = 3 AND \"index\" = {old} / 8", "audit_node 3/"),
        (OTHER_HASH + "level = 9 AND \"index\" = {old} / 512", "audit_node 9/"),
        ("DELETE FROM audit_subject WHERE leaf_id IN (SELECT id FROM audit_leaf WHERE sequence = {old}); "
         "DELETE FROM audit_leaf WHERE sequence = {old}", "audit_node 0/"),
    ])
    def test_a_change_anywhere_in_its_log_is_found_once_all_blocks_had_their_turn(
        self, home: Path, sql: str, said: str
    ) -> None:
        with tenants.bind(KEY):
            for _ in range(600):
                audit.changed(
                    actor=system("worker"), operation="registry.change_setting", resource="x", now=NOW
                )
            audit.seal(now=NOW)
        for statement in sql.split("; "):
            change(statement.format(old=300))
        rounds, found = registry.begin_rounds(), list[dict[str, tuple[str, ...]]]()
        while len(found) < 6 and not any(found):
            found.append(rounds.go_on(now=NOW))
        assert said in " ".join(found[-1][KEY]), found
        assert states() == (State.FROZEN, State.ACTIVE)

    def test_one_that_is_gone_or_frozen_by_the_time_it_is_looked_at_is_not_withheld(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        listed = tenants.by_key(KEY)
        monkeypatch.setattr(glancing, "_findings", lambda *_: iter(["db.sqlite: is gone"]))
        tenants.park(listed, "being moved")
        assert glancing._glance(listed, NOW, 0) == ()
        assert not tenants.is_withheld(listed)
        tenants.release(listed)
        assert glancing._glance(listed, NOW, 0) == ("db.sqlite: is gone",)
        tenants.give_back(listed)

    def test_what_is_whole_stays_served_over_all_its_blocks(self, home: Path) -> None:
        rounds = registry.begin_rounds()
        assert [rounds.go_on(now=NOW) for _ in range(8)] == [{}] * 8
        assert states() == (State.ACTIVE, State.ACTIVE)


class TestChanged:
    @pytest.mark.parametrize(("sql", "said"), [
        ("UPDATE audit_head SET root = previous", "not what this organization signed"),
        ("UPDATE audit_head SET kid = 'mine'", "not what this organization signed"),
        ("DELETE FROM audit_subject; DELETE FROM audit_leaf WHERE sequence = (SELECT max(sequence) FROM "
         "audit_leaf)", "leaves, "),
        ("UPDATE audit_leaf SET operation = 'x' WHERE operation = 'cases.read'; UPDATE audit_node SET hash = "
         "canonical FROM audit_leaf WHERE level = 0", "operation differ"),
        ("DROP TABLE search_token", "the table search_token is gone"),
    ])
    def test_in_its_log_or_tables_is_named_and_not_served_and_others_are(
        self, home: Path, sql: str, said: str
    ) -> None:
        for statement in sql.split("; "):
            change(statement)
        found = start()
        assert list(found) == [KEY]
        assert any(said in line for line in found[KEY]), found
        assert states() == (State.FROZEN, State.ACTIVE)
        assert said in (Path(settings.OCAPI.data) / "damaged" / KEY).read_text()

    def test_in_a_document_is_served_again_only_when_all_of_it_proves_whole(self, home: Path) -> None:
        blob = blob_of(home)
        good = blob.read_bytes()
        blob.chmod(0o600)
        blob.write_bytes(good[:-1] + b"x")
        assert "bytes have changed" in start()[KEY][0]
        assert registry.verify_tenant(key=KEY, now=NOW) != ()
        tenants.release(tenants.by_key(KEY))  # what an upgrade does
        assert states()[0] is State.FROZEN
        blob.write_bytes(good)
        assert start() == {}
        assert states()[0] is State.FROZEN
        assert registry.verify_tenant(key=KEY, now=NOW) == ()
        assert states()[0] is State.ACTIVE

    def test_in_a_large_document_shows_by_its_size(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(glancing, "LARGEST_HASHED", 1)
        assert start() == {}
        blob_of(home).unlink()
        assert "is gone" in start()[KEY][0]

    @SQLITE_ONLY
    def test_in_the_pages_of_its_database_or_without_one_is_not_served(self, home: Path) -> None:
        database = home / "db.sqlite"
        with tenants.bind(KEY):
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        good = database.read_bytes()
        for wrong in (good[:4096 * 40] + b"\xff" * 4096 * 40 + good[4096 * 80:], b"not a database", None):
            database.unlink()
            if wrong is not None:
                database.write_bytes(wrong)
            assert start()[KEY][0].startswith("db.sqlite: is gone" if wrong is None else "database: ")
            assert states() == (State.FROZEN, State.ACTIVE)
            tenants.close_connections()
            database.write_bytes(good)
            assert registry.verify_tenant(key=KEY, now=NOW) == ()
            assert states() == (State.ACTIVE, State.ACTIVE)
            tenants.close_connections()

    @SQLITE_ONLY
    def test_pages_that_take_too_long_are_left_to_the_whole_proof(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(glancing, "QUICK_CHECK", timedelta(seconds=-1))
        monkeypatch.setattr(glancing, "STEPS", 1)
        assert (start(), states()) == ({}, (State.ACTIVE, State.ACTIVE))
