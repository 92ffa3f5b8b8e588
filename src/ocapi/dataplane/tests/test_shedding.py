"""Refusals that wait. Not covered: what a flood costs, see `ocapi proof load`."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from ocapi.dataplane.shedding import Shedding
from ocapi.dataplane.tests.asgi import ask, plan, running, web_answering

LONG_S = 3600.0


def shed(**changes: Any) -> Shedding:
    """Give one that holds two, each at its own time."""
    return Shedding(**{"hold_s": LONG_S, "longest_s": LONG_S, "per_s": 1000, "most": 2, **changes})


class TestShedding:
    def test_holds_a_refusal_until_its_time_is_over(self) -> None:
        async def scenario() -> int:
            shedding = shed(hold_s=0.001, longest_s=0.001)
            await shedding.hold()
            return len(shedding)

        assert asyncio.run(scenario()) == 0

    def test_tells_a_crowd_one_after_the_other_and_nobody_later_than_the_limit(self) -> None:
        shedding = shed(hold_s=1, longest_s=3, per_s=4, monotonic=lambda: 100.0)
        assert [shedding.due_in_s() for _ in range(11)] == [1 + each / 4 for each in range(9)] + [3, 3]

    def test_holds_who_comes_after_the_crowd_no_longer_than_anybody(self) -> None:
        times = iter([100.0, 100.0, 100.0, 103.0])
        shedding = shed(hold_s=1, longest_s=3, per_s=4, monotonic=lambda: next(times))
        assert [shedding.due_in_s() for _ in range(4)] == [1, 1.25, 1.5, 1]

    def test_lets_the_one_go_that_waited_longest_when_too_many_are_held(self) -> None:
        async def scenario() -> tuple[list[bool], int]:
            shedding = shed()
            held = [asyncio.create_task(shedding.hold()) for _ in range(4)]
            await asyncio.wait(held[:2])
            told, count = [each.done() for each in held], len(shedding)
            for each in held[2:]:
                each.cancel()
            await asyncio.wait(held)
            return told, count + len(shedding)

        assert asyncio.run(scenario()) == ([True, True, False, False], 2)

    def test_holds_nobody_who_is_served_and_keeps_no_body_of_who_is_not(self, tmp_path: Path) -> None:
        async def scenario() -> list[object]:
            is_over, is_asked = asyncio.Event(), asyncio.Event()

            async def slow(request: web.Request) -> web.Response:
                if request.path == "/slow":
                    is_asked.set()
                    await is_over.wait()
                return web.Response()

            its = plan(tmp_path, web_line=0, refusal_hold_s=LONG_S, body_memory_bytes=1)
            async with web_answering(its, slow), running(its) as app:
                await ask(app, "GET", "/", host=b"next.example")
                first = asyncio.create_task(ask(app, "GET", "/slow"))
                await is_asked.wait()
                turned_away = asyncio.create_task(ask(app, "POST", "/", chunks=(b"much",)))
                while not len(app.front.shedding):
                    await asyncio.sleep(0)
                kept = [path for path in its.run.iterdir() if path.is_file()]
                served = await ask(app, "GET", "/", host=b"next.example")
                is_over.set()
                found = [served.status, (await first).status, turned_away.done(), kept]
                turned_away.cancel()
                return found

        assert asyncio.run(scenario()) == [200, 200, False, []]
