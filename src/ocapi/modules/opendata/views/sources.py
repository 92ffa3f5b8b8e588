"""Desk pages of harvests: sources, what each harvest brought, and what could not be kept."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import (
    Cell,
    Column,
    ColumnKind,
    Definition,
    Field,
    FieldKind,
    Option,
    PageOf,
    Row,
    Table,
)
from ocapi.lib import written
from ocapi.modules.opendata import api
from ocapi.modules.opendata.data import (
    RecordError,
    Run,
    RunOutcome,
    Source,
    SourceKind,
    SourceRefused,
)
from ocapi.modules.opendata.views import desk

LONGEST = 400


@require_http_methods(["GET"])
def overview(request: HttpRequest) -> HttpResponse:
    """List the sources with how their last harvest ended."""
    actor = request.actor  # type: ignore[attr-defined]
    found = api.list_sources(actor=actor)
    may_add = access.may(actor, api.KEEP_SOURCES)
    new_href = reverse("opendata:add-source") if may_add else ""
    table = Table(
        caption=_("Harvested sources"),
        columns=(
            Column(code="title", label=_("Source")),
            Column(code="kind", label=_("Kind")),
            Column(code="count", label=_("Datasets"), kind=ColumnKind.NUMBER),
            Column(code="errors", label=_("Not taken in"), kind=ColumnKind.NUMBER),
            Column(code="last", label=_("Last harvest")),
        ),
        page=PageOf(items=tuple(_source_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("No source is harvested yet"),
        empty_text=_("Add the catalogue of another organization to show its data here too."),
        empty_href=new_href,
        empty_action=_("Add a source") if may_add else "",
    )
    return ui.page(
        request,
        "opendata/sources.html",
        table=table,
        tabs=desk.tabs("sources"),
        new_href=new_href if found else "",
    )


def _source_row(each: Source) -> Row:
    text, tone = _outcome(each.last_outcome)
    if not each.is_active:
        text, tone = _("Stopped"), "neutral"
    return Row(
        cells=(
            Cell(text=each.title, href=reverse("opendata:source", args=[each.uuid]), note=each.address),
            Cell(text=each.kind.value.upper()),
            Cell(text=str(each.datasets)),
            Cell(text=str(each.errors)),
            Cell(text=text, tone=tone, note=written.moment(each.last_at) if each.last_at else ""),
        )
    )


def _outcome(of: RunOutcome | None) -> tuple[str, str]:
    if of is None:
        return _("Not yet"), "neutral"
    return {
        RunOutcome.RUNNING: (_("Is running"), "info"),
        RunOutcome.COMPLETE: (_("Complete"), "success"),
        RunOutcome.PARTIAL: (_("In part"), "warning"),
        RunOutcome.FAILED: (_("Failed"), "error"),
    }[of]


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Show and take in the form of a new source."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.KEEP_SOURCES)
    typed = {name: request.POST.get(name, "").strip()[:LONGEST] for name in ("title", "address", "kind")}
    if request.method != "POST":
        return _form(request, {**typed, "kind": SourceKind.DCAT.value}, {})
    if typed["kind"] not in set(SourceKind):
        return _form(request, typed, {"kind": _("Choose how the source speaks.")}, status=422)
    try:
        source = api.add_source(
            title=typed["title"],
            address=typed["address"],
            kind=SourceKind(typed["kind"]),
            actor=actor,
            now=request.now,  # type: ignore[attr-defined]
        )
    except SourceRefused as refused:
        return _form(request, typed, _refusal(refused.reason), status=422)
    return ui.redirect("opendata:source", source)


def _refusal(reason: str) -> dict[str, str]:
    return {
        "titleMissing": {"title": _("Give the source a name.")},
        "notAnAddress": {
            "address": _("Write the whole address, such as https://data.example.org/catalog.ttl")
        },
        "notHttps": {"address": _("The address must start with https://.")},
        "known": {"address": _("This address is harvested already.")},
    }[reason]


def _form(
    request: HttpRequest, typed: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> HttpResponse:
    fields = (
        Field(
            name="title", label=_("Name of the source"), value=typed["title"], error=errors.get("title", "")
        ),
        Field(
            name="kind",
            label=_("How it speaks"),
            kind=FieldKind.RADIO,
            value=typed["kind"],
            error=errors.get("kind", ""),
            options=(
                Option(value="dcat", label="DCAT", help=_("A file in Turtle, JSON-LD or RDF/XML.")),
                Option(value="ckan", label="CKAN", help=_("A portal with the CKAN API.")),
            ),
        ),
        Field(
            name="address",
            label=_("Address"),
            value=typed["address"],
            error=errors.get("address", ""),
            max_length=LONGEST,
            help=_("Of the catalogue file, or of the CKAN portal. Only this host is called."),
        ),
    )
    return ui.page(
        request,
        "opendata/add_source.html",
        status=status,
        fields=fields,
        back_href=reverse("opendata:sources"),
    )


@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, source: UUID) -> HttpResponse:
    """Show a source with its harvests and errors; a POST harvests it now."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        api.start_harvest(source=source, actor=actor, now=request.now)  # type: ignore[attr-defined]
        return ui.redirect("opendata:source", source)
    found, runs, errors, faulty = api.get_source(source=source, actor=actor)
    may_keep = access.may(actor, api.KEEP_SOURCES)
    facts = (
        Definition(term=_("Address"), value=found.address, href=found.address),
        Definition(term=_("Kind"), value=found.kind.value.upper()),
        Definition(term=_("Harvested"), value=_("Every night") if found.is_active else _("No more")),
        Definition(term=_("Datasets"), value=str(found.datasets)),
    )
    return ui.page(
        request,
        "opendata/source.html",
        found=found,
        facts=facts,
        runs=_runs(runs),
        errors=_errors(errors),
        faulty=tuple(
            (title, count, reverse("opendata:dataset", args=[code])) for code, title, count in faulty
        ),
        may_keep=may_keep and found.is_active,
        stop_href=reverse("opendata:stop-source", args=[source]),
        catalog_href=f"{reverse('opendata:catalog')}?bron={source.hex}",
    )


