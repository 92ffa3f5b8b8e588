"""From an offer of a module to a dataset of the catalogue: judged, described, put there, renewed."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.registry import api as registry
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import lists
from ocapi.modules.opendata import describing, following, gate, house, queries, services, snapshots
from ocapi.modules.opendata.data import (
    About,
    ColumnKind,
    Decided,
    Offer,
    OfferNotFound,
    Outcome,
    State,
    Table,
    TableTooLarge,
    Verdict,
)
from ocapi.modules.opendata.extensions import MAX_ROWS, dataset_sources
from ocapi.modules.opendata.models import CatalogRow, DatasetRow, ProposalRow

KERNEL_WITH_PERSONS = ("accounts", "audit", "files", "outbox", "jobs", "search", "tenants", "registry")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{2,190}\Z")
MAX_LENGTH = {"title": 200, "description": 4_000, "quality": 2_000, "contact_name": 200, "series": 120}


def offer_of(*, source: str, code: str, now: datetime) -> Offer:
    """Give an offer of a module; raises OfferNotFound."""
    provider = dataset_sources.find(source)
    offers = provider.list_offers(now=now) if provider else ()
    found = next((each for each in offers if each.code == code), None)
    if found is None:
        raise OfferNotFound(f"{source}.{code}")
    return found


def judged(
    *, source: str, code: str, now: datetime, left_out: Collection[str] | None = ()
) -> tuple[Offer, Table | None, Verdict]:
    """Give an offer with its rows as the gate lets them through; raises OfferNotFound, TableTooLarge.

    left_out: names of columns that stay here; None for those in which no row says anything. The columns of
    the offer are all that it has, those of the table what is left.
    """
    offer = offer_of(source=source, code=code, now=now)
    if not offer.columns:
        return offer, None, Verdict(outcome=Outcome.CLEAR)
    table = dataset_sources.get(source).read(code=code, now=now)
    if len(table.rows) > MAX_ROWS:
        raise TableTooLarge(f"{source}.{code}")
    offer = replace(offer, columns=table.columns)
    rest = gate.without(table, gate.empty_columns(table) if left_out is None else left_out)
    shown, verdict = gate.judge(offer, rest, tags=tags())
    return offer, Table(columns=gate.public_columns(shown.columns), rows=shown.rows), verdict


def tags() -> dict[str, str]:
    """Give the category of personal data of every tagged column of the platform, by `table.column`."""
    labels = (*KERNEL_WITH_PERSONS, *(each.name for each in registry.list_manifests()))
    return {
        f"{table}.{column}": category
        for label in labels
        for table, column, category, _basis, _kept in registry.personal_columns(label)
    }


def problems_of(about: About) -> dict[str, str]:
    """Give what a description lacks, as codes by field."""
    found = {}
    for name in ("title", "description"):
        if not getattr(about, name):
            found[name] = "missing"
    for name, limit in MAX_LENGTH.items():
        if len(getattr(about, name)) > limit:
            found[name] = "tooLong"
    if not about.keywords:
        found["keywords"] = "missing"
    known = {
        "theme": lists.THEMES,
        "frequency": lists.FREQUENCIES,
        "hvd": lists.HVD_CATEGORIES,
    }
    for name, entries in known.items():
        value = getattr(about, name)
        if (value or name != "hvd") and value not in {each.code for each in entries}:
            found[name] = "unknown"
    if about.license not in {each.iri for each in lists.LICENSES}:
        found["license"] = "unknown"
    if about.contact_email and not _MAIL.match(about.contact_email):
        found["contact_email"] = "notMail"
    if not about.contact_email and not house.get().email:
        found["contact_email"] = "missing"
    return found


def publish(
    row: DatasetRow,
    proposal: ProposalRow,
    *,
    offer: Offer,
    operation: str,
    actor: Actor,
    now: datetime,
    remark: str = "",
) -> None:
    """Put what was proposed in the catalogue, with the rows that were shown."""
    catalog = services.locked_catalog(now)
    about = queries.proposal_of(proposal).about
    table = snapshots.unpacked(proposal.rows) if proposal.rows else None
    services.decide(
        row, proposal, decided=Decided.APPROVED, remark=remark, operation=operation, actor=actor, now=now
    )
    _put(row, about, offer=offer, table=table, catalog=catalog, actor=actor, now=now)
    if proposal.rows:
        services.keep_rows(
            row, rows=bytes(proposal.rows), digest=proposal.digest, row_count=proposal.row_count, now=now
        )
    following.plan(row, now=now)


def _put(
    row: DatasetRow,
    about: About,
    *,
    offer: Offer,
    table: Table | None,
    catalog: CatalogRow,
    actor: Actor,
    now: datetime,
    tells: bool = True,
) -> None:
    publisher = replace(house.get(), area=house.area(on=clock.local_day(now)) if offer.is_local else "")
    series = ""
    if about.series:
        held, is_new = services.series_row(title=about.series, base=publisher.base, now=now)
        series = held.iri
        if is_new:
            said = describing.series_of(
                uuid=held.uuid, title=about.series, house=publisher, issued=now, modified=now
            )
            services.put_in_catalog(held, said, origin=None, catalog=catalog, actor=actor, now=now)
    dataset = describing.dataset_of(
        uuid=row.uuid,
        code=row.code,
        offer=offer,
        about=about,
        table=table,
        house=publisher,
        issued=row.issued_at if row.state == State.PUBLISHED else now,
        modified=now,
        series=series,
    )
    services.put_in_catalog(row, dataset, origin=None, catalog=catalog, actor=actor, now=now, tells=tells)


def take_out(row: DatasetRow, *, catalog: CatalogRow, actor: Actor, now: datetime) -> None:
    """Take a dataset out, and the series it was the last one of."""
    series = queries.content_of(row).in_series
    services.take_out(row, catalog=catalog, actor=actor, now=now)
    following.plan(row, now=now)
    for iri in series:
        held = queries.empty_series(iri=iri)
        if held is not None:
            services.take_out(held, catalog=catalog, actor=actor, now=now)


def renew(*, uuid: UUID, actor: Actor, now: datetime) -> bool | None:
    """Renew the rows of a dataset; tells whether they changed, None when they could not be renewed."""
    row = queries.dataset_row(uuid=uuid)
    approved = queries.last_approved(dataset=row)
    kept = queries.snapshot_of(row)
    try:
        left_out = approved.about.left_out if approved else ()
        offer, table, verdict = judged(source=row.source, code=row.offer, now=now, left_out=left_out)
    except (OfferNotFound, TableTooLarge) as stopped:
        services.stays(row, problem="tooLarge" if isinstance(stopped, TableTooLarge) else "offerGone")
        return None
    if approved is None or gate.is_worse(verdict, approved.verdict):
        services.stays(row, problem="gate")
        return None
    if _shape(table) != _shape(snapshots.unpacked(kept.rows) if kept else None):
        services.stays(row, problem="columnsChanged")
        return None
    if table is None or kept is None:
        return False
    rows, digest = snapshots.packed(table)
    if digest == kept.digest:
        return False
    with transaction.atomic():
        catalog = services.locked_catalog(now)
        row = services.locked(uuid=uuid)
        if row.state != State.PUBLISHED:
            return False
        about = approved.about
        _put(row, about, offer=offer, table=table, catalog=catalog, actor=actor, now=now, tells=False)
        services.keep_rows(row, rows=rows, digest=digest, row_count=len(table.rows), now=now)
        following.plan(row, now=now)
    return True


def _shape(table: Table | None) -> list[tuple[str, ColumnKind]]:
    return [(each.name, each.kind) for each in table.columns] if table else []
