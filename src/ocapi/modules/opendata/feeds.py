"""The catalogue for machines: pages with Hydra, one document per dataset, and a feed of changes (LDES)."""

import hashlib
from collections.abc import Iterator

from ocapi.lib import codec
from ocapi.lib.dcat import rdfxml, writing
from ocapi.lib.dcat.model import CatalogRecord, Dataset
from ocapi.lib.dcat.vocabulary import PREFIXES
from ocapi.lib.ldes import pages
from ocapi.lib.ldes.pages import Member
from ocapi.lib.rdf.graph import Graph
from ocapi.lib.rdf.writing import Written, expanded_json, write
from ocapi.modules.opendata import describing, queries
from ocapi.modules.opendata.data import FeedPage, PageNotFound
from ocapi.modules.opendata.describing import House
from ocapi.modules.opendata.models import DatasetRow

PAGE_SIZE = 100  # datasets of a page of the catalogue, and members of a page of the feed
JSON_LD, TURTLE, RDF_XML = "application/ld+json", "text/turtle", "application/rdf+xml"
EXTENSIONS = {"ttl": TURTLE, "jsonld": JSON_LD, "rdf": RDF_XML}


def catalog_page(*, number: int, media_type: str, by: House) -> FeedPage:
    """Give a page of the catalogue; raises PageNotFound beyond the last."""
    total = queries.count_published()
    last = max(1, -(-total // PAGE_SIZE))
    if not 1 <= number <= last:
        raise PageNotFound(str(number))
    rows = queries.page_of_catalog(start=(number - 1) * PAGE_SIZE, size=PAGE_SIZE)
    extension = next(each for each, kind in EXTENSIONS.items() if kind == media_type)
    address = f"{by.base}/open-data/catalog.{extension}"
    graph = writing.catalog_graph(
        describing.catalog_of(by, modified=queries.last_change()),
        ((queries.content_of(row), record_of(row, by.base)) for row in rows),
        page=f"{address}?page={number:d}",
        first=f"{address}?page=1",
        following=f"{address}?page={number + 1:d}" if number < last else "",
        previous=f"{address}?page={number - 1:d}" if number > 1 else "",
        total=total,
    )
    return _sent(graph, media_type)


def description(row: DatasetRow, *, media_type: str) -> FeedPage:
    """Give what is said of one dataset."""
    return _sent(writing.dataset_graph(queries.content_of(row)), media_type)


def record_of(row: DatasetRow, base: str) -> CatalogRecord:
    """Give when a dataset came into the catalogue and changed; its own name when it was harvested."""
    name = f"{base}/id/dataset/{row.uuid}#record"
    return CatalogRecord(
        iri=name,
        identifier=name,
        topic=row.iri,
        modified=row.modified_at,
        issued=row.issued_at,
        source=row.iri if row.harvested_from_id else "",
    )


def root(*, media_type: str, base: str) -> FeedPage:
    """Give the root of the feed: as small at ten members as at ten million."""
    here = f"{base}/open-data/feed"
    graph = pages.root(stream=f"{here}#stream", view=here, first=f"{here}/1", shape=_shape(base))
    return _sent(graph, media_type)


def page(*, number: int, media_type: str, base: str) -> FeedPage:
    """Give a page of the feed; which members it holds follows from its number."""
    newest = queries.last_number()
    full = newest // PAGE_SIZE
    if not 1 <= number <= full + 1:
        raise PageNotFound(str(number))
    here, is_full = f"{base}/open-data/feed", number <= full
    graph = pages.page(
        _members(number, f"{here}/{number}"),
        stream=f"{here}#stream",
        view=here,
        node=f"{here}/{number}",
        following=f"{here}/{number + 1}" if is_full else "",
        shape=_shape(base),
    )
    return _sent(graph, media_type, is_full=is_full)


def _members(number: int, node: str) -> Iterator[Member]:
    first = (number - 1) * PAGE_SIZE + 1
    for version, row in queries.versions(first=first, last=first + PAGE_SIZE - 1):
        graph = Graph()
        if version.content is not None:
            graph = writing.dataset_graph(codec.convert(version.content, Dataset))
        yield Member(
            name=f"{node}#lid-{version.number}",
            of=row.iri,
            at=version.recorded_at,
            number=version.number,
            graph=graph,
            is_deletion=version.content is None,
        )


def _shape(base: str) -> str:
    return f"{base}/open-data/shapes.ttl"


def _sent(graph: Graph, media_type: str, *, is_full: bool = False) -> FeedPage:
    if media_type == JSON_LD:
        content = codec.encode_json(expanded_json(graph))
    elif media_type == RDF_XML:
        content = rdfxml.write(graph, prefixes=PREFIXES)
    else:
        content = write(graph, format=Written(media_type), prefixes=PREFIXES).encode()
    return FeedPage(content=content, tag=hashlib.sha256(content).hexdigest()[:32], is_full=is_full)
