"""The strict view: a root without counts that leads to the first page, and pages that lead to the next.

A page is full or open. A full one never changes, its relation to the next included: the value there is the
instant of its own last member, which no later member is older than.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.rdf.graph import TYPE, XSD, Graph, Lexical, Value

BEGINNING = "1970-01-01T00:00:00.000000Z"  # no member is older
FOREVER = "P100Y"  # nothing is taken out of a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A version of an object. name: IRI of the version. graph: what it says of `of`; empty when it was
    deleted.

    number: its place in the feed; it keeps nameless things of members apart.
    """

    name: str
    of: str
    at: datetime
    number: int
    graph: Graph
    is_deletion: bool = False


def root(*, stream: str, view: str, first: str, shape: str) -> Graph:
    """Give the feed with its one view, and the way to the first page; the same however long the feed is."""
    graph = _root(stream=stream, view=view, shape=shape)
    _relation(graph, view, first, BEGINNING)
    return graph


def branching(*, stream: str, view: str, shape: str, firsts: Iterable[str]) -> Graph:
    """Give the feed with a view of several branches, and the way to the first page of each.

    The ways promise nothing of what is behind them (a plain `tree:Relation`): which branch a member is on is
    settled by us, and a deletion says nothing by which it could be told.
    """
    graph = _root(stream=stream, view=view, shape=shape)
    for place, first in enumerate(firsts):
        way = f"_:way{place}"
        graph.add(view, ldes.RELATION, way)
        graph.add(way, TYPE, ldes.ANY_RELATION)
        graph.add(way, ldes.TREE_NODE, first)
    return graph


def _root(*, stream: str, view: str, shape: str) -> Graph:
    graph = _node(stream=stream, node=view, shape=shape)
    graph.add(stream, ldes.VIEW, view)
    graph.add(stream, ldes.TIMESTAMP_PATH, ldes.GENERATED_AT)
    graph.add(stream, ldes.VERSION_OF_PATH, ldes.IS_VERSION_OF)
    graph.add(stream, ldes.VERSION_DELETE, ldes.DELETE)
    graph.add(view, ldes.VIEW_DESCRIPTION, "_:view")
    graph.add("_:view", ldes.RETENTION, "_:retention")
    graph.add("_:retention", ldes.FULL_LOG, Lexical(FOREVER, f"{XSD}duration"))
    return graph


def page(
    members: Iterable[Member], *, stream: str, view: str, node: str, following: str, shape: str
) -> Graph:
    """Give a page; following: address of the next page, empty while this one is open."""
    listed = list(members)
    last = listed[-1].at if listed else None
    graph = frame(stream=stream, view=view, node=node, following=following, last=last, shape=shape)
    for each in listed:
        graph.add(stream, ldes.MEMBER, each.name)
        _say(graph, each)
    return graph


def frame(
    *, stream: str, view: str, node: str, following: str, last: datetime | None, shape: str
) -> Graph:
    """Give a page without its members. last: instant of the last one, of a page that leads on."""
    graph = _node(stream=stream, node=node, shape=shape)
    graph.add(stream, ldes.VIEW, view)
    if following and last is not None:
        _relation(graph, node, following, instant(last))
    return graph


def label(number: int) -> str:
    """Give what the nameless things of a member begin with."""
    return f"m{number}"


def told(member: Member) -> Graph:
    """Give what a page says of one member, that it is one left out."""
    graph = Graph()
    _say(graph, member)
    return graph


def _node(*, stream: str, node: str, shape: str) -> Graph:
    graph = Graph()
    graph.add(stream, TYPE, ldes.EVENT_STREAM)
    graph.add(stream, ldes.SHAPE, shape)
    graph.add(node, TYPE, ldes.NODE)
    return graph


def _relation(graph: Graph, node: str, to: str, value: str) -> None:
    graph.add(node, ldes.RELATION, "_:next")
    graph.add("_:next", TYPE, ldes.AT_LEAST)
    graph.add("_:next", ldes.TREE_PATH, ldes.GENERATED_AT)
    graph.add("_:next", ldes.TREE_VALUE, Lexical(value, f"{XSD}dateTime"))
    graph.add("_:next", ldes.TREE_NODE, to)


def _say(graph: Graph, member: Member) -> None:
    """Add what a member says, of its version instead of its object; nameless things are renamed."""

    def renamed(value: Value) -> Value:
        if isinstance(value, str) and value.startswith("_:"):
            return f"_:{label(member.number)}{value[2:]}"
        return value

    for subject, predicate, value in member.graph:
        name = member.name if subject == member.of else renamed(subject)
        assert isinstance(name, str)
        graph.add(name, predicate, renamed(value))
    if member.is_deletion:
        graph.add(member.name, TYPE, ldes.DELETE)
    graph.add(member.name, ldes.IS_VERSION_OF, member.of)
    graph.add(member.name, ldes.GENERATED_AT, Lexical(instant(member.at), f"{XSD}dateTime"))


def instant(at: datetime) -> str:
    """Write an instant as a feed does."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
