"""The door of opendata: the catalogue for everybody, publishing through the privacy gate, and harvests."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import api as jobs
from ocapi.lib import actor as actors
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import lists
from ocapi.modules.opendata import (
    feeds,
    following,
    formats,
    harvesting,
    house,
    publishing,
    queries,
    services,
    snapshots,
)
from ocapi.modules.opendata.data import (
    About,
    AboutRefused,
    Asked,
    CatalogPage,
    DatasetNotFound,
    Decided,
    DeskDataset,
    Entry,
    FeedPage,
    File,
    FileNotFound,
    GateRefused,
    Ground,
    Offer,
    Outcome,
    Proposal,
    Published,
    RecordError,
    Run,
    SamePerson,
    Source,
    SourceKind,
    State,
    Table,
    Verdict,
)
from ocapi.modules.opendata.extensions import dataset_sources
from ocapi.modules.opendata.fetching import Fetch

READ = "opendata.read_catalog"
LIST_OWN = "opendata.list_own"
PUBLISH = "opendata.publish"
APPROVE = "opendata.approve"
WITHDRAW = "opendata.withdraw"
LIST_SOURCES = "opendata.list_sources"
KEEP_SOURCES = "opendata.keep_sources"
EMPTY_SOURCE = "opendata.empty_source"
RENEWER = actors.system("opendata.renew")


def search_catalog(*, asked: Asked, actor: Actor) -> CatalogPage:
    """Give the datasets that somebody looks for, with how many each facet value has."""
    access.require(actor, READ)
    return queries.search_catalog(asked)


def get_published(*, code: str, actor: Actor) -> Published:
    """Give a dataset of the catalogue with its rows; raises DatasetNotFound, DatasetGone."""
    access.require(actor, READ)
    return queries.published(queries.published_row(code=code))


def list_members(*, code: str, actor: Actor) -> tuple[Entry, ...]:
    """Give the datasets that are part of a series, by title; raises DatasetNotFound, DatasetGone."""
    access.require(actor, READ)
    return queries.members_of(iri=queries.published_row(code=code).iri)


def get_described(*, uuid: UUID, actor: Actor) -> Published:
    """Give a dataset of the catalogue without its rows; raises DatasetNotFound, DatasetGone."""
    access.require(actor, READ)
    row = queries.dataset_row(uuid=uuid)
    return queries.published(queries.published_row(code=row.code), with_table=False)


def get_file(*, code: str, extension: str, actor: Actor) -> File:
    """Give the rows of a dataset in a form; raises DatasetNotFound, DatasetGone, FileNotFound."""
    access.require(actor, READ)
    row = queries.published_row(code=code)
    kept = queries.snapshot_of(row)
    if kept is None:
        raise FileNotFound(extension)
    table = snapshots.unpacked(kept.rows)
    form = formats.find(extension, table)
    if form is None:
        raise FileNotFound(extension)
    return File(
        content=form.write(table, row.iri),
        media_type=form.media_type,
        name=f"{code}.{extension}",
        tag=f"{kept.digest[:32]}-{extension}",
    )


def list_codes(*, start: int = 0, size: int = 1_000, actor: Actor) -> tuple[str, ...]:
    """Give the codes of the datasets in the catalogue, by code."""
    access.require(actor, READ)
    return queries.list_codes(start=start, size=size)


def list_changed(*, start: int = 0, size: int = 1_000, actor: Actor) -> tuple[tuple[str, datetime], ...]:
    """Give code and instant of the last change of the datasets in the catalogue, by code."""
    access.require(actor, READ)
    return queries.list_changed(start=start, size=size)


def get_catalog_page(*, number: int, media_type: str, actor: Actor) -> FeedPage:
    """Give a page of the catalogue as linked data, 1 first; raises PageNotFound beyond the last."""
    access.require(actor, READ)
    return feeds.catalog_page(number=number, media_type=media_type, by=house.get())


def get_description(*, code: str, media_type: str, actor: Actor) -> FeedPage:
    """Give what is said of one dataset as linked data; raises DatasetNotFound, DatasetGone."""
    access.require(actor, READ)
    return feeds.description(queries.published_row(code=code), media_type=media_type)


def get_feed(*, media_type: str, actor: Actor) -> FeedPage:
    """Give the root of the feed of the catalogue (LDES)."""
    access.require(actor, READ)
    return feeds.root(media_type=media_type, base=house.base())


def get_feed_page(*, number: int, media_type: str, actor: Actor) -> FeedPage:
    """Give a page of the feed of the catalogue, 1 first; raises PageNotFound beyond the last."""
    access.require(actor, READ)
    return feeds.page(number=number, media_type=media_type, base=house.base())


def find_page(*, uuid: str) -> str | None:
    """Give the path of the page of a dataset, also of one that left the catalogue, or None."""
    code = queries.find_code(uuid=uuid)
    return f"/open-data/{code}" if code else None


def list_own(*, actor: Actor) -> tuple[DeskDataset, ...]:
    """Give our own datasets with what waits, the newest change first. Raises NotAllowed."""
    access.require(actor, LIST_OWN)
    return queries.list_own()


def list_offers(*, actor: Actor, now: datetime) -> tuple[Offer, ...]:
    """Give what modules offer and is not in the catalogue, by title. Raises NotAllowed."""
    access.require(actor, LIST_OWN)
    offered = [offer for source in dataset_sources for offer in source.list_offers(now=now)]
    taken = {(each.source, each.offer) for each in queries.list_own() if each.state is State.PUBLISHED}
    return tuple(
        sorted(
            (each for each in offered if (each.source, each.code) not in taken), key=lambda each: each.title
        )
    )


def preview(
    *, source: str, code: str, left_out: Collection[str] | None = (), actor: Actor, now: datetime
) -> tuple[Offer, Table | None, Verdict]:
    """Give an offer with the rows as they would be public, and what the gate says of them.

    left_out: names of columns that stay here; None for those in which no row says anything. Raises
    NotAllowed, OfferNotFound, TableTooLarge.
    """
    access.require(actor, PUBLISH)
    return publishing.judged(source=source, code=code, now=now, left_out=left_out)


def find_about(*, source: str, code: str, actor: Actor) -> About | None:
    """Give how the dataset of an offer was described last, None when it never was."""
    access.require(actor, PUBLISH)
    row = queries.find_offered(source=source, offer=code)
    found = queries.list_proposals(dataset=row, asker=b"") if row else ()
    return found[0].about if found else None


def propose(
    *, source: str, code: str, about: About, ground: Ground, motive: str, actor: Actor, now: datetime
) -> tuple[str, Decided]:
    """Make an offer public, or ask a second person when the gate wants one; gives the code of the dataset.

    What is kept is what was judged: the second person sees and approves those very rows. Raises NotAllowed,
    OfferNotFound, TableTooLarge, AboutRefused, GateRefused (which leaves its evidence too). Emits
    DatasetPublished when it is public at once.
    """
    access.require(actor, PUBLISH)
    problems = publishing.problems_of(about)
    if problems:
        raise AboutRefused(problems)
    offer, table, verdict = publishing.judged(source=source, code=code, now=now, left_out=about.left_out)
    if table is not None and not table.columns:
        raise AboutRefused({"left_out": "nothingLeft"})
    if verdict.outcome is Outcome.REFUSED:
        audit.changed(
            actor=actor,
            operation=PUBLISH,
            resource=f"datasetOffer/{source}.{code}",
            now=now,
            fields=("rows",),
            outcome=Outcome.REFUSED,
        )
        raise GateRefused(verdict)
    rows, digest = snapshots.packed(table) if table else (None, "")
    with transaction.atomic():
        row = queries.find_offered(source=source, offer=code) or services.make_own(
            source=source, offer=code, title=about.title, base=house.base(), now=now
        )
        proposal = services.add_proposal(
            row,
            about=about,
            ground=ground,
            motive=motive,
            verdict=verdict,
            rows=rows,
            digest=digest,
            row_count=len(table.rows) if table else 0,
            asker=house.mark_of(actor),
            actor=actor,
            now=now,
        )
        if verdict.outcome is Outcome.SECOND_PERSON:
            return row.code, Decided.WAITING
        publishing.publish(row, proposal, offer=offer, operation=PUBLISH, actor=actor, now=now)
    return row.code, Decided.APPROVED


def approve(*, dataset: UUID, remark: str, actor: Actor, now: datetime) -> None:
    """Approve what another person proposed and make it public. Emits DatasetPublished.

    Raises NotAllowed, DatasetNotFound, ProposalNotFound, SamePerson, OfferNotFound.
    """
    access.require(actor, APPROVE)
    with transaction.atomic():
        row = services.locked(uuid=dataset)
        proposal = queries.waiting_row(dataset=row)
        if bytes(proposal.requested_by) == house.mark_of(actor):
            raise SamePerson(row.code)
        offer = publishing.offer_of(source=row.source, code=row.offer, now=now)
        publishing.publish(row, proposal, offer=offer, operation=APPROVE, actor=actor, now=now, remark=remark)


def turn_down(*, dataset: UUID, remark: str, actor: Actor, now: datetime) -> None:
    """Turn down what was proposed; what is public stays as it is. Who asked may do so too.

    Raises NotAllowed, DatasetNotFound, ProposalNotFound.
    """
    access.require(actor, APPROVE)
    with transaction.atomic():
        row = services.locked(uuid=dataset)
        proposal = queries.waiting_row(dataset=row)
        services.decide(
            row, proposal, decided=Decided.TURNED_DOWN, remark=remark, operation=APPROVE, actor=actor, now=now
        )


def withdraw(*, dataset: UUID, actor: Actor, now: datetime) -> None:
    """Take a dataset of our own out of the catalogue; its address says from then on that it is gone.

    Again changes nothing. Raises NotAllowed, DatasetNotFound. Emits DatasetWithdrawn.
    """
    access.require(actor, WITHDRAW)
    with transaction.atomic():
        catalog = services.locked_catalog(now)
        row = services.locked(uuid=dataset)
        if row.harvested_from_id is not None or row.state == State.PROPOSED:
            raise DatasetNotFound(str(dataset))
        if row.state == State.PUBLISHED:
            publishing.take_out(row, catalog=catalog, actor=actor, now=now)
            services.leave(row, WITHDRAW, fields=("state", "rows"), outcome="done", actor=actor, now=now)


def get_own(*, dataset: UUID, actor: Actor) -> tuple[DeskDataset, tuple[Proposal, ...], Published | None]:
    """Give a dataset of our own with its proposals, and as it is public.

    Raises NotAllowed, DatasetNotFound.
    """
    access.require(actor, LIST_OWN)
    found = next((each for each in queries.list_own() if each.uuid == dataset), None)
    if found is None:
        raise DatasetNotFound(str(dataset))
    row = queries.dataset_row(uuid=dataset)
    public = queries.published(row, with_table=False) if row.state == State.PUBLISHED else None
    return found, queries.list_proposals(dataset=row, asker=house.mark_of(actor)), public


def get_proposed_rows(*, dataset: UUID, actor: Actor) -> Table | None:
    """Give the rows that wait for a second person, as they would be public. Raises ProposalNotFound too."""
    access.require(actor, APPROVE)
    rows = queries.waiting_row(dataset=queries.dataset_row(uuid=dataset)).rows
    return snapshots.unpacked(rows) if rows else None


def renew(*, now: datetime) -> tuple[int, int]:
    """Renew the rows of our own datasets, for the daily job; gives how many changed and how many could not.

    What the gate judges more strictly than when it was approved stays as it was, and the desk says why.
    """
    changed = failed = 0
    for each in queries.list_own():
        if each.state is State.PUBLISHED:
            done = publishing.renew(uuid=each.uuid, actor=RENEWER, now=now)
            changed, failed = changed + (done is True), failed + (done is None)
    return changed, failed


def link(*, dataset: UUID, since: datetime, now: datetime) -> None:
    """Bring linked data behind a dataset opened then up to date, or take it away, for a job."""
    following.follow(dataset=dataset, since=since, now=now)


def find_offered(*, source: str, code: str, actor: Actor) -> tuple[DeskDataset, datetime] | None:
    """Give the dataset that was made of an offer, and since when it is open or was; None before the first.

    Raises NotAllowed.
    """
    access.require(actor, LIST_OWN)
    row = queries.find_offered(source=source, offer=code)
    found = next((each for each in queries.list_own() if row is not None and each.uuid == row.uuid), None)
    return (found, row.issued_at) if found is not None and row is not None else None


def licenses() -> tuple[lists.Entry, ...]:
    """Give the licenses an organization chooses from."""
    return lists.LICENSES


def add_source(*, title: str, address: str, kind: SourceKind, actor: Actor, now: datetime) -> UUID:
    """Add a catalogue to harvest, and harvest it at once in the background.

    Raises NotAllowed, SourceRefused: notAnAddress, notHttps, titleMissing, or known.
    """
    access.require(actor, KEEP_SOURCES)
    with transaction.atomic():
        row = harvesting.add_source(title=title, address=address, kind=kind, now=now)
        audit.changed(
            actor=actor,
            operation=KEEP_SOURCES,
            resource=f"harvestSource/{row.uuid}",
            now=now,
            fields=("address",),
            outcome="added",
        )
        _enqueue(row.uuid, now)
    return row.uuid


def start_harvest(*, source: UUID, actor: Actor, now: datetime) -> None:
    """Harvest a source in the background as soon as can be. Raises NotAllowed, SourceNotFound."""
    access.require(actor, KEEP_SOURCES)
    _enqueue(queries.source_row(source=source).uuid, now)


def stop_source(*, source: UUID, actor: Actor, now: datetime) -> None:
    """Harvest a source no more; a job takes its datasets out of the catalogue.

    Raises NotAllowed, SourceNotFound.
    """
    access.require(actor, KEEP_SOURCES)
    row = queries.source_row(source=source)
    with transaction.atomic():
        harvesting.stop(row)
        jobs.enqueue(
            job=EMPTY_SOURCE,
            arguments={"source": str(row.uuid)},
            due_at=now,
            key=f"{EMPTY_SOURCE}.{row.uuid}",
        )
        audit.changed(
            actor=actor,
            operation=KEEP_SOURCES,
            resource=f"harvestSource/{row.uuid}",
            now=now,
            fields=("isActive",),
            outcome="stopped",
        )


def empty_source(*, source: UUID, now: datetime) -> None:
    """Take the datasets of a stopped source out of the catalogue; again changes nothing."""
    harvesting.empty(queries.source_row(source=source), now=now)


def list_sources(*, actor: Actor) -> tuple[Source, ...]:
    """Give the sources by title with how their last harvest ended. Raises NotAllowed."""
    access.require(actor, LIST_SOURCES)
    return queries.list_sources()


def get_source(
    *, source: UUID, actor: Actor
) -> tuple[Source, tuple[Run, ...], tuple[RecordError, ...], tuple[tuple[str, str, int], ...]]:
    """Give a source, its harvests, what of it could not be kept, and what breaks the standards by code,
    title and number of issues. Raises NotAllowed, SourceNotFound.
    """
    access.require(actor, LIST_SOURCES)
    row = queries.source_row(source=source)
    return (
        queries.source_of(row),
        queries.list_runs(source=row),
        queries.list_errors(source=row),
        queries.harvested_with_issues(source=row),
    )


def harvest(*, source: UUID, now: datetime, fetch: Fetch | None = None) -> Run:
    """Harvest a source whole, for the job and the command; the same again changes nothing.

    fetch: gives the bytes at an address; from the outside when left out. What stands in the way is in the
    run, not raised; raises SourceNotFound.
    """
    return harvesting.harvest(queries.source_row(source=source), now=now, fetch=fetch)


def plan_harvests(*, now: datetime) -> int:
    """Put a harvest of each active source into the queue; gives how many."""
    sources = queries.active_sources()
    for each in sources:
        _enqueue(each, now)
    return len(sources)


def _enqueue(source: UUID, now: datetime) -> None:
    jobs.enqueue(
        job="opendata.harvest",
        arguments={"source": str(source)},
        due_at=now,
        key=f"opendata.harvest.{source}",
    )


def rows_of(
    *, code: str, filters: Iterable[tuple[str, str]], start: int, size: int, actor: Actor
) -> tuple[Table, int]:
    """Give rows of a dataset that have those values as they are written, and how many there are in all.

    Raises DatasetNotFound, DatasetGone, FileNotFound for one without rows, KeyError for a column it has not.
    """
    access.require(actor, READ)
    kept = queries.snapshot_of(queries.published_row(code=code))
    if kept is None:
        raise FileNotFound(code)
    table = snapshots.unpacked(kept.rows)
    place_of = table.place_of
    wanted = [(place_of[name], value) for name, value in filters]
    rows = [row for row in table.rows if all(formats.is_said(value, row[at]) for at, value in wanted)]
    return Table(columns=table.columns, rows=tuple(rows[start : start + size])), len(rows)
