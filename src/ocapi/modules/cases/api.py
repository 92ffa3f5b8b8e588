"""The door of cases: receive, read, list, work on, decide and close.

Each change asks the policy, locks the case, compares the revision and writes rows, history, event and change
leaf in one transaction. Each read of personal data writes its consultation leaf before it answers.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.safestring import SafeString

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import Scope
from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.files.data import FileContent
from ocapi.kernel.registry import api as registry
from ocapi.lib import clock, crashpoint
from ocapi.lib.actor import Actor, Capacity, Subject
from ocapi.modules.cases import definitions, queries
from ocapi.modules.cases.data import (
    Action,
    AnsweredFact,
    CaseDetail,
    CasePage,
    CaseSummary,
    CaseTypeSummary,
    Label,
    Waiting,
    WorklistFilter,
)
from ocapi.modules.cases.models import CaseRow
from ocapi.modules.cases.services import handling, letters, receiving, records, running, types
from ocapi.modules.documents import api as documents

LIST_FIELDS = ("reference", "applicantName", "caseType", "status", "dueOn")
DETAIL_FIELDS = (*LIST_FIELDS, "answers", "attachments", "letters", "messages", "decision")
MAX_TEXT = 20_000  # characters of a question, answer or motivation
CREATED = "cases.create"
DECIDED = "cases.decide"


def load_case_type(*, raw: bytes, now: datetime) -> bool:
    """Load a case type from its YAML file; gives False when these bytes were current already.

    Raises MalformedInput, CaseTypeRefused. Content comes from packs at the command line, so no policy is
    asked.
    """
    with transaction.atomic():
        return types.load(raw, now=now)


def list_case_types() -> tuple[CaseTypeSummary, ...]:
    """Give the case types that new cases may have, by code; they are public."""
    return tuple(definitions.summary(each) for each in queries.list_types())


def has_case_type(*, code: str) -> bool:
    """Tell whether new cases may have this type; case types are public."""
    return queries.has_type(code)


def count_received(*, case_type: str, applicant: Subject, since: datetime) -> int:
    """Count the cases of a type that a subject filed since then, for a limit; tells nothing of a person."""
    return queries.count_received(case_type=case_type, applicant=applicant, since=since)


def list_statuses() -> tuple[Label, ...]:
    """Give every status of any current case type with its desk label, in order of first appearance."""
    found = {
        each.code: each
        for case_type in queries.list_types()
        for each in definitions.labels(case_type.statuses)
    }
    return tuple(found.values())


def create(
    *, case_type: str, applicant: Subject, applicant_name: str, answers: tuple[AnsweredFact, ...],
    attachments: tuple[UUID, ...], service: str, channel: str, actor: Actor, now: datetime,
    idempotency_key: str = "", address_form: str, submission: UUID | None = None,
) -> CaseSummary:
    """Receive a whole case: number, parties, answers, files, receipt, message, event and leaf, or nothing.

    attachments: uuids of received files that belong to no case yet. channel: portal, counter, api, ...
    submission: the form it came from, whose typed answers the process of the case type gets.
    The same key again within 31 days gives the same case and changes nothing; with another body it raises
    IdempotencyConflict. Raises NotAllowed, CaseTypeNotFound, AttachmentNotFound, TextMissing. Emits
    CaseReceived.
    """
    access.require(actor, CREATED, Scope(subjects=frozenset({applicant})))
    received = receiving.Received(
        case_type=case_type, applicant=applicant, applicant_name=applicant_name, answers=answers,
        attachments=attachments, service=service, channel=channel, address_form=address_form,
        submission=submission,
    )
    body = records.fingerprint(received)
    try:
        with transaction.atomic():
            repeated = records.find_repeated(
                operation=CREATED, key=idempotency_key, body=body, actor=actor, now=now
            )
            if repeated is not None:
                return _summary(queries.row_of(repeated), actor, now)
            row = receiving.receive(received, actor=actor, now=now)
            records.remember(row, operation=CREATED, key=idempotency_key, body=body, actor=actor, now=now)
            crashpoint.point("cases.create.before_commit")
    except IntegrityError:  # two requests with one key at the same moment: the other one won
        repeated = records.find_repeated(
            operation=CREATED, key=idempotency_key, body=body, actor=actor, now=now
        )
        if repeated is None:
            raise
        row = queries.row_of(repeated)
    crashpoint.point("cases.create.after_commit")
    return _summary(row, actor, now)


def start_process(*, case: UUID, now: datetime) -> bool:
    """Start the process of a case that came in, with its typed answers; gives False when there is none.

    The case's reference is the business key. Beside the answers by field code the process gets `case`,
    `reference`, `to_verify` (codes of answers that somebody has to verify) and `municipality`. A case type
    whose process is not deployed here is handled by hand. Background work: called once per case.
    """
    return running.start(queries.impersonal_row_of(case), now=now)


def tell_process(*, case: UUID, message: str, now: datetime) -> bool:
    """Tell the process of a case what happened to it, as message with its reference as key.

    message: caseDecided or caseClosed; it carries `outcome`. Gives False when no process waits for it.
    """
    return running.tell(queries.impersonal_row_of(case), message=message, now=now)


def get_case(*, case: UUID, actor: Actor, now: datetime) -> CaseDetail:
    """Give a case with all it holds, after its consultation leaf; raises CaseNotFound, NotAllowed.

    Citizens get their own labels and explanations, staff those of the desk.
    """
    row = _readable(case, "cases.read", actor)
    _consulted(row, "cases.read", DETAIL_FIELDS, actor, now)
    return queries.detail(row, _reader(actor, now))


def find_case(*, reference: str, actor: Actor) -> UUID | None:
    """Give the uuid of the case of that reference when the actor may read it, else None."""
    row = CaseRow.objects.only("uuid").filter(reference=reference).first() if reference else None
    return row.uuid if row is not None and access.may(actor, "cases.read") else None


def persons_about(*, reference: str) -> tuple[UUID, ...]:
    """Give the persons a case is about, for the leaf of who is shown something of it; never for a screen."""
    row = CaseRow.objects.only("applicant", "applicant_kind").filter(reference=reference).first()
    return queries.persons_of(row) if row is not None else ()


def list_worklist(
    *, filter: WorklistFilter, cursor: str = "", actor: Actor, now: datetime, page_size: int = 20
) -> CasePage:
    """Give one page of cases by the filter's order, after one leaf about everybody shown.

    page_size: 1 to 100. Raises NotAllowed, InvalidCursor, InvalidParameter for an unknown sort.
    """
    allowed = access.row_filter(actor, "cases.worklist")
    found = queries.list_cases(
        filter=filter, allowed=allowed, cursor=cursor, page_size=page_size, reader=_reader(actor, now))
    _listed(found, "cases.worklist", actor, now)
    return CasePage(items=found.items, page_size=min(max(page_size, 1), queries.MAX_PAGE),
                    next_cursor=found.next_cursor, previous_cursor=found.previous_cursor)


def count_waiting(*, actor: Actor, now: datetime) -> Waiting:
    """Count the open and the late cases the actor may see, each up to MOST_COUNTED + 1; no case is shown."""
    allowed = access.row_filter(actor, "cases.worklist")
    return queries.count_waiting(allowed=allowed, today=clock.local_day(now))


def export_worklist(*, filter: WorklistFilter, actor: Actor, now: datetime) -> tuple[CaseSummary, ...]:
    """Give all cases of a filter for a file, at most 10,000, after one leaf about everybody in it."""
    allowed = access.row_filter(actor, "cases.export")
    found = queries.export_cases(filter=filter, allowed=allowed, reader=_reader(actor, now))
    _listed(found, "cases.export", actor, now)
    return found.items


def list_own(*, actor: Actor, now: datetime) -> tuple[CaseSummary, ...]:
    """Give the actor's own cases, or those of whom the actor represents, newest first, at most 200."""
    access.require(actor, "cases.read_own")
    if actor.subject is None:
        return ()
    found = queries.list_own(subject=actor.subject, reader=_reader(actor, now))
    _listed(found, "cases.read_own", actor, now)
    return found.items


