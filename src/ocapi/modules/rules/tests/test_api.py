"""The door of rules and its command, on a small kit. Not covered: the real kit (tests/conformance/dmn)."""

import argparse
from pathlib import Path

import pytest

from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.rules import api, commands
from ocapi.modules.rules.data import KitMissing

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:kit" name="sums">
<inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>
<decision id="d" name="double"><variable name="double"/>
<informationRequirement><requiredInput href="#x"/></informationRequirement>
<literalExpression><text>x * 2</text></literalExpression></decision></definitions>"""
CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><modelName>sums.dmn</modelName>
<testCase id="1"><inputNode name="x"><value xsi:type="xsd:decimal">2</value></inputNode>
<resultNode name="double"><expected><value xsi:type="xsd:decimal">4.000000001</value></expected>
</resultNode></testCase>
<testCase id="2"><inputNode name="x"><value xsi:type="xsd:string">a</value></inputNode>
<resultNode name="double" errorResult="true"><expected><value xsi:nil="true"/></expected>
</resultNode></testCase>
<testCase id="3"><inputNode name="x"><value xsi:type="xsd:decimal">2</value></inputNode>
<resultNode name="double"><expected><value xsi:type="xsd:decimal">5</value></expected></resultNode></testCase>
</testCases>"""


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    folder = tmp_path / "compliance-level-9" / "sums"
    folder.mkdir(parents=True)
    (folder / "sums.dmn").write_text(MODEL)
    (folder / "sums-test-01.xml").write_text(CASES)
    return tmp_path


def run(folder: Path, **options: object) -> int:
    values = {"failing": False, "passing": False, "list": None, **options}
    return commands.tck(argparse.Namespace(folder=folder, **values))


class TestRunKit:
    def test_counts_cases_and_names_what_fails(self, kit):
        report = api.run_kit(folder=kit, now=NOW)
        level, = report.levels
        assert (level.passed, level.total, level.null_baseline) == (2, 3, 1)
        assert report.passed == ("sums/1/double", "sums/2/double")
        assert [(each.id, each.expected, each.got) for each in report.failed] == [("sums/3/double", "5", "4")]

    def test_counts_a_model_that_is_refused_as_failed(self, kit):
        (kit / "compliance-level-9/sums/sums.dmn").write_text("<no/>")
        assert api.run_kit(folder=kit, now=NOW).levels[0].passed == 0

    def test_says_when_there_is_no_kit(self, tmp_path):
        with pytest.raises(KitMissing):
            api.run_kit(folder=tmp_path, now=NOW)


class TestCommand:
    def test_prints_the_score_and_what_fails(self, kit, capsys):
        assert run(kit, failing=True) == 0
        printed = capsys.readouterr().out
        assert "compliance-level-9 2 / 3" in printed
        assert "sums/3/double: expected 5, got 4" in printed

    def test_prints_a_pass_list_and_keeps_to_it(self, kit, tmp_path, capsys):
        assert run(kit, passing=True) == 0
        kept = tmp_path / "passed.txt"
        kept.write_text("# a remark\n" + capsys.readouterr().out)
        assert run(kit, list=kept) == 0
        kept.write_text(kept.read_text() + "sums/3/double\n")
        assert run(kit, list=kept) == 1
        assert "sums/3/double" in capsys.readouterr().err

    def test_says_when_there_is_no_kit(self, tmp_path, capsys):
        assert run(tmp_path) == 2
        assert "no test cases" in capsys.readouterr().err


@pytest.mark.usefixtures("tenant")
class TestPack:
    def test_is_loaded_once_and_answers(self):
        from ocapi.kernel.registry import api as registry
        from ocapi.lib.actor import system

        first = registry.load_pack(name="decisions", now=NOW)
        again = registry.load_pack(name="decisions", now=NOW)
        assert (first.written, first.refused, again.written, again.unchanged) == (4, (), 0, 4)
        facts = {"circumference_cm": 80, "tree_count": 1, "reason": "other"}
        found = api.evaluate(decision="Kapvergunning", facts=facts, actor=system("rules.test"), now=NOW)
        assert found.value == "free" and "Daarom geldt regel 1" in " ".join(found.words)

    def test_names_a_file_that_can_not_be_used(self):
        from ocapi.kernel.registry.extensions import PackFile
        from ocapi.modules.rules.adapters.packs import DecisionLoader

        file = PackFile(pack="p", version="1", kind="decision", path="x.dmn", raw=b"<no/>")
        made = DecisionLoader().load(file=file, now=NOW)
        assert made.written == 0 and "x.dmn" in made.refused[0].reason
