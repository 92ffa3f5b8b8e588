"""Tables as sheets and back. Not covered: answering (test_tables), screens (modules/rules)."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import dmn
from ocapi.lib.dmn import sheets
from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.tests.fees import fees

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def answer(raw: bytes, **facts: object) -> object:
    return dmn.load(raw).evaluate("Leges", facts, now=NOW).value


class TestWriting:
    def test_changes_what_was_changed_and_nothing_else(self):
        raw = fees(extra="<!-- blijft --><textAnnotation id='x'><text>hallo</text></textAnnotation>")
        sheet, = sheets.read_sheets(raw)
        first = replace(sheet.lines[0], outputs=("12",), note="nieuw tarief")
        made = sheets.write_sheet(raw, 0, replace(sheet, lines=(first, *sheet.lines[1:])))
        assert answer(made, oppervlakte=20) == 12 and b"<!-- blijft -->" in made and b"hallo" in made
        assert sheets.read_sheets(made)[0].lines[0].note == "nieuw tarief"

    def test_makes_a_new_input_known_to_the_decision(self):
        raw = fees()
        sheet = sheets.with_input(sheets.read_sheets(raw)[0], "inwoner")
        lines = (replace(sheet.lines[0], inputs=("< 50", "true")), *sheet.lines[1:])
        made = sheets.write_sheet(raw, 0, replace(sheet, lines=lines))
        assert dmn.load(made).problems == ()
        assert answer(made, oppervlakte=20, inwoner=True) == 10
        assert answer(made, oppervlakte=20, inwoner=False) is None

    def test_adds_moves_and_removes_rules_and_columns(self):
        raw = fees()
        sheet = sheets.with_line(sheets.read_sheets(raw)[0], 1)
        sheet = replace(sheet, policy="FIRST", lines=(*sheet.lines[:2], replace(
            sheet.lines[2], inputs=("-",), outputs=("0",))))
        made = sheets.write_sheet(raw, 0, sheets.moved_up(sheets.moved_up(sheet, 2), 1))
        assert answer(made, oppervlakte=20) == 0
        again = sheets.without_line(sheets.read_sheets(made)[0], 0)
        assert answer(sheets.write_sheet(made, 0, again), oppervlakte=20) == 10
        wider = sheets.write_sheet(raw, 0, sheets.with_output(sheet, "reden"))
        assert len(sheets.read_sheets(wider)[0].outputs) == 2
        narrow = sheets.without_column(sheets.read_sheets(wider)[0], 2)
        assert len(narrow.outputs) == 1 and sheets.without_column(narrow, 1) == narrow
        assert sheets.without_column(narrow, 0).inputs == ()

    @pytest.mark.parametrize("policy", sheets.POLICIES)
    def test_keeps_every_hit_policy(self, policy):
        made = sheets.write_sheet(fees(), 0, replace(sheets.read_sheets(fees())[0], policy=policy))
        assert sheets.read_sheets(made)[0].policy == policy

    def test_begins_with_a_model_that_answers(self):
        made = sheets.blank('Leges <"kap">')
        assert dmn.load(made).problems == () and len(sheets.read_sheets(made)) == 1

    @settings(max_examples=25, deadline=None)
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
    def test_holds_any_text_in_a_cell(self, text):
        sheet = sheets.read_sheets(fees())[0]
        line = replace(sheet.lines[0], inputs=(text,), outputs=(text,), note=text)
        made = sheets.read_sheets(sheets.write_sheet(
            fees(), 0, replace(sheet, lines=(line, *sheet.lines[1:]))))[0].lines[0]
        assert (made.inputs[0], made.outputs[0], made.note) == (text.strip(), text.strip(), text.strip())

    @pytest.mark.parametrize("raw", [b"<x/>", b"geen xml", b"<!DOCTYPE a><a/>"])
    def test_refuses_what_is_no_model(self, raw):
        with pytest.raises(ModelRefused):
            sheets.read_sheets(raw)

    def test_refuses_a_sheet_that_is_too_large(self):
        sheet = sheets.read_sheets(fees())[0]
        with pytest.raises(ModelRefused):
            replace(sheet, lines=sheet.lines * 300)


class TestKit:
    def test_reads_every_table_of_the_kit_and_writes_it_back_the_same(self, shared, capsys):
        files = sorted(Path(shared / "conformance" / "dmn-tck").rglob("*.dmn"))
        passed = total = 0
        for path in files:
            raw = path.read_bytes()
            for place, sheet in enumerate(sheets.read_sheets(raw)):
                total += 1
                passed += sheets.read_sheets(sheets.write_sheet(raw, place, sheet))[place] == sheet
        with capsys.disabled():
            print(f"\ntables of the DMN kit written back the same: {passed} / {total}")
        assert passed == total > 0
