"""What clerks type, read from the request once and kept for the page that shows it again."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Field, FieldKind, Option
from ocapi.modules.cases.data import SORTS, CaseTypeSummary, Label, WorklistFilter

MAX_QUERY = 60
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistInput:
    """The filters as the address has them; a search text without digits is a name and is not taken from
    there.
    """

    query: str = ""
    status: str = ""
    case_type: str = ""
    is_mine: bool = False
    is_late: bool = False
    sort: str = "dueOn"
    cursor: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> "WorklistInput":
        """Read the query of the address; unknown values of sort fall back to the default."""
        sort = given.get("sort", "dueOn")
        return cls(
            query=given.get("q", "").strip()[:MAX_QUERY],
            status=given.get("status", ""),
            case_type=given.get("type", ""),
            is_mine=given.get("mijn") == "1",
            is_late=given.get("te-laat") == "1",
            sort=sort if sort in SORTS else "dueOn",
            cursor=given.get("cursor", ""),
        )

    @property
    def is_name(self) -> bool:
        """Tell whether somebody typed a name where only a reference may stand."""
        return bool(self.query) and not any(each.isdigit() for each in self.query)

    @property
    def is_narrowed(self) -> bool:
        """Tell whether any filter is set."""
        return bool(self.query or self.status or self.case_type or self.is_mine or self.is_late)

    def filter(self, *, person: UUID | None) -> WorklistFilter:
        """Give the filter; without a status or a reference only open cases are shown."""
        is_all = self.status == "all"
        return WorklistFilter(
            status=() if is_all or not self.status else (self.status,),
            case_type=(self.case_type,) if self.case_type else (), assignee=person if self.is_mine else None,
            overdue=self.is_late, only_open=not self.status and not self.query,
            q="" if self.is_name else self.query, sort=self.sort,
        )

    def fields(self, *, types: tuple[CaseTypeSummary, ...], statuses: tuple[Label, ...]) -> tuple[Field, ...]:
        """Give the filters as fields."""
        return (
            Field(
                name="q",
                label=_("Case number"),
                kind=FieldKind.SEARCH,
                value="" if self.is_name else self.query,
                required=True,
                max_length=MAX_QUERY,
            ),
            Field(
                name="status",
                label=_("Status"),
                kind=FieldKind.SELECT,
                value=self.status,
                options=(
                    Option(value="", label=_("Open cases")),
                    Option(value="all", label=_("All cases")),
                    *(Option(value=each.code, label=each.label) for each in statuses),
                ),
            ),
            Field(
                name="type",
                label=_("Kind"),
                kind=FieldKind.SELECT,
                value=self.case_type,
                options=(
                    Option(value="", label=_("All kinds")),
                    *(Option(value=each.code, label=each.title) for each in types),
                ),
            ),
        )


def revision_of(request: HttpRequest) -> int:
    """Give the revision the page was made for; 0, which never is a revision, when it is missing or odd."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInput:
    """A question or an answer as typed."""

    text: str = ""
    error: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> "TextInput":
        """Read the text and check it: it must be there and at most 20,000 characters."""
        text = given.get("text", "").strip()
        if len(text) > MAX_TEXT:
            return cls(text=text, error=_("Shorten the text to 20.000 characters."))
        return cls(text=text, error="" if text else _("Fill in a text."))

    def field(self, *, label: str, help: str = "") -> Field:
        """Give the text as a field."""
        return Field(
            name="text",
            label=label,
            help=help,
            kind=FieldKind.TEXTAREA,
            value=self.text,
            error=self.error,
            rows=8,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInput:
    """Outcome and motivation as typed; `errors` by field."""

    outcome: str = ""
    motivation: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: QueryDict, *, outcomes: tuple[Label, ...]) -> "DecisionInput":
        """Read and check the decision."""
        made = cls(outcome=given.get("outcome", ""), motivation=given.get("motivation", "").strip())
        errors = {}
        if made.outcome not in {each.code for each in outcomes}:
            errors["outcome"] = _("Choose a decision.")
        if not made.motivation:
            errors["motivation"] = _("Explain the decision. The applicant reads this text in the letter.")
        elif len(made.motivation) > MAX_TEXT:
            errors["motivation"] = _("Shorten the text to 20.000 characters.")
        return replace(made, errors=errors)

    def fields(self, *, outcomes: tuple[Label, ...]) -> tuple[Field, ...]:
        """Give the decision as fields."""
        return (
            Field(
                name="outcome",
                label=_("Decision"),
                kind=FieldKind.RADIO,
                value=self.outcome,
                error=self.errors.get("outcome", ""),
                options=tuple(Option(value=each.code, label=each.label) for each in outcomes),
            ),
            Field(
                name="motivation",
                label=_("Motivation"),
                kind=FieldKind.TEXTAREA,
                value=self.motivation,
                rows=8,
                help=_("Short and clear sentences. This text stands in the letter to the applicant."),
                error=self.errors.get("motivation", ""),
            ),
        )