def _runs(runs: tuple[Run, ...]) -> Table:
    names = (
        ("seen", _("Seen")),
        ("made", _("New")),
        ("changed", _("Changed")),
        ("same", _("The same")),
        ("gone", _("Gone")),
        ("refused", _("Not taken in")),
    )
    rows = []
    for each in runs:
        text, tone = _outcome(each.outcome)
        counts = tuple(Cell(text=str(getattr(each, name))) for name, _label in names)
        note = f"{problem(each.problem)} {each.detail}".strip()
        rows.append(
            Row(
                cells=(
                    Cell(text=written.moment(each.started_at)),
                    Cell(text=text, tone=tone, note=note),
                    *counts,
                )
            )
        )
    return Table(
        caption=_("Harvests"),
        columns=(
            Column(code="at", label=_("Started")),
            Column(code="outcome", label=_("Result")),
            *(Column(code=name, label=label, kind=ColumnKind.NUMBER) for name, label in names),
        ),
        page=PageOf(items=tuple(rows), page_size=max(len(rows), 1)),
        empty_title=_("No harvest yet"),
        empty_text=_("The first harvest starts within a minute."),
    )


def problem(code: str) -> str:
    """Give in words what ended a harvest early, or why a description was not taken in."""
    return {
        "": "",
        "unresolved": _("The host is unknown."),
        "unreachable": _("The host does not answer."),
        "timedOut": _("The host was too slow."),
        "malformed": _("The answer is broken off, or not one of a website."),
        "tooLarge": _("The answer was too large."),
        "refused": _("This address may not be called."),
        "status": _("The host answered with an error."),
        "notRdf": _("The file is not linked data."),
        "notJson": _("The answer is not JSON."),
        "notCkan": _("The answer is not of a CKAN portal."),
        "remoteContext": _("The file leans on a context elsewhere, which is not fetched."),
        "entities": _("The file declares entities, which is not safe."),
        "repeatsItself": _("The source repeats itself."),
        "tooManyPages": _("The source has too many pages."),
        "tooMany": _("The source has too many datasets."),
        "tooLong": _("The harvest took too long."),
        "stopped": _("The source was stopped."),
        "interrupted": _("The harvest was interrupted, and began anew."),
        "nothingFound": _("No dataset was found, so nothing was taken out."),
        "noAddress": _("The dataset has no address of its own."),
        "noTitle": _("The dataset has no title."),
        "addressTooLong": _("The address of the dataset is too long."),
        "ownName": _("The dataset is our own."),
        "knownElsewhere": _("Another source has it already."),
        "notADataset": _("This is no dataset."),
    }.get(code, code)


def _errors(errors: tuple[RecordError, ...]) -> Table:
    return Table(
        caption=_("Not taken in"),
        columns=(
            Column(code="name", label=_("Dataset")),
            Column(code="reason", label=_("Why")),
            Column(code="at", label=_("Seen")),
        ),
        page=PageOf(
            items=tuple(
                Row(
                    cells=(
                        Cell(text=each.name),
                        Cell(text=problem(each.reason)),
                        Cell(text=written.moment(each.at)),
                    )
                )
                for each in errors
            ),
            page_size=max(len(errors), 1),
        ),
        empty_title=_("Everything was taken in"),
        empty_text=_("What can't be kept is listed here."),
    )


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, source: UUID) -> HttpResponse:
    """Ask whether to stop harvesting a source, and do it."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.KEEP_SOURCES)
    found, _runs_, _errors_, _faulty = api.get_source(source=source, actor=actor)
    if request.method == "POST":
        api.stop_source(source=source, actor=actor, now=request.now)  # type: ignore[attr-defined]
        return ui.redirect("opendata:sources")
    return ui.page(
        request,
        "opendata/confirm.html",
        title=_("Stop the source"),
        question=_("Stop harvesting {title}?").format(title=found.title),
        consequence=_("Its datasets leave our catalogue. You can add the source again later."),
        action=_("Stop this source"),
        cancel_href=reverse("opendata:source", args=[source]),
    )
