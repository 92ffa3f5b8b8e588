"""Letters and messages of a case: which template, which values, to whom."""

from datetime import date, datetime

from django.utils.safestring import SafeString

from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec, ids, written
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.modules.cases.definitions import CaseType
from ocapi.modules.cases.models import AnswerRow, CaseRow, LetterRow
from ocapi.modules.documents import api as documents
from ocapi.modules.notify import api as notify

LANGUAGE = "nl"
HOMES = ("new_address", "address")  # fields of a form: where who moves lives now, else as registered


def send_receipt(
    row: CaseRow, case_type: CaseType, *, address_form: str, actor: Actor, now: datetime
) -> None:
    """Make the receipt and tell the applicant that the request came in."""
    _send(row, case_type, template=case_type.letters["receipt"], topic="case_received", extra={},
          address_form=address_form, actor=actor, now=now)


def send_question(row: CaseRow, case_type: CaseType, *, question: str, answer_by: date, actor: Actor,
                  now: datetime) -> None:
    """Make the letter with a question and tell the applicant."""
    _send(
        row,
        case_type,
        template=case_type.letters["information_request"],
        topic="information_requested",
        extra={"question": question, "answer_by": written.in_words(answer_by)},
        address_form=_address_form(),
        actor=actor,
        now=now,
    )


def send_decision(row: CaseRow, case_type: CaseType, *, outcome: str, motivation: str, actor: Actor,
                  now: datetime) -> None:
    """Make the decision letter and tell the applicant."""
    _send(row, case_type, template=case_type.letters[outcome], topic="case_decided",
          extra=_decision_values(case_type, outcome, motivation, now), address_form=_address_form(),
          actor=actor, now=now)


def send_closed(row: CaseRow, case_type: CaseType, *, actor: Actor, now: datetime) -> None:
    """Tell the applicant that the case is closed; the decision letter was the last one."""
    _tell(row, topic="case_closed", values=values_of(row, case_type, actor=actor, now=now),
          address_form=_address_form(), actor=actor, now=now)


def decision_preview(row: CaseRow, case_type: CaseType, *, outcome: str, motivation: str, actor: Actor,
                     now: datetime) -> SafeString:
    """Give the decision letter as HTML, stored nowhere."""
    values = values_of(row, case_type, actor=actor, now=now)
    values |= _decision_values(case_type, outcome, motivation, now)
    return documents.preview_html(
        template=case_type.letters[outcome], values=values, address_form=_address_form()
    )


def _decision_values(case_type: CaseType, outcome: str, motivation: str, now: datetime) -> dict[str, str]:
    return {"outcome": case_type.outcome_label(outcome), "motivation": motivation,
            "decided_on": written.in_words(clock.local_day(now))}


def _send(row: CaseRow, case_type: CaseType, *, template: str, topic: str, extra: dict[str, str],
          address_form: str, actor: Actor, now: datetime) -> None:
    values = values_of(row, case_type, actor=actor, now=now) | extra
    made = documents.render(
        template=template,
        values=values,
        address_form=address_form,
        language=LANGUAGE,
        about=(row.applicant,),
        reference=row.reference,
        actor=_sender(actor),
        now=now,
    )
    LetterRow.objects.create(
        uuid=ids.new_uuid(now),
        case=row,
        document=made.uuid,
        template=template,
        title=made.title[:300],
        sent_at=now,
    )
    _tell(row, topic=topic, values=values, address_form=address_form, actor=actor, now=now)


def _tell(row: CaseRow, *, topic: str, values: dict[str, str], address_form: str, actor: Actor,
          now: datetime) -> None:
    short = {"reference": values["case_number"], "title": values["case_title"], "outcome": values["outcome"],
             "due_on": values["answer_by"] or values["due_on"]}
    notify.send(
        person=row.applicant,
        topic=topic,
        values=short,
        link=f"/mijn/zaken/{row.uuid}",
        reference=row.reference,
        address_form=address_form,
        key=f"{topic}:{row.uuid}:{row.revision}",
        actor=_sender(actor),
        now=now,
    )


def _sender(actor: Actor) -> Actor:
    """Give who makes the letter: when a machine filed the case, the platform answers the applicant."""
    if actor.capacity is not Capacity.APPLICATION:
        return actor
    return Actor(
        capacity=Capacity.SYSTEM,
        assurance=Assurance.HIGH,
        application="cases.letters",
        trace_id=actor.trace_id,
    )


def values_of(row: CaseRow, case_type: CaseType, *, actor: Actor, now: datetime) -> dict[str, str]:
    """Give the value of every placeholder a letter about this case may hold; unknown ones are empty."""
    organization = registry.settings_of("organization")
    name = organization["name"] or tenants.current().key.capitalize()
    contact = _contact(organization["contact"], name)
    return {
        "organization_name": name,
        "organization_address": contact.get("address", ""),
        "unit": case_type.unit,
        "contact_name": row.assignee_name or case_type.unit,
        "contact_email": contact.get("email", ""),
        "contact_telephone": contact.get("telephone", ""),
        "recipient_name": row.applicant_name,
        "recipient_address": _home(row),
        "case_number": row.reference,
        "case_title": case_type.title["nl"],
        "received_on": written.in_words(row.received_on),
        "due_on": written.in_words(row.due_on),
        "letter_date": written.in_words(clock.local_day(now)),
        "decided_on": "",
        "outcome": "",
        "motivation": "",
        "conditions": "",
        "question": "",
        "answer_by": "",
        "case_url": f"{tenants.current().base_iri}/mijn/zaken/{row.uuid}",
    }


def _home(row: CaseRow) -> str:
    """Give where the applicant lives as it stands on an envelope, empty when the request does not say."""
    given = dict(AnswerRow.objects.filter(case=row, field__in=HOMES).values_list("field", "value"))
    written_out = next((given[each] for each in HOMES if given.get(each)), "")
    street, _comma, place = written_out.rpartition(", ")
    return f"{street}\n{place}" if street else place


def _contact(stored: str, name: str) -> dict[str, str]:
    """Read the organization's contact setting: lines of the address below its name, e-mail and telephone;
    empty gives nothing.
    """
    members = codec.decode_untyped(stored.encode()) if stored else {}
    if not isinstance(members, dict):
        return {}
    lines = members.get("lines")
    address = ", ".join(str(line) for line in lines if line != name) if isinstance(lines, list) else ""
    return {
        "address": address,
        "email": str(members.get("email", "")),
        "telephone": str(members.get("telephone", "")),
    }


def _address_form() -> str:
    return registry.setting("organization.address_form")
