"""Decision models: the list with what is being worked on, one version with its tables, and its file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Definition, PageOf, Row, Table
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.lib.dmn import sheets
from ocapi.modules.rules import api
from ocapi.modules.rules.data import DecisionNotFound, ModelVersion, Sheet
from ocapi.modules.rules.views import telling


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the decision models, and the drafts for who may work on them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    may_edit = access.may(actor, "rules.edit_draft")
    found = api.list_models(actor=actor)
    new = reverse("rules:new-draft") if may_edit else ""
    table = Table(
        caption=_("Decision models"),
        columns=(
            Column(code="name", label=_("Name")),
            Column(code="version", label=_("Version"), kind=ColumnKind.NUMBER),
            Column(code="decisions", label=_("Decides")),
            Column(code="cases", label=_("Test cases"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=tuple(_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("No decision tables yet"),
        empty_text=_("Make a table of rules, or load a model in DMN."),
        empty_href=new, empty_action=_("Make a decision table") if new else "",
    )
    return ui.page(
        request, "rules/overview.html", table=table, drafts=_drafts(actor) if may_edit else None,
        new_href=new if found else "",
    )


def _row(each: ModelVersion) -> Row:
    return Row(cells=(
        Cell(text=each.key, href=reverse("rules:model", args=[each.version, each.key])),
        Cell(text=str(each.version)), Cell(text=", ".join(each.decisions)), Cell(text=str(each.cases)),
    ))


def _drafts(actor: Actor) -> Table | None:
    found = api.list_drafts(actor=actor)
    return Table(
        caption=_("Tables in progress"),
        columns=(Column(code="name", label=_("Name")),
                 Column(code="at", label=_("Changed"), kind=ColumnKind.DATE)),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.title, href=reverse("rules:draft", args=[each.uuid])),
                Cell(text=written.moment(each.changed_at)),
            )) for each in found
        ), page_size=len(found)),
    ) if found else None


@require_safe
def detail(request: HttpRequest, version: int, key: str) -> HttpResponse:
    """Show a version of a model: its tables as they decide, and its other versions."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    versions = api.list_versions(key=key, actor=actor)
    found = next((each for each in versions if each.version == version), None)
    if found is None:
        raise Http404
    facts = (
        Definition(term=_("Version"), value=str(version)),
        Definition(term=_("Decides"), value=", ".join(found.decisions)),
        Definition(term=_("Test cases that pass"), value=str(found.cases)),
    )
    raw = api.export(key=key, version=version, actor=actor)
    return ui.page(
        request, "rules/model.html", name=key, facts=facts,
        tables=[table(each) for each in sheets.read_sheets(raw)],
        others=[(each.version, reverse("rules:model", args=[each.version, key]))
                for each in versions if each.version != version],
        file_href=reverse("rules:export", args=[version, key]), back_href=reverse("rules:overview"),
        edit_key=key if access.may(actor, "rules.edit_draft") and versions[0] is found else "",
    )


def table(sheet: Sheet) -> Table:
    """Give a decision table to read."""
    return Table(
        caption=f"{sheet.owner} ({telling.policy(sheet.policy)})",
        columns=(
            Column(code="n", label=_("Rule"), kind=ColumnKind.NUMBER),
            *(Column(code=f"i{place}", label=each.label or each.text)
              for place, each in enumerate(sheet.inputs)),
            *(Column(code=f"o{place}", label=f"→ {each.label or each.text or sheet.owner}")
              for place, each in enumerate(sheet.outputs)),
            Column(code="note", label=_("Note")),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=str(number)), *(Cell(text=cell or "–") for cell in (*line.inputs, *line.outputs)),
                Cell(text=line.note or "–"),
            )) for number, line in enumerate(sheet.lines, 1)
        ), page_size=max(len(sheet.lines), 1)),
        empty_title=_("This table has no rules"), empty_text=_("Without rules it gives no answer."),
    )


@require_safe
def export(request: HttpRequest, version: int, key: str) -> HttpResponse:
    """Give the file of a version as it came."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        return telling.file(api.export(key=key, version=version, actor=actor))
    except DecisionNotFound:
        raise Http404 from None
