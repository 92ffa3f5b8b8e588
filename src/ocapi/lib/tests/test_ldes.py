"""Pages of a feed, read back as written, hostile ones refused. Not covered: serving them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ocapi.lib.ldes import pages
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.ldes.following import FeedBroken, Fetched, State, follow
from ocapi.lib.ldes.pages import Member
from ocapi.lib.rdf.graph import Graph, Lexical

AT = datetime(2025, 1, 1, tzinfo=UTC)
FEED = "https://voorbeeld.be/ldes/a"


def a_member(number: int, *, says: str = "x") -> Member:
    graph = Graph()
    graph.add("urn:a", "urn:part", "_:b")
    graph.add("_:b", "urn:text", Lexical(says))
    return Member(
        name=f"urn:a/{number}", of="urn:a", at=AT + timedelta(seconds=number), number=number, graph=graph
    )


def a_page(*numbers: int, node: str = "1", following: str = "") -> Graph:
    return pages.page(
        (a_member(each, says=f"lid {each}") for each in numbers),
        stream=f"{FEED}#stream",
        view=FEED,
        node=f"{FEED}/{node}",
        following=f"{FEED}/{following}" if following else "",
        shape="urn:shape",
    )


def read(found: dict[str, Graph], start: str = f"{FEED}/1") -> list[str]:
    def fetch(address: str, tag: str) -> Fetched:
        return Fetched(graph=found[address])

    return [each.name for members in follow(start, fetch=fetch, state=State()) for each in members]


class TestPages:
    def test_keep_the_nameless_things_of_members_apart(self) -> None:
        def fetch(address: str, tag: str) -> Fetched:
            return Fetched(graph=a_page(1, 2))

        (members,) = follow(f"{FEED}/1", fetch=fetch, state=State())
        texts = [
            [v.text for _s, p, v in each.statements if p == "urn:text" and isinstance(v, Lexical)]
            for each in members
        ]
        assert texts == [["lid 1"], ["lid 2"]]

    def test_lead_on_by_the_instant_of_their_own_last_member(self) -> None:
        whole = a_page(1, 2, following="2")
        values = [v for _s, p, v in whole if p.endswith("#value")]
        assert values == [Lexical("2025-01-01T00:00:02.000000Z", "http://www.w3.org/2001/XMLSchema#dateTime")]


class TestFollow:
    def test_ends_in_a_feed_that_leads_back_to_itself(self) -> None:
        found = {f"{FEED}/1": a_page(1, following="2"), f"{FEED}/2": a_page(2, node="2", following="1")}
        assert read(found) == ["urn:a/1", "urn:a/2"]

    def test_starts_at_the_root_or_at_any_page(self) -> None:
        root = pages.root(stream=f"{FEED}#stream", view=FEED, first=f"{FEED}/1", shape="urn:shape")
        found = {FEED: root, f"{FEED}/1": a_page(1, following="2"), f"{FEED}/2": a_page(2, node="2")}
        assert read(found, FEED) == ["urn:a/1", "urn:a/2"]
        assert read(found, f"{FEED}/2") == ["urn:a/2"]

    def test_refuses_a_member_that_is_a_version_of_nothing(self) -> None:
        broken = a_page(1)
        del broken.things["urn:a/1"]["http://purl.org/dc/terms/isVersionOf"]
        with pytest.raises(FeedBroken):
            read({f"{FEED}/1": broken})

    def test_refuses_a_feed_that_never_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ocapi.lib.ldes.following.MAX_PAGES", 50)
        count = 0

        def fetch(address: str, tag: str) -> Fetched:
            nonlocal count
            count += 1
            return Fetched(graph=a_page(count, node=str(count), following=str(count + 1)))

        with pytest.raises(FeedBroken) as refused:
            list(follow(f"{FEED}/1", fetch=fetch, state=State()))
        assert (refused.value.reason, count) == ("tooManyPages", 50)


class TestState:
    """How far a feed was followed, as it is kept between runs."""

    def fetched(self, count: int, asked: list[str]) -> Any:
        def fetch(address: str, tag: str) -> Fetched:
            asked.append(address)
            number = int(address.rpartition("/")[2])
            following = str(number + 1) if number < count else ""
            page = a_page(number, node=str(number), following=following)
            return Fetched(graph=page, is_immutable=number < count)

        return fetch

    def test_does_not_grow_with_the_pages_of_a_chain_and_goes_on_past_them(self) -> None:
        state, asked = State(), list[str]()
        assert len(list(follow(f"{FEED}/1", fetch=self.fetched(200, asked), state=state))) == 200
        kept = state.kept()
        assert (kept["done"], kept["runs"]) == ([], {f"{FEED}/": [[1, 199]]})
        asked.clear()
        again = list(follow(f"{FEED}/1", fetch=self.fetched(202, asked), state=State.of(kept)))
        assert asked == [f"{FEED}/{number}" for number in (200, 201, 202)]
        assert [each.name for members in again for each in members] == ["urn:a/201", "urn:a/202"]

    def test_that_was_kept_page_by_page_is_still_read(self) -> None:
        kept = {"done": [f"{FEED}/1"], "open": {f"{FEED}/1": ["", [], [f"{FEED}/2"]]}, "gaps": []}
        asked = list[str]()
        list(follow(f"{FEED}/1", fetch=self.fetched(3, asked), state=State.of(kept)))
        assert asked == [f"{FEED}/2", f"{FEED}/3"]

    def test_joins_pages_only_with_those_next_to_them(self) -> None:
        state = State()
        for number in (5, 1, 2, 6, 9):
            state.finish(f"{FEED}/{number}", (f"{FEED}/{number + 1}",))
        assert state.runs == {f"{FEED}/": [[1, 2], [5, 6], [9, 9]]}
        found = [state.beyond(f"{FEED}/{number}") for number in (2, 3, 5, 9, 10)]
        assert found == [(f"{FEED}/3",), None, (f"{FEED}/7",), (f"{FEED}/10",), None]

    def test_stops_at_pages_without_members_that_never_end(self) -> None:
        def fetch(address: str, tag: str) -> Fetched:
            number = int(address.rpartition("/")[2])
            return Fetched(graph=a_empty(number), is_immutable=True)

        def a_empty(number: int) -> Graph:
            graph = Graph()
            graph.add(f"{FEED}/{number}", ldes.RELATION, "_:r")
            graph.add("_:r", ldes.TREE_NODE, f"{FEED}/{number + 1}")
            return graph

        with pytest.raises(FeedBroken, match="noMembers"):
            list(follow(f"{FEED}/1", fetch=fetch, state=State()))