def assign(*, case: UUID, to: UUID | None, actor: Actor, now: datetime, revision: int) -> CaseSummary:
    """Give a case to a member of staff, or to nobody; raises CaseNotFound, CaseChanged, InvalidTransition."""
    return _change(case, "cases.assign", revision, actor, now,
                   lambda row: handling.assign(row, to=to, actor=actor, now=now))


def start(*, case: UUID, actor: Actor, now: datetime, revision: int) -> CaseSummary:
    """Take a new case in hand; raises CaseNotFound, CaseChanged, InvalidTransition. Emits CaseStarted."""
    return _change(
        case, "cases.start", revision, actor, now, lambda row: handling.start(row, actor=actor, now=now)
    )


def ask_information(*, case: UUID, question: str, actor: Actor, now: datetime, revision: int) -> CaseSummary:
    """Ask the applicant for information by letter and message; the term may stand still meanwhile.

    The last day to answer counts from tomorrow and moves to the next working day. Raises CaseNotFound,
    CaseChanged, InvalidTransition, TextMissing. Emits CaseInformationRequested.
    """
    return _change(
        case,
        "cases.ask_information",
        revision,
        actor,
        now,
        lambda row: handling.ask_information(row, question=question[:MAX_TEXT], actor=actor, now=now),
    )


