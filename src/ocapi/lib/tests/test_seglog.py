"""The log keeps what it acknowledged. Not covered: quarantine and alarms, which the capture module raises."""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ocapi.lib import durable, seglog
from ocapi.lib.tests.powerloss import PowerLossFileSystem

LOG = Path("/log")
PROGRAM = """
import sys
from pathlib import Path
from ocapi.lib import seglog
writer = seglog.Writer(Path(sys.argv[1]), segment_bytes=200)
for turn in range(20):
    print(writer.append([b"x%d" % turn, b"y" * 60]), flush=True)
"""


def payloads(folder: Path, *, after_sequence: int = 0) -> list[bytes]:
    return [record.payload for record in seglog.read(folder, after_sequence=after_sequence)]


class TestWriter:
    def test_counts_without_gaps_over_segments_and_restarts(self, tmp_path: Path) -> None:
        for turn in range(3):
            writer = seglog.Writer(tmp_path, segment_bytes=150)
            assert writer.append([b"a" * 50, b"b"]) == turn * 4 + 2
            assert writer.append([b"c" * 50, b"d"]) == turn * 4 + 4
            writer.close()
        assert len(seglog.segment_names(tmp_path)) > 1
        assert [record.sequence for record in seglog.read(tmp_path)] == list(range(1, 13))
        assert payloads(tmp_path, after_sequence=10) == [b"c" * 50, b"d"]

    def test_acknowledges_an_empty_batch_with_the_last_sequence(self, tmp_path: Path) -> None:
        writer = seglog.Writer(tmp_path)
        assert [writer.append([b"a"]), writer.append([])] == [1, 1]

    @pytest.mark.parametrize("payload", [b"", b"x" * (seglog.MAX_PAYLOAD_BYTES + 1)])
    def test_refuses_a_payload_and_writes_none_of_its_batch(self, tmp_path: Path, payload: bytes) -> None:
        writer = seglog.Writer(tmp_path)
        with pytest.raises(seglog.PayloadRefused):
            writer.append([b"good", payload])
        assert payloads(tmp_path) == []

    def test_gives_every_thread_its_own_durable_sequences(self, tmp_path: Path) -> None:
        writer, acknowledged = seglog.Writer(tmp_path, segment_bytes=2000), []

        def work(name: int) -> None:
            for turn in range(25):
                content = b"%d-%d" % (name, turn)
                acknowledged.append((writer.append([content]), content))

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writer.close()
        assert sorted(acknowledged) == [tuple(record) for record in seglog.read(tmp_path)]

    def test_never_acknowledges_after_a_failed_sync(self) -> None:
        class FailingSync(PowerLossFileSystem):
            def data_sync(self, handle: int) -> None:
                raise OSError("no")

        writer = seglog.Writer(LOG, file_system=FailingSync())
        with pytest.raises(durable.SyncFailed):
            writer.append([b"a"])
        with pytest.raises(durable.Poisoned):
            writer.append([b"b"])


class TestRecovery:
    @pytest.mark.parametrize("cut", [1, 4, 20, 35])
    def test_cuts_a_torn_tail_and_goes_on(self, tmp_path: Path, cut: int) -> None:
        writer = seglog.Writer(tmp_path)
        writer.append([b"whole"])
        writer.append([b"torn"])
        segment = tmp_path / seglog.segment_names(tmp_path)[0]
        os.truncate(segment, segment.stat().st_size - cut)
        assert payloads(tmp_path) == [b"whole"]
        again = seglog.Writer(tmp_path)
        assert again.cut_bytes == seglog.HEADER.size + 4 - cut
        assert again.append([b"next"]) == 2
        assert payloads(tmp_path) == [b"whole", b"next"]

    @pytest.mark.parametrize("place", [0, 8, 30, seglog.HEADER.size + 1])
    def test_raises_on_damage_before_the_tail(self, tmp_path: Path, place: int) -> None:
        writer = seglog.Writer(tmp_path)
        for payload in (b"first", b"second", b"third"):
            writer.append([payload])
        segment = tmp_path / seglog.segment_names(tmp_path)[0]
        raw = bytearray(segment.read_bytes())
        raw[place] ^= 1
        segment.write_bytes(raw)
        with pytest.raises(seglog.CorruptSegment):
            seglog.Writer(tmp_path)
        with pytest.raises(seglog.CorruptSegment):
            payloads(tmp_path)

    def test_raises_when_a_segment_is_missing(self, tmp_path: Path) -> None:
        writer = seglog.Writer(tmp_path, segment_bytes=10)
        for payload in (b"first", b"second", b"third"):
            writer.append([payload])
        (tmp_path / seglog.segment_names(tmp_path)[1]).unlink()
        with pytest.raises(seglog.CorruptSegment):
            payloads(tmp_path)

    def test_keeps_everything_acknowledged_at_every_power_cut(self) -> None:
        assert lost_in_cuts(syncs=True) == 0

    def test_canary_that_acknowledges_without_sync_must_lose(self) -> None:
        assert lost_in_cuts(syncs=False) > 0

    @pytest.mark.parametrize(
        "setting",
        [
            "capture.append.before_write:7",
            "capture.append.after_write:7",
            "capture.append.before_sync:7",
            "capture.append.after_sync:7",
            "capture.roll.before_sync:3",
            "capture.roll.after_sync:3",
            "capture.roll.after_open:3",
        ],
    )
    def test_keeps_everything_acknowledged_when_killed(self, tmp_path: Path, setting: str) -> None:
        environment = {**os.environ, "CRASHPOINT": setting}
        command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert ended.returncode == 137
        acknowledged = int(ended.stdout.split()[-1])
        writer = seglog.Writer(tmp_path)
        assert acknowledged <= writer.last_sequence <= acknowledged + 2
        assert len(payloads(tmp_path)) == writer.last_sequence


def lost_in_cuts(*, syncs: bool) -> int:
    """Cut the power at each act of a small workload; count the disks that lack something acknowledged."""
    lost = 0
    for cut in range(70):
        for seed in range(3):
            disk = PowerLossFileSystem(power_off_after=cut, syncs=syncs)
            acknowledged: list[bytes] = []
            try:
                writer = seglog.Writer(LOG, segment_bytes=3000, file_system=disk)
                for turn in range(12):
                    batch = [bytes([turn, place]) * 350 for place in range(3)]
                    writer.append(batch)
                    acknowledged += batch
            except OSError:
                pass
            left = disk.disk_after_cut(random.Random(cut * 10 + seed))
            try:
                writer = seglog.Writer(LOG, file_system=left)
                writer.append([b"after"])
                found = [record.payload for record in seglog.read(LOG, file_system=left)]
            except seglog.CorruptSegment:
                found = []
            lost += found[: len(acknowledged)] != acknowledged or found[-1:] != [b"after"]
    return lost
