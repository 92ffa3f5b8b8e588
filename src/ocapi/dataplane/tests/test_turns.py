"""Who is next at web. Not covered: how long a turn takes, see `ocapi proof load`."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ocapi.dataplane.turns import SHARED_S, LineFull, Turns

Scenario = Callable[[Turns, list[str]], Awaitable[None]]


def played(
    scenario: Scenario, *, at_once: int = 1, longest: int = 8, total: int = 20, patience_s: float = 5
) -> list[str]:
    """Run a scenario, with one place when nothing else is said, and give in which order turns came."""
    order: list[str] = []
    made = Turns(at_once=at_once, longest=longest, total=total, patience_s=patience_s)
    asyncio.run(scenario(made, order))
    return order


async def come(turns: Turns, order: list[str], name: str) -> None:
    async with turns.taken(name[0]):
        order.append(name)
        await asyncio.sleep(0)


class TestTurns:
    def test_go_round_the_organizations_and_by_age_within_one(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            names = ("a1", "a2", "a3", "a4", "b1", "c1", "b2")
            await asyncio.gather(*(come(turns, order, name) for name in names))

        assert played(scenario) == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]

    def test_are_refused_when_the_line_of_that_organization_is_full(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("a"):
                waiting = asyncio.create_task(come(turns, order, "a2"))
                await asyncio.sleep(0)
                with pytest.raises(LineFull):
                    await come(turns, order, "a3")
                other = asyncio.create_task(come(turns, order, "b1"))
                await asyncio.sleep(0)
            await asyncio.gather(waiting, other)

        assert played(scenario, longest=1) == ["a2", "b1"]

    def test_are_refused_when_as_many_wait_in_all_lines_as_may(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("a"):
                waiting = [asyncio.create_task(come(turns, order, name)) for name in ("a1", "b1")]
                await asyncio.sleep(0)
                with pytest.raises(LineFull):
                    await come(turns, order, "c1")
            await asyncio.gather(*waiting)
            await come(turns, order, "c2")

        assert played(scenario, total=2) == ["a1", "b1", "c2"]

    def test_are_taken_from_the_longest_line_for_a_calm_one_when_all_lines_together_are_full(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("z"):
                floods = [(f"{each}{number}") for number in range(3) for each in "abcdefgh"]
                flooding = [asyncio.create_task(come(turns, order, name)) for name in floods]
                await asyncio.sleep(0)
                assert [turns.is_full(each) for each in "abi"] == [True, True, False]
                with pytest.raises(LineFull):
                    await come(turns, order, "a3")
                calm = [asyncio.create_task(come(turns, order, name)) for name in ("i0", "i1", "i2")]
                await asyncio.sleep(0)
            ended = await asyncio.gather(*flooding, *calm, return_exceptions=True)
            refused = [name for name, end in zip([*floods, "i0", "i1", "i2"], ended, strict=True) if end]
            assert refused == ["a2", "b2", "i2"]  # a third would only take from who waits as long

        order = played(scenario, longest=3, total=24)
        assert (order[8], len(order)) == ("i0", 24)
        assert order.index("i1") < order.index("c2")

    def test_take_nobodys_place_with_one_each(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("a"):
                waiting = [asyncio.create_task(come(turns, order, name)) for name in ("a1", "b1")]
                await asyncio.sleep(0)
                assert turns.is_full("c")
            await asyncio.gather(*waiting)

        assert played(scenario, total=2) == ["a1", "b1"]

    def test_are_refused_to_who_waited_long_enough_and_pass_over_them(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("a"):
                with pytest.raises(LineFull):
                    await come(turns, order, "b1")
            await come(turns, order, "a1")

        assert played(scenario, patience_s=0.01) == ["a1"]

    def test_pass_over_who_left_the_line(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("a"):
                left = asyncio.create_task(come(turns, order, "a2"))
                stays = asyncio.create_task(come(turns, order, "a3"))
                await asyncio.sleep(0)
                left.cancel()
                await asyncio.gather(left, return_exceptions=True)
            await stays
            await come(turns, order, "a4")

        assert played(scenario) == ["a3", "a4"]

    def test_are_given_on_by_who_leaves_in_the_moment_it_gets_one(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with turns.taken("a"):
                leaving = asyncio.create_task(come(turns, order, "a2"))
                await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            await asyncio.wait_for(come(turns, order, "a3"), 1)

        assert played(scenario) == ["a3"]

    def test_come_back_after_a_failure(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            for _ in range(3):
                with pytest.raises(RuntimeError):
                    async with turns.taken("a"):
                        raise RuntimeError
            await asyncio.wait_for(come(turns, order, "a1"), 1)

        assert played(scenario) == ["a1"]


def places(at_once: int, monotonic: Callable[[], float] = lambda: 0.0) -> Turns:
    """Make turns with so many places on a clock that stands."""
    return Turns(at_once=at_once, longest=8, total=20, patience_s=5, monotonic=monotonic)


def held_by(turns: Turns, names: str) -> list[str]:
    """Let organizations come one after the other and hold on; gives who got a place."""

    async def scenario() -> list[str]:
        got, leave = list[str](), asyncio.Event()

        async def come_and_stay(name: str) -> None:
            async with turns.taken(name):
                got.append(name)
                await leave.wait()

        coming = [asyncio.create_task(come_and_stay(name)) for name in names]
        await asyncio.sleep(0)
        for each in coming:
            each.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        return got

    return asyncio.run(scenario())


class TestPlaces:
    def test_are_all_for_who_comes_alone(self) -> None:
        assert held_by(places(3), "aaaa") == ["a", "a", "a"]

    @pytest.mark.parametrize(("at_once", "held"), [(1, ["a"]), (2, ["a", "b"]), (4, ["a", "a", "a", "b"])])
    def test_are_held_but_for_one_when_others_come_too(self, at_once: int, held: list[str]) -> None:
        made = places(at_once)
        assert held_by(made, "b") == ["b"]
        assert held_by(made, "a" * at_once + "b") == held

    def test_are_the_first_for_who_comes_alone_and_the_last_for_a_flood(self) -> None:
        async def scenario() -> tuple[int, int, int]:
            made = places(2)
            async with made.taken("b") as alone:
                flooding = made.taken("a")
                flood = await flooding.__aenter__()
                behind = made.taken("a")
                next_in_line = asyncio.create_task(behind.__aenter__())
                await asyncio.sleep(0)
                await flooding.__aexit__(None, None, None)
                following = await next_in_line
                await behind.__aexit__(None, None, None)
            return alone, flood, following

        assert asyncio.run(scenario()) == (0, 1, 1)

    def test_are_all_for_one_again_when_no_other_came_for_a_while(self) -> None:
        now = [0.0]
        made = places(2, monotonic=lambda: now[0])
        assert held_by(made, "b") == ["b"]
        now[0] = SHARED_S + 0.1
        assert held_by(made, "aa") == ["a", "a"]

    def test_go_first_to_who_holds_fewest(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            async with asyncio.TaskGroup() as group, turns.taken("a"), turns.taken("a"):
                for name in ("a1", "a2", "b1"):
                    group.create_task(come(turns, order, name))
                await asyncio.sleep(0)

        assert played(scenario, at_once=2)[0] == "b1"

    def test_are_known_to_be_out_of_reach_before_anybody_waits(self) -> None:
        async def scenario(turns: Turns, order: list[str]) -> None:
            assert not turns.is_full("a")
            async with turns.taken("a"):
                assert not turns.is_full("a")
                waiting = asyncio.create_task(come(turns, order, "a1"))
                await asyncio.sleep(0)
                assert (turns.is_full("a"), turns.is_full("b")) == (True, False)
            await waiting
            assert not turns.is_full("a")

        assert played(scenario, longest=1) == ["a1"]