def answer_information(
    *, case: UUID, text: str, attachments: tuple[UUID, ...], actor: Actor, now: datetime
) -> CaseSummary:
    """Answer the open question of one's own case; due_on moves by the days the term stood still.

    Raises CaseNotFound, InvalidTransition (no question is open), TextMissing, AttachmentNotFound.
    Emits CaseInformationAnswered.
    """
    return _change(
        case,
        "cases.answer_information",
        None,
        actor,
        now,
        lambda row: handling.answer_information(
            row, text=text[:MAX_TEXT], attachments=attachments, actor=actor, now=now
        ),
    )


def decide(
    *, case: UUID, outcome: str, motivation: str, actor: Actor, now: datetime, revision: int,
    idempotency_key: str = "",
) -> CaseSummary:
    """Record the decision, make its letter and tell the applicant.

    outcome: a code of the case type. The same key again gives the case as it is and changes nothing. Raises
    CaseNotFound, CaseChanged, InvalidTransition, OutcomeUnknown, TextMissing, IdempotencyConflict.
    Emits CaseDecided.
    """
    body = records.fingerprint({"case": str(case), "outcome": outcome, "motivation": motivation})
    repeated = records.find_repeated(operation=DECIDED, key=idempotency_key, body=body, actor=actor, now=now)
    if repeated is not None:
        return _summary(_readable(repeated, DECIDED, actor), actor, now)

    def act(row: CaseRow) -> None:
        handling.decide(row, outcome=outcome, motivation=motivation[:MAX_TEXT], actor=actor, now=now)
        records.remember(row, operation=DECIDED, key=idempotency_key, body=body, actor=actor, now=now)
        crashpoint.point("cases.decide.before_commit")

    made = _change(case, DECIDED, revision, actor, now, act)
    crashpoint.point("cases.decide.after_commit")
    return made


def close(*, case: UUID, actor: Actor, now: datetime, revision: int) -> CaseSummary:
    """Close a decided case; raises CaseNotFound, CaseChanged, InvalidTransition. Emits CaseClosed."""
    return _change(
        case, "cases.close", revision, actor, now, lambda row: handling.close(row, actor=actor, now=now)
    )


def allowed_actions(*, case: UUID, actor: Actor) -> frozenset[Action]:
    """Give what the case type allows now; tells nothing of a person. Raises CaseNotFound, NotAllowed."""
    row = _readable(case, "cases.read", actor)
    return queries.case_type_of(row.case_type).allowed_actions(status=row.status)


def propose_motivation(*, case: UUID, actor: Actor, now: datetime) -> str:
    """Give what the case's process has ready as motivation, or "". Raises CaseNotFound, NotAllowed."""
    return running.proposal(_readable(case, DECIDED, actor), actor=actor, now=now)


