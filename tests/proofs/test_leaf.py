"""When an earlier run of the suite may stand for a new one. Not covered: that run, see `ocapi proof leaf`."""

from pathlib import Path

import pytest

from tests.proofs.leaf import earlier


def project(folder: Path) -> Path:
    """Make a project of two files, whose suite told something."""
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text("x = 1\n")
    (folder / "Makefile").write_text("test:\n")
    return folder


class TestEarlierRun:
    def test_stands_for_a_new_one_by_the_same_code(self, tmp_path: Path) -> None:
        its = project(tmp_path)
        earlier.begun(its / "told", its)
        earlier.passed(its / "told")
        (its / "src" / "__pycache__").mkdir()
        (its / "src" / "__pycache__" / "a.pyc").write_text("made")
        assert earlier.is_of_this_code(its / "told", its)

    def test_that_did_not_pass_stands_for_nothing(self, tmp_path: Path) -> None:
        its = project(tmp_path)
        assert not earlier.is_of_this_code(its / "told", its)
        earlier.begun(its / "told", its)
        assert not earlier.is_of_this_code(its / "told", its)

    @pytest.mark.parametrize(("name", "text"), [
        ("src/a.py", "x = 2\n"), ("src/b.py", ""), ("Makefile", "all:\n"),
    ])
    def test_stands_for_nothing_once_a_file_changed(self, tmp_path: Path, name: str, text: str) -> None:
        its = project(tmp_path)
        earlier.begun(its / "told", its)
        (its / name).write_text(text)  # also while the suite runs
        earlier.passed(its / "told")
        assert not earlier.is_of_this_code(its / "told", its)
