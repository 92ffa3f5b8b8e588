"""Backups, and what a target may do to them. Not covered: kills in between (`ocapi proof crash`), an empty
machine (`ocapi proof restore`).
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.backups import erasures, pieces, proving, records
from ocapi.kernel.registry.backups.targets import FolderTarget
from ocapi.kernel.registry.carrying import checking
from ocapi.kernel.registry.carrying.data import ArchiveRefused
from ocapi.kernel.registry.extensions import BackupTarget
from ocapi.kernel.registry.models import ErasureRow
from ocapi.kernel.registry.tests import carried
from ocapi.kernel.registry.tests.carried import KEY, PDF
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import AlreadyHere, KeyTaken, Kind
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import actor as actors
from ocapi.lib import durable

LATER = NOW + timedelta(minutes=10)
LAST = NOW + timedelta(hours=1)


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    (tmp_path / "target").mkdir()
    return FolderTarget(tmp_path / "target")


@pytest.fixture
def filled(installation: Path) -> Iterator[tuple[object, object]]:
    """An organization with something in it; gives (file, person)."""
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    with tenants.bind(KEY):
        made = carried.fill()
    yield made
    if KEY in [each.key for each in tenants.list_tenants()]:
        tenants.delete(key=KEY)


def uuid() -> str:
    return str(tenants.by_key(KEY).uuid)


def counts() -> dict[str, int]:
    with tenants.bind(KEY):
        return {table.name: tenants.count_rows(table.name) for table in tenants.list_tables()}


def refused(target: FolderTarget, who: str, **more: object) -> ArchiveRefused:
    tenants.delete(key=KEY)
    return refused_again(target, who, **more)


def refused_again(target: FolderTarget, who: str, **more: object) -> ArchiveRefused:
    with pytest.raises(ArchiveRefused) as found:
        registry.restore(target=target, uuid=who, now=LAST, **more)
    assert KEY not in [each.key for each in tenants.list_tenants()]
    assert not (Path(settings.OCAPI.data) / "tenants" / KEY).exists()
    return found.value


def piece_of(target: FolderTarget, home: Path, content: bytes) -> Path:
    return home / "target" / pieces.place_of(hashlib.sha256(content).hexdigest())


@pytest.mark.usefixtures("filled")
class TestBackUp:
    def test_adds_everything_once_and_then_what_changed(self, target: FolderTarget) -> None:
        first = registry.back_up(key=KEY, target=target, now=NOW)
        same = registry.back_up(key=KEY, target=target, now=LATER, is_first=False)
        with tenants.bind(KEY):
            files.keep(content=PDF + b"new", name="nieuw.pdf", now=LATER)
        changed = registry.back_up(key=KEY, target=target, now=LAST, is_first=False)
        assert (first.number, same.number, changed.number) == (1, 2, 3)
        assert first.pieces > 10
        assert (same.pieces, same.bytes) == (0, 0)
        assert changed.pieces == 4  # blob, its row's piece, SHA256SUMS, index

    def test_names_the_newest_state_of_each_organization(self, target: FolderTarget) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        registry.back_up(key=KEY, target=target, now=LATER)
        (found,) = registry.list_backups(target=target)
        assert (found.record.manifest.organization.key, found.record.number) == (KEY, 2)
        assert found.taken_at == LATER

    def test_never_writes_over_what_is_there(self, target: FolderTarget) -> None:
        target.add("objects/aa/x", b"one")
        target.add("objects/aa/x", b"one")
        with pytest.raises(ArchiveRefused, match="other bytes"):
            target.add("objects/aa/x", b"two")
        assert target.read("objects/aa/x") == b"one"

    def test_has_no_way_to_change_or_take_away(self) -> None:
        verbs = {name for name in vars(BackupTarget) if not name.startswith("_")}
        assert verbs == {"check_config", "is_append_only", "place", "size_of", "add", "read", "list_names"}

    def test_tells_by_trying_that_a_plain_folder_is_not_append_only(
        self, target: FolderTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not target.is_append_only()

        def forbidden(path: Path) -> None:
            raise PermissionError(errno.EPERM, "operation not permitted", str(path))

        monkeypatch.setattr(os, "unlink", forbidden)
        monkeypatch.setattr(durable, "add_file", lambda path, data: None)
        assert target.is_append_only()


@pytest.mark.usefixtures("filled")
class TestBadSource:
    def test_whose_log_was_cut_off_with_its_heads_is_not_backed_up(self, target: FolderTarget) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        with tenants.bind(KEY), connection.cursor() as cursor:
            for table in ("audit_subject", "audit_leaf", "audit_node", "audit_head"):
                cursor.execute(f"DELETE FROM {table}")
        with pytest.raises(ArchiveRefused, match="sourceDamaged: audit_leaf: record 1 holds"):
            registry.back_up(key=KEY, target=target, now=LATER, is_first=False)
        assert registry.list_backups(target=target)[0].taken_at == NOW

    def test_that_was_put_back_as_it_was_before_is_backed_up_again(self, target: FolderTarget) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        registry.back_up(key=KEY, target=target, now=LATER)
        registry.restore(target=target, uuid=uuid(), at=NOW, replace=True, now=LAST)
        assert registry.back_up(key=KEY, target=target, now=LAST).number == 3


@pytest.mark.usefixtures("filled")
class TestBadTarget:
    def test_that_fills_up_is_named_and_the_states_before_stay(
        self, target: FolderTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        with tenants.bind(KEY):
            files.keep(content=PDF + b"new", name="nieuw.pdf", now=LATER)
        add_file = durable.add_file

        def full(path: Path, data: bytes) -> None:
            raise OSError(errno.ENOSPC, "no space left on device")

        monkeypatch.setattr(durable, "add_file", full)
        with pytest.raises(ArchiveRefused, match="targetFull"):
            registry.back_up(key=KEY, target=target, now=LATER)
        monkeypatch.setattr(durable, "add_file", add_file)
        assert registry.list_backups(target=target)[0].record.number == 1
        assert registry.back_up(key=KEY, target=target, now=LAST).number == 2

    def test_that_keeps_other_bytes_is_found_while_adding(
        self, target: FolderTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(target, "read", lambda name: b"other")
        with pytest.raises(ArchiveRefused, match="targetLies"):
            registry.back_up(key=KEY, target=target, now=NOW)

    @pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.ESTALE, errno.EACCES])
    def test_that_answers_as_no_disk_does_is_named(
        self, target: FolderTarget, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        def broken(path: Path, data: bytes) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(durable, "add_file", broken)
        with pytest.raises(ArchiveRefused, match="targetFails") as found:
            registry.back_up(key=KEY, target=target, now=NOW)
        assert found.value.detail == os.strerror(number)
        assert registry.list_backups(target=target) == ()

    def test_that_cut_a_piece_short_since_is_found_at_the_next_pass_and_gets_no_record(
        self, target: FolderTarget, tmp_path: Path
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        piece = piece_of(target, tmp_path, PDF)
        piece.chmod(0o600)
        piece.write_bytes(PDF[:-1])
        said = f"targetLies.*{piece.name}.*{len(PDF) - 1} bytes of {len(PDF)}"
        with pytest.raises(ArchiveRefused, match=said):
            registry.back_up(key=KEY, target=target, now=LATER)
        assert registry.list_backups(target=target)[0].taken_at == NOW

    def test_that_keeps_other_bytes_since_is_found_when_it_is_the_turn_of_the_piece(
        self, target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        piece = piece_of(target, tmp_path, PDF)
        piece.chmod(0o600)
        piece.write_bytes(b"x" * len(PDF))
        monkeypatch.setattr(pieces, "TURNS", 1)
        with pytest.raises(ArchiveRefused, match=f"targetLies.*{piece.name}"):
            registry.back_up(key=KEY, target=target, now=LATER)
        assert registry.list_backups(target=target)[0].taken_at == NOW

    def test_reads_each_piece_back_once_in_its_turns(self, target: FolderTarget) -> None:
        sink = [pieces.PieceSink(target, turn=turn) for turn in range(pieces.TURNS)]
        sink[0].keep("a", [PDF])
        read: list[str] = []
        real = target.read

        def noted(name: str) -> bytes:
            read.append(name)
            return real(name)

        target.read = noted  # type: ignore[method-assign]
        for each in sink:
            each.keep("a", [PDF])
        assert len(read) == 1

    def test_gives_way_to_another_target(self, target: FolderTarget, tmp_path: Path) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        (tmp_path / "second").mkdir()
        assert registry.back_up(key=KEY, target=FolderTarget(tmp_path / "second"), now=LATER).number == 1
        assert registry.back_up(key=KEY, target=target, now=LAST).number == 2

    def test_with_one_damaged_record_still_gives_the_other_organizations(
        self, target: FolderTarget, tmp_path: Path
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        other = tmp_path / "target" / "records" / "01a20aee-1434-734a-989a-71178ea18aaf"
        other.mkdir()
        (other / "000000000001.json").write_bytes(b"{}\n{}\n")
        refused: dict[str, ArchiveRefused] = {}
        (good,) = registry.list_backups(target=target, refused=refused.__setitem__)
        assert (good.record.manifest.organization.key, list(refused)) == (KEY, [other.name])

    def test_that_lost_its_newest_record_is_found_at_the_next_pass(
        self, target: FolderTarget, tmp_path: Path
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        registry.back_up(key=KEY, target=target, now=LATER)
        newest = sorted((tmp_path / "target" / "records" / uuid()).iterdir())[-1]
        newest.unlink()
        with pytest.raises(ArchiveRefused, match="ends at 1, 2 was added"):
            registry.back_up(key=KEY, target=target, now=LAST)

    def test_that_puts_another_record_in_place_is_found_at_the_next_pass(
        self, target: FolderTarget, tmp_path: Path
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        (record,) = (tmp_path / "target" / "records" / uuid()).iterdir()
        kept = registry.list_backups(target=target)[0].record
        record.unlink()
        records.add(target, kept)  # signed, and not the same bytes: a signature holds chance
        with pytest.raises(ArchiveRefused, match="targetLies"):
            registry.back_up(key=KEY, target=target, now=LAST)

    def test_with_a_changed_piece_names_it(self, target: FolderTarget, tmp_path: Path) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        piece = piece_of(target, tmp_path, PDF)
        piece.chmod(0o600)
        piece.write_bytes(PDF[:-1] + b"x")
        found = refused(target, uuid())
        assert (found.reason, found.place) == ("changed", str(piece.relative_to(tmp_path / "target")))

    def test_with_a_missing_piece_names_it(self, target: FolderTarget, tmp_path: Path) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        piece = piece_of(target, tmp_path, PDF)
        piece.unlink()
        found = refused(target, uuid())
        assert (found.reason, found.place) == ("missing", str(piece.relative_to(tmp_path / "target")))

    def test_with_a_changed_or_missing_record_names_it(self, target: FolderTarget, tmp_path: Path) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        registry.back_up(key=KEY, target=target, now=LATER)
        who = uuid()
        first, second = sorted((tmp_path / "target" / "records" / who).iterdir())
        good = first.read_bytes()
        first.chmod(0o600)
        first.write_bytes(good.replace(b'"number":1', b'"number":7'))
        found = refused(target, who, at=NOW)
        assert (found.reason, found.place) == ("wrongSignature", f"records/{who}/{first.name}")
        first.write_bytes(second.read_bytes())
        with pytest.raises(ArchiveRefused, match="in the place of another record"):
            registry.restore(target=target, uuid=who, now=LAST, at=NOW)

    def test_with_a_gap_between_records_names_it_but_old_ones_may_go(
        self, target: FolderTarget, tmp_path: Path
    ) -> None:
        for number in range(3):
            registry.back_up(key=KEY, target=target, now=NOW + timedelta(minutes=number), is_first=False)
        first, second, _third = sorted((tmp_path / "target" / "records" / uuid()).iterdir())
        second.rename(tmp_path / "kept")
        with pytest.raises(ArchiveRefused, match=second.name):
            registry.restore(target=target, uuid=uuid(), now=LAST, replace=True)
        (tmp_path / "kept").rename(second)
        first.unlink()
        assert registry.back_up(key=KEY, target=target, now=LATER, is_first=False).number == 4
        assert registry.restore(target=target, uuid=uuid(), now=LAST, replace=True).number == 4

    def test_of_another_installation_asks_for_its_signer(
        self, target: FolderTarget, request: pytest.FixtureRequest
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        who = uuid()
        request.getfixturevalue("another_installation")
        unknown = refused(target, who)
        assert unknown.reason == "unknownSigner"
        assert refused_again(target, who, trusted=unknown.detail).reason == "codeNeeded"


class TestRestore:
    def test_puts_the_newest_state_back(
        self, filled: tuple[object, object], target: FolderTarget, installation: Path
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        before, who = counts(), uuid()
        tenants.delete(key=KEY)
        made = registry.restore(target=target, uuid=who, now=LATER)
        assert (made.findings, made.number, made.taken_at, made.erased) == ((), 1, NOW, 0)
        after = counts()
        assert {name: after[name] - count for name, count in before.items() if after[name] != count} == {
            "audit_leaf": 1}
        with tenants.bind(KEY):
            assert files.read(file=filled[0]).content == PDF
            assert audit.latest_head().root.hex() == made.root

    def test_puts_an_older_state_back_when_asked(
        self, filled: tuple[object, object], target: FolderTarget
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        with tenants.bind(KEY):
            files.keep(content=PDF + b"new", name="nieuw.pdf", now=LATER)
        registry.back_up(key=KEY, target=target, now=LATER)
        who = uuid()
        tenants.delete(key=KEY)
        registry.restore(target=target, uuid=who, now=LAST, at=NOW + timedelta(minutes=1))
        assert counts()["files_file"] == 1
        with pytest.raises(ArchiveRefused, match="no state as old as that"):
            registry.restore(target=target, uuid=who, now=LAST, at=NOW - timedelta(days=1))

    def test_takes_nothing_away_unless_asked_and_touches_nobody_else(
        self, filled: tuple[object, object], target: FolderTarget, other_tenant: object
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        with tenants.bind(KEY):
            files.keep(content=PDF + b"new", name="nieuw.pdf", now=LATER)
        neighbor = Path(settings.OCAPI.data) / "tenants" / other_tenant.key
        seen = {path: path.stat().st_mtime_ns for path in neighbor.rglob("*")}
        with pytest.raises((KeyTaken, AlreadyHere)):
            registry.restore(target=target, uuid=uuid(), now=LAST)
        assert counts()["files_file"] == 2
        registry.restore(target=target, uuid=uuid(), now=LAST, replace=True)
        assert counts()["files_file"] == 1
        assert {path: path.stat().st_mtime_ns for path in neighbor.rglob("*")} == seen

    def test_keeps_what_is_here_when_the_backup_is_damaged(
        self, filled: tuple[object, object], target: FolderTarget, tmp_path: Path
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        piece_of(target, tmp_path, PDF).unlink()
        with pytest.raises(ArchiveRefused, match="missing"):
            registry.restore(target=target, uuid=uuid(), now=LAST, replace=True)
        assert counts()["files_file"] == 1

    def test_erases_again_who_was_erased_since(
        self, filled: tuple[object, object], target: FolderTarget
    ) -> None:
        _file, person = filled
        registry.back_up(key=KEY, target=target, now=NOW)
        with tenants.bind(KEY):
            seen = audit.list_consultations(person=person, actor=self._reader(person), now=NOW)
            assert len(seen.items) == 1
            audit.forget_person(person=person, actor=actors.system("test"), now=LATER)
        registry.back_up(key=KEY, target=target, now=LATER)
        made = registry.restore(target=target, uuid=uuid(), now=LAST, at=NOW, replace=True)
        assert made.erased > 0
        assert made.findings == ()
        with tenants.bind(KEY):
            assert audit.list_consultations(person=person, actor=self._reader(person), now=LAST).items == ()
            assert ErasureRow.objects.count() == 1

    @staticmethod
    def _reader(person: object) -> actors.Actor:
        from ocapi.kernel.tenants.testing import a_citizen

        return a_citizen(person=person)

    def test_lists_erased_persons_by_a_hash_that_tells_nobody_who(
        self, filled: tuple[object, object]
    ) -> None:
        _file, person = filled
        with tenants.bind(KEY):
            audit.forget_person(person=person, actor=actors.system("test"), now=LATER)
            (row,) = ErasureRow.objects.all()
            lines = list(tenants.read_rows(erasures.TABLE))
        assert row.person_hash not in (str(person), hashlib.sha256(str(person).encode()).hexdigest())
        assert str(person).encode() not in lines[0]
        assert erasures.read(lines) == frozenset({row.person_hash})

    def test_says_what_does_not_hold_in_what_it_put_back(
        self, filled: tuple[object, object], target: FolderTarget
    ) -> None:
        with tenants.bind(KEY), connection.cursor() as cursor:
            jobs.enqueue(job="jobs.sign_daily_head", arguments={}, due_at=NOW)
            cursor.execute("UPDATE jobs_job SET state = 'running', lease_until = NULL")
        registry.back_up(key=KEY, target=target, now=NOW)
        made = registry.restore(target=target, uuid=uuid(), now=LATER, replace=True)
        (finding,) = made.findings
        assert finding.startswith("invariant jobs/work_without_lease does not hold")

    def test_says_so_when_the_verifier_is_not_there(
        self, filled: tuple[object, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(settings, "OCAPI", replace(settings.OCAPI, project=str(tmp_path)))
        with tenants.bind(KEY):
            assert proving.findings() == (proving.NO_VERIFIER,)

    def test_on_a_full_disk_is_refused(
        self, filled: tuple[object, object], target: FolderTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry.back_up(key=KEY, target=target, now=NOW)
        monkeypatch.setattr(checking.tenants, "free_bytes", lambda: 1)
        assert refused(target, uuid()).reason == "noSpace"


class TestPieces:
    def test_of_rows_stay_the_same_when_a_row_is_added_before_them(self) -> None:
        rows = [b"%d\n" % number for number in range(20_000)]
        before, after = set(pieces._by_row(rows)), set(pieces._by_row([b"new\n", *rows]))
        assert len(before) > 20
        assert len(after - before) == 1
        assert b"".join(pieces._by_row(rows)) == b"".join(rows)

    def test_of_files_have_one_size(self) -> None:
        made = list(pieces._by_size([b"x" * 5_000_000, b"y" * 5_000_000]))
        assert [len(piece) for piece in made] == [4 << 20, 4 << 20, 10_000_000 % (4 << 20)]
