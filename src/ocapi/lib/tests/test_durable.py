"""Files of record survive kills and power cuts. Not covered: real disks that lie about a finished sync."""

import errno
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ocapi.lib import durable
from ocapi.lib.tests.powerloss import PowerLossFileSystem

FOLDER = Path("/data")
FILE = FOLDER / "record"
OLD, NEW = b"old" * 400, b"new" * 700


class FailingSync(durable.FileSystem):
    def data_sync(self, handle: int) -> None:
        raise OSError(errno.EIO, "input/output error")


class FullDisk(durable.FileSystem):
    def write(self, handle: int, data: bytes) -> None:
        super().write(handle, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "no space left on device")


def lost_in_cuts(*, syncs: bool = True, syncs_names: bool = True) -> int:
    """Cut the power at each act of one replacement; count the disks with neither the old nor the new."""
    bad = 0
    for cut in range(2, 40):
        for seed in range(6):
            disk = PowerLossFileSystem(syncs=syncs, syncs_names=syncs_names)
            durable.make_directory(FOLDER, file_system=disk)
            durable.write_file(FILE, OLD, file_system=disk)
            disk.power_off_after = disk.acts + cut - 2
            acknowledged = False
            try:
                durable.write_file(FILE, NEW, file_system=disk)
                acknowledged = True
            except OSError:
                pass
            left = disk.disk_after_cut(random.Random(seed))
            found = left.read(FILE) if FILE in left.files else None
            bad += found not in ((NEW,) if acknowledged else (OLD, NEW))
    return bad


class TestWriteFile:
    def test_puts_the_whole_content_and_leaves_no_temporary_file(self, tmp_path: Path) -> None:
        durable.write_file(tmp_path / "a", OLD)
        durable.write_file(tmp_path / "a", NEW)
        assert durable.read_file(tmp_path / "a") == NEW
        assert os.listdir(tmp_path) == ["a"]

    def test_leaves_the_old_or_the_new_file_at_every_power_cut(self) -> None:
        assert lost_in_cuts() == 0

    def test_canary_without_sync_of_the_directory_must_lose(self) -> None:
        assert lost_in_cuts(syncs_names=False) > 0

    def test_canary_without_sync_of_the_content_must_lose(self) -> None:
        assert lost_in_cuts(syncs=False) > 0

    def test_keeps_the_old_file_when_the_disk_is_full(self, tmp_path: Path) -> None:
        durable.write_file(tmp_path / "a", OLD)
        with pytest.raises(OSError, match="no space"):
            durable.write_file(tmp_path / "a", NEW, file_system=FullDisk())
        assert (durable.read_file(tmp_path / "a"), os.listdir(tmp_path)) == (OLD, ["a"])

    def test_does_not_acknowledge_a_failed_sync(self, tmp_path: Path) -> None:
        with pytest.raises(durable.SyncFailed):
            durable.write_file(tmp_path / "a", NEW, file_system=FailingSync())
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize(
        "moment", ["before_write", "before_sync", "before_rename", "after_rename", "after_sync"]
    )
    def test_leaves_a_whole_file_when_killed(self, tmp_path: Path, moment: str) -> None:
        program = (
            "import sys; from pathlib import Path; from ocapi.lib import durable\n"
            "durable.write_file(Path(sys.argv[1]), b'old'); durable.write_file(Path(sys.argv[1]), b'new')"
        )
        environment = {**os.environ, "CRASHPOINT": f"durable.write_file.{moment}:2"}
        ended = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "a")], env=environment, timeout=30, check=False
        )
        assert ended.returncode == 137
        expected = b"old" if moment.startswith("before") else b"new"
        assert durable.read_file(tmp_path / "a") == expected


