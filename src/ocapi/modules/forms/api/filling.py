"""The part of the door for citizens: start, fill in, attach, send, read back; pages to draw."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import NotAllowed, Scope
from ocapi.kernel.access.data import Reason as Refusal
from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.files.data import EXTENSIONS, FileContent, FileNotFound, FileRefused
from ocapi.kernel.outbox import api as outbox
from ocapi.lib import clock, crashpoint
from ocapi.lib.actor import Actor, Capacity, Subject
from ocapi.modules.forms import queries
from ocapi.modules.forms.data import (
    Draft,
    DraftChanged,
    DraftIncomplete,
    DraftNotFound,
    DraftSummary,
    FieldProblem,
    FormDefinition,
    FormNotFound,
    OpenDraft,
    SaveOutcome,
    Section,
    SectionPage,
    Submission,
    SubmissionNotFound,
)
from ocapi.modules.forms.events import SubmissionSubmitted
from ocapi.modules.forms.models import DraftRow
from ocapi.modules.forms.services import (
    checking,
    definitions,
    drafts,
    inspection,
    loading,
    messages,
    pages,
    prefilling,
    requesting,
    rows,
    submitting,
    wording,
)

PURGE_SIZE = 500  # expired drafts deleted per transaction


def get_form(*, code: str) -> FormDefinition:
    """Give the current version of a form, or raise FormNotFound; a form itself is public."""
    return queries.definition_of(queries.current_form(code=code))


def list_current() -> tuple[FormDefinition, ...]:
    """Give the current version of every form, by code, at most 500; forms themselves are public."""
    return queries.current_definitions()


def read_definition(*, value: object) -> FormDefinition:
    """Read a decoded content file; raises MalformedInput, or FormRefused with every problem."""
    return definitions.read(value)


def problems_of_form(definition: FormDefinition) -> tuple[str, ...]:
    """Give each question that a connected source could answer, with the source's name."""
    return tuple(messages.plainly(each) for each in inspection.warnings(definition))


def load_form(*, definition: FormDefinition, now: datetime) -> bool:
    """Make a definition the current version of its form, atomically; gives False when it was that already.

    Drafts that are open keep the version they were started with. Raises FormRefused when that same version,
    with open drafts, would change.
    """
    with transaction.atomic():
        return loading.store(definition, origin=loading.PACK, now=now)


def start(*, form: str, actor: Actor, now: datetime) -> Draft:
    """Start a draft of a form for whoever the actor acts for, or give the one that is open already.

    Sources are asked before the draft is made; one that is down never stops anybody.
    Raises NotAllowed (sign in, or a higher level of assurance), FormNotFound, also when it is internal.
    """
    row = queries.current_form(code=form)
    definition = queries.definition_of(row)
    if definition.is_internal:
        raise FormNotFound(form)
    access.require(actor, "forms.start")
    _require_assurance(actor, "forms.start", definition)
    owner = actor.subject
    if owner is None:
        raise NotAllowed(operation="forms.start", reason=Refusal.SIGN_IN_NEEDED)
    held = queries.find_open_draft(code=form, owner=owner)
    if held is not None and held.expires_on > clock.local_day(now):
        return get_draft(draft=held.uuid, actor=actor, now=now)
    uuid = drafts.new_uuid(now)
    prefilled = prefilling.ask(
        definition,
        only=None,
        subject=owner,
        actor=actor,
        reference=f"draft/{uuid}",
        now=now,
    )
    with transaction.atomic():
        held = queries.find_open_draft(code=form, owner=owner)  # a second tab may have been quicker
        if held is not None and held.expires_on > clock.local_day(now):
            return drafts.to_data(held, now=now)
        if held is not None:
            held.delete()
        made = drafts.make(
            row,
            definition,
            uuid=uuid,
            owner=owner,
            actor=actor,
            prefilled=prefilled,
            now=now,
        )
        _changed(actor, "forms.start", made, fields=tuple(prefilled), now=now)
        return drafts.to_data(made, now=now)


