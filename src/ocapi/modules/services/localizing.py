"""Writes of local instances: made of a concept, looked at when its meaning changed, published in versions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.modules.services import definitions, feed, lpdc, queries, services, wording
from ocapi.modules.services.data import (
    EntryKind,
    EntryNotFound,
    InstanceExists,
    InstanceNotFound,
    InstanceState,
    InstanceText,
    NotPublishable,
    Review,
)
from ocapi.modules.services.models import CatalogRow, InstanceRow, InstanceSnapshotRow, ServiceRow

OPERATION = "services.write_instance"


def make(*, entry: UUID, actor: Actor, now: datetime) -> InstanceRow:
    """Make a local instance of a concept with its texts; raises EntryNotFound, InstanceExists."""
    row = CatalogRow.objects.filter(uuid=entry, kind=EntryKind.CONCEPT.value).first()
    if row is None:
        raise EntryNotFound(str(entry))
    concept = row.version_of or row.iri
    known = InstanceRow.objects.filter(concept=concept).values_list("uuid", flat=True).first()
    if known is not None:
        raise InstanceExists(known)
    text = wording.text_of(row.raw, iri=row.iri)
    title = text.title.informal or text.title.formal or row.title
    made = InstanceRow.objects.create(
        uuid=ids.new_uuid(now),
        concept=concept,
        snapshot=row.iri,
        product_id=row.product_id,
        code=_free_code(title, row.product_id),
        state=InstanceState.DRAFT.value,
        review="",
        title=title[:500],
        text=stored(text),
        reviewed=row.raw,
        meaning=lpdc.meaning_digest(row.raw, iri=row.iri),
        generated_at=row.generated_at,
        version=0,
        changed_at=now,
    )
    _record(made, actor, now)
    return made


def of_product(*, service: UUID, now: datetime, actor: Actor) -> InstanceRow | None:
    """Give the instance of a product page of our own, made or brought up to date; None when it says the same
    as what is published.
    """
    definition = queries.get_definition(service=service)
    text = stored(wording.text_of_definition(definition))
    row = InstanceRow.objects.select_for_update().filter(code=definition.code).first()
    if row is not None and (not is_own(row) or (row.text == text and row.version)):
        return None
    title = definitions.worded(definition.title, "informal")
    values = {"title": title[:500], "text": text, "changed_at": now}
    if row is None:
        row = InstanceRow.objects.create(
            uuid=ids.new_uuid(now),
            concept=f"{queries.OWN}{definition.code}",
            snapshot="",
            product_id="",
            code=definition.code,
            state=InstanceState.DRAFT.value,
            review="",
            reviewed="",
            meaning="",
            generated_at="",
            version=0,
            **values,
        )
    InstanceRow.objects.filter(id=row.id).update(**values)
    return locked(row.uuid)


def is_own(row: InstanceRow) -> bool:
    """Tell whether an instance tells of a product of our own, without a concept of Flanders."""
    return row.concept.startswith(queries.OWN)


def _free_code(title: str, product_id: str) -> str:
    code = wording.code_of(title)
    taken = InstanceRow.objects.filter(code=code).exists() or ServiceRow.objects.filter(code=code).exists()
    return f"{code}-{product_id or ids.token(4).lower()}"[:80] if taken else code


def stored(text: InstanceText) -> codec.JsonValue:
    """Give texts as they are kept."""
    return codec.decode_untyped(codec.encode_json(text))


def locked(instance: UUID) -> InstanceRow:
    """Give an instance, locked; raises InstanceNotFound."""
    row = InstanceRow.objects.select_for_update().filter(uuid=instance).first()
    if row is None:
        raise InstanceNotFound(str(instance))
    return row


def flag(entries: Iterable[lpdc.Entry]) -> int:
    """Flag the instances whose concept means something else than what was looked at, or is gone.

    A snapshot that is not later than the last one taken in, and one that differs in dates, ids, white space
    or markup only, flags nothing. Gives how many were flagged.
    """
    flagged = 0
    for entry in entries:
        if entry.kind is not EntryKind.CONCEPT:
            continue
        row = InstanceRow.objects.filter(concept=entry.version_of or entry.iri).first()
        if row is None or (entry.generated_at and entry.generated_at <= row.generated_at):
            continue
        review = _review(entry, row)
        InstanceRow.objects.filter(id=row.id).update(
            review=review, snapshot=entry.iri, generated_at=entry.generated_at
        )
        flagged += bool(review)
    return flagged


def _review(entry: lpdc.Entry, row: InstanceRow) -> str:
    if lpdc.is_archived(entry.raw, iri=entry.iri):
        return Review.ARCHIVED.value
    if lpdc.meaning_digest(entry.raw, iri=entry.iri) != row.meaning:
        return Review.CHANGED.value
    return ""


def keep_own(row: InstanceRow, *, actor: Actor, now: datetime) -> None:
    """Look at the concept and keep our own text."""
    _reviewed(row, {}, actor, now)


def take_over(row: InstanceRow, *, actor: Actor, now: datetime) -> None:
    """Look at the concept and take its texts over; what was published stays until it is published again."""
    entry = queries.concept_row(row)
    text = wording.text_of(entry.raw, iri=entry.iri)
    title = text.title.informal or text.title.formal or row.title
    values = {"text": stored(text), "title": title[:500], "state": InstanceState.DRAFT.value}
    _reviewed(row, values, actor, now)


def _reviewed(row: InstanceRow, values: dict[str, object], actor: Actor, now: datetime) -> None:
    entry = queries.concept_row(row)
    InstanceRow.objects.filter(id=row.id).update(
        review="",
        reviewed=entry.raw,
        meaning=lpdc.meaning_digest(entry.raw, iri=entry.iri),
        changed_at=now,
        **values,
    )
    _record(row, actor, now)


def write(row: InstanceRow, text: InstanceText, *, actor: Actor, now: datetime) -> None:
    """Write the texts of an instance anew; it is a draft until it is published."""
    title = text.title.informal or text.title.formal or row.title
    InstanceRow.objects.filter(id=row.id).update(
        text=stored(text), title=title[:500], state=InstanceState.DRAFT.value, changed_at=now
    )
    _record(row, actor, now)


def publish(row: InstanceRow, *, actor: Actor, now: datetime) -> None:
    """Publish an instance: a snapshot that never changes, its product page and its place in search.

    Raises NotPublishable with each rule it breaks.
    """
    form = registry.setting("organization.address_form")
    text = queries.instance_text(row)
    problems = wording.problems_of(text, address_form=form)
    if problems:
        raise NotPublishable(problems)
    kind = tenants.current().kind
    kinds = tuple(name for name, each in definitions.KINDS.items() if each is kind)
    current = queries.find_definition(code=row.code) if is_own(row) else None
    definition = (
        wording.rewritten(current, text)
        if current
        else wording.definition_of(text, code=row.code, kinds=kinds)
    )
    version = _snapshot(row, is_archived=False, state=InstanceState.PUBLISHED, now=now)
    if definition != current:
        made = services.store(definition, version=f"lpdc-{version}", now=now)
        services.index(definition, uuid=made.uuid, address_form=form, now=now)
    _record(row, actor, now)


def archive(row: InstanceRow, *, actor: Actor, now: datetime) -> None:
    """Offer an instance no longer: a last snapshot says so, page and search let go of it."""
    _snapshot(row, is_archived=True, state=InstanceState.ARCHIVED, now=now)
    services.withdraw(code=row.code)
    InstanceRow.objects.filter(id=row.id).update(review="")
    _record(row, actor, now)


def _snapshot(row: InstanceRow, *, is_archived: bool, state: InstanceState, now: datetime) -> int:
    """Write the next version; its instant is later than any before, so that the feed keeps its order."""
    list(InstanceRow.objects.select_for_update().order_by("id").values_list("id", flat=True)[:1])  # in turn
    last = queries.last_in_feed()
    at = now if last is None else max(now, last[1] + timedelta(microseconds=1))
    version = row.version + 1
    first = row.snapshots.order_by("version").values_list("published_at", flat=True).first()  # type: ignore[attr-defined]
    InstanceSnapshotRow.objects.create(
        uuid=ids.new_uuid(now),
        instance=row,
        version=version,
        text=row.text,
        digest=services.digest(codec.canonical_json(row.text)).strip('"'),
        is_archived=is_archived,
        published_at=at,
        number=last[0] + 1 if last else 1,
        member=feed.member_of(row, version=version, is_archived=is_archived, created_at=first or at, at=at),
    )
    InstanceRow.objects.filter(id=row.id).update(version=version, state=state.value, changed_at=at)
    return version


def _record(row: InstanceRow, actor: Actor, now: datetime) -> None:
    audit.changed(actor=actor, operation=OPERATION, resource=f"serviceInstance/{row.uuid}", now=now)
