"""From what cases, messages, the register and the log give to words a citizen reads."""

import re

from django.utils.translation import gettext as _

from ocapi.kernel.audit.data import Kind, Line
from ocapi.kernel.files.data import FileRefused
from ocapi.kernel.ui.data import Definition, Field, FieldKind, TimelineEvent
from ocapi.lib import clock, written
from ocapi.lib.actor import Actor, Capacity
from ocapi.modules.cases.data import CaseDetail
from ocapi.modules.exchange.data import RegisterAnswer
from ocapi.modules.forms import api as forms
from ocapi.modules.notify.data import Message

MEGABYTE = 1 << 20
ACCEPTED = (".pdf", ".jpg", ".png")
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")  # leaves name fields as APIs do, in camel case


def answers(found: CaseDetail) -> tuple[Definition, ...]:
    """Give what the applicant sent, with the source that knew it."""
    return tuple(
        Definition(term=each.label, value=each.value or "–", source=forms.source_title(source=each.source))
        for each in found.answers
    )


def history(found: CaseDetail) -> tuple[TimelineEvent, ...]:
    """Give what happened, newest first, in the words of its status."""
    return tuple(
        TimelineEvent(title=each.status_label, on=written.moment(each.at), machine_on=each.at.isoformat())
        for each in reversed(found.history)
    )


def answer_fields(*, text: str, error: str, file_error: str) -> tuple[Field, ...]:
    """Give the two fields of an answer; what was typed stays."""
    return (
        Field(
            name="text",
            label=_("The answer"),
            kind=FieldKind.TEXTAREA,
            value=text,
            error=error,
            max_length=4000,
        ),
        Field(
            name="files",
            label=_("Files"),
            kind=FieldKind.FILE,
            required=False,
            error=file_error,
            multiple=True,
            accepted_types=ACCEPTED,
            max_size="10 MB",
        ),
    )


def refusal(refused: FileRefused) -> str:
    """Say why a file was not taken and what would be."""
    if refused.reason == "tooLarge":
        return _("{name} is too large. Choose a file of at most {limit} MB.").format(
            name=refused.name, limit=refused.limit_bytes // MEGABYTE)
    if refused.reason == "infected":
        return _("{name} is not safe and was not kept. Choose another file.").format(name=refused.name)
    return _("{name} is not a PDF, JPG or PNG file. Choose a file of one of these types.").format(
        name=refused.name
    )


def message(each: Message) -> dict[str, object]:
    """Give a message as its card shows it; the body in paragraphs."""
    return {
        "uuid": each.uuid, "title": each.title, "paragraphs": each.body.split("\n\n"), "link": each.link,
        "reference": each.reference, "sent_at": written.moment(each.sent_at), "is_new": each.read_at is None,
        "link_text": _link_text(each.link),
    }


def _link_text(link: str) -> str:
    """Say where a message leads: messages are read as a citizen, also those for staff."""
    if link.startswith("/mijn/zaken/"):
        return _("Open the case")
    return _("Open as a staff member") if link.startswith("/desk/") else _("Open the page")


def register_facts(found: RegisterAnswer) -> tuple[Definition, ...]:
    """Give each value of the register with where it comes from."""
    labels = {
        "person.given_name": _("Given name"), "person.family_name": _("Family name"),
        "person.birth_date": _("Date of birth"), "person.address.street_name": _("Street"),
        "person.address.house_number": _("House number"), "person.address.box_number": _("Box number"),
        "person.address.postal_code": _("Postal code"), "person.address.municipality": _("Municipality"),
    }
    day = written.in_words(clock.local_day(found.at))
    return tuple(
        Definition(term=label, value=found.values[path], source=found.source, source_date=day)
        for path, label in labels.items() if found.values.get(path)
    )


def consultation(line: Line, actor: Actor) -> tuple[str, str, str, str, str]:
    """Give one line of the log: when, who, what, which data, for which case."""
    what = _("Looked") if line.kind is Kind.CONSULTATION else _("Changed or added")
    if not line.is_intact:
        what = _("Attention: this line was altered afterwards. Ask the municipality for an explanation.")
    return (
        written.moment(line.at),
        _who(line, actor),
        what,
        ", ".join(_data(line)) or "–",
        line.reference or "–",
    )


def _who(line: Line, actor: Actor) -> str:
    if line.person is not None and line.person == actor.person and line.capacity is not Capacity.STAFF:
        return _("Yourself")
    names = {
        Capacity.STAFF: _("A member of staff of the municipality"), Capacity.SYSTEM: _("An automatic task"),
        Capacity.APPLICATION: _("A coupled application"), Capacity.ENTERPRISE: _("A representative"),
    }
    return names.get(line.capacity, _("Another person"))


def _data(line: Line) -> tuple[str, ...]:
    names = _data_names()
    codes = (_CAPITAL.sub(r"_\g<0>", each).lower() for each in line.fields)
    known = (names.get(each) or names.get(each.rpartition(".")[0]) or _("other data") for each in codes)
    return tuple(dict.fromkeys(known))


def _data_names() -> dict[str, str]:
    """Give the words for the fields that leaves name, by code in snake case."""
    return {
        "name": _("name"),
        "applicant": _("name"),
        "applicant_name": _("name"),
        "address": _("address"),
        "email": _("email address"),
        "telephone": _("telephone number"),
        "reference": _("case number"),
        "case_type": _("kind of request"),
        "due_on": _("term"),
        "answers": _("answers of the request"),
        "draft": _("answers of the request"),
        "submission": _("answers of the request"),
        "attachments": _("files"),
        "file": _("file"),
        "letter": _("letter"),
        "letters": _("letters"),
        "document": _("letter"),
        "title": _("messages"),
        "body": _("messages"),
        "read_at": _("messages"),
        "messages": _("questions and answers"),
        "question": _("questions and answers"),
        "answer": _("questions and answers"),
        "status": _("status"),
        "assignee": _("case handler"),
        "decision": _("decision"),
        "outcome": _("decision"),
        "motivation": _("decision"),
        "services": _("power of attorney"),
        "expires_at": _("power of attorney"),
        "code": _("role"),
        "unit": _("role"),
        "capacity": _("sign-in"),
        "assurance": _("sign-in"),
        "consultations": _("this log"),
        "given_name": _("given name"),
        "family_name": _("family name"),
        "birth_date": _("date of birth"),
        "national_number": _("national register number"),
        "person.given_name": _("given name"),
        "person.family_name": _("family name"),
        "person.birth_date": _("date of birth"),
        "person.address": _("address"),
    }