def get_draft(*, draft: UUID, actor: Actor, now: datetime, address_form: str = "informal") -> Draft:
    """Give a draft, after asking sources again that were down or whose answer is a day old.

    Leaves a consultation leaf. Raises DraftNotFound (also when expired or sent), NotAllowed.
    """
    row = _open(draft, actor, "forms.read_draft", now=now, lock=False)
    again = prefilling.due(row.prefill, now=now)
    if again:
        row = _ask_again(row, again, actor, now=now)
    data = drafts.to_data(row, now=now)
    _consulted(
        actor, "forms.read_draft", data.owner, f"draft/{draft}", [each.field for each in data.answers], now
    )
    return data


def _ask_again(row: DraftRow, again: tuple[str, ...], actor: Actor, *, now: datetime) -> DraftRow:
    prefilled = prefilling.ask(
        drafts.definition_of(row),
        only=again,
        subject=drafts.owner_of(row),
        actor=actor,
        reference=f"draft/{row.uuid}",
        now=now,
    )
    with transaction.atomic():
        fresh = queries.draft_row(draft=row.uuid, today=clock.local_day(now), lock=True)
        drafts.save_prefill(fresh, prefilled, now=now)
        return fresh


def list_own_drafts(*, actor: Actor, now: datetime) -> tuple[OpenDraft, ...]:
    """Give the open drafts of whoever the actor acts for, last saved first: titles and days, no answers."""
    access.require(actor, "forms.list_drafts")
    return queries.list_open_drafts(owner=actor.subject, today=clock.local_day(now)) if actor.subject else ()


def save_section(
    *,
    draft: UUID,
    section: str,
    raw: Mapping[str, Sequence[str]],
    actor: Actor,
    now: datetime,
    address_form: str,
    revision: int,
    partial: bool = False,
) -> SaveOutcome:
    """Save what was posted for one section, right or wrong, and say what is still to repair in it.

    raw: texts by posted name; unknown names are ignored, and so is a field whose source's value stands.
    partial: autosave. Fields that were not posted stay as they are, and only unreadable answers are reported.
    A pressed `add-<repeat>` or `remove-<repeat>-<row>` adds or takes away a row, and saves as partial does.
    Atomic. Raises DraftChanged(theirs) when `revision` is not the newest; then nothing is saved. Raises
    DraftNotFound, SectionNotFound, NotAllowed, DraftTooLarge.
    """
    today = clock.local_day(now)
    with transaction.atomic():
        row = _open(draft, actor, "forms.save_draft", now=now, lock=True, revision=revision)
        definition = drafts.definition_of(row)
        asked = definition.section(section)
        before = checking.decide(definition, drafts.filled_of(row, definition), now=now).asked
        pressed = rows.pressed(asked, raw)
        if pressed:
            raw, partial = rows.changed(pressed[0], raw, without=pressed[1]), True
        taken = drafts.fill(row, definition, asked, raw, is_partial=partial, now=now)
        drafts.save(row, now=now)
        _changed(actor, "forms.save_draft", row, fields=taken, now=now)
        crashpoint.point("forms.save.before_commit")
    crashpoint.point("forms.save.after_commit")
    filled = drafts.filled_of(row, definition)
    decided = checking.decide(definition, filled, now=now)
    found = checking.faults(definition, filled, now=now, section=asked, decided=decided)
    if partial:
        found = [each for each in found if each.field.code in row.typed and not pressed]
    return SaveOutcome(
        draft=drafts.to_data(row, now=now),
        problems=wording.problems_of(found, address_form=address_form, today=today),
        revealed=_revealed(asked, decided.asked - before),
        changed_rows=pressed[0].code if pressed else "",
    )


def _revealed(section: Section, appeared: frozenset[str]) -> tuple[str, ...]:
    """Give the fields a page did not show when it was filled in; those of `show_when` always stand there."""
    return tuple(each.code for each in section.fields if each.code in appeared and each.visible_when)


