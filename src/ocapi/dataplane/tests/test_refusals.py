"""Lines about refused requests. Not covered: that a line reaches standard error, see `test_logs` of main."""

import asyncio
from pathlib import Path

import structlog

from ocapi.dataplane.refusals import Refusals, Seldom
from ocapi.dataplane.tests.asgi import ask, plan, running


def told(lines: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [(line["part"], line["status"], line["count"]) for line in lines if line["event"] == "refused"]


class TestRefusals:
    def test_are_told_at_once_and_a_flood_of_them_by_its_number(self) -> None:
        async def scenario() -> None:
            refusals = Refusals(window_s=0.0)
            for _ in range(1_000):
                refusals.note("ingest", 401)
            refusals.note("page", 413)
            refusals.note("page", 200)
            assert told(lines) == [("ingest", 401, 1), ("page", 413, 1)]
            while len(told(lines)) < 3:
                await asyncio.sleep(0)

        with structlog.testing.capture_logs() as lines:
            asyncio.run(scenario())
        assert told(lines) == [("ingest", 401, 1), ("page", 413, 1), ("ingest", 401, 999)]

    def test_are_told_without_an_address(self, tmp_path: Path) -> None:
        async def scenario() -> None:
            async with running(plan(tmp_path)) as app:
                await ask(app, "GET", "/zoeken?q=planted")
                await ask(app, "BREW", "/planted")

        with structlog.testing.capture_logs() as lines:
            asyncio.run(scenario())
        assert [each[:2] for each in told(lines)] == [("page", 503), ("page", 405)]
        assert "planted" not in str([line for line in lines if line["event"] == "refused"])


class TestSeldom:
    def test_tells_the_first_fault_and_then_how_many_there_were(self) -> None:
        seldom = Seldom(every_s=3600.0)
        assert [seldom.count("full") for _ in range(3)] == [1, 0, 0]
        assert seldom.count("away") == 1
        often = Seldom(every_s=0.0)
        assert [often.count("full") for _ in range(2)] == [1, 1]
        seldom._every_s = 0.0
        assert seldom.count("full") == 3
