"""The process that a proof asks line by line. Not covered: the programs that run in it."""

import sys
from pathlib import Path

from tests.proofs.inside import Inside

OPERATIONS = {"read_input": lambda: sys.stdin.read()}


class TestInside:
    def test_gives_a_command_that_reads_standard_input_its_end_at_once(self, tmp_path: Path) -> None:
        program = Inside(tmp_path, "tests.proofs.test_inside", log=tmp_path / "log")
        try:
            assert [program.ask("read_input") for _each in range(2)] == ["", ""]
        finally:
            program.close()
