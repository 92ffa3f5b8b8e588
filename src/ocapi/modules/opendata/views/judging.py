"""What the gate says in plain words, for the desk."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui.data import Definition, Field, FieldKind, Option
from ocapi.lib import written
from ocapi.lib.dcat import lists
from ocapi.modules.opendata.data import Finding, Ground, Offer, Outcome, Proposal, Table, Verdict
from ocapi.modules.opendata.views.showing import number

COLUMNS_PARAMETER = "weg"
PROPOSE_AGAIN = frozenset({"columnsChanged", "gate"})  # the reasons that a new proposal takes away
COLUMNS_CHOSEN = "gekozen"  # tells a choice of none from no choice


def verdict(of: Verdict) -> str:
    """Give the verdict in a sentence."""
    return {
        Outcome.CLEAR: _("Nothing points at a person. It can be shared."),
        Outcome.SECOND_PERSON: _("It comes close to persons. A second person must approve it."),
        Outcome.REFUSED: _("It can't be shared: it holds data about persons."),
    }[of.outcome]


def findings(of: Verdict) -> tuple[tuple[str, str], ...]:
    """Give what the gate saw, as tone and sentence."""
    tones = {Outcome.CLEAR: "info", Outcome.SECOND_PERSON: "warning", Outcome.REFUSED: "error"}
    return tuple((tones[each.outcome], _sentence(each)) for each in of.findings)


def _sentence(each: Finding) -> str:
    rows = ngettext("%(count)s row", "%(count)s rows", each.rows) % {"count": each.rows}
    if each.first:
        numbers = ", ".join(map(str, each.first))
        rows = f"{rows}: {numbers}{'…' if each.rows > len(each.first) else ''}"
    values = {"column": each.column, "rows": rows, "detail": each.detail}
    text = {
        "personalField": _("The column {column} holds personal data ({detail}). Leave it out."),
        "freeText": _("The column {column} holds free text. Free text is never shared."),
        "nearPerson": _("The column {column} says something about few persons."),
        "mailAddress": _("The column {column} holds e-mail addresses ({rows})."),
        "mobileNumber": _("The column {column} holds mobile numbers ({rows})."),
        "bankAccount": _("The column {column} holds account numbers ({rows})."),
        "nationalNumber": _("The column {column} holds national register numbers ({rows})."),
        "smallGroups": _("{rows} describe fewer than five persons together ({detail})."),
        "aboutPersons": _("These are counts of persons or of their requests."),
        "smallCounts": _("Small counts, and those that betray them, are left empty ({rows})."),
        "tooManyCounts": _("There are too many counts to protect together ({rows})."),
    }.get(each.code, each.code)
    return text.format(**values)


def tags(table: Table | None, of: Verdict) -> tuple[tuple[str, str, str, str], ...]:
    """Give each column as label, name, and tone and words of what the gate says of it."""
    if table is None:
        return ()
    seen = {each.column: each for each in of.findings if each.column}
    out = []
    for column in table.columns:
        found = seen.get(column.name)
        tone, text = ("success", _("Public"))
        if found is not None:
            is_refused = found.outcome is Outcome.REFUSED
            tone, text = ("error", _("May not leave")) if is_refused else ("warning", _("Second person"))
        elif column.is_count:
            tone, text = "info", _("Small counts empty")
        out.append((column.label, column.name, tone, text))
    return tuple(out)


def columns_field(offer: Offer, table: Table, of: Verdict) -> Field:
    """Give the choice of the columns that stay here; those that the gate names come first."""
    seen = {each.column: each for each in of.findings}
    kept = table.place_of
    ordered = sorted(offer.columns, key=lambda each: each.name not in seen)
    return Field(
        name=COLUMNS_PARAMETER,
        label=_("Leave out these columns"),
        kind=FieldKind.CHECKBOXES,
        required=False,
        help=_("Columns in which no row says anything are left out already."),
        error="" if kept else _("Every column is left out. Keep at least one."),
        values=tuple(each.name for each in offer.columns if each.name not in kept),
        options=tuple(Option(value=each.name, label=f"{each.label} ({each.name})") for each in ordered),
    )


def ground(of: Ground) -> str:
    """Give a legal ground in words."""
    return dict(grounds())[of]


def grounds() -> tuple[tuple[Ground, str], ...]:
    """Give the legal grounds a person chooses from."""
    return (
        (Ground.REUSE, _("Reuse of government information")),
        (Ground.HIGH_VALUE, _("High-value data (EU 2023/138)")),
        (Ground.ACTIVE_PUBLICITY, _("Active publicity of government")),
        (Ground.OWN_DECISION, _("Decision of the organization")),
    )


def problem(code: str) -> str:
    """Give why the last renewal failed, empty when it did not."""
    return {
        "": "",
        "offerGone": _("The module no longer offers this data. The last rows stay."),
        "tooLarge": _("There are too many rows now. The last rows stay."),
        "gate": _("The gate is stricter now than when this was approved. Propose it again."),
        "columnsChanged": _("The columns changed. Propose it again."),
    }.get(code, code)


def module(name: str) -> str:
    """Give the title of a module."""
    manifest = registry.find_manifest(name)
    return manifest.title.nl if manifest else name


def remark_field() -> Field:
    """Give the field for a remark with a decision."""
    return Field(
        name="remark", label=_("Remark"), kind=FieldKind.TEXTAREA, rows=3, required=False, max_length=2_000
    )


def proposal_facts(of: Proposal) -> tuple[Definition, ...]:
    """Give what is proposed."""
    about = of.about
    return (
        Definition(term=_("Title"), value=about.title),
        Definition(term=_("Description"), value=about.description),
        Definition(term=_("Legal ground"), value=ground(of.ground)),
        Definition(term=_("Reason"), value=of.motive or "–"),
        Definition(term=_("License"), value=lists.label(about.license)),
        Definition(term=_("Proposed on"), value=written.moment(of.requested_at)),
        Definition(term=_("Rows"), value=number(of.row_count)),
        Definition(term=_("Columns left out"), value=", ".join(about.left_out) or "–"),
    )
