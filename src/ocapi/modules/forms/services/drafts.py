"""Drafts: from rows to what others see, and every change a draft can go through."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from ocapi.kernel.files import api as files
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec, ids
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.forms import queries
from ocapi.modules.forms.data import (
    Attachment,
    Draft,
    DraftTooLarge,
    Field,
    FieldNotFound,
    FieldType,
    FormDefinition,
    Progress,
    Rows,
    Section,
    SectionState,
    Typed,
    Value,
)
from ocapi.modules.forms.extensions import Prefilled
from ocapi.modules.forms.models import DraftRow, FormRow
from ocapi.modules.forms.services import checking, prefilling, rows, values

MAX_DRAFT_BYTES = 256 << 10  # answers and unreadable texts of one draft, as JSON


def make(
    form: FormRow,
    definition: FormDefinition,
    *,
    uuid: UUID,
    owner: Subject,
    actor: Actor,
    prefilled: Mapping[str, Prefilled],
    now: datetime,
) -> DraftRow:
    """Make the row of a new draft."""
    return DraftRow.objects.create(
        uuid=uuid,
        form=form,
        code=form.code,
        owner_kind=owner.kind,
        owner=owner.uuid,
        started_by=actor.person,
        revision=1,
        answers={},
        typed={},
        attachments={},
        visited=[],
        prefill=prefilling.merge({}, prefilled, definition=definition, given={}, now=now),
        started_at=now,
        saved_at=now,
        expires_on=_expiry(definition, now),
    )


def _expiry(definition: FormDefinition, now: datetime) -> date:
    return clock.local_day(now) + timedelta(days=definition.draft_days)


def owner_of(row: DraftRow) -> Subject:
    """Give whose draft it is."""
    return Subject(kind=row.owner_kind, uuid=row.owner)


def definition_of(row: DraftRow) -> FormDefinition:
    """Give the definition in the version the draft was started with."""
    return queries.definition_of(row.form)


def filled_of(row: DraftRow, definition: FormDefinition) -> checking.Filled:
    """Give what a draft holds, as the rules read it."""
    given: dict[str, Value] = {}
    prefill = {}
    for field in definition.fields:
        value = _stored(field, row.answers.get(field.code))
        if value is not None:
            given[field.code] = value
        if field.code in row.prefill:
            prefill[field.code] = prefilling.to_data(field.code, field.type, row.prefill[field.code])
    return checking.Filled(
        given=given,
        prefill=prefill,
        unreadable={code: held["at"] for code, held in row.typed.items()},
        files={code: len(uuids) for code, uuids in row.attachments.items()},
    )


def _stored(field: Field, held: object) -> Value | None:
    if field.type is FieldType.REPEAT:
        return rows.from_json(field, held)
    return values.from_json(field.type, held)


def to_data(row: DraftRow, *, now: datetime) -> Draft:
    """Give a draft as others see it, in two queries at most."""
    definition = definition_of(row)
    filled = filled_of(row, definition)
    decided = checking.decide(definition, filled, now=now)
    return Draft(
        uuid=row.uuid,
        form=row.code,
        version=definition.version,
        owner=owner_of(row),
        revision=row.revision,
        sections=_progress(definition, filled, decided, visited=row.visited, now=now),
        answers=tuple(decided.answers.values()),
        asked=decided.asked,
        required=decided.required,
        empty_rows=_empty_rows(definition, filled),
        typed=tuple(
            Typed(name=name, texts=tuple(texts))
            for held in row.typed.values()
            for name, texts in held["texts"].items()
        ),
        prefill=tuple(filled.prefill.values()),
        attachments=attachments_of(row),
        started_at=row.started_at,
        saved_at=row.saved_at,
        expires_on=row.expires_on,
    )


def _empty_rows(definition: FormDefinition, filled: checking.Filled) -> dict[str, int]:
    return {
        field.code: sum(not row for row in held.items)
        for field in definition.fields
        if isinstance(held := filled.given.get(field.code), Rows)
    }


def _progress(
    definition: FormDefinition,
    filled: checking.Filled,
    decided: checking.Decided,
    *,
    visited: list[str],
    now: datetime,
) -> tuple[SectionState, ...]:
    states = []
    for section in definition.sections:
        if section.code not in visited:
            progress = Progress.TODO
        elif checking.faults(definition, filled, now=now, section=section, decided=decided):
            progress = Progress.INCOMPLETE
        else:
            progress = Progress.COMPLETE
        states.append(SectionState(code=section.code, progress=progress))
    return tuple(states)


def attachments_of(row: DraftRow) -> tuple[Attachment, ...]:
    """Give the files of a draft by field, in the order they came."""
    wanted = [(code, UUID(uuid)) for code, uuids in row.attachments.items() for uuid in uuids]
    found = files.list_files(files=[uuid for _code, uuid in wanted]) if wanted else {}
    return tuple(
        Attachment(
            field=code,
            file=uuid,
            name=found[uuid].name,
            size_bytes=found[uuid].size_bytes,
            media_type=found[uuid].media_type.value,
            state=found[uuid].state.value,
        )
        for code, uuid in wanted
        if uuid in found
    )


def fill(
    row: DraftRow,
    definition: FormDefinition,
    section: Section,
    raw: values.Raw,
    *,
    is_partial: bool,
    now: datetime,
) -> tuple[str, ...]:
    """Take the posted texts of one section into a draft; gives the codes of the fields it read.

    What is no answer of its type is kept as typed. A field whose source stands is passed over. is_partial:
    fields that were not posted stay as they are, and nothing that is hidden now is dropped yet.
    Raises DraftTooLarge.
    """
    filled = filled_of(row, definition)
    taken = []
    for field in section.fields:
        names = values.names_of(field)
        if _is_not_typed(field, filled):
            continue
        if field.type is FieldType.REPEAT:
            is_posted, posted = rows.is_posted(field, raw), rows.of_field(field, raw)
        else:
            is_posted = any(name in raw for name in names)
            posted = {name: list(raw.get(name, ()))[: values.MAX_TEXTS] for name in names}
        if is_posted or not is_partial:
            _take(row, field, posted, now=now)
            taken.append(field.code)
    if not is_partial:
        _drop_empty_rows(row, section)
        _drop_hidden(row, definition, now=now)
        if section.code not in row.visited:
            row.visited = [*row.visited, section.code]
    if len(codec.encode_json([row.answers, row.typed])) > MAX_DRAFT_BYTES:
        raise DraftTooLarge(f"more than {MAX_DRAFT_BYTES} bytes")
    return tuple(taken)


def _is_not_typed(field: Field, filled: checking.Filled) -> bool:
    return (
        field.type is FieldType.UPLOAD
        or bool(field.calculation)
        or checking.is_locked(field, filled.prefill.get(field.code))
    )


def _take(row: DraftRow, field: Field, raw: values.Raw, *, now: datetime) -> None:
    row.answers.pop(field.code, None)
    row.typed.pop(field.code, None)
    try:
        read = rows.read if field.type is FieldType.REPEAT else values.read
        value = read(
            field,
            raw,
            today=clock.local_day(now),
            allow_synthetic=tenants.current().is_demo,
        )
    except values.Unreadable as refused:
        texts = {
            name: [values.clean(text)[: values.MAX_TYPED] for text in posted] for name, posted in raw.items()
        }
        row.typed[field.code] = {"at": refused.name, "texts": texts}
        return
    if value is not None:
        row.answers[field.code] = values.to_json(value)


def _drop_empty_rows(row: DraftRow, section: Section) -> None:
    for field in section.fields:
        if field.type is FieldType.REPEAT and field.code in row.answers:
            row.answers[field.code] = [each for each in row.answers[field.code] if each]


def _drop_hidden(row: DraftRow, definition: FormDefinition, *, now: datetime) -> None:
    asked = checking.decide(definition, filled_of(row, definition), now=now).asked
    for field in definition.fields:
        if field.code not in asked:
            for held in (row.answers, row.typed, row.attachments):
                held.pop(field.code, None)


def dispute(row: DraftRow, definition: FormDefinition, *, field: str) -> None:
    """Open a field whose source stands, because the citizen says that it is not right."""
    held = _held(row, definition, field)
    held["is_disputed"] = True
    row.answers.setdefault(field, held["value"])


def accept(row: DraftRow, definition: FormDefinition, *, field: str) -> None:
    """Let the source's value stand again, and drop what the citizen claimed instead."""
    _held(row, definition, field)["is_disputed"] = False
    row.answers.pop(field, None)
    row.typed.pop(field, None)


