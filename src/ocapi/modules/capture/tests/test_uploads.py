"""Tables of readings by command. Not here: what the service makes of an observation."""

import argparse
import io
from pathlib import Path
from typing import Any

import pytest

from ocapi.lib import codec
from ocapi.lib.columns.tables import ColumnType, parquet
from ocapi.lib.egress import Answer
from ocapi.modules.capture import api, commands
from ocapi.modules.capture.commands.uploading import Service
from ocapi.modules.capture.data import BadUpload, UploadColumns

TABLE = """Tijdstip;Meetpunt;Waarde;Eenheid
2026-11-28T09:00:00Z;1;12,5;Cel
28/11/2026 10:05;1;13;
gisteren;1;13;Cel
2026-11-28T09:10:00Z;1;veel;Cel
2026-11-28T09:15:00Z;9;1;Cel
2026-11-28T09:20:00Z;1
2026-11-28T09:25:00Z;;4;Cel
25/10/2026 02:30;1;5;Cel
29/03/2026 02:30;1;5;Cel
2026-11-28T09:30:00Z;1;inf;Cel
"""


def rows(path: Path, zone: str = "Europe/Brussels", **columns: str) -> list[Any]:
    return list(api.readings_of(path=path, wanted=UploadColumns(**columns), zone=zone))


def written(folder: Path, content: bytes) -> Path:
    path = folder / "readings"
    path.write_bytes(content)
    return path


class TestReading:
    def test_finds_the_columns_and_tells_faults_by_line(self, tmp_path: Path) -> None:
        found = rows(written(tmp_path, TABLE.encode()))
        sound = [(each.line, each.observation) for each in found if not each.reason]
        assert sound[:2] == [
            (2, {"phenomenonTime": "2026-11-28T09:00:00Z", "result": 12.5, "parameters": {"unit": "Cel"}}),
            (3, {"phenomenonTime": "2026-11-28T09:05:00Z", "result": 13}),
        ]
        assert [(each.line, each.reason[:20]) for each in found if each.reason] == [
            (4, "'gisteren' is no mom"),
            (5, "'veel' is no number"),
            (7, "2 cells where the he"),
            (8, "the sensor is empty "),
            (9, "this time exists twi"),
            (10, "this time does not e"),
            (11, "not a finite number"),
        ]

    def test_asks_for_a_zone_rather_than_guess_it(self, tmp_path: Path) -> None:
        found = rows(written(tmp_path, b"time,sensor,value\n2026-11-28 09:00,1,1\n"), zone="")
        assert "--zone" in found[0].reason

    def test_reads_parquet_alike(self, tmp_path: Path) -> None:
        kinds = {"tijd": ColumnType.TEXT, "sensor": ColumnType.INTEGER, "x": ColumnType.NUMBER}
        raw = parquet(kinds, [("2026-11-28T09:00:00Z", 1, 2.5), ("nooit", 1, 2.5)])
        found = rows(written(tmp_path, raw), value="x")
        assert [(each.datastream, bool(each.reason)) for each in found] == [("1", False), ("", True)]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"a,b,c\n1,2,3\n",
            b"PAR1 no parquet",
            b"time,sensor,value\n" + b"9" * 70_000,
            b"\xff\n",
            b'time,sensor,value\n"never closed\n' + b"x\n" * 70_000,
        ],
    )
    def test_refuses_a_file_that_is_no_table_of_readings(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(BadUpload):
            rows(written(tmp_path, content))

    def test_goes_on_after_a_line_that_is_no_text(self, tmp_path: Path) -> None:
        found = rows(written(tmp_path, b"time,sensor,value\n\xff\n2026-11-28T09:00:00Z,1,1\n"))
        assert [bool(each.reason) for each in found] == [True, False]

    def test_holds_a_line_at_a_time(self) -> None:
        class Endless(io.RawIOBase):
            asked = 0

            def readline(self, size: int | None = -1, /) -> bytes:
                self.asked += 1
                return b"time,sensor,value\n" if self.asked == 1 else b"2026-11-28T09:00:00Z,1,1\n"

        source = Endless()
        _, found = codec.stream_csv(source)  # type: ignore[arg-type]
        for _ in range(1_000):
            next(found)
        assert source.asked <= 1_002


class TestUpload:
    def test_loads_what_is_sound_and_takes_it_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked: list[tuple[str, str]] = []

        def send(_: Service, method: str, path: str, body: bytes = b"") -> Answer:
            asked.append((method, path))
            told: list[str] = []
            if body:
                groups: Any = codec.decode_untyped(body)
                for group in groups:
                    key = group["Datastream"]["@iot.id"]
                    link = "error" if key == 9 else f"https://h/sta/v1.1/Observations('{key}-7')"
                    told += [link] * len(group["dataArray"])
            status = 201 if method == "POST" else 200
            return Answer(status=status, headers={}, body=codec.encode_json(told), url=path)

        monkeypatch.setattr(Service, "send", send)
        path = written(tmp_path, TABLE.encode())
        given = {
            "time": "",
            "sensor": "",
            "value": "",
            "unit": "",
            "zone": "Europe/Brussels",
            "to": "https://h/sta/v1.1",
            "token_file": None,
        }
        assert commands.upload(argparse.Namespace(path=path, undo=False, **given)) == 1
        told = capsys.readouterr()
        assert told.out.strip() == "2 loaded, 8 refused"
        assert "line 6: refused: is there a datastream '9'" in told.err
        listed = path.with_name("readings.loaded")
        assert commands.upload(argparse.Namespace(path=listed, undo=True, **given)) == 0
        assert asked == [("POST", "/CreateObservations")] + 2 * [("DELETE", "/Observations('1-7')")]

    def test_previews_without_sending(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        given = {"time": "", "sensor": "", "value": "", "unit": "", "zone": "", "to": "", "token_file": None}
        path = written(tmp_path, b"time,sensor,value\n2026-11-28T09:00:00Z,1,1\n")
        assert commands.upload(argparse.Namespace(path=path, undo=False, **given)) == 0
        assert "1 rows understood" in capsys.readouterr().out