def report_incorrect(*, draft: UUID, field: str, actor: Actor, now: datetime) -> Draft:
    """Open a field filled from a source, because the citizen says that it is not right ("Klopt dit niet?").

    What they fill in counts from then on, marked to verify. Raises DraftNotFound, FieldNotFound, NotAllowed.
    """
    with transaction.atomic():
        row = _open(draft, actor, "forms.save_draft", now=now, lock=True)
        drafts.dispute(row, drafts.definition_of(row), field=field)
        return _saved(row, actor, fields=(field,), now=now)


def accept_source(*, draft: UUID, field: str, actor: Actor, now: datetime) -> Draft:
    """Let the source's value of a field stand again and drop the citizen's claim."""
    with transaction.atomic():
        row = _open(draft, actor, "forms.save_draft", now=now, lock=True)
        drafts.accept(row, drafts.definition_of(row), field=field)
        return _saved(row, actor, fields=(field,), now=now)


def attach(
    *, draft: UUID, field: str, name: str, chunks: Iterable[bytes], actor: Actor, now: datetime
) -> Draft:
    """Receive a file for an upload field while it streams.

    Raises FileRefused (tooMany, or as `files.receive` says), DraftNotFound, FieldNotFound, NotAllowed; then
    nothing is kept. `problem_of_refusal` puts a refusal in words.
    """
    row = _open(draft, actor, "forms.attach", now=now, lock=False)
    _require_room(row, field, name)
    rule = drafts.upload_field(drafts.definition_of(row), field).upload
    assert rule is not None
    stored = files.receive(
        chunks=chunks,
        name=name,
        max_bytes=rule.max_bytes,
        now=now,
        accepted=tuple(kind for kind, endings in EXTENSIONS.items() if set(endings) & set(rule.accepted)),
    )
    with transaction.atomic():
        row = _open(draft, actor, "forms.attach", now=now, lock=True)
        _require_room(row, field, name)
        row.attachments.setdefault(field, []).append(str(stored.uuid))
        return _saved(row, actor, fields=(field,), now=now, operation="forms.attach")


def _require_room(row: DraftRow, field: str, name: str) -> None:
    rule = drafts.upload_field(drafts.definition_of(row), field).upload
    if rule and len(row.attachments.get(field, ())) >= rule.max_files:
        raise FileRefused(name=name, reason="tooMany")


def detach(*, draft: UUID, field: str, file: UUID, actor: Actor, now: datetime) -> Draft:
    """Take a file off a draft; taking off one that is not there changes nothing."""
    with transaction.atomic():
        row = _open(draft, actor, "forms.attach", now=now, lock=True)
        held = row.attachments.get(drafts.upload_field(drafts.definition_of(row), field).code, [])
        if str(file) not in held:
            return drafts.to_data(row, now=now)
        held.remove(str(file))
        return _saved(row, actor, fields=(field,), now=now, operation="forms.attach")


def read_attachment(*, draft: UUID, file: UUID, actor: Actor, now: datetime) -> FileContent:
    """Give a file of a draft with its bytes, after a consultation leaf.

    Raises DraftNotFound, FileNotFound (also for a file of something else), FileNotReleased, NotAllowed.
    """
    row = _open(draft, actor, "forms.read_draft", now=now, lock=False)
    if not any(str(file) in uuids for uuids in row.attachments.values()):
        raise FileNotFound(str(file))
    _consulted(actor, "forms.read_draft", drafts.owner_of(row), f"draft/{draft}", [f"file/{file}"], now)
    return files.read(file=file)


def problem_of_refusal(
    *, refused: FileRefused, draft: Draft, field: str, now: datetime, address_form: str
) -> FieldProblem:
    """Say in words why a file was not taken at a field, and what would be."""
    definition = _definition(draft)
    asked = drafts.upload_field(definition, field)
    assert asked.upload is not None
    text = messages.refusal(
        asked,
        asked.upload,
        refused.reason,
        address_form=address_form,
        today=clock.local_day(now),
    )
    return FieldProblem(field=field, message=text, name=field)


