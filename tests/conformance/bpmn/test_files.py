"""Real BPMN files are read and judged. Not covered here: executing them (modules/processes)."""

from pathlib import Path

import pytest

from ocapi.lib.bpmn import inspect
from ocapi.lib.bpmn.model import Kind
from ocapi.lib.bpmn.reader import read
from tests.conformance.bpmn.__main__ import AREAS, failures, files


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "processes"


class TestFiles:
    def test_are_all_read_and_judged(self, folder, capsys):
        wrong = {area: failures(folder / area) for area in AREAS}
        with capsys.disabled():
            print()
            for area, total in AREAS.items():
                print(f"bpmn {area} {len(files(folder / area)) - len(wrong[area])} / {total}")
        assert wrong == {area: [] for area in AREAS}
        assert {area: len(files(folder / area)) for area in AREAS} == AREAS

    def test_keep_every_flow_node_that_is_drawn(self, folder):
        for area in AREAS:
            for path in files(folder / area):
                raw = path.read_bytes()
                kept = sum(len(process.nodes) for process in read(raw).processes)
                assert kept == drawn(raw), path.name

    def test_name_a_foreign_expression_and_what_to_write(self, folder):
        report = inspect((folder / "dimpact" / "bpmn-beroep.bpmn").read_bytes())
        reasons = {finding.reason for finding in report.processes[0].reasons}
        assert reasons == {"notFeel", "connectorMissing"}


def drawn(raw: bytes) -> int:
    from ocapi.lib import xml
    from ocapi.lib.bpmn.xml_parts import local

    names = {kind.value for kind in Kind}
    return sum(1 for each in xml.parse(raw).iter() if local(each) in names)
