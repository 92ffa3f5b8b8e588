"""One run: where it stands, its way so far, its values after a leaf, and stopping or resuming it."""

import contextlib
from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Definition, PageOf, Row, Table, TimelineEvent
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Instance, InstanceNotFound, InstanceState, NotRunning, Path
from ocapi.modules.processes.views import telling

SHOWN = 300  # characters of a value


@require_safe
def detail(request: HttpRequest, instance: UUID) -> HttpResponse:
    """Show where a run stands and how it got there; the names of its values, not the values."""
    found = _path(request, instance)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    run = found.instance
    facts = (
        Definition(term=_("About"), value=run.business_key or "–"),
        Definition(term=_("State"), value=telling.state(run.state).text),
        Definition(term=_("Stands at"), value=", ".join(name for _node, name in found.standing) or "–"),
        Definition(term=_("Started"), value=written.moment(run.started_at)),
        Definition(term=_("End of the run"), value=written.moment(run.ended_at) if run.ended_at else "–"),
    )
    may_see = access.may(actor, "processes.read_instance")
    return ui.page(
        request, "processes/instance.html", title=run.business_key or found.definition.name, facts=facts,
        process=found.definition.name or found.definition.key,
        definition_href=reverse("processes:definition", args=[found.definition.uuid]),
        drawing_href=reverse("processes:drawing", args=[found.definition.uuid]),
        marks=[*(_mark(run, node, name) for node, name in found.standing), *_passed(found)],
        timeline=_timeline(found), variables=", ".join(found.variables),
        variables_href=reverse("processes:variables", args=[instance]) if may_see else "",
        actions=_actions(actor, found),
        stuck=_stuck(actor, found), is_suspended=run.state is InstanceState.SUSPENDED,
    )


def _path(request: HttpRequest, instance: UUID) -> Path:
    try:
        return api.get_path(instance=instance, actor=request.actor)  # type: ignore[attr-defined]
    except InstanceNotFound:
        raise Http404 from None


def _mark(run: Instance, node: str, name: str) -> dict[str, object]:
    is_stuck = any(each.node == node for each in run.incidents)
    label = _("Got stuck at {name}") if is_stuck else _("Stands at {name}")
    tone = "error" if is_stuck else "info"
    return {"node": node, "count": 1, "label": label.format(name=name), "tone": tone}


def _stuck(actor: Actor, found: Path) -> tuple[tuple[str, str, str], ...]:
    """Give of each step that got stuck its name, why, and where to repair it for who may."""
    may_repair, names = access.may(actor, "processes.repair_incident"), dict(found.standing)
    return tuple(
        (names.get(each.node, each.node), telling.incident(each.reason),
         reverse("processes:repair", args=[each.uuid]) if may_repair else "")
        for each in found.instance.incidents
    )


def _passed(found: Path) -> list[dict[str, object]]:
    """Mark what was gone through and where nothing stands any more."""
    standing = {node for node, _name in found.standing}
    left = dict.fromkeys(each.node for each in found.passages if each.what == "left")
    return [{"node": node, "count": 0, "label": "", "tone": "done"} for node in left if node not in standing]


def _timeline(found: Path) -> tuple[TimelineEvent, ...]:
    return tuple(
        TimelineEvent(title=each.name, text=telling.passage(each.what), on=written.moment(each.at),
                      machine_on=each.at.isoformat())
        for each in reversed(found.passages)
    )


def _actions(actor: Actor, found: Path) -> tuple[tuple[str, str, str], ...]:
    """Give label, kind of button and address of what may be done now."""
    run = found.instance
    offered = {
        InstanceState.RUNNING: ("stilleggen", "stoppen"), InstanceState.SUSPENDED: ("hervatten", "stoppen"),
    }.get(run.state, ())
    label = _("Put it elsewhere: somebody asks it") if found.is_asked_elsewhere else _("Put it elsewhere")
    is_running = run.state is InstanceState.RUNNING
    moves = ((label, "secondary", reverse("processes:relocate", args=[run.uuid])),)
    wish = _("Correct a value: somebody asks it") if found.is_asked_otherwise else _("Correct a value")
    values = ((wish, "secondary", reverse("processes:correct", args=[run.uuid])),)
    return (
        values if is_running and access.may(actor, api.CORRECT) else ()
    ) + (moves if is_running and access.may(actor, "processes.relocate") else ()) + tuple(
        (ACTIONS[code].label(), "danger" if code == "stoppen" else "secondary",
         reverse("processes:change-instance", args=[run.uuid, code]))
        for code in offered if access.may(actor, ACTIONS[code].operation)
    )


@require_safe
def variables(request: HttpRequest, instance: UUID) -> HttpResponse:
    """Show the values of a run and what it decided, those of persons when asked; each look is logged."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    read = api.get_instance if request.GET.get("personen") == "ja" else api.get_masked_instance
    try:
        found = read(instance=instance, actor=actor, now=now)
    except InstanceNotFound:
        raise Http404 from None
    words = {name: telling.masked(telling.words(value)) for name, value in found.variables.items()}
    rows = tuple(
        Row(cells=(Cell(text=name), Cell(text=said.replace("\n", ", ")[:SHOWN])))
        for name, said in words.items()
    ) + tuple(Row(cells=(Cell(text=name), Cell(text=_("Personal data, hidden")))) for name in found.hidden)
    table = Table(
        caption=_("Values of this run"),
        columns=(Column(code="name", label=_("Name")), Column(code="value", label=_("Value"))),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        empty_title=_("No values"), empty_text=_("This run holds no values of its own."),
    )
    return ui.page(
        request, "processes/variables.html", title=found.business_key or found.process, table=table,
        whole_href="?personen=ja" if found.hidden else "",
        decisions=tuple(
            TimelineEvent(title=each.decision, on=written.moment(each.made_at),
                          machine_on=each.made_at.isoformat())
            for each in found.decisions
        ),
        back_href=reverse("processes:instance", args=[instance]),
    )


class Action:
    """Something to do with a run after a question."""

    def __init__(
        self, operation: str, act: Callable[..., Instance], label: Callable[[], str],
        question: Callable[[], str], consequence: Callable[[], str],
    ) -> None:
        self.operation, self.act, self.label = operation, act, label
        self.question, self.consequence = question, consequence


ACTIONS = {
    "stilleggen": Action(
        "processes.suspend", api.suspend, lambda: _("Let it stand still"),
        lambda: _("Let this run stand still?"),
        lambda: _("Nothing happens until somebody resumes it. Timers wait too.")),
    "hervatten": Action(
        "processes.suspend", api.resume, lambda: _("Resume"), lambda: _("Resume this run?"),
        lambda: _("Timers that fell due meanwhile go off at once.")),
    "stoppen": Action(
        "processes.cancel", api.cancel, lambda: _("Stop this run"), lambda: _("Stop this run early?"),
        lambda: _("Its tasks disappear and it can't be started again. The history stays.")),
}


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, instance: UUID, action: str) -> HttpResponse:
    """Ask whether to do it, and do it."""
    chosen = ACTIONS.get(action)
    if chosen is None:
        raise Http404
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, chosen.operation)
    found = _path(request, instance)
    if request.method == "POST":
        with contextlib.suppress(NotRunning):  # somebody else was first: the run shows what it is now
            chosen.act(instance=instance, actor=actor, now=now)
        return ui.redirect("processes:instance", instance=instance)
    return ui.page(
        request, "processes/confirm.html", title=found.instance.business_key or found.definition.name,
        question=chosen.question(), consequence=chosen.consequence(), action=chosen.label(),
        cancel_href=reverse("processes:instance", args=[instance]),
    )