def submit(*, draft: UUID, actor: Actor, now: datetime, address_form: str) -> Submission:
    """Send a draft: its answers in words become a submission that never changes, and the draft is deleted.

    Atomic. Emits SubmissionSubmitted once; sending the same draft again gives the same submission. A source
    that is down or a file in quarantine stops nobody.
    Raises DraftIncomplete(problems), DraftNotFound, NotAllowed.
    """
    sent = queries.find_submission(draft=draft)
    if sent is not None:
        return _allowed(sent, actor, "forms.submit")
    try:
        made = _submit(draft, actor, now=now, address_form=address_form)
    except DraftNotFound:  # sent by another request between the two looks
        sent = queries.find_submission(draft=draft)
        if sent is None:
            raise
        return _allowed(sent, actor, "forms.submit")
    crashpoint.point("forms.submit.after_commit")
    return made


def _submit(draft: UUID, actor: Actor, *, now: datetime, address_form: str) -> Submission:
    today = clock.local_day(now)
    with transaction.atomic():
        row = _open(draft, actor, "forms.submit", now=now, lock=True)
        definition = drafts.definition_of(row)
        filled = drafts.filled_of(row, definition)
        decided = checking.decide(definition, filled, now=now)
        found = checking.faults(definition, filled, now=now, decided=decided)
        if found:
            raise DraftIncomplete(wording.problems_of(found, address_form=address_form, today=today))
        _changed(actor, "forms.submit", row, fields=("submission",), now=now)
        made = queries.to_submission(
            submitting.freeze(row, definition, decided, actor=actor, now=now, address_form=address_form)
        )
        outbox.publish(
            SubmissionSubmitted(
                submission=made.uuid,
                form=made.form,
                version=made.version,
                service=made.service,
                case_type=made.case_type,
            ),
            actor=actor,
            now=now,
        )
        requesting.answer(made, actor=actor, now=now)
        crashpoint.point("forms.submit.before_commit")
    return made


def discard(*, draft: UUID, actor: Actor, now: datetime) -> None:
    """Delete a draft on its owner's wish; one that is gone already raises DraftNotFound."""
    with transaction.atomic():
        row = _open(draft, actor, "forms.discard_draft", now=now, lock=True)
        _changed(actor, "forms.discard_draft", row, fields=("draft",), now=now)
        row.delete()


def read_submission(*, submission: UUID, actor: Actor, now: datetime) -> Submission:
    """Give a submission to its owner or to background work, after a consultation leaf.

    Raises SubmissionNotFound, NotAllowed.
    """
    found = queries.find_submission_by_uuid(submission=submission)
    if found is None:
        raise SubmissionNotFound(str(submission))
    _allowed(found, actor, "forms.read_submission")
    _consulted(
        actor,
        "forms.read_submission",
        found.owner,
        f"submission/{submission}",
        [each.field for each in found.answers],
        now,
    )
    return found


def read_facts(*, submission: UUID, actor: Actor, now: datetime) -> dict[str, object]:
    """Give the answers of a submission by code as FEEL knows them, for the process that handles it.

    Only what was asked and answered. Leaves a consultation leaf. Raises SubmissionNotFound, NotAllowed.
    """
    found = read_submission(submission=submission, actor=actor, now=now)
    return queries.facts_of(submission=found.uuid)


def page_of(
    *,
    draft: Draft,
    section: str,
    actor: Actor,
    now: datetime,
    address_form: str,
    problems: Sequence[FieldProblem] = (),
    typed: Mapping[str, Sequence[str]] | None = None,
    report_href: str = "",
) -> SectionPage:
    """Give one section of a draft ready to draw; template `forms/section.html` takes it as `page`.

    problems: of `save_section`. typed: what was just posted, shown in place of what is kept.
    report_href: address of "Klopt dit niet?", in which `{field}` becomes the field's code.
    Raises SectionNotFound, NotAllowed. Writes no leaf: `get_draft` did when it handed the draft out.
    """
    access.require(actor, "forms.read_draft", _scope(draft.owner))
    definition = _definition(draft)
    return pages.section_page(
        definition,
        draft,
        definition.section(section),
        problems=problems,
        typed=typed,
        address_form=address_form,
        report_href=report_href,
        now=now,
    )


