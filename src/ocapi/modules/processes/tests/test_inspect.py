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

    def test_keeps_lines_short_and_says_when_there_is_no_process(self, tmp_path, capsys):
        path, none = tmp_path / "long.bpmn", tmp_path / "none.bpmn"
        path.write_bytes(process(f'<serviceTask id="{"a" * 10_000}"/>', key="p" * 5_000))
        none.write_bytes(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>')
        assert run(path, none) == 0
        told = capsys.readouterr().out
        assert max(len(line) for line in told.splitlines()) < 400 + len(str(path))
        assert "it holds no process" in told

    @pytest.mark.parametrize(("raw", "said"), [
        ("<a/>".encode("utf-16"), "save it again in UTF-8"), (b"PK\x03\x04", "not correct XML"),
        (b"<!DOCTYPE a><a/>", "(DTD)"), (b"<a/>", "the root is not bpmn:definitions"),
    ])
    def test_says_in_words_why_a_file_cannot_be_read(self, tmp_path, capsys, raw, said):
        path = tmp_path / "odd.bpmn"
        path.write_bytes(raw)
        assert run(path) == 1
        assert said in capsys.readouterr().err

    def test_ends_with_1_when_a_file_cannot_be_read(self, good, tmp_path, capsys):
        bad = tmp_path / "bad.bpmn"
        bad.write_bytes(b"<a")
        assert run(bad, good) == 1
        told = capsys.readouterr()
        assert "can't be read" in told.err
        assert "1 of 1 executable" in told.out
