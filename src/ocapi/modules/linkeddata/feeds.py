"""The feed of a service: its versions in pages, the full ones kept as compressed files.

Page n holds the versions numbered (n-1) x PAGE_SIZE + 1 to n x PAGE_SIZE: which page a version is on
follows from its number, so a page is found without counting. The worker keeps a page as soon as it is full;
until then, and when the file is lost, it is made from the rows, to the same bytes.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, durable
from ocapi.lib.jsonld.ntriples import NotUsual, Writer
from ocapi.lib.ldes import pages
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.ldes.pages import Member
from ocapi.lib.rdf import lines, writing
from ocapi.lib.rdf.graph import XSD, Graph, Lexical
from ocapi.lib.rdf.writing import Written, expanded_json, write
from ocapi.modules.linkeddata import profiles, showing
from ocapi.modules.linkeddata.data import Change, FeedPage, Json, ObjectNotFound
from ocapi.modules.linkeddata.models import ServiceRow, VersionRow

PAGE_SIZE = 250
KEPT_AT_ONCE = 200  # pages that one turn writes: some two seconds
JSON_LD = "application/ld+json"
LEVEL = 3  # of compression: a third of the work of Python's own choice, and a sixth more bytes
OF_A_MEMBER = (
    *("number", "sequence", "change", "content", "ended_on", "replaced_by", "recorded_at"),
    *("object__iri", "profile__digest"),
)
MemberRow: TypeAlias = Any
"""A row with the columns `OF_A_MEMBER`, by name: its class is made by the query."""


def root(service: ServiceRow, *, media_type: str, base: str) -> FeedPage:
    """Give the root: as small at ten members as at ten million."""
    here = f"{base}/data/{service.code}/feed"
    graph = pages.root(
        stream=stream(service, base), view=here, first=f"{here}/1", shape=shape(service, base)
    )
    return FeedPage(content=written(graph, media_type), tag=f"root-{subtype(media_type)}", is_full=False)


def page(service: ServiceRow, *, number: int, media_type: str, base: str) -> FeedPage:
    """Give a page; raises ObjectNotFound for one beyond the open page."""
    full = service.last_number // PAGE_SIZE
    if not 1 <= number <= full + 1:
        raise ObjectNotFound(str(number))
    is_full = number <= full
    text = _kept(service, number) if is_full else None
    if text is None:
        text = _made(service, number, is_full=is_full, base=base)
    last = "full" if is_full else str(service.last_number)
    tag = f"{number}-{last}-{subtype(media_type)}"
    return FeedPage(content=sent(text, media_type), tag=tag, is_full=is_full)


def keep_full(service: ServiceRow, *, base: str) -> int:
    """Write the next full pages that are not kept yet, KEPT_AT_ONCE at most; gives how many.

    The oldest first: what is not kept is above what is, also when this is stopped halfway.
    """
    full = service.last_number // PAGE_SIZE
    kept = next((each for each in range(full, 0, -1) if page_file(service, each).exists()), 0)
    numbers = range(kept + 1, min(full, kept + KEPT_AT_ONCE) + 1)
    for number in numbers:
        keep_page(service, number, base=base)
    return len(numbers)


def keep_missing(service: ServiceRow, *, base: str) -> None:
    """Write each full page that is not kept, wherever it is in the feed."""
    for number in range(1, service.last_number // PAGE_SIZE + 1):
        if not page_file(service, number).exists():
            keep_page(service, number, base=base)


def keep_page(service: ServiceRow, number: int, *, base: str) -> None:
    """Write a full page as it stays."""
    path = page_file(service, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _made(service, number, is_full=True, base=base)
    durable.write_file(path, gzip.compress(text.encode(), LEVEL, mtime=0))


def _made(service: ServiceRow, number: int, *, is_full: bool, base: str) -> str:
    here, first = f"{base}/data/{service.code}/feed", (number - 1) * PAGE_SIZE
    return text_of(
        service,
        rows_of(service, number__gt=first, number__lte=first + PAGE_SIZE),
        view=here,
        node=f"{here}/{number}",
        following=f"{here}/{number + 1}" if is_full else "",
        base=base,
    )


def text_of(
    service: ServiceRow, rows: Iterable[MemberRow], *, view: str, node: str, following: str, base: str
) -> str:
    """Make a page from rows, as N-Triples: each line once and sorted, so that the same rows give the same
    bytes. following: address of the next page, empty while this one is open.
    """
    named = writing.term(stream(service, base))
    writers: dict[str, Writer] = {}
    found, last = set[str](), None
    for row in rows:
        last = row.recorded_at
        name = f"{row.object__iri}/{row.sequence}"
        found.add(f"{named} <{ldes.MEMBER}> {writing.term(name)} .")
        found.update(_lines(service, row, name, writers))
    frame = pages.frame(
        stream=stream(service, base),
        view=view,
        node=node,
        following=following,
        last=last,
        shape=shape(service, base),
    )
    found.update(write(frame, format=Written.N_TRIPLES).splitlines())
    return "".join(f"{line}\n" for line in sorted(found))


def sent(text: str, media_type: str) -> bytes:
    """Give a page in a format: N-Triples is Turtle, N-Quads and TriG as well, and sent as it is."""
    return written(lines.read(text), media_type) if media_type == JSON_LD else text.encode()


def rows_of(service: ServiceRow, **among: object) -> Iterable[MemberRow]:
    """Give the versions of a page in order."""
    rows = VersionRow.objects.filter(service=service, **among)
    return rows.order_by("number").values_list(*OF_A_MEMBER, named=True)  # no models of 250 rows


def _lines(service: ServiceRow, row: MemberRow, name: str, writers: dict[str, Writer]) -> Iterable[str]:
    """Give the lines of a member: at once when it is written as is usual, else by its graph."""
    digest, content = row.profile__digest or "", row.content or {}
    if content and not row.ended_on and not row.replaced_by and row.change != Change.DELETED:
        if digest not in writers:
            writers[digest] = Writer(profiles.of_version(service, digest).context)
        of = row.object__iri
        try:
            said = writers[digest].lines(content, of=of, name=name, label=pages.label(row.number))
        except NotUsual:
            pass
        else:
            at = writing.term(Lexical(pages.instant(row.recorded_at), f"{XSD}dateTime"))
            said += [f"<{name}> <{ldes.IS_VERSION_OF}> <{of}> .", f"<{name}> <{ldes.GENERATED_AT}> {at} ."]
            return said
    told = pages.told(_member(service, row, name, content, digest))
    return write(told, format=Written.N_TRIPLES).splitlines()


def _member(service: ServiceRow, row: MemberRow, name: str, content: Json, digest: str) -> Member:
    is_deletion = row.change == Change.DELETED
    said = showing.ending(content, ended_on=row.ended_on, replaced_by=tuple(row.replaced_by))
    return Member(
        name=name,
        of=row.object__iri,
        at=row.recorded_at,
        number=row.number,
        graph=Graph() if is_deletion else showing.graph_of_content(service, row.object__iri, said, digest),
        is_deletion=is_deletion,
    )


def written(graph: Graph, media_type: str) -> bytes:
    """Write a graph in a format."""
    if media_type == JSON_LD:
        return codec.encode_json(expanded_json(graph))
    return write(graph, format=Written(media_type)).encode()


def _kept(service: ServiceRow, number: int) -> str | None:
    try:
        return gzip.decompress(durable.read_file(page_file(service, number))).decode()
    except FileNotFoundError:
        return None


def page_file(service: ServiceRow, number: int) -> Path:
    """Give where a full page is kept."""
    return tenants.folder() / "published" / "ldes" / service.code / f"{number}.nt.gz"


def subtype(media_type: str) -> str:
    """Give the part of a media type that tells formats apart."""
    return media_type.rpartition("/")[2]


def stream(service: ServiceRow, base: str) -> str:
    """Give the name of what the feed and its other views are views of."""
    return f"{base}/data/{service.code}/feed#stream"


def shape(service: ServiceRow, base: str) -> str:
    """Give where the shapes of the members are."""
    return f"{base}/data/{service.code}/shapes.ttl"