def summary_of(*, draft: UUID, actor: Actor, now: datetime, address_form: str) -> DraftSummary:
    """Give all answers of a draft in words, and what is still to repair, for the page before sending.

    Leaves a consultation leaf. Raises DraftNotFound, NotAllowed.
    """
    data = get_draft(draft=draft, actor=actor, now=now, address_form=address_form)
    row = _open(draft, actor, "forms.read_draft", now=now, lock=False)
    definition, today = drafts.definition_of(row), clock.local_day(now)
    found = checking.faults(definition, drafts.filled_of(row, definition), now=now)
    return pages.summary(
        definition,
        data,
        problems=wording.problems_of(found, address_form=address_form, today=today),
        address_form=address_form,
    )


def delete_expired(*, actor: Actor, now: datetime) -> int:
    """Delete drafts whose days are over, at most 500 at a time; gives how many. Background work only."""
    access.require(actor, "forms.expire_drafts")
    with transaction.atomic():
        gone = drafts.delete_expired(today=clock.local_day(now), limit=PURGE_SIZE)
        for uuid in gone:
            audit.changed(
                actor=actor,
                operation="forms.expire_drafts",
                resource=f"draft/{uuid}",
                fields=("draft",),
                now=now,
            )
    return len(gone)


def _open(
    draft: UUID, actor: Actor, operation: str, *, now: datetime, lock: bool, revision: int | None = None
) -> DraftRow:
    row = queries.draft_row(draft=draft, today=clock.local_day(now), lock=lock)
    access.require(actor, operation, _scope(drafts.owner_of(row)))
    _require_assurance(actor, operation, drafts.definition_of(row))
    if revision is not None and row.revision != revision:
        raise DraftChanged(drafts.to_data(row, now=now))
    return row


def _saved(
    row: DraftRow,
    actor: Actor,
    *,
    fields: tuple[str, ...],
    now: datetime,
    operation: str = "forms.save_draft",
) -> Draft:
    drafts.save(row, now=now)
    _changed(actor, operation, row, fields=fields, now=now)
    return drafts.to_data(row, now=now)


def _require_assurance(actor: Actor, operation: str, definition: FormDefinition) -> None:
    needs = definitions.assurance(definition)
    if actor.capacity is not Capacity.SYSTEM and actor.assurance < needs:
        raise NotAllowed(operation=operation, reason=Refusal.ASSURANCE_TOO_LOW, needs=needs)


def _definition(draft: Draft) -> FormDefinition:
    return queries.definition_of(queries.form_row(code=draft.form, version=draft.version))


def _scope(owner: Subject) -> Scope:
    return Scope(subjects=frozenset({owner}))


def _allowed(submission: Submission, actor: Actor, operation: str) -> Submission:
    access.require(actor, operation, _scope(submission.owner))
    return submission


def _about(owner: Subject) -> tuple[UUID, ...]:
    return (owner.uuid,) if owner.kind == "person" else ()


def _changed(actor: Actor, operation: str, row: DraftRow, *, fields: tuple[str, ...], now: datetime) -> None:
    audit.changed(
        actor=actor,
        operation=operation,
        resource=f"draft/{row.uuid}",
        about=_about(drafts.owner_of(row)),
        fields=fields,
        now=now,
    )


def _consulted(
    actor: Actor, operation: str, owner: Subject, resource: str, fields: list[str], now: datetime
) -> None:
    audit.consulted(
        actor=actor,
        operation=operation,
        about=_about(owner),
        fields=fields,
        resource=resource,
        now=now,
    )
