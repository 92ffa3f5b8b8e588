"""Crash points end the process where they say. Not covered: whether each durable act has one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocapi.lib import crashpoint

PROGRAM = """
from ocapi.lib import crashpoint
for turn in range(3):
    crashpoint.point("outbox.relay.after_send")
    print(turn, flush=True)
"""


def run(setting: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CRASHPOINT": setting}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


class TestPoint:
    def test_does_nothing_without_the_variable(self) -> None:
        assert not crashpoint.is_armed()
        crashpoint.point("outbox.relay.after_send")

    def test_ends_the_process_at_the_nth_passage(self) -> None:
        ended = run("outbox.relay.after_send:2")
        assert (ended.returncode, ended.stdout) == (137, "0\n")

    def test_lets_other_points_pass(self) -> None:
        ended = run("outbox.relay.before_send:1")
        assert (ended.returncode, ended.stdout) == (0, "0\n1\n2\n")

    @pytest.mark.parametrize(
        "setting", ["outbox.relay:1", "outbox.relay.after_send:0", "outbox.relay.after_send"]
    )
    def test_refuses_a_setting_that_arms_nothing(self, setting: str) -> None:
        ended = run(setting)
        assert ended.returncode == 1
        assert "BadCrashPoint" in ended.stderr


class TestDeclaredIn:
    def test_collects_both_ways_of_calling_and_skips_tests(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text(
            "from ocapi.lib import crashpoint\n"
            "from ocapi.lib.crashpoint import point as here\n"
            "crashpoint.point('files.temp.before_write')\n"
            "here('files.temp.before_write')\n"
            "other.point('not.one')\n"
        )
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests" / "b.py").write_text(
            "from ocapi.lib import crashpoint\ncrashpoint.point('files.row.after_write')"
        )
        place = crashpoint.Place
        assert crashpoint.declared_in(tmp_path) == {
            "files.temp.before_write": [place(path="a.py", line=3), place(path="a.py", line=4)]
        }

    @pytest.mark.parametrize("argument", ["name", "'files.temp'", "f'files.{x}.before_write'"])
    def test_refuses_a_name_the_runner_cannot_list(self, tmp_path: Path, argument: str) -> None:
        (tmp_path / "a.py").write_text(f"from ocapi.lib import crashpoint\ncrashpoint.point({argument})\n")
        with pytest.raises(crashpoint.BadCrashPoint):
            crashpoint.declared_in(tmp_path)

    def test_lists_the_points_of_the_durable_module(self) -> None:
        names = crashpoint.declared_in(Path(crashpoint.__file__).parent)
        assert {"durable.write_file.before_rename", "durable.append.after_sync"} <= set(names)
