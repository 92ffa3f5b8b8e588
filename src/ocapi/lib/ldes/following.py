"""Follows a feed: from its root or any page, page by page, each member once, and goes on where it stopped.

The state is a plain value that the caller keeps. It holds the pages that can't change, the tag of those that
can, and the members of the latter. Numbered pages in a chain are kept as one run, so that it does not
grow with them; else it grows with the pages of a feed, never with its members.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.rdf.graph import TYPE, Graph, Lexical, Value

MAX_PAGES = 100_000
MAX_EMPTY = 1_000  # new pages in a row without a member: no feed, but a way that never ends
MAX_STATEMENTS = 1_000_000


class FeedBroken(ValueError):
    """The feed can't be followed.

    reason: notAFeed | tooManyPages | noMembers | tooLarge | memberGone | memberWithoutObject.
    """

    def __init__(self, reason: str, page: str) -> None:
        super().__init__(f"{reason} at {page}")
        self.reason = reason
        self.page = page


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page as it was answered. graph: None when it is as it was (304). is_gone: 410, by retention."""

    graph: Graph | None
    tag: str = ""
    is_immutable: bool = False
    is_gone: bool = False


_NUMBERED = re.compile(r"(.*[^0-9])([1-9][0-9]{0,8})").fullmatch
Fetch = Callable[[str, str], Fetched]
"""Gives the page at an address; the second text is the tag of what is known of it, or empty."""


@dataclass(slots=True)
class State:
    """How far a feed was followed: done pages, and of open pages tag, members and where they lead.

    runs: by what addresses begin with, the first and last number of done pages that each lead to the next
    number and nowhere else, so that a chain of any length is one item.
    """

    done: set[str] = field(default_factory=set)
    open: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    runs: dict[str, list[list[int]]] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """Give the state as a plain value for JSON."""
        return {
            "done": sorted(self.done),
            "open": {k: list(v) for k, v in self.open.items()},
            "gaps": sorted(self.gaps),
            "runs": {k: [list(run) for run in v] for k, v in self.runs.items()},
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "State":
        """Give the state that was kept."""
        opened = {k: (v[0], tuple(v[1]), tuple(v[2])) for k, v in kept.get("open", {}).items()}
        runs = {k: [list(run) for run in v] for k, v in kept.get("runs", {}).items()}
        return cls(
            done=set(kept.get("done", ())), open=opened, gaps=set(kept.get("gaps", ())), runs=runs
        )

    def beyond(self, address: str) -> tuple[str, ...] | None:
        """Give where a page that is done leads, past done pages of its run; None for one that is not done."""
        if address in self.done:
            return self.open[address][2] if address in self.open else ()
        if numbered := _NUMBERED(address):
            prefix, number = numbered[1], int(numbered[2])
            runs = self.runs.get(prefix, [])
            place = bisect_right(runs, number, key=lambda run: run[0]) - 1
            if place >= 0 and number <= runs[place][1]:
                return (f"{prefix}{runs[place][1] + 1}",)
        return None

    def finish(self, address: str, leads: tuple[str, ...]) -> None:
        """Keep that a page is done, which was in no other state, and where it leads."""
        numbered = _NUMBERED(address)
        prefix, number = (numbered[1], int(numbered[2])) if numbered else ("", 0)
        self.open.pop(address, None)
        if not numbered or leads != (f"{prefix}{number + 1}",):
            self.done.add(address)
            self.open[address] = ("", (), leads)
            return
        runs = self.runs.setdefault(prefix, [])
        place = bisect_right(runs, number, key=lambda run: run[0])
        if place and runs[place - 1][1] == number - 1:
            runs[place - 1][1] = number
        else:
            runs.insert(place, [number, number])


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A member as it was read. statements: those of the version and of nameless things it leads to."""

    name: str
    of: str
    at: str
    is_deletion: bool
    statements: tuple[tuple[str, str, Value], ...]


def follow(start: str, *, fetch: Fetch, state: State) -> Iterator[tuple[Received, ...]]:
    """Give the new members page by page; after each page `state` holds it, so keep both together.

    A page that retention took away is a gap in `state.gaps`, and following goes on. Raises FeedBroken.
    """
    pending, seen, empty = [start], set[str](), 0
    while pending:
        address = pending.pop()
        if address in seen:
            continue
        seen.add(address)
        if len(seen) > MAX_PAGES:
            raise FeedBroken("tooManyPages", address)
        beyond = state.beyond(address)
        if beyond is not None:
            pending.extend(reversed(beyond))
            continue
        is_new = address not in state.open
        tag, known, leads = state.open.get(address, ("", (), ()))
        fetched = fetch(address, tag)
        if fetched.is_gone:
            state.gaps.add(address)
            continue
        if fetched.graph is not None:
            found, leads = _read(fetched.graph, address)
            if address == start and not found and not leads and not _is_node(fetched.graph, address):
                raise FeedBroken("notAFeed", address)
            before = frozenset(known)
            fresh = tuple(each for each in found if each.name not in before)
            empty = 0 if found or not is_new else empty + 1
            if empty > MAX_EMPTY:
                raise FeedBroken("noMembers", address)
            if fetched.is_immutable:
                state.finish(address, leads)
            else:
                state.open[address] = (fetched.tag, tuple(each.name for each in found), leads)
            if fresh:
                yield fresh
        pending.extend(reversed(leads))


def _read(graph: Graph, address: str) -> tuple[tuple[Received, ...], tuple[str, ...]]:
    if (
        sum(len(values) for properties in graph.things.values() for values in properties.values())
        > MAX_STATEMENTS
    ):
        raise FeedBroken("tooLarge", address)
    names = dict.fromkeys(v for s, p, v in graph if p == ldes.MEMBER and isinstance(v, str))
    members = sorted((_member(graph, name, address) for name in names), key=lambda each: (each.at, each.name))
    leads = dict.fromkeys(v for s, p, v in graph if p == ldes.TREE_NODE and isinstance(v, str))
    views = dict.fromkeys(v for s, p, v in graph if p == ldes.VIEW and isinstance(v, str))
    is_node = bool(leads) or _is_node(graph, address)
    onward = leads if is_node else views  # a description of the feed leads to its view
    return tuple(members), tuple(each for each in onward if each != address)


def _is_node(graph: Graph, address: str) -> bool:
    return ldes.NODE in graph.values(address, TYPE)


def _member(graph: Graph, name: str, address: str) -> Received:
    of, at = graph.one(name, ldes.IS_VERSION_OF), graph.one(name, ldes.GENERATED_AT)
    if not isinstance(of, str):
        raise FeedBroken("memberWithoutObject", address)
    said, pending = dict[str, None](), [name]
    while pending:
        subject = pending.pop()
        if subject not in said:
            said[subject] = None
            pending += [
                v
                for values in graph.things.get(subject, {}).values()
                for v in values
                if isinstance(v, str) and v.startswith("_:")
            ]
    statements = tuple(
        (subject, predicate, value)
        for subject in said
        for predicate, values in graph.things.get(subject, {}).items()
        for value in values
    )
    return Received(
        name=name,
        of=of,
        at=at.text if isinstance(at, Lexical) else "",
        statements=statements,
        is_deletion=ldes.DELETE in graph.values(name, TYPE),
    )
