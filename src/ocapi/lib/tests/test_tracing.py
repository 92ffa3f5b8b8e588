"""Traces: ids, W3C's way of writing them, spans in files. Not covered: that a collector takes them in."""

import json
import os
from pathlib import Path

import pytest

from ocapi.lib.tracing import following, spans

TRACE_ID = "0190a5e0-7b1c-7c3a-9d2e-8f1a2b3c4d5e"
DIGITS = TRACE_ID.replace("-", "")


class TestFollowing:
    def test_is_of_the_block_and_of_what_was_before_again(self) -> None:
        following.follow("")
        with following.within("a"):
            with following.within(""):
                assert following.current() == ""
            assert following.current() == "a"
        assert following.current() == ""

    @pytest.mark.parametrize(("given", "digits"), [
        (TRACE_ID, DIGITS), (DIGITS, DIGITS), (DIGITS.upper(), DIGITS), ("", ""), ("0" * 32, ""), ("x-1", ""),
    ])
    def test_knows_a_trace_by_its_digits(self, given: str, digits: str) -> None:
        assert following.digits(given) == digits


class TestParent:
    def test_is_read_as_it_was_written(self) -> None:
        written = following.write_parent(DIGITS, "00f067aa0ba902b7")
        assert written == f"00-{DIGITS}-00f067aa0ba902b7-01"
        assert following.read_parent(written) == (DIGITS, "00f067aa0ba902b7")

    @pytest.mark.parametrize("value", [
        "", "x", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{DIGITS}-{'0' * 16}-01",
        f"ff-{DIGITS}-00f067aa0ba902b7-01", f"00-{DIGITS}-00f067aa0ba902b7-01-more",
        f"00-{DIGITS.upper()}-00F067AA0BA902B7-01", f"00-{DIGITS}-00f067aa0ba902b7-01\n",
    ])
    def test_of_another_form_is_no_parent(self, value: str) -> None:
        assert following.read_parent(value) == ("", "")


class TestSpans:
    def test_cost_nothing_and_let_failures_through_when_they_are_off(self) -> None:
        assert spans.span("a", trace_id=TRACE_ID) is spans.NO_SPAN
        with pytest.raises(KeyError), spans.span("a") as span:
            span.note("b", 1)
            raise KeyError
        assert spans.NO_SPAN.parent == ""

    def test_are_refused_by_name_without_the_package(self, monkeypatch, tmp_path: Path) -> None:
        monkeypatch.setattr(spans, "find_spec", lambda name: None)
        with pytest.raises(spans.NotInstalled):
            spans.begin("web", folder=tmp_path, percent=1)
        spans.begin("web", folder=tmp_path, percent=0)
        assert spans.span("a", trace_id=TRACE_ID) is spans.NO_SPAN


class TestRecordedSpans:
    def recorded(self, folder: Path) -> list[dict]:
        spans.end()
        lines = (folder / "web.jsonl").read_text().splitlines()
        found = [json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"] for line in lines]
        return [span for batch in found for span in batch]

    def test_stand_in_the_trace_below_who_asked(self, tmp_path: Path) -> None:
        spans.begin("web", folder=tmp_path, percent=100)
        with spans.span("outer", trace_id=TRACE_ID) as outer:
            outer.note("status", 200)
            with spans.span("inner", trace_id=TRACE_ID, parent=outer.parent):
                pass
        with following.within(TRACE_ID), spans.span("later"):
            pass
        inner, outer_told, later = self.recorded(tmp_path)
        assert {each["traceId"] for each in (inner, outer_told, later)} == {DIGITS}
        assert inner["parentSpanId"] == outer_told["spanId"]
        assert ("parentSpanId" in outer_told, "parentSpanId" in later) == (False, False)
        assert outer_told["attributes"] == [{"key": "status", "value": {"intValue": "200"}}]

    def test_tell_the_kind_of_a_failure_and_never_its_text(self, tmp_path: Path) -> None:
        spans.begin("web", folder=tmp_path, percent=100)
        with pytest.raises(ValueError, match="canary"), spans.span("a", trace_id=TRACE_ID):
            raise ValueError("canary")
        (told,) = self.recorded(tmp_path)
        assert told["status"] == {"code": 2}
        assert (told["attributes"][0]["value"]["stringValue"], "canary" in str(told)) == ("ValueError", False)

    def test_are_of_the_same_traces_in_each_process_and_of_none_without_an_id(self, tmp_path: Path) -> None:
        spans.begin("web", folder=tmp_path, percent=25)
        seldom, often = f"{DIGITS[:24]}f0000000", f"{DIGITS[:24]}3f000000"
        with following.within(""):  # whatever a test before this one followed
            found = [
                spans.span("a", trace_id=each) is spans.NO_SPAN for each in (seldom, often, "", "proef-1")
            ]
        spans.end()
        assert found == [True, False, True, True]

    def test_stay_away_when_the_disk_takes_none(self, tmp_path: Path) -> None:
        spans.begin("web", folder=tmp_path, percent=100)
        os.mkdir(tmp_path / "web.jsonl")
        with spans.span("a", trace_id=TRACE_ID):
            pass
        spans.end()
