"""`ocapi processes inspect`. Not covered: what is judged how (lib/tests/test_bpmn_reading)."""

import argparse
from pathlib import Path

import pytest

from ocapi.lib.tests.bpmn_models import process
from ocapi.modules.processes import commands


def run(*files: Path, kept: bool = False) -> int:
    return commands.inspect(argparse.Namespace(files=list(files), kept=kept))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.bpmn"
    flow = '<sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
    path.write_bytes(process(f'<startEvent id="s"/><task id="t"/>{flow}'))
    return path


class TestInspect:
    def test_says_yes_and_what_is_passed_at_once(self, good, capsys):
        assert run(good, kept=True) == 0
        told = capsys.readouterr().out
        assert "1 of 1 executable" in told
        assert "passed at once" in told

    def test_names_element_kind_and_reason_and_still_ends_well(self, tmp_path, capsys):
        path = tmp_path / "no.bpmn"
        path.write_bytes(process('<serviceTask id="pay"/>'))
        assert run(path) == 0
        assert "pay serviceTask (line 1): the task names no connector" in capsys.readouterr().out

    def test_ends_with_1_when_a_file_cannot_be_read(self, good, tmp_path, capsys):
        bad = tmp_path / "bad.bpmn"
        bad.write_bytes(b"<a")
        assert run(bad, good) == 1
        told = capsys.readouterr()
        assert "can't be read" in told.err
        assert "1 of 1 executable" in told.out
