"""Runs that got stuck: the list, and trying a step again or going on past it."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

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
from ocapi.lib.actor import Actor
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Incident,
    IncidentNotFound,
    Instance,
    InvalidCursor,
    NotRunning,
    StepNotPossible,
)
from ocapi.modules.processes.views import telling


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the steps that could not be taken, oldest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        page = api.list_incidents(actor=actor, cursor=request.GET.get("cursor", ""))
    except InvalidCursor:
        page = api.list_incidents(actor=actor)
    may_repair = access.may(actor, "processes.repair_incident")
    names = api.names_of_steps(places={(each.instance, each.node) for each in page.items}, actor=actor)
    table = Table(
        caption=_("Steps that got stuck"),
        columns=(
            Column(code="at", label=_("Since"), kind=ColumnKind.DATE), Column(code="step", label=_("Step")),
            Column(code="why", label=_("Why")), Column(code="run", label=_("About")),
            Column(code="do", label=_("Action"), kind=ColumnKind.ACTIONS),
        ),
        page=PageOf(
            items=tuple(_row(each, names[each.instance, each.node], may_repair) for each in page.items),
            next_cursor=page.cursor,
        ),
        empty_title=_("Nothing is stuck"),
        empty_text=_("A step that can't be taken appears here with the reason."),
    )
    return ui.page(
        request, "processes/list.html", title=_("Stuck"), table=table,
        others=tuple(each for each in (_asked(actor), _asked_of_values(actor)) if each is not None),
        tabs=telling.tabs("incidents", actor),
    )


def _asked(actor: Actor) -> Table | None:
    """List the relocations that wait for a colleague, for who may confirm one; None without any."""
    asked = api.list_asked_relocations(actor=actor) if access.may(actor, "processes.relocate") else ()
    return _waiting(_("Relocations that wait for a colleague"), _("Way"), tuple(
        (each.asked_at, f"{each.source} → {each.target}", each.about,
         _("Look at the relocation"), reverse("processes:relocate", args=[each.instance]))
        for each in asked
    ))


def _asked_of_values(actor: Actor) -> Table | None:
    """List the corrections that wait for a colleague, for who may confirm one; None without any."""
    asked = api.list_asked_corrections(actor=actor) if access.may(actor, api.CORRECT) else ()
    return _waiting(_("Corrections that wait for a colleague"), _("Name"), tuple(
        (each.asked_at, each.name, each.about,
         _("Look at the correction"), reverse("processes:correct", args=[each.instance]))
        for each in asked
    ))


def _waiting(caption: str, what: str, asked: tuple[tuple[datetime, str, str, str, str], ...]) -> Table | None:
    """List wishes by when, what, what the run is about, and a link in words; None without any."""
    rows = tuple(
        Row(cells=(
            Cell(text=written.moment(at)), Cell(text=wish), Cell(text=about or "–"),
            Cell(text=words, href=href),
        ))
        for at, wish, about, words, href in asked
    )
    return Table(
        caption=caption,
        columns=(
            Column(code="at", label=_("Asked"), kind=ColumnKind.DATE), Column(code="wish", label=what),
            Column(code="run", label=_("About")),
            Column(code="do", label=_("Action"), kind=ColumnKind.ACTIONS),
        ),
        page=PageOf(items=rows, page_size=len(rows)),
    ) if rows else None


def _row(each: Incident, name: str, may_repair: bool) -> Row:
    href = reverse("processes:repair", args=[each.uuid]) if may_repair else ""
    return Row(cells=(
        Cell(text=written.moment(each.raised_at)), Cell(text=name),
        Cell(text=telling.incident(each.reason), note=telling.incident_note(each.reason, each.detail)),
        Cell(text=each.about or _("Open the run"), href=reverse("processes:instance", args=[each.instance])),
        Cell(text=_("Repair") if href else "–", href=href),
    ))


@require_http_methods(["GET", "POST"])
def repair(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Ask whether to try again or to go on past the step, and do it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.repair_incident")
    chosen, error = request.POST.get("how", ""), ""
    found = api.get_incident(incident=incident, actor=actor)
    if request.method == "POST":
        act = {"retry": api.retry_incident, "skip": api.skip_incident}.get(chosen)
        if act is None:
            error = _("Choose what to do.")
        else:
            try:
                done = act(incident=incident, actor=actor, now=now)
                return ui.redirect(_after(found, done))
            except IncidentNotFound:
                raise Http404 from None
            except NotRunning:
                error = _("This run stands still or has ended. Resume it first.")
            except StepNotPossible as refusal:
                error = _("It still does not work: {reason}").format(reason=telling.incident(refusal.reason))
    field = Field(
        name="how", label=_("What should happen with this step?"), kind=FieldKind.RADIO, value=chosen,
        error=error,
        options=(
            Option(value="retry", label=_("Try it again"), help=_("After the cause was taken away.")),
            Option(
                value="skip", label=_("Go on past it"), help=_("The step counts as done, without a result.")
            ),
        ),
    )
    return ui.page(
        request, "processes/repair.html", status=422 if error else 200, fields=(field,),
        facts=_facts(found, actor), is_again="again" in request.GET and not error,
        run_href=reverse("processes:instance", args=[found.instance]),
        correct_href=reverse("processes:correct", args=[found.instance])
        if access.may(actor, api.CORRECT) else "",
        back_href=reverse("processes:incidents"),
    )


def _facts(found: Incident, actor: Actor) -> tuple[Definition, ...]:
    place = (found.instance, found.node)
    note = telling.incident_note(found.reason, found.detail)
    facts = (
        Definition(term=_("About"), value=found.about) if found.about else None,
        Definition(term=_("Step"), value=api.names_of_steps(places={place}, actor=actor)[place]),
        Definition(term=_("Why"), value=telling.incident(found.reason)),
        Definition(term=_("What stood there"), value=note) if note else None,
        Definition(term=_("Since"), value=written.moment(found.raised_at)),
    )
    return tuple(each for each in facts if each is not None)


def _after(found: Incident, done: Instance) -> str:
    """Give where to go on: the same step when it got stuck again, else the run."""
    again = next((each for each in done.incidents if each.node == found.node), None)
    if again is None:
        return reverse("processes:instance", args=[done.uuid])
    return f"{reverse('processes:repair', args=[again.uuid])}?again="