def _held(row: DraftRow, definition: FormDefinition, field: str) -> prefilling.Stored:
    held: prefilling.Stored | None = row.prefill.get(field)
    if definition.find_field(field) is None or held is None or held["value"] is None:
        raise FieldNotFound(field)
    return held


def upload_field(definition: FormDefinition, code: str) -> Field:
    """Give the upload field of that code, or raise FieldNotFound."""
    field = definition.find_field(code)
    if field is None or field.upload is None:
        raise FieldNotFound(code)
    return field


def save(row: DraftRow, *, now: datetime) -> None:
    """Write a changed draft under a new revision; its days to expiry start again."""
    row.revision += 1
    row.saved_at = now
    row.expires_on = _expiry(definition_of(row), now)
    row.save()


def save_prefill(row: DraftRow, prefilled: Mapping[str, Prefilled], *, now: datetime) -> None:
    """Write what sources said when asked again; no new revision, because nobody typed anything."""
    row.prefill = prefilling.merge(
        row.prefill,
        prefilled,
        definition=definition_of(row),
        given=row.answers,
        now=now,
    )
    row.save(update_fields=["prefill"])


def new_uuid(now: datetime) -> UUID:
    """Give the identity of a new draft."""
    return ids.new_uuid(now)


def delete_expired(*, today: date, limit: int) -> list[UUID]:
    """Delete drafts whose days are over, the oldest first; gives their uuids."""
    rows = list(DraftRow.objects.filter(expires_on__lte=today).order_by("expires_on", "id")[:limit])
    DraftRow.objects.filter(id__in=[row.id for row in rows]).delete()
    return [row.uuid for row in rows]
