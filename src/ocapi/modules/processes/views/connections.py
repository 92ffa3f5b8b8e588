"""Systems outside that processes may call: the list, adding, changing and trying one; what is planned."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Connection, ConnectionNotFound, ConnectionRefused, JobLine
from ocapi.modules.processes.views import naming, telling


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the systems that may be called, and the couplings a drawing can use."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = api.list_connections(actor=actor)
    new = reverse("processes:new-connection") if access.may(actor, "processes.edit_connection") else ""
    table = Table(
        caption=_("Systems that workflows may call"),
        columns=(
            Column(code="title", label=_("System")), Column(code="code", label=_("Name in drawings")),
            Column(code="url", label=_("Address")), Column(code="test", label=_("Last test")),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.title, href=reverse("processes:connection", args=[each.code])),
                Cell(text=each.code), Cell(text=each.base_url), outcome(each),
            )) for each in found
        ), page_size=max(len(found), 1)),
        empty_title=_("No systems yet"),
        empty_text=_("A workflow can only call a system that stands in this list."),
        empty_href=new, empty_action=_("Add a system") if new else "",
    )
    return ui.page(
        request, "processes/connections.html", table=table, tabs=telling.tabs("connections", actor),
        new_href=new if found else "", connectors=_connectors(actor),
    )


def _connectors(actor: Actor) -> Table:
    found = api.list_connectors(actor=actor)
    return Table(
        caption=_("Couplings a drawing can use"),
        columns=(
            Column(code="name", label=_("Coupling")), Column(code="inputs", label=_("Needs")),
            Column(code="outputs", label=_("Gives")),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=naming.connector(each.name), note=each.problem or each.name),
                Cell(text=_typed(each.inputs)), Cell(text=_typed(each.outputs)),
            )) for each in found
        ), page_size=max(len(found), 1)),
    )


def _typed(given: object) -> str:
    pairs = dict(given).items() if given else ()  # type: ignore[call-overload]
    return ", ".join(f"{name}: {kind}" for name, kind in pairs) or "–"


def outcome(each: Connection) -> Cell:
    """Say what the last test gave."""
    if each.outcome == "asked":
        return Cell(text=_("Is being tested"), tone="info")
    if not each.outcome:
        return Cell(text=_("Not tested"))
    when = written.moment(each.tested_at) if each.tested_at else ""
    if each.outcome.isdigit():
        is_good = int(each.outcome) < 500
        said = _("Answers ({status})").format(status=each.outcome)
        return Cell(text=said, tone="success" if is_good else "warning", note=when)
    return Cell(text=_failure(each.outcome), tone="error", note=when)


def _failure(code: str) -> str:
    return {
        "unresolved": _("This name is not known on the internet."),
        "unreachable": _("The system can't be reached."), "timeout": _("The system did not answer in time."),
        "forbiddenAddress": _("The name leads to a private address."),
        "tooLarge": _("The answer is too large."),
        "malformed": _("The answer is broken off, or can't be read."),
    }.get(code, _("Does not work (code: {code})").format(code=code))


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Add a system."""
    access.require(request.actor, "processes.edit_connection")  # type: ignore[attr-defined]
    empty = Connection(code="", title="", base_url="")
    return _edit(request, empty, is_new=True)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Change a system, or see what its last test gave."""
    access.require(request.actor, "processes.edit_connection")  # type: ignore[attr-defined]
    return _edit(request, _found(request, code), is_new=False)


def _found(request: HttpRequest, code: str) -> Connection:
    try:
        return api.get_connection(code=code, actor=request.actor)  # type: ignore[attr-defined]
    except ConnectionNotFound:
        raise Http404 from None


def _edit(request: HttpRequest, held: Connection, *, is_new: bool) -> HttpResponse:
    shown, problems = held, dict[str, str]()
    if request.method == "POST":
        shown = _typed_in(request, held, is_new=is_new)
        try:
            made = api.save_connection(
                connection=shown, secret=request.POST.get("secret", ""), is_new=is_new,
                actor=request.actor, now=request.now,  # type: ignore[attr-defined]
            )
            return ui.redirect("processes:connection", code=made.code)
        except ConnectionRefused as refusal:
            problems = {refusal.part: _problem(refusal)}
    fields = _fields(shown, problems, is_new=is_new)
    return ui.page(
        request, "processes/connection.html", status=422 if problems else 200, fields=fields, is_new=is_new,
        connection=held, outcome=outcome(held), back_href=reverse("processes:connections"),
    )


def _typed_in(request: HttpRequest, held: Connection, *, is_new: bool) -> Connection:
    url = request.POST.get("base_url", "").strip()
    return Connection(
        code=request.POST.get("code", "").strip() if is_new else held.code,
        title=request.POST.get("title", "").strip(), base_url=url,
        header=request.POST.get("header", "").strip(), has_secret=held.has_secret,
        is_internal=_is_own_machine(url),
    )


def _is_own_machine(url: str) -> bool:
    """Tell whether a system stands on this machine, which only a demo allows: to try things at home."""
    own = ("http://localhost:", "http://localhost/", "http://127.0.0.1:", "http://127.0.0.1/")
    return bool(settings.OCAPI.is_demo) and url.startswith(own)


def _problem(refusal: ConnectionRefused) -> str:
    return {
        ("code", "taken"): _("Another system has this name. Choose another one."),
        ("code", "spelling"): _("Use small letters, digits and hyphens, such as tax-system."),
        ("title", "missing"): _("Give the system a name of at most 200 characters."),
        ("header", "spelling"): _("Use a header such as Authorization or X-Api-Key."),
        ("secret", "missing"): _("Fill in the secret: it never moves along to another address."),
        ("secret", "spelling"): _("A secret has at most 2,000 plain characters."),
        ("base_url", "forbiddenAddress"): _(
            "This is an address inside a private network. Only systems on the internet can be called."
        ),
        ("base_url", "notHttps"): _("Use an address that begins with https://."),
    }.get((refusal.part, refusal.reason), _("This address can't be used. Write it like https://api.example.org/v1."))


def _fields(shown: Connection, problems: dict[str, str], *, is_new: bool) -> tuple[Field, ...]:
    code = Field(
        name="code", label=_("Name in drawings"), value=shown.code, max_length=40,
        error=problems.get("code", ""), help=_("Short, such as tax-system. It can't be changed later."),
    )
    return (
        Field(name="title", label=_("Name of the system"), value=shown.title, max_length=200,
              error=problems.get("title", "")),
        *((code,) if is_new else ()),
        Field(name="base_url", label=_("Address"), value=shown.base_url, max_length=500,
              error=problems.get("base_url", ""),
              help=_("Calls stay under this address. No other address is ever called.")),
        Field(name="header", label=_("Header that carries the secret"), value=shown.header, required=False,
              max_length=60, error=problems.get("header", ""),
              help=_("Leave empty when there is no secret.")),
        Field(name="secret", label=_("Secret"), kind=FieldKind.PASSWORD, required=False,
              error=problems.get("secret", ""),
              help=_("Nobody can read it back. Leave empty to keep the one that is there.")),
    )


@require_POST
def test(request: HttpRequest, code: str) -> HttpResponse:
    """Let the worker try a system; the page shows the outcome as soon as it is there."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.edit_connection")
    try:
        api.ask_connection(code=code, actor=actor, now=now)
    except ConnectionNotFound:
        raise Http404 from None
    return ui.redirect("processes:connection", code=code)


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether to take a system away, and do it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.edit_connection")
    found = _found(request, code)
    if request.method == "POST":
        api.remove_connection(code=code, actor=actor, now=now)
        return ui.redirect("processes:connections")
    return ui.page(
        request, "processes/confirm.html", title=found.title, action=_("Remove"),
        question=_("Remove this system?"),
        consequence=_("Workflows that still call it get stuck there, with the reason."),
        cancel_href=reverse("processes:connection", args=[code]),
    )


