"""Builders with speaking defaults. Not covered here: anything, these are no tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.forms import api
from ocapi.modules.forms.data import FormDefinition, PrefillState
from ocapi.modules.forms.extensions import (
    CaseKind,
    FieldRef,
    KnownFact,
    Prefilled,
    case_kinds,
    prefill_sources,
)

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
ADDRESS = {
    "new_address-street_name": ["Kerkstraat"],
    "new_address-house_number": ["2"],
    "new_address-box_number": [""],
    "new_address-postal_code": ["9880"],
    "new_address-municipality": ["Aalter"],
}


def a_form(**changes: object) -> dict[str, object]:
    """Make the decoded content of a small form that has one field of most kinds."""
    made: dict[str, object] = {
        "code": "proef",
        "version": "1",
        "title": {"formal": "Uw proef", "informal": "Je proef"},
        "submit_label": "Verstuur",
        "minimum_assurance": "substantial",
        "draft_days": 30,
        "service": "proef",
        "case_type": "proef",
        "sections": [
            {
                "code": "who",
                "title": "Wie",
                "fields": [
                    {
                        "code": "family_name",
                        "type": "text",
                        "label": "Familienaam",
                        "required": True,
                        "prefill": {"source": "register", "path": "person.family_name"},
                        "read_only_when_prefilled": True,
                    },
                    {"code": "email", "type": "email", "label": "E-mail", "required": True},
                ],
            },
            {
                "code": "move",
                "title": "Verhuis",
                "fields": [
                    {"code": "occupied", "type": "yes_no", "label": "Bewoond?", "required": True},
                    {
                        "code": "occupant",
                        "type": "text",
                        "label": "Wie woont er?",
                        "required": True,
                        "max_length": 20,
                        "show_when": {"field": "occupied", "equals": True},
                    },
                    {"code": "new_address", "type": "address", "label": "Nieuw adres", "required": True},
                    {"code": "since", "type": "date", "label": "Sinds", "required": True, "max": "today"},
                    {
                        "code": "proof",
                        "type": "upload",
                        "label": "Bewijs",
                        "required": False,
                        "upload": {"accepted": ["pdf"], "max_bytes": 5000, "max_files": 2},
                    },
                ],
            },
        ],
    }
    return {**made, **changes}


def loaded(now: datetime = NOW, **changes: object) -> FormDefinition:
    """Make the small form the current one of the bound organization."""
    definition = api.read_definition(value=a_form(**changes))
    api.load_form(definition=definition, now=now)
    return definition


class FakeRegister:
    """A source whose answer a test decides; counts how often it was asked."""

    name = "register"
    title = "Proefregister"
    knows = (KnownFact(path="person.family_name", labels=("familienaam",), autocomplete=("family-name",)),)

    def __init__(self, state: PrefillState = PrefillState.OK, value: str = "Peeters") -> None:
        self.state, self.value, self.asked = state, value, 0

    def fetch(self, *, fields: tuple[FieldRef, ...], **_request: object) -> tuple[Prefilled, ...]:
        self.asked += 1
        value = self.value if self.state is PrefillState.OK else None
        return tuple(Prefilled(field=each.field, state=self.state, value=value) for each in fields)


class OneKind:
    """Lists the one kind of case that the small form names."""

    name = "one"

    def listed(self) -> tuple[CaseKind, ...]:
        return (CaseKind(code="proef", title="Proef op de som"),)


@contextmanager
def handled() -> Iterator[None]:
    """Let what is sent of the small form become a case, for a block."""
    case_kinds.add(OneKind())
    try:
        yield
    finally:
        case_kinds._providers.pop(OneKind.name)


@contextmanager
def connected(source: FakeRegister) -> Iterator[FakeRegister]:
    """Connect a source for a block."""
    prefill_sources.add(source)
    try:
        yield source
    finally:
        prefill_sources._providers.pop(source.name)


def a_field(kind: str, **members: object) -> dict[str, object]:
    """Make the decoded content of one field."""
    return {"code": "q", "type": kind, "label": "Vraag", "required": True, **members}


def definition_with(*fields: dict[str, object]) -> FormDefinition:
    """Read a definition of one section with these fields."""
    return api.read_definition(value=a_form(sections=[{"code": "s", "title": "S", "fields": list(fields)}]))
