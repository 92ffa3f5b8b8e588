"""Reads of opendata: query sets to data."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ocapi.kernel.search import api as search
from ocapi.lib import codec
from ocapi.lib.dcat.model import Dataset, text_of
from ocapi.modules.opendata import facets, snapshots
from ocapi.modules.opendata.data import (
    About,
    Asked,
    CatalogPage,
    DatasetGone,
    DatasetNotFound,
    Decided,
    DeskDataset,
    Entry,
    FacetValue,
    Ground,
    Issued,
    Proposal,
    ProposalNotFound,
    Published,
    RecordError,
    Run,
    RunOutcome,
    Source,
    SourceKind,
    SourceNotFound,
    State,
    Verdict,
)
from ocapi.modules.opendata.models import (
    CatalogRow,
    DatasetRow,
    FacetRow,
    ProposalRow,
    RecordRow,
    RunRow,
    SnapshotRow,
    SourceRow,
    VersionRow,
)

KIND = "dataset"  # in the search index
MAX_HITS = 1_000
MAX_FACET_VALUES = 500  # read per catalogue page, for all facets together
SUMMARY = 260
MAX_DESK = 500
SORTS = {
    "title": ("title", "id"),
    "-title": ("-title", "-id"),
    "modified": ("modified_at", "id"),
    "-modified": ("-modified_at", "-id"),
    "issued": ("issued_at", "id"),
    "-issued": ("-issued_at", "-id"),
}


def dataset_row(*, code: str = "", uuid: UUID | None = None) -> DatasetRow:
    """Give the row of a dataset, whatever its state; raises DatasetNotFound."""
    rows = DatasetRow.objects.select_related("harvested_from")
    row = (rows.filter(uuid=uuid) if uuid else rows.filter(code=code)).first()
    if row is None:
        raise DatasetNotFound(code or str(uuid))
    return row


def published_row(*, code: str) -> DatasetRow:
    """Give the row of a dataset that is in the catalogue; raises DatasetNotFound, DatasetGone."""
    row = dataset_row(code=code)
    if row.state == State.GONE:
        raise DatasetGone(code, title=row.title, gone_at=row.gone_at)
    if row.state != State.PUBLISHED:
        raise DatasetNotFound(code)
    return row


def content_of(row: DatasetRow) -> Dataset:
    """Give the description that a row keeps."""
    return codec.convert(row.content, Dataset)


def published(row: DatasetRow, *, with_table: bool = True) -> Published:
    """Give a dataset of the catalogue whole."""
    dataset = content_of(row)
    kept = SnapshotRow.objects.filter(dataset=row).first() if with_table else None
    origin = row.harvested_from
    return Published(
        uuid=row.uuid,
        code=row.code,
        dataset=dataset,
        state=State(row.state),
        issued_at=row.issued_at,
        modified_at=row.modified_at,
        issues=issues_of(row),
        table=snapshots.unpacked(kept.rows) if kept else None,
        digest=kept.digest if kept else "",
        origin=origin.title if origin else "",
        origin_address=origin.address if origin else "",
        sequence=row.sequence,
        license=next((each.license for each in dataset.distributions if each.license), "")
        or next((each.license for each in dataset.services if each.license), ""),
    )


def issues_of(row: DatasetRow) -> tuple[Issued, ...]:
    """Give what the check found, as it was kept."""
    return tuple(codec.convert(each, Issued) for each in row.issues or ())


def snapshot_of(row: DatasetRow) -> SnapshotRow | None:
    """Give the kept rows of a dataset, None when it has none."""
    return SnapshotRow.objects.filter(dataset=row).first()


def search_catalog(asked: Asked) -> CatalogPage:
    """Give the datasets that were asked for with facets; words are found stemmed and with typing errors."""
    rows = DatasetRow.objects.filter(state=State.PUBLISHED)
    suggestion, order = "", None
    if asked.text:
        found = search.find(text=asked.text, kinds=(KIND,), limit=MAX_HITS)
        suggestion = found.suggestion or ""
        order = {hit.uuid: place for place, hit in enumerate(found.hits)}
        rows = rows.filter(uuid__in=list(order))
    rows = _filtered(rows, asked.filters)
    total = rows.count()
    counted = _facets(rows) if asked.with_facets else {}
    if order is not None and asked.sort in ("", "relevance"):
        ranked = sorted(rows.values_list("uuid", flat=True), key=lambda uuid: order[uuid])
        wanted = ranked[asked.start : asked.start + asked.size]
        by_uuid = {row.uuid: row for row in _whole(DatasetRow.objects.filter(uuid__in=wanted))}
        page = [by_uuid[uuid] for uuid in wanted]
    else:
        sort = SORTS.get(asked.sort, SORTS["-modified"])
        page = list(_whole(rows).order_by(*sort)[asked.start : asked.start + asked.size])
    return CatalogPage(
        items=tuple(entry_of(row) for row in page), total=total, facets=counted, suggestion=suggestion
    )


def _whole(rows: "QuerySet[DatasetRow]") -> "QuerySet[DatasetRow]":
    return rows.select_related("harvested_from").prefetch_related("facets")


def _filtered(rows: "QuerySet[DatasetRow]", filters: Iterable[tuple[str, str]]) -> "QuerySet[DatasetRow]":
    wanted: dict[str, list[str]] = {}
    for name, value in filters:
        wanted.setdefault(name, []).append(value)
    for name, values in wanted.items():
        these = FacetRow.objects.filter(dataset=OuterRef("pk"), name=name, value__in=values)
        rows = rows.filter(Exists(these))
    return rows


def _facets(rows: "QuerySet[DatasetRow]") -> dict[str, tuple[FacetValue, ...]]:
    counted = (
        FacetRow.objects.filter(dataset__in=rows.order_by().values("id"), name__in=facets.NAMES)
        .order_by()
        .values("name", "value", "label")
        .annotate(n=Count("id"))
        .order_by("-n", "label", "value")[:MAX_FACET_VALUES]
    )
    found: dict[str, dict[str, FacetValue]] = {name: {} for name in facets.NAMES}
    for each in counted:
        held = found.setdefault(each["name"], {})
        known = held.get(each["value"])  # one value may be labelled in two ways: the most used one is shown
        held[each["value"]] = FacetValue(
            value=each["value"],
            label=known.label if known else each["label"],
            count=each["n"] + (known.count if known else 0),
        )
    return {name: tuple(values.values()) for name, values in found.items()}


def entry_of(row: DatasetRow) -> Entry:
    """Give a dataset as a list shows it; its facets are prefetched."""
    held: dict[str, list[FacetRow]] = {}
    for each in sorted(row.facets.all(), key=lambda each: each.label):
        held.setdefault(each.name, []).append(each)
    text = " ".join(str(text_of(_texts(row.content.get("description")))).split())
    origin = row.harvested_from
    return Entry(
        uuid=row.uuid,
        code=row.code,
        iri=row.iri,
        title=row.title,
        summary=text if len(text) <= SUMMARY else f"{text[:SUMMARY].rsplit(' ', 1)[0]} …",
        publisher=next((each.label for each in held.get("publisher", ())), ""),
        modified_at=row.modified_at,
        themes=tuple(each.label for each in held.get("theme", ())),
        formats=tuple(each.label for each in held.get("format", ())),
        is_high_value=bool(held.get("hvd")),
        origin=origin.title if origin else "",
    )


def _texts(kept: object) -> tuple[tuple[str, str], ...]:
    return tuple((each[0], each[1]) for each in kept) if isinstance(kept, list) else ()


def list_codes(*, start: int = 0, size: int = 1_000) -> tuple[str, ...]:
    """Give the codes of the datasets in the catalogue, by code."""
    rows = DatasetRow.objects.filter(state=State.PUBLISHED).order_by("code").values_list("code", flat=True)
    return tuple(rows[start : start + size])


def list_changed(*, start: int, size: int) -> tuple[tuple[str, datetime], ...]:
    """Give code and instant of the last change of the datasets in the catalogue, by code."""
    rows = DatasetRow.objects.filter(state=State.PUBLISHED).order_by("code")
    return tuple(rows.values_list("code", "modified_at")[start : start + size])


def page_of_catalog(*, start: int, size: int) -> tuple[DatasetRow, ...]:
    """Give datasets in the order in which they came, so that pages stay as they are while more come."""
    rows = DatasetRow.objects.filter(state=State.PUBLISHED).select_related("harvested_from").order_by("id")
    return tuple(rows[start : start + size])


def count_published() -> int:
    """Give how many datasets are in the catalogue."""
    return DatasetRow.objects.filter(state=State.PUBLISHED).count()


def last_change() -> datetime | None:
    """Give when the catalogue changed last, None when it is empty."""
    return CatalogRow.objects.values_list("last_at", flat=True).first()


def last_number() -> int:
    """Give the number of the newest member of the feed, 0 before the first."""
    return CatalogRow.objects.values_list("last_number", flat=True).first() or 0


def versions(*, first: int, last: int) -> Iterator[tuple[VersionRow, DatasetRow]]:
    """Give the members of the feed with those numbers, in order."""
    rows = VersionRow.objects.select_related("dataset").filter(number__gte=first, number__lte=last)
    for row in rows.order_by("number"):
        yield row, row.dataset


def find_code(*, uuid: str) -> str | None:
    """Give the code of the dataset of that uuid, also of one that left; None when it was never in."""
    rows = DatasetRow.objects.filter(uuid=uuid).exclude(state=State.PROPOSED)
    return rows.values_list("code", flat=True).first()


def list_own() -> tuple[DeskDataset, ...]:
    """Give our own datasets and proposals, the newest change first."""
    waits = ProposalRow.objects.filter(dataset=OuterRef("pk"), decided=Decided.WAITING)
    rows = DatasetRow.objects.filter(harvested_from=None).exclude(source="series")
    rows = rows.annotate(waits=Exists(waits)).order_by("-modified_at", "-id")
    return tuple(
        DeskDataset(
            uuid=row.uuid,
            code=row.code,
            title=row.title,
            state=State(row.state),
            source=row.source,
            offer=row.offer,
            modified_at=row.modified_at,
            waiting=row.waits,
            issues=len(row.issues or ()),
            problem=row.problem,
        )
        for row in rows[:MAX_DESK]
    )


def find_offered(*, source: str, offer: str) -> DatasetRow | None:
    """Give the dataset that was made of an offer, whatever its state."""
    return DatasetRow.objects.filter(source=source, offer=offer, harvested_from=None).first()


def empty_series(*, iri: str) -> DatasetRow | None:
    """Give the series of that name when no dataset in the catalogue is part of it any more, else None."""
    row = DatasetRow.objects.filter(iri=iri, source="series", state=State.PUBLISHED).first()
    if row is None:
        return None
    return None if FacetRow.objects.filter(name=facets.SERIES, value=iri).exists() else row


def members_of(*, iri: str) -> tuple[Entry, ...]:
    """Give the datasets that are part of a series, by title."""
    these = FacetRow.objects.filter(dataset=OuterRef("pk"), name=facets.SERIES, value=iri)
    rows = _whole(DatasetRow.objects.filter(Exists(these), state=State.PUBLISHED))
    return tuple(entry_of(row) for row in rows.order_by("title", "id")[:200])


def last_approved(*, dataset: DatasetRow) -> Proposal | None:
    """Give the newest proposal that was approved, which says how a dataset is described; None without one."""
    rows = ProposalRow.objects.filter(dataset=dataset, decided=Decided.APPROVED).defer("rows")
    row = rows.order_by("-id").first()
    return proposal_of(row) if row else None


def waiting_row(*, dataset: DatasetRow) -> ProposalRow:
    """Give the proposal that waits for a second person; raises ProposalNotFound."""
    row = ProposalRow.objects.filter(dataset=dataset, decided=Decided.WAITING).order_by("-id").first()
    if row is None:
        raise ProposalNotFound(dataset.code)
    return row


def list_proposals(*, dataset: DatasetRow, asker: bytes) -> tuple[Proposal, ...]:
    """Give the proposals for a dataset, the newest first. asker: keyed hash of who reads."""
    rows = ProposalRow.objects.filter(dataset=dataset).defer("rows").order_by("-id")[:50]
    return tuple(proposal_of(row, asker=asker) for row in rows)


def proposal_of(row: ProposalRow, *, asker: bytes = b"") -> Proposal:
    """Give a proposal as it was kept."""
    return Proposal(
        uuid=row.uuid,
        about=codec.convert(row.about, About),
        ground=Ground(row.ground),
        motive=row.motive,
        verdict=codec.convert(row.verdict, Verdict),
        decided=Decided(row.decided),
        requested_at=row.requested_at,
        digest=row.digest,
        row_count=row.row_count,
        decided_at=row.decided_at,
        remark=row.remark,
        is_own=bytes(row.requested_by) == asker,
    )


def source_row(*, source: UUID) -> SourceRow:
    """Give the row of a source; raises SourceNotFound."""
    row = SourceRow.objects.filter(uuid=source).first()
    if row is None:
        raise SourceNotFound(str(source))
    return row


def list_sources() -> tuple[Source, ...]:
    """Give the sources by title with how their last harvest ended."""
    return tuple(source_of(row) for row in SourceRow.objects.order_by("title", "id")[:200])


def active_sources() -> tuple[UUID, ...]:
    """Give the sources that the daily job harvests."""
    return tuple(SourceRow.objects.filter(is_active=True).order_by("id").values_list("uuid", flat=True)[:200])


def source_of(row: SourceRow) -> Source:
    """Give a source with how its last harvest ended."""
    last = RunRow.objects.filter(source=row).order_by("-id").first()
    kept = RecordRow.objects.filter(source=row).aggregate(
        datasets=Count("id", filter=Q(dataset__state=State.PUBLISHED)),
        errors=Count("id", filter=~Q(reason="")),
    )
    return Source(
        uuid=row.uuid,
        title=row.title,
        address=row.address,
        kind=SourceKind(row.kind),
        is_active=row.is_active,
        datasets=kept["datasets"],
        errors=kept["errors"],
        last_at=last.started_at if last else None,
        last_outcome=RunOutcome(last.outcome) if last else None,
    )


def list_runs(*, source: SourceRow, limit: int = 20) -> tuple[Run, ...]:
    """Give the harvests of a source, the newest first."""
    return tuple(run_of(row) for row in RunRow.objects.filter(source=source).order_by("-id")[:limit])


def run_of(row: RunRow) -> Run:
    """Give a harvest as it was kept."""
    return Run(
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=RunOutcome(row.outcome),
        seen=row.seen,
        made=row.made,
        changed=row.changed,
        same=row.same,
        gone=row.gone,
        refused=row.refused,
        problem=row.problem,
        detail=row.detail,
    )


def list_errors(*, source: SourceRow, limit: int = 100) -> tuple[RecordError, ...]:
    """Give the descriptions of a source that are not in the catalogue, by name."""
    rows = RecordRow.objects.filter(source=source).exclude(reason="").order_by("name", "id")[:limit]
    return tuple(RecordError(name=row.name, reason=row.reason, at=row.seen_at) for row in rows)


def harvested_with_issues(*, source: SourceRow, limit: int = 50) -> tuple[tuple[str, str, int], ...]:
    """Give code, title and number of issues of the datasets of a source that break the standards."""
    rows = DatasetRow.objects.filter(harvested_from=source, state=State.PUBLISHED).exclude(issues=[])
    return tuple((row.code, row.title, len(row.issues)) for row in rows.order_by("title", "id")[:limit])