class TestAppender:
    def test_gives_offsets_and_continues_after_reopening(self, tmp_path: Path) -> None:
        with durable.Appender(tmp_path / "log") as log:
            assert [log.append(b"one"), log.append(b"four")] == [0, 3]
            log.sync()
        with durable.Appender(tmp_path / "log") as log:
            assert log.append(b"!") == 7

    def test_never_writes_again_after_a_failed_sync(self, tmp_path: Path) -> None:
        log = durable.Appender(tmp_path / "log", file_system=FailingSync())
        log.append(b"one")
        with pytest.raises(durable.SyncFailed):
            log.sync()
        for act in (log.sync, lambda: log.append(b"two")):
            with pytest.raises(durable.Poisoned):
                act()

    def test_cuts_a_half_write_back_when_the_disk_is_full(self, tmp_path: Path) -> None:
        durable.write_file(tmp_path / "log", b"whole")
        log = durable.Appender(tmp_path / "log", file_system=FullDisk())
        with pytest.raises(OSError, match="no space"):
            log.append(b"halved")
        assert durable.read_file(tmp_path / "log") == b"whole"

    @pytest.mark.parametrize(("sync_first", "loses"), [(True, False), (False, True)])
    def test_keeps_what_was_acknowledged_after_sync_and_the_canary_loses(
        self, sync_first: bool, loses: bool
    ) -> None:
        lost = 0
        for cut in range(40):
            disk = PowerLossFileSystem()
            durable.make_directory(FOLDER, file_system=disk)
            log = durable.Appender(FILE, file_system=disk)
            disk.power_off_after = disk.acts + cut
            acknowledged = b""
            try:
                for turn in range(16):
                    log.append(bytes([turn]) * 300)
                    acknowledged += b"" if sync_first else bytes([turn]) * 300
                    log.sync()
                    acknowledged += bytes([turn]) * 300 if sync_first else b""
            except OSError:
                pass
            lost += not disk.disk_after_cut(random.Random(cut)).read(FILE).startswith(acknowledged)
        assert (lost > 0) is loses


class TestStreamWriter:
    def test_names_the_file_by_what_it_hashed(self, tmp_path: Path) -> None:
        with durable.StreamWriter(tmp_path) as writer:
            for chunk in (b"a" * 5, b"b" * 7):
                writer.write(chunk)
            writer.commit(tmp_path / writer.sha256)
        digest = hashlib.sha256(b"aaaaabbbbbbb").hexdigest()
        assert (writer.size, os.listdir(tmp_path)) == (12, [digest])

    def test_leaves_nothing_when_the_block_ends_without_commit(self, tmp_path: Path) -> None:
        with durable.StreamWriter(tmp_path) as writer:
            writer.write(b"half")
        assert os.listdir(tmp_path) == []

    def test_refuses_writes_after_the_commit(self, tmp_path: Path) -> None:
        with durable.StreamWriter(tmp_path) as writer:
            writer.commit(tmp_path / "empty")
            with pytest.raises(durable.Poisoned):
                writer.write(b"late")


class TestDirectoriesAndMoves:
    def test_makes_missing_parents_and_accepts_existing_ones(self, tmp_path: Path) -> None:
        durable.make_directory(tmp_path / "a" / "b")
        durable.make_directory(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b").is_dir()

    def test_a_made_directory_survives_a_power_cut(self) -> None:
        disk = PowerLossFileSystem()
        durable.make_directory(FOLDER / "deep", file_system=disk)
        assert all(
            FOLDER / "deep" in disk.disk_after_cut(random.Random(seed)).directories for seed in range(8)
        )

    def test_moves_a_foreign_file_into_place(self, tmp_path: Path) -> None:
        (tmp_path / "made.tmp").write_bytes(NEW)
        durable.replace_into(tmp_path / "made.tmp", tmp_path / "made")
        assert os.listdir(tmp_path) == ["made"]

    def test_refuses_to_move_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            durable.replace_into(tmp_path / "none.tmp", tmp_path / "none")
        assert os.listdir(tmp_path) == []

    def test_tells_whether_a_removed_file_existed(self, tmp_path: Path) -> None:
        durable.write_file(tmp_path / "a", OLD)
        assert [durable.remove_file(tmp_path / "a"), durable.remove_file(tmp_path / "a")] == [True, False]

    def test_removes_a_whole_tree_once(self, tmp_path: Path) -> None:
        durable.make_directory(tmp_path / "a" / "b")
        durable.write_file(tmp_path / "a" / "b" / "c", OLD)
        assert [durable.remove_tree(tmp_path / "a"), durable.remove_tree(tmp_path / "a")] == [True, False]
        assert os.listdir(tmp_path) == []