def preview_decision(*, case: UUID, outcome: str, motivation: str, actor: Actor, now: datetime) -> SafeString:
    """Give the decision letter as HTML without recording anything but the consultation.

    Raises CaseNotFound, NotAllowed, OutcomeUnknown.
    """
    row = _readable(case, DECIDED, actor)
    case_type = queries.case_type_of(row.case_type)
    handling.require_outcome(case_type, outcome)
    _consulted(row, DECIDED, ("applicantName",), actor, now)
    return letters.decision_preview(
        row, case_type, outcome=outcome, motivation=motivation, actor=actor, now=now
    )


def read_attachment(*, case: UUID, file: UUID, actor: Actor, now: datetime) -> FileContent:
    """Give a file of a case, after its consultation leaf.

    Raises CaseNotFound, NotAllowed, AttachmentNotFound, FileNotReleased while it is in quarantine.
    """
    row = _readable(case, "cases.read_attachment", actor)
    queries.require_attachment(row, file=file)
    _consulted(row, "cases.read_attachment", (f"file/{file}",), actor, now)
    return files.read(file=file)


def read_letter(*, case: UUID, document: UUID, actor: Actor, now: datetime) -> FileContent:
    """Give a letter of a case as PDF; `documents` writes the consultation leaf before it answers.

    Raises CaseNotFound, NotAllowed, LetterNotFound, and DocumentNotReady (of documents) while the PDF is
    being made.
    """
    _require_letter(case, document, actor)
    return documents.read_document(document=document, actor=actor, now=now)


def read_letter_html(*, case: UUID, document: UUID, actor: Actor, now: datetime) -> SafeString:
    """Give a letter of a case as an HTML `article` with its own `h1`, which is there before the PDF is.

    Raises CaseNotFound, NotAllowed, LetterNotFound.
    """
    _require_letter(case, document, actor)
    return documents.read_html(document=document, actor=actor, now=now)


def forget_request_keys(*, now: datetime) -> int:
    """Delete idempotency keys older than 31 days; gives how many. For the job, so no policy is asked."""
    with transaction.atomic():
        return records.forget_keys(now=now)


def _change(
    case: UUID,
    operation: str,
    revision: int | None,
    actor: Actor,
    now: datetime,
    act: Callable[[CaseRow], None],
) -> CaseSummary:
    """Run one change of a case; `revision` None is for those who add to a case without having read it."""
    with transaction.atomic():
        row = records.locked(case=case)
        access.require(actor, operation, Scope(subjects=frozenset({queries.subject_of(row)})))
        if revision is not None:
            records.require_revision(row, revision=revision, reader=_reader(actor, now))
        act(row)
        return _summary(row, actor, now)


def _readable(case: UUID, operation: str, actor: Actor) -> CaseRow:
    row = queries.row_of(case)
    access.require(actor, operation, Scope(subjects=frozenset({queries.subject_of(row)})))
    return row


def _require_letter(case: UUID, document: UUID, actor: Actor) -> None:
    row = _readable(case, "cases.read_letter", actor)
    queries.require_letter(row, document=document)


def _consulted(row: CaseRow, operation: str, fields: tuple[str, ...], actor: Actor, now: datetime) -> None:
    audit.consulted(
        actor=actor,
        operation=operation,
        about=queries.persons_of(row),
        fields=fields,
        resource=f"case/{row.uuid}",
        now=now,
        legal_basis="publicTask",
        reference=row.reference,
    )


def _listed(found: queries.Found, operation: str, actor: Actor, now: datetime) -> None:
    if found.items:
        audit.consulted(
            actor=actor,
            operation=operation,
            about=found.about,
            fields=LIST_FIELDS,
            resource="cases",
            now=now,
            legal_basis="publicTask",
        )


def _reader(actor: Actor, now: datetime) -> queries.Reader:
    is_staff = actor.capacity in (Capacity.STAFF, Capacity.APPLICATION, Capacity.SYSTEM)
    form = "informal" if is_staff else registry.setting("organization.address_form")
    return queries.Reader(is_staff=is_staff, address_form=form, now=now)


def _summary(row: CaseRow, actor: Actor, now: datetime) -> CaseSummary:
    return queries.summary_of(row, queries.case_type_of(row.case_type), _reader(actor, now))
