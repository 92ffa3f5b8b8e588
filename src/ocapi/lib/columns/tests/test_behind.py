"""Readings of the log behind the files. Not here: what answers are made of them."""

from pathlib import Path
from typing import Any

import pytest

from ocapi.lib import batched, codec, seglog
from ocapi.lib.columns import answering, behind, readings

STREAM = "urn:ocapi:sensorthings:Datastreams:1"
COMPONENTS = ("phenomenonTime", "result", "resultTime")
ROWS: list[list[Any]] = [
    ["2026-11-28T09:00:00Z", 1, "2026-11-28T09:00:01Z"], ["2026-11-28T11:00:00+01:00", 2.5, "x"],
    ["2026-11-28T08:00:00Z", "warm", "2026-11-28T09:00:01Z"], ["2026-11-28T09:30:00.25Z", True, "x"],
]  # fmt: skip


def an_array(newest: int, *, entity: str = STREAM, rows: list[list[Any]] = ROWS) -> dict[str, Any]:
    """Give the record of an array as the log holds it."""
    record = batched.readings(
        rows, entity=entity, types=("T",), scopes=(), made="2026-11-01T00:00:00Z",
        now="2026-11-28T10:00:00Z", components=COMPONENTS, links={"FeatureOfInterest": "1"}, newest=newest,
    )  # fmt: skip
    found = codec.decode_untyped(codec.encode_record(record), max_bytes=seglog.MAX_PAYLOAD_BYTES)
    assert isinstance(found, dict)
    return found


def kept(folder: Path, *records: dict[str, Any], after: int = 0, until: int = 99) -> behind.Log:
    """Write a log; gives which of its records count."""
    writer = seglog.Writer(folder)
    writer.append([codec.encode_record(each) for each in records])
    writer.close()
    return behind.Log(folder=str(folder), after=after, until=until)


def parameters(**more: Any) -> dict[str, Any]:
    return {"entities": [STREAM], "attributes": [], "property": "observedAt", "from_at": None,
            "to_at": None, "most": 9, "last_n": 0, **more}  # fmt: skip


def values(log: behind.Log, **more: Any) -> list[str]:
    """Give what is answered, as texts."""
    found = answering.answer(answering.Question(
        name="history", files=[], parameters=parameters(**more), log=log
    ))  # fmt: skip
    if "error" in found:
        return [found["error"]]
    at = found["columns"].index("instance")
    said = [codec.decode_untyped(row[at].encode(), max_bytes=9_999) for row in found["rows"]]
    return [str(each["value"]) for each in said if isinstance(each, dict)]


class TestArray:
    @pytest.mark.parametrize("newest", [-1, 0, 1, 3])
    def test_gives_the_rows_its_records_give(self, newest: int) -> None:
        record = an_array(newest)
        one_by_one: list[readings.Reading] = []
        for each in batched.expanded(record):
            rows = readings.of_record(each, 7)
            one_by_one += [row._replace(place=len(one_by_one) + n) for n, row in enumerate(rows)]
        assert readings.of_record(record, 7) == one_by_one


class TestLog:
    def test_gives_what_no_file_holds_of_the_entities_asked_for(self, tmp_path: Path) -> None:
        other = an_array(1, entity=f"{STREAM}0", rows=[["2026-11-28T09:00:00Z", 7, "x"]])
        log = kept(tmp_path, an_array(-1, rows=ROWS[:1]), other, an_array(1), after=1)
        assert values(log) == ["warm", "1", "True", "2.5"]
        assert values(log, from_at="2026-11-28T09:30:00Z", to_at="2026-11-28T10:00:00Z") == ["True"]
        assert values(log, last_n=1) == ["2.5"]
        assert values(behind.Log(folder=log.folder, after=0, until=1)) == ["1"]

    def test_leaves_out_what_was_taken_away_since(self, tmp_path: Path) -> None:
        gone = {"kind": "forget", "id": STREAM, "attribute": "", "row_sequence": -1, "row_place": -1,
                "observed_at": "2026-11-28T08:00:00Z"}  # fmt: skip
        assert values(kept(tmp_path, an_array(1), gone)) == ["1", "True", "2.5"]

    def test_is_refused_when_too_much_of_it_waits_or_it_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = kept(tmp_path / "a", an_array(1))
        monkeypatch.setattr(behind, "MOST", 3)
        assert values(log) == ["TooMany"]
        assert values(log, from_at="2026-11-28T09:30:00Z") == ["True", "2.5"]
        segment = next((tmp_path / "a").iterdir())
        raw = bytearray(segment.read_bytes())
        segment.write_bytes(bytes(raw[:-1]))
        assert values(log) == []  # a torn tail was not acknowledged
