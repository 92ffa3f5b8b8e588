"""Writes of opendata: the catalogue with its feed and index, and proposals with their evidence."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.search import api as search
from ocapi.kernel.search.data import Entry
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import ckan
from ocapi.lib.dcat.model import Dataset, text_of
from ocapi.modules.opendata import checking, facets, queries
from ocapi.modules.opendata.data import (
    About,
    DatasetNotFound,
    Decided,
    Ground,
    State,
    Verdict,
)
from ocapi.modules.opendata.events import DatasetPublished, DatasetWithdrawn
from ocapi.modules.opendata.models import (
    CatalogRow,
    DatasetRow,
    FacetRow,
    ProposalRow,
    SnapshotRow,
    SourceRow,
    VersionRow,
)

INDEXED = 2_000  # characters of a description that search looks at
OWN = "own"


def locked_catalog(now: datetime) -> CatalogRow:
    """Give the catalogue, held until the transaction ends: its feed is numbered one by one."""
    row = CatalogRow.objects.select_for_update().order_by("id").first()
    return row or CatalogRow.objects.create(uuid=ids.new_uuid(now))


def locked(*, uuid: UUID) -> DatasetRow:
    """Give the row of a dataset, held until the transaction ends; raises DatasetNotFound."""
    row = DatasetRow.objects.select_for_update(of=("self",)).filter(uuid=uuid).first()
    if row is None:
        raise DatasetNotFound(str(uuid))
    return row


def plain(value: object) -> Any:
    """Give a value of ours as JSON keeps it."""
    return codec.decode_untyped(codec.encode_json(value), max_bytes=16 << 20, max_keys=200_000)


def free_code(title: str) -> str:
    """Give a code for a dataset of that title that no other has."""
    wanted = ckan.name_of(title)[:80].strip("-")
    taken = set(DatasetRow.objects.filter(code__startswith=wanted).values_list("code", flat=True))
    number = 2
    code = wanted
    while code in taken:
        code, number = f"{wanted}-{number}", number + 1
    return code


def make_own(*, source: str, offer: str, title: str, base: str, now: datetime) -> DatasetRow:
    """Make the row of a dataset of our own, not in the catalogue yet."""
    uuid = ids.new_uuid(now)
    return DatasetRow.objects.create(
        uuid=uuid,
        code=free_code(title),
        iri=f"{base}/id/dataset/{uuid}",
        title=title[:500],
        state=State.PROPOSED,
        source=source,
        offer=offer,
        content={},
        issues=[],
        issued_at=now,
        modified_at=now,
    )


def put_in_catalog(
    row: DatasetRow,
    dataset: Dataset,
    *,
    origin: SourceRow | None,
    catalog: CatalogRow,
    actor: Actor,
    now: datetime,
    tells: bool = True,
) -> None:
    """Put what is said of one dataset in the catalogue; see `put_all_in_catalog`."""
    put_all_in_catalog(((row, dataset),), origin=origin, catalog=catalog, actor=actor, now=now, tells=tells)


def put_all_in_catalog(
    said: Sequence[tuple[DatasetRow, Dataset]],
    *,
    origin: SourceRow | None,
    catalog: CatalogRow,
    actor: Actor,
    now: datetime,
    tells: bool = True,
) -> None:
    """Put what is said of datasets in the catalogue: checked, counted, indexed, in the feed, and told.

    Statements are shared by all of them, so that a hundred cost little more than one. tells: False when only
    the rows were renewed, which is no news.
    """
    if not said:
        return
    for row, dataset in said:
        row.title = text_of(dataset.title)[:500]
        row.iri = dataset.iri
        row.content = plain(dataset)
        row.issues = plain(checking.check(dataset))
        if row.state != State.PUBLISHED:
            row.issued_at, row.gone_at = now, None
        row.state = State.PUBLISHED
        row.modified_at = dataset.modified or now
        row.sequence += 1
        row.problem = ""
    held = [row for row, _dataset in said if row.pk]
    DatasetRow.objects.bulk_create([row for row, _dataset in said if not row.pk])
    for row in held:
        row.save()
    FacetRow.objects.filter(dataset__in=held).delete()
    FacetRow.objects.bulk_create(
        [each for row, dataset in said for each in _facets(row, dataset, origin, now)]
    )
    search.index_all([_entry(row, dataset) for row, dataset in said], now=now)
    _add_versions([(row, row.content) for row, _dataset in said], catalog=catalog, now=now)
    if tells:
        facts = [
            DatasetPublished(iri=row.iri, code=row.code, title=row.title, is_harvested=origin is not None)
            for row, _dataset in said
        ]
        outbox.publish_all(facts, actor=actor, now=now)


def _facets(row: DatasetRow, dataset: Dataset, origin: SourceRow | None, now: datetime) -> Iterator[FacetRow]:
    counted = facets.of(
        dataset, origin=origin.uuid.hex if origin else OWN, origin_label=origin.title if origin else ""
    )
    for each in counted:
        yield FacetRow(
            uuid=ids.new_uuid(now), dataset=row, name=each.name, value=each.value, label=each.label
        )


def _entry(row: DatasetRow, dataset: Dataset) -> Entry:
    described = " ".join(text_of(dataset.description).split())
    publisher = text_of(dataset.publisher.name) if dataset.publisher else ""
    return Entry(
        kind=queries.KIND,
        uuid=row.uuid,
        url=f"/open-data/{row.code}",
        title=row.title,
        summary=described[:250],
        body=f"{described[:INDEXED]} {publisher}",
        keywords=tuple(text for _language, text in dataset.keywords[: facets.MAX_KEYWORDS]),
    )


def _add_versions(
    said: Sequence[tuple[DatasetRow, Any]], *, catalog: CatalogRow, now: datetime
) -> None:
    """Number what is said of datasets in the feed of the catalogue; None for one that was taken out."""
    catalog.last_at = max(now, catalog.last_at or now)  # a feed never gets a member older than its newest
    first = catalog.last_number + 1
    catalog.last_number += len(said)
    catalog.save(update_fields=("last_number", "last_at"))
    VersionRow.objects.bulk_create(
        [
            VersionRow(
                uuid=ids.new_uuid(now),
                dataset=row,
                number=number,
                content=content,
                recorded_at=catalog.last_at,
            )
            for number, (row, content) in enumerate(said, start=first)
        ]
    )


def keep_rows(row: DatasetRow, *, rows: bytes, digest: str, row_count: int, now: datetime) -> None:
    """Keep the rows of a dataset as they are public from now on."""
    SnapshotRow.objects.update_or_create(
        dataset=row,
        defaults={"rows": rows, "digest": digest, "row_count": row_count, "taken_at": now},
        create_defaults={
            "uuid": ids.new_uuid(now),
            "rows": rows,
            "digest": digest,
            "row_count": row_count,
            "taken_at": now,
        },
    )


def take_out(row: DatasetRow, *, catalog: CatalogRow, actor: Actor, now: datetime) -> None:
    """Take a dataset out of the catalogue: its name stays, its rows and what was said of it go.

    Rows kept as evidence go too, for a reason to withdraw may be that they should not have been there; their
    digest stays.
    """
    SnapshotRow.objects.filter(dataset=row).delete()
    FacetRow.objects.filter(dataset=row).delete()
    ProposalRow.objects.filter(dataset=row).update(rows=None)
    search.remove(kind=queries.KIND, uuid=row.uuid)
    row.state, row.content, row.issues, row.gone_at, row.problem = State.GONE, {}, [], now, ""
    row.modified_at = now
    row.sequence += 1
    row.save()
    _add_versions([(row, None)], catalog=catalog, now=now)
    fact = DatasetWithdrawn(iri=row.iri, code=row.code, is_harvested=row.harvested_from_id is not None)
    outbox.publish(fact, actor=actor, now=now)


def add_proposal(
    row: DatasetRow,
    *,
    about: About,
    ground: Ground,
    motive: str,
    verdict: Verdict,
    rows: bytes | None,
    digest: str,
    row_count: int,
    asker: bytes,
    actor: Actor,
    now: datetime,
) -> ProposalRow:
    """Keep what is proposed; an older one that waits is turned down by it."""
    ProposalRow.objects.filter(dataset=row, decided=Decided.WAITING).update(
        decided=Decided.TURNED_DOWN, decided_at=now
    )
    made = ProposalRow.objects.create(
        uuid=ids.new_uuid(now),
        dataset=row,
        about=plain(about),
        ground=ground,
        motive=motive,
        verdict=plain(verdict),
        rows=rows,
        digest=digest,
        row_count=row_count,
        requested_by=asker,
        requested_at=now,
        decided=Decided.WAITING,
    )
    leave(row, "opendata.publish", fields=("about", "rows"), outcome=verdict.outcome, actor=actor, now=now)
    return made


def decide(
    row: DatasetRow,
    proposal: ProposalRow,
    *,
    decided: Decided,
    remark: str,
    operation: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down how a proposal was decided; the log says by whom."""
    proposal.decided, proposal.decided_at, proposal.remark = decided, now, remark
    proposal.save(update_fields=("decided", "decided_at", "remark"))
    leave(row, operation, fields=("state",), outcome=decided, actor=actor, now=now)


def leave(
    row: DatasetRow, operation: str, *, fields: tuple[str, ...], outcome: str, actor: Actor, now: datetime
) -> None:
    """Leave the evidence of a decision about a dataset."""
    audit.changed(
        actor=actor,
        operation=operation,
        resource=f"dataset/{row.uuid}",
        now=now,
        fields=fields,
        outcome=outcome,
    )


def series_row(*, title: str, base: str, now: datetime) -> tuple[DatasetRow, bool]:
    """Give the row of the series of that title, and whether it is new to the catalogue."""
    code = ckan.name_of(title)
    row = queries.find_offered(source="series", offer=code)
    if row is None:
        row = make_own(source="series", offer=code, title=title, base=base, now=now)
    return row, row.state != State.PUBLISHED


def stays(row: DatasetRow, *, problem: str) -> None:
    """Say that a dataset could not be renewed and stays as it was. problem: code for the desk."""
    DatasetRow.objects.filter(pk=row.pk, state=State.PUBLISHED).update(problem=problem)
