"""Readings of one series are found from few of them. Does not cover what answers are made of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ocapi.lib.columns import answering, readings

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SERIES = "urn:x:1"


def a_reading(minute: int, value: int, *, sequence: int, entity: str = SERIES) -> readings.Reading:
    """Give one version of a reading."""
    at = BEGIN + timedelta(minutes=minute)
    return readings.Reading(
        entity=entity, attribute="a", dataset="", kind="Property", observed_at=at, modified_at=at,
        created_at=at, number=float(value), text=str(value), instance=str(value), types="[]",
        sequence=sequence, place=0,
    )  # fmt: skip


def asked(folder: Path, rows: list[readings.Reading], *, forgotten: int = -1, **more: Any) -> list[str]:
    """Give the values of an answer. Rows stand in three files, the last ones in none yet."""
    paths = []
    for number in range(3):
        part = rows[number * len(rows) // 4 : (number + 1) * len(rows) // 4]
        readings.write(folder / f"{number}.parquet", part)
        paths.append(str(folder / f"{number}.parquet"))
    gone = readings.Forgotten(SERIES, "a", -1, -1, 10**6, BEGIN + timedelta(minutes=forgotten))
    question = answering.Question(name="history", files=paths, parameters={
        "entities": [SERIES], "attributes": ["a"], "property": "observedAt", "from_at": None, "to_at": None,
        "most": 4, "last_n": 0, **more,
    })  # fmt: skip
    found = answering.answer_upon(
        question, tail=readings.table(rows[3 * len(rows) // 4 :]), forgotten=[gone] if forgotten >= 0 else []
    )
    return [str(row[found["columns"].index("instance")]) for row in found["rows"]]


class TestHistory:
    @pytest.mark.parametrize("versions", [1, 3, 40])
    def test_gives_the_oldest_and_the_newest_however_many_versions_they_have(
        self, tmp_path: Path, versions: int
    ) -> None:
        rows = [
            a_reading(minute, 100 * minute + version, sequence=minute * versions + version + 1)
            for minute in range(12) for version in range(versions)
        ]  # fmt: skip
        newest = [str(100 * minute + versions - 1) for minute in range(12)]
        assert asked(tmp_path, rows) == newest[:4]
        assert asked(tmp_path, rows, last_n=3) == newest[-3:]
        assert asked(tmp_path, rows, last_n=99, most=99) == newest
        early, late = ((BEGIN + timedelta(minutes=each)).isoformat() for each in (5, 10))
        assert asked(tmp_path, rows, last_n=2, to_at=early) == newest[3:5]
        assert asked(tmp_path, rows, from_at=late) == newest[10:]
        assert asked(tmp_path, rows, forgotten=11, last_n=2) == newest[9:11]

    def test_leaves_other_series_out_and_late_readings_in(self, tmp_path: Path) -> None:
        rows = [
            a_reading(minute, minute, sequence=minute + 1, entity=entity)
            for minute in range(20) for entity in (SERIES, "urn:x:2")
        ]  # fmt: skip
        rows += [a_reading(-5, 77, sequence=99)]
        assert asked(tmp_path, rows) == ["77", "0", "1", "2"]
        assert asked(tmp_path, rows, last_n=1) == ["19"]