@require_safe
def planned(request: HttpRequest) -> HttpResponse:
    """List the timers that are armed and the calls that wait."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = api.list_planned(actor=actor)
    names = api.names_of_steps(
        places={(each.instance, each.node) for each in found if each.instance}, actor=actor
    )
    table = Table(
        caption=_("What the system will do by itself"),
        columns=(
            Column(code="what", label=_("What")), Column(code="step", label=_("Step")),
            Column(code="about", label=_("About")), Column(code="due", label=_("When"), kind=ColumnKind.DATE),
            Column(code="tries", label=_("Tries"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=tuple(_planned_row(each, names) for each in found), page_size=max(len(found), 1)),
        empty_title=_("Nothing is planned"),
        empty_text=_("Terms and calls to other systems appear here while a run waits for them."),
    )
    return ui.page(
        request, "processes/list.html", title=_("Planned"), table=table, tabs=telling.tabs("planned", actor)
    )


def _planned_row(each: JobLine, names: Mapping[tuple[UUID, str], str]) -> Row:
    name = names[each.instance, each.node] if each.instance else each.node
    href = reverse("processes:instance", args=[each.instance]) if each.instance else ""
    what, _mark, connector = each.kind.partition(":")
    said = naming.connector(connector) if what == "call" else _("Term")
    due = written.moment(each.due_at) if each.due_at else _("As soon as possible")
    return Row(cells=(
        Cell(text=said), Cell(text=name, note=each.process),
        Cell(text=each.about or (_("Open the run") if href else _("Starts a run")), href=href),
        Cell(text=_("Stands still") if each.is_held else due), Cell(text=str(each.attempts)),
    ))
