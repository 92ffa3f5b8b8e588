"""Harvests of catalogues elsewhere: DCAT in pages and CKAN, keyed by source and name.

The same again changes nothing, what vanished leaves a tombstone, and what can't be kept is listed with the
reason while the rest goes on. Nothing is taken out unless a harvest came to its end. A source is bounded in
pages, bytes, datasets and time, and one that repeats itself is stopped.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from django.db import transaction

from ocapi.lib import actor as actors
from ocapi.lib import clock, codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import ckan, reading
from ocapi.lib.dcat.model import Dataset, text_of
from ocapi.lib.dcat.reading import NotADataset, Read
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.modules.opendata import house, queries, services
from ocapi.modules.opendata.data import Run, RunOutcome, SourceKind, SourceRefused, State
from ocapi.modules.opendata.fetching import (
    Fetch,
    Fetched,
    SourceUnavailable,
    fetcher,
    is_own_machine,
    without_nul,
)
from ocapi.modules.opendata.models import CatalogRow, DatasetRow, RecordRow, RunRow, SourceRow

HARVESTER = actors.system("opendata.harvest")
BATCH = 100  # datasets of one transaction
MAX_PAGES = 5_000
MAX_BYTES = 512 << 20  # of all pages of one harvest
MAX_DATASETS = 100_000
MAX_SECONDS = 1_200  # from the first page to the last
CKAN_ROWS = 200
MAX_KEYS = 5_000_000  # members of one CKAN page
FORMATS = {
    "text/turtle": turtle.Format.TURTLE,
    "application/x-turtle": turtle.Format.TURTLE,
    "application/n-triples": turtle.Format.N_TRIPLES,
    "application/ld+json": turtle.Format.JSON_LD,
    "application/rdf+xml": turtle.Format.RDF_XML,
}


def add_source(*, title: str, address: str, kind: SourceKind, now: datetime) -> SourceRow:
    """Keep a source; raises SourceRefused."""
    if not title:
        raise SourceRefused("titleMissing")
    if not reading.is_address(address) or len(address) > 400 or urlsplit(address).username:
        raise SourceRefused("notAnAddress")
    if urlsplit(address).scheme != "https" and not is_own_machine(address):
        raise SourceRefused("notHttps")
    held = SourceRow.objects.filter(address=address).first()
    if held is not None and held.is_active:
        raise SourceRefused("known")
    if held is not None:
        held.is_active, held.title, held.kind = True, title, kind
        held.save(update_fields=("is_active", "title", "kind"))
        return held
    return SourceRow.objects.create(
        uuid=ids.new_uuid(now), title=title, address=address, kind=kind, added_at=now
    )


def stop(source: SourceRow) -> None:
    """Harvest a source no more; a harvest that is under way ends with its next batch."""
    SourceRow.objects.filter(pk=source.pk).update(is_active=False)


def is_stopped(source: SourceRow) -> bool:
    """Tell whether a source is not to be harvested, as it stands now."""
    return not SourceRow.objects.filter(pk=source.pk, is_active=True).exists()


def empty(source: SourceRow, *, now: datetime) -> None:
    """Take what came from a stopped source out of the catalogue; one that was added again keeps the rest."""
    records = RecordRow.objects.filter(source=source, dataset__state=State.PUBLISHED)
    while is_stopped(source) and (batch := list(records.select_related("dataset")[:BATCH])):
        with transaction.atomic():
            catalog = services.locked_catalog(now)
            for record in batch:
                _take_out(record, catalog=catalog, actor=HARVESTER, now=now)


@dataclass(slots=True)
class _Harvest:
    """One harvest while it runs."""

    source: SourceRow
    run: RunRow
    now: datetime
    base: str
    names: set[str] = field(default_factory=set)


def harvest(source: SourceRow, *, now: datetime, fetch: Fetch | None) -> Run:
    """Harvest a source whole and give what it brought; what stands in the way is in the answer."""
    left = RunRow.objects.filter(source=source, outcome=RunOutcome.RUNNING)
    left.update(outcome=RunOutcome.FAILED, problem="interrupted", ended_at=now)  # its process ended
    run = RunRow.objects.create(
        uuid=ids.new_uuid(now), source=source, started_at=now, outcome=RunOutcome.RUNNING
    )
    going = _Harvest(source=source, run=run, now=now, base=house.base())
    pages = _of_ckan if source.kind == SourceKind.CKAN else _of_dcat
    try:
        for page in _bounded(pages(source.address, without_nul(fetch or fetcher(source.address))), going):
            for start in range(0, len(page), BATCH):
                if is_stopped(source):
                    raise SourceUnavailable("stopped", source.address)
                _take_batch(page[start : start + BATCH], going)
        if not going.names:
            raise SourceUnavailable("nothingFound", source.address)
        _take_out_vanished(going)
        run.outcome = RunOutcome.COMPLETE
    except SourceUnavailable as stopped:
        run.outcome = RunOutcome.PARTIAL if going.names else RunOutcome.FAILED
        run.problem, run.detail = stopped.reason[:40], stopped.detail[:400]
    run.ended_at = max(clock.now(), now)
    run.save()
    return queries.run_of(run)


def _bounded(pages: Iterator[list[Read]], going: _Harvest) -> Iterator[list[Read]]:
    """Give only what a page has that earlier ones had not, until a bound is met. Raises SourceUnavailable."""
    began = clock.monotonic()
    for page in pages:
        fresh = {each.name: each for each in reversed(page) if each.name not in going.names}
        if page and not fresh:
            raise SourceUnavailable("repeatsItself", page[0].name[:300])
        if len(going.names) + len(fresh) > MAX_DATASETS:
            raise SourceUnavailable("tooMany", str(MAX_DATASETS))
        if clock.monotonic() - began > MAX_SECONDS:
            raise SourceUnavailable("tooLong", f"{MAX_SECONDS} s")
        going.names.update(fresh)
        yield [each for each in page if fresh.get(each.name) is each]


def _of_dcat(address: str, fetch: Fetch) -> Iterator[list[Read]]:
    seen, size = set[str](), 0
    while address:
        if address in seen or len(seen) >= MAX_PAGES:
            raise SourceUnavailable("repeatsItself" if address in seen else "tooManyPages", address)
        seen.add(address)
        page = fetch(address)
        size = _counted(size, page)
        try:
            graph = of_triples(turtle.parse(page.content, format=format_of(page), base_iri=page.address))
            found = list(reading.datasets(graph))
        except turtle.MalformedRdf as refused:
            raise SourceUnavailable(refused.reason, f"{address} {refused.detail}") from None
        yield found
        following = reading.next_page(graph, here=address)
        address = urljoin(page.address, following) if following else ""


def format_of(page: Fetched) -> turtle.Format:
    """Give the format of a page: as it says, else as it looks."""
    if page.media_type in FORMATS:
        return FORMATS[page.media_type]
    head = page.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        return turtle.Format.JSON_LD
    return turtle.Format.RDF_XML if head.startswith((b"<?xml", b"<rdf:")) else turtle.Format.TURTLE


def _of_ckan(address: str, fetch: Fetch) -> Iterator[list[Read]]:
    site = address.partition("/api/")[0].rstrip("/")
    start, size, total = 0, 0, 1
    while start < total:
        where = f"{site}/api/3/action/package_search?rows={CKAN_ROWS}&start={start:d}&sort=name+asc"
        page = fetch(where)
        size = _counted(size, page)
        try:
            said = codec.decode_untyped(page.content, max_bytes=len(page.content) + 1, max_keys=MAX_KEYS)
        except codec.MalformedInput as refused:
            raise SourceUnavailable("notJson", f"{where} {refused.detail}") from None
        result = said.get("result") if isinstance(said, dict) else None
        packages = result.get("results") if isinstance(result, dict) else None
        count = result.get("count") if isinstance(result, dict) else None
        if not isinstance(packages, list) or not isinstance(count, int):
            raise SourceUnavailable("notCkan", where)
        if not packages:
            return
        yield [_read(each, site, start + place) for place, each in enumerate(packages)]
        start, total = start + len(packages), count


def _read(package: object, site: str, place: int) -> Read:
    if not isinstance(package, dict):
        return Read(name=f"{site}#{place}", reason="notADataset")
    try:
        found = ckan.dataset(package, site=site)
    except NotADataset as refused:
        named = package.get("name")
        return Read(
            name=named[:400] if isinstance(named, str) and named else f"{site}#{place}", reason=refused.reason
        )
    return Read(name=found.iri, dataset=found)


def _counted(size: int, page: Fetched) -> int:
    if size + len(page.content) > MAX_BYTES:
        raise SourceUnavailable("tooLarge", f"{MAX_BYTES >> 20} MB")
    return size + len(page.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """A description that is new, or says something else than before. record: what was kept of it, if any."""

    record: RecordRow | None
    read: Read
    row: DatasetRow
    dataset: Dataset
    digest: str


@transaction.atomic
def _take_batch(batch: Sequence[Read], going: _Harvest) -> None:
    """Take descriptions in; the new together, and one write for all that are as they were."""
    run = going.run
    catalog = services.locked_catalog(going.now)
    names = [each.name for each in batch]
    held = {
        row.name: row
        for row in RecordRow.objects.select_related("dataset").filter(source=going.source, name__in=names)
    }
    iris = [each.dataset.iri for each in batch if each.dataset]
    elsewhere = set(
        DatasetRow.objects.filter(iri__in=iris, state=State.PUBLISHED)
        .exclude(harvested_from=going.source)
        .values_list("iri", flat=True)
    )
    same: list[int] = []
    fresh: list[_Fresh] = []
    for each in batch:
        record = held.get(each.name)
        reason = each.reason
        if each.dataset and each.dataset.iri.startswith(f"{going.base}/"):
            reason = "ownName"
        elif each.dataset and each.dataset.iri in elsewhere:
            reason = "knownElsewhere"
        if reason or each.dataset is None:
            run.refused += 1
            _keep(record, each, going, dataset=record.dataset if record else None, digest="", reason=reason)
            continue
        digest = hashlib.sha256(codec.encode_json(each.dataset)).hexdigest()
        row = record.dataset if record else None
        if record and row and record.digest == digest and row.state == State.PUBLISHED:
            run.same += 1
            same.append(record.pk)
            continue
        run.made, run.changed = run.made + (row is None), run.changed + (row is not None)
        row = row or _row_for(each.dataset, going)
        fresh.append(_Fresh(record=record, read=each, row=row, dataset=each.dataset, digest=digest))
    services.put_all_in_catalog(
        [(each.row, each.dataset) for each in fresh],
        origin=going.source,
        catalog=catalog,
        actor=HARVESTER,
        now=going.now,
    )
    for one in fresh:
        _keep(one.record, one.read, going, dataset=one.row, digest=one.digest, reason="")
    RecordRow.objects.filter(pk__in=same).update(last_run=run.pk, seen_at=going.now)
    run.seen += len(batch)
    run.save()


def _row_for(dataset: Dataset, going: _Harvest) -> DatasetRow:
    uuid = ids.new_uuid(going.now)
    mark = hashlib.sha256(f"{going.source.uuid} {dataset.iri}".encode()).hexdigest()[:10]
    return DatasetRow(
        uuid=uuid,
        code=f"{ckan.name_of(text_of(dataset.title))[:60].strip('-')}-{mark}",
        iri=dataset.iri,
        state=State.PROPOSED,
        source="harvest",
        offer=mark,
        harvested_from=going.source,
        content={},
        issues=[],
        issued_at=going.now,
        modified_at=going.now,
    )


def _keep(
    record: RecordRow | None,
    read: Read,
    going: _Harvest,
    *,
    dataset: DatasetRow | None,
    digest: str,
    reason: str,
) -> None:
    record = record or RecordRow(uuid=ids.new_uuid(going.now), source=going.source, name=read.name)
    record.dataset, record.digest, record.reason = dataset, digest, reason
    record.last_run, record.seen_at = going.run.pk, going.now
    record.save()


def _take_out_vanished(going: _Harvest) -> None:
    """Take out what this harvest did not see, and forget errors of what is no longer there."""
    gone = RecordRow.objects.filter(source=going.source).exclude(last_run=going.run.pk)
    while batch := list(gone.filter(dataset__state=State.PUBLISHED).select_related("dataset")[:BATCH]):
        with transaction.atomic():
            catalog = services.locked_catalog(going.now)
            for record in batch:
                _take_out(record, catalog=catalog, actor=HARVESTER, now=going.now)
                going.run.gone += 1
            going.run.save()
    gone.filter(dataset=None).delete()


def _take_out(record: RecordRow, *, catalog: CatalogRow, actor: Actor, now: datetime) -> None:
    assert record.dataset is not None
    services.take_out(record.dataset, catalog=catalog, actor=actor, now=now)
    record.digest, record.reason = "", ""
    record.save(update_fields=("digest", "reason"))
