"""The page on which somebody says that a value of an object is wrong, and what it should be."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition, Field, FieldKind, Option
from ocapi.modules.linkeddata import api
from ocapi.modules.linkeddata.api.reports import MAX_EXPLANATION, MAX_PROPOSED
from ocapi.modules.linkeddata.data import ReportRefused, ShownProperty, TooManyReports

MAX_NAME = 2_000  # characters of an IRI in the address


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """What was typed. choice: of the value, its number from 0; empty when the value is missing."""

    property: str = ""
    choice: str = ""
    proposed: str = ""
    explanation: str = ""

    @classmethod
    def read(cls, request: HttpRequest) -> "ReportInput":
        """Read the address, and the form when it was sent."""
        typed = request.POST if request.method == "POST" else request.GET
        return cls(
            property=typed.get("eigenschap", "")[:MAX_NAME],
            choice=typed.get("waarde", "")[:4],
            proposed=typed.get("proposed", "")[: 2 * MAX_PROPOSED],
            explanation=typed.get("explanation", "")[: 2 * MAX_EXPLANATION],
        )

    def about(self, found: ShownProperty) -> "ReportInput":
        """Mean the only value of a property when none was chosen."""
        return self if self.choice or len(found.values) != 1 else replace(self, choice="0")

    def value(self, found: ShownProperty) -> str:
        """Give the value that was chosen, empty for none."""
        number = int(self.choice) if self.choice.isascii() and self.choice.isdigit() else -1
        return found.values[number].text if 0 <= number < len(found.values) else ""

    def fields(self, *, member: str = "", error: str = "") -> tuple[Field, ...]:
        """Give the fields; member, error: which is to be repaired, and how."""
        return (
            Field(
                name="proposed",
                label=_("What should it be?"),
                kind=FieldKind.TEXTAREA,
                value=self.proposed,
                required=False,
                rows=2,
                max_length=MAX_PROPOSED,
                help=_("Leave this empty if you do not know."),
                error=error if member == "proposed" else "",
            ),
            Field(
                name="explanation",
                label=_("How do you know?"),
                kind=FieldKind.TEXTAREA,
                value=self.explanation,
                rows=4,
                max_length=MAX_EXPLANATION,
                help=_("For instance: it says so on the spot or in a document. Give no data of others."),
                error=error if member == "explanation" else "",
            ),
        )


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, term: str, uuid: UUID) -> HttpResponse:
    """Ask which value is wrong and what it should be, and pass that on to who keeps the object."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    properties = api.list_reportable(uuid=uuid, term=term, actor=actor, now=now)
    typed = ReportInput.read(request)
    found = next((each for each in properties if each.iri == typed.property), None)
    if found is None:
        return _choose(request, term, uuid, properties)
    typed = typed.about(found)
    if request.method != "POST":
        return _ask(request, term, uuid, found, typed)
    try:
        receipt = api.report_value(
            uuid=uuid,
            term=term,
            property=found.iri,
            value=typed.value(found),
            proposed=typed.proposed,
            explanation=typed.explanation,
            actor=actor,
            now=now,
        )
    except ReportRefused as refused:
        return _ask(
            request, term, uuid, found, typed, status=422, member=refused.member, error=refused.detail
        )
    except TooManyReports:
        return _ask(request, term, uuid, found, typed, status=429)
    return ui.page(
        request,
        "linkeddata/reported.html",
        reference=receipt.reference,
        href=reverse("linkeddata:document", args=[term, uuid]),
    )


def _choose(
    request: HttpRequest, term: str, uuid: UUID, properties: tuple[ShownProperty, ...]
) -> HttpResponse:
    field = Field(
        name="eigenschap",
        label=_("What is wrong or missing?"),
        kind=FieldKind.SELECT,
        options=tuple(Option(value=each.iri, label=each.label) for each in properties),
    )
    return ui.page(
        request,
        "linkeddata/report_choice.html",
        field=field,
        href=reverse("linkeddata:document", args=[term, uuid]),
    )


def _ask(
    request: HttpRequest,
    term: str,
    uuid: UUID,
    found: ShownProperty,
    typed: ReportInput,
    *,
    status: int = 200,
    member: str = "",
    error: str = "",
) -> HttpResponse:
    all_of_them = ", ".join(each.text for each in found.values)
    facts = (
        Definition(term=_("What"), value=found.label),
        Definition(term=_("It says now"), value=typed.value(found) or all_of_them or _("Nothing")),
    )
    return ui.page(
        request,
        "linkeddata/report.html",
        status=status,
        facts=facts,
        fields=typed.fields(member=member, error=error),
        typed=typed,
        is_stopped=status == 429,
        href=reverse("linkeddata:document", args=[term, uuid]),
    )
