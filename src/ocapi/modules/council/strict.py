"""The feed of publications in strict TREE, the oldest first: the same members as the dialect in `feed`.

A reader of LDES that knows no dialect follows it from its root, which is the same however long the feed is.
Page n, from 1, holds the publications numbered (n-1) x PAGE_SIZE + 1 to n x PAGE_SIZE, so a full page never
changes.
"""

from ocapi.lib import codec
from ocapi.lib.ldes import pages
from ocapi.lib.rdf.graph import TYPE, Graph
from ocapi.lib.rdf.writing import Written, expanded_json, write
from ocapi.modules.council import feed, queries, rules
from ocapi.modules.council.data import FeedPage, NotFound
from ocapi.modules.council.models import ReleaseRow

PAGE_SIZE = 100
PATH = "/feeds/besluiten"


def root(*, media_type: str, base: str) -> FeedPage:
    """Give the root, which leads to the first page. base: IRI of the organization."""
    here = f"{base}{PATH}"
    graph = pages.root(stream=f"{here}#stream", view=here, first=f"{here}/1", shape=feed.SHAPE)
    return FeedPage(content=_written(graph, media_type), tag=f"root-{_kind(media_type)}", is_full=False)


def page(number: int, *, media_type: str, base: str) -> FeedPage:
    """Give a page, 1 the oldest; raises NotFound for one that is not there yet."""
    last = queries.last_number()
    full = last // PAGE_SIZE
    if not 1 <= number <= full + 1:
        raise NotFound(str(number))
    is_full = number <= full
    here = f"{base}{PATH}"
    members = queries.feed_members(first=(number - 1) * PAGE_SIZE + 1, count=PAGE_SIZE)
    graph = pages.page(
        (_member(each, base) for each in members),
        stream=f"{here}#stream",
        view=here,
        node=f"{here}/{number}",
        following=f"{here}/{number + 1}" if is_full else "",
        shape=feed.SHAPE,
    )
    tag = f"{number}-{'full' if is_full else last}-{_kind(media_type)}"
    return FeedPage(content=_written(graph, media_type), tag=tag, is_full=is_full)


def _member(each: ReleaseRow, base: str) -> pages.Member:
    assert each.published_at is not None and each.number is not None
    of = f"{base}/id/publicatie/{each.document}"
    graph = Graph()
    graph.add(of, TYPE, feed.DOCUMENT)
    graph.add(of, feed.DCT_TYPE, rules.document(each.kind).iri)
    graph.add(of, feed.AT_LOCATION, f"{base}/besluiten/documenten/{each.document}")
    name = f"{base}/id/publicatie-versie/{each.uuid}"
    return pages.Member(name=name, of=of, at=each.published_at, number=each.number, graph=graph)


def _written(graph: Graph, media_type: str) -> bytes:
    if media_type == feed.JSON_LD:
        return codec.encode_json(expanded_json(graph))
    return write(graph, format=Written(media_type)).encode()


def _kind(media_type: str) -> str:
    return media_type.rpartition("/")[2]
