"""Builders of cases with speaking defaults."""

from datetime import datetime
from uuid import UUID

from ocapi.kernel.files import api as files
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import Actor, Assurance, Capacity, Subject
from ocapi.modules.cases import api
from ocapi.modules.cases.data import AnsweredFact, CaseSummary

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
ANSWERS = (
    AnsweredFact(section="tree", field="species", label="Welke boom?", value="Een zieke eik"),
    AnsweredFact(
        section="person", field="family_name", label="Familienaam", value="Peeters", source="Rijksregister"
    ),
)


def load_content() -> None:
    """Load the case types, letters and topics the project ships into the bound organization."""
    for pack in ("letters", "notifications", "case-types"):
        registry.load_pack(name=pack, now=NOW)


def a_file(name: str = "plan.pdf") -> UUID:
    """Store a small released file."""
    return files.keep(content=PDF, name=name, now=NOW).uuid


def a_case(*, citizen: Actor | None = None, now: datetime = NOW, **changes: object) -> CaseSummary:
    """Receive a case of the type that pauses its term, filed by a citizen."""
    actor = citizen or a_citizen()
    assert actor.person is not None
    values: dict[str, object] = {
        "case_type": "kapvergunning", "applicant": Subject(kind="person", uuid=actor.person),
        "applicant_name": actor.display_name, "answers": ANSWERS, "attachments": (), "service": "",
        "channel": "portal", "actor": actor, "now": now, "address_form": "informal",
    }
    return api.create(**{**values, **changes})  # type: ignore[arg-type]


def a_machine(*scopes: str) -> Actor:
    """Make a machine account with the given scopes."""
    return Actor(capacity=Capacity.APPLICATION, assurance=Assurance.HIGH, application="parking-app",
                 scopes=frozenset(scopes), trace_id="test")


def in_status(
    case: CaseSummary, *actions: str, clerk: Actor | None = None, now: datetime = NOW
) -> CaseSummary:
    """Take a case through actions: start, ask, answer, decide, close."""
    handler = clerk or a_staff_member("clerk")
    for action in actions:
        common = {"case": case.uuid, "actor": handler, "now": now}
        if action == "answer":
            case = api.answer_information(**common, text="De boom achteraan", attachments=())
            continue
        given = {**common, "revision": case.revision}
        if action == "start":
            case = api.start(**given)
        elif action == "ask":
            case = api.ask_information(**given, question="Welke boom is ziek?")
        elif action == "decide":
            case = api.decide(**given, outcome="granted", motivation="De boom is ziek.")
        else:
            case = api.close(**given)
    return case


def some_person() -> UUID:
    """Give the uuid of a person nobody knows."""
    return ids.new_uuid(NOW)
