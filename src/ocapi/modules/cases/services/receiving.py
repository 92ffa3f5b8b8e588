"""Receiving a case: number, rows, receipt and message in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from ocapi.kernel.files import api as files
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, identifiers, ids, stem
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.cases import data, events, queries, terms
from ocapi.modules.cases.data import Action, AnsweredFact
from ocapi.modules.cases.models import AnswerRow, AttachmentRow, CaseRow, CounterRow, PartyRow
from ocapi.modules.cases.services import letters, records

PREFIX_LETTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A whole case as it comes in."""

    case_type: str
    applicant: Subject
    applicant_name: str
    answers: tuple[AnsweredFact, ...]
    attachments: tuple[UUID, ...]
    service: str
    channel: str
    address_form: str
    submission: UUID | None = None


def receive(received: Received, *, actor: Actor, now: datetime) -> CaseRow:
    """Write a case with all that belongs to it; raises CaseTypeNotFound, AttachmentNotFound, TextMissing."""
    name = received.applicant_name.strip()
    if not name:
        raise data.TextMissing("applicantName")
    type_row = queries.current_type_row(received.case_type)
    case_type = queries.case_type_of(type_row)
    today = clock.local_day(now)
    row = CaseRow.objects.create(
        uuid=ids.new_uuid(now),
        reference=_next_reference(today, now),
        case_type=type_row,
        case_type_code=case_type.code,
        status=case_type.initial_status,
        is_open=True,
        received_at=now,
        received_on=today,
        due_on=terms.end_of_term(today, days=case_type.term.days, shifts=False),
        outcome="",
        service=received.service or case_type.service or "",
        channel=received.channel,
        submission=received.submission,
        applicant=received.applicant.uuid,
        applicant_kind=received.applicant.kind,
        applicant_name=name[:200],
        applicant_folded=stem.fold(name)[:200],
        assignee_name="",
        revision=1,
    )
    _add_parties(row, actor, now)
    _add_answers(row, received.answers, now)
    add_attachments(row, received.attachments, is_from_applicant=True, now=now)
    letters.send_receipt(row, case_type, address_form=received.address_form, actor=actor, now=now)
    records.record(
        row,
        Action.RECEIVE,
        fact=events.CaseReceived,
        fields=("applicant", "answers", "attachments", "status"),
        operation="cases.create",
        actor=actor,
        now=now,
        reference_only=True,
    )
    return row


def _add_parties(row: CaseRow, actor: Actor, now: datetime) -> None:
    PartyRow.objects.create(
        uuid=ids.new_uuid(now), case=row, role="applicant", kind=row.applicant_kind, party=row.applicant,
        name=row.applicant_name,
    )
    if actor.represents is not None and actor.person is not None:
        PartyRow.objects.create(
            uuid=ids.new_uuid(now), case=row, role="representative", kind="person", party=actor.person,
            name=actor.display_name[:200],
        )


def _add_answers(row: CaseRow, answers: tuple[AnsweredFact, ...], now: datetime) -> None:
    AnswerRow.objects.bulk_create([
        AnswerRow(uuid=ids.new_uuid(now), case=row, position=place, section=each.section, field=each.field,
                  label=each.label, value=each.value, source=each.source)
        for place, each in enumerate(answers)
    ])


def add_attachments(
    row: CaseRow, attached: tuple[UUID, ...], *, is_from_applicant: bool, now: datetime
) -> None:
    """Tie files to a case; raises AttachmentNotFound for one that is unknown or belongs to a case already."""
    known = files.list_files(files=attached)
    taken = set(AttachmentRow.objects.filter(file__in=attached).values_list("file", flat=True))
    for file in attached:
        if file not in known or file in taken:
            raise data.AttachmentNotFound(file)
    AttachmentRow.objects.bulk_create(
        [
            AttachmentRow(
                uuid=ids.new_uuid(now), case=row, file=file, is_from_applicant=is_from_applicant, added_at=now
            )
            for file in dict.fromkeys(attached)
        ]
    )


def _next_reference(today: date, now: datetime) -> str:
    """Take the next number of the year; the row lock makes two that come at once wait for each other."""
    if not _raise_counter(today.year):
        try:
            with transaction.atomic():
                CounterRow.objects.create(uuid=ids.new_uuid(now), year=today.year, last=1)
        except IntegrityError:
            _raise_counter(today.year)
    number = CounterRow.objects.values_list("last", flat=True).get(year=today.year)
    return identifiers.case_reference(_prefix(), today.year, number)


def _raise_counter(year: int) -> bool:
    return CounterRow.objects.filter(year=year).update(last=F("last") + 1) == 1


def _prefix() -> str:
    chosen = registry.setting("cases.reference_prefix").strip().upper()
    if chosen:
        return chosen
    spelled = "".join(each for each in tenants.current().key.upper() if "A" <= each <= "Z")
    return spelled[:PREFIX_LETTERS].ljust(2, "X")
