"""Tasks of people: what waits, taking one, giving it back, and ending it."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
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
from ocapi.modules.forms.data import LoosePage
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Choices,
    InvalidCursor,
    NotAColleague,
    NotInGroup,
    NotRunning,
    Shown,
    StepNotPossible,
    Task,
    TaskClaimed,
    TaskNotFound,
    TaskPage,
    Value,
)
from ocapi.modules.processes.extensions import page_of
from ocapi.modules.processes.views import telling

MAX_SHOWN = 5_000  # characters of one value
Titles = Mapping[tuple[str, str], str]
LONGEST_SEARCH = 200  # characters of a key


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List open tasks, oldest first; `mijn=1` those of the reader, `q` those of one case."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    chosen = next((each for each in ("mijn", "groepen") if request.GET.get(each) == "1"), "")
    about = "" if chosen == "groepen" else request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    try:
        page = _chosen(chosen, about, actor, request.GET.get("cursor", ""))
    except InvalidCursor:
        page = _chosen(chosen, about, actor, "")
    may_claim = access.may(actor, "processes.claim_task")
    titles = api.titles_of(
        places={(each.process, group) for each in page.items for group in each.groups}, actor=actor
    )
    table = Table(
        caption={"mijn": _("My tasks"), "groepen": _("Tasks of my groups")}.get(chosen, _("Open tasks")),
        columns=(
            Column(code="task", label=_("Task")), Column(code="about", label=_("About")),
            Column(code="group", label=_("For")), Column(code="due", label=_("Before"), kind=ColumnKind.DATE),
            Column(code="who", label=_("Taken by")),
        ),
        page=PageOf(items=tuple(_row(each, actor, now, may_claim, titles) for each in page.items),
                    next_cursor=page.cursor),
        empty_title=_("No task found") if about else _("No tasks"),
        empty_text=_("Nothing is to be done for this number. Check it, or show all tasks.") if about
        else _("A task appears here when a workflow asks somebody to do something."),
        empty_href=reverse("processes:tasks") if chosen or about else "",
        empty_action=_("Show all tasks") if chosen or about else "",
    )
    return ui.page(
        request, "processes/tasks.html", table=table, tabs=telling.tabs("tasks", actor), chosen=chosen,
        about=about,
    )


def _chosen(chosen: str, about: str, actor: Actor, cursor: str) -> TaskPage:
    if chosen == "groepen":
        return api.list_tasks_of_groups(actor=actor, cursor=cursor)
    return api.list_tasks(actor=actor, is_mine=chosen == "mijn", about=about, cursor=cursor)


def _row(each: Task, actor: Actor, now: datetime, may_claim: bool, titles: Titles) -> Row:
    href = reverse("processes:task", args=[each.uuid]) if may_claim else ""
    is_late = each.due_at is not None and each.due_at < now
    due = written.moment(each.due_at) if each.due_at else "–"
    return Row(highlighted=is_late, cells=(
        Cell(text=each.title or each.node, href=href), Cell(text=each.reference or "–"),
        Cell(text=_groups(each, titles)), Cell(text=due, tone="error" if is_late else ""),
        _taken(each, actor),
    ))


def _taken(each: Task, actor: Actor) -> Cell:
    if each.assignee is None:
        return Cell(text=_("Nobody yet"))
    return Cell(text=_("You"), tone="info") if each.assignee == actor.person else Cell(text=_("A colleague"))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, task: UUID) -> HttpResponse:
    """Show a task; take it, give it back or on to a colleague, fill in its form, or say that it is done."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.claim_task")
    typed = ui.typed_of(request.POST) if request.method == "POST" else None
    is_filled = typed is not None and not _ACTS & set(typed)
    problem = ""
    try:
        page = api.form_of(task=task, typed=typed if is_filled else None, actor=actor, now=now)
        choices = _left(api.get_choices(task=task, actor=actor), page)
        is_wrong = is_filled and "complete" in request.POST and bool(page and page.answers.problems)
        if request.method == "POST" and not is_wrong and (done := _done(request, task, choices, page)):
            return done
        found = api.get_task(task=task, actor=actor)
    except TaskNotFound:
        raise Http404 from None
    except Refused as refusal:
        problem, found = refusal.said, api.get_task(task=task, actor=actor)
    return _show(
        request, found, page=page, choices=choices, problem=problem,
        status=409 if problem else 422 if is_wrong else 200,
    )


class Refused(ValueError):
    """What was pressed can't be done now. said: why, and what to do."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


_ACTS = {"claim", "release", "assign"}


def _left(choices: Choices | None, page: LoosePage | None) -> Choices | None:
    """Give what is still to be chosen: nothing when the form asks it."""
    return None if choices and page and choices.variable in page.answers.facts else choices


def _done(
    request: HttpRequest, task: UUID, choices: Choices | None, page: LoosePage | None
) -> HttpResponse | None:
    """Do what was pressed; None for a button inside the form. Raises TaskNotFound, Refused."""
    try:
        return _do(request, task, choices, page)
    except TaskClaimed:
        raise Refused(_("A colleague has taken this task. Ask them to give it back first.")) from None
    except NotInGroup as refusal:
        said = _("This task is for {groups}. An administrator can add you to it under Who does what.")
        raise Refused(said.format(groups=", ".join(refusal.groups))) from None
    except NotRunning:
        raise Refused(_("This run stands still. Resume it first.")) from None
    except NotAColleague:
        raise Refused(_("Choose a colleague from the list.")) from None
    except StepNotPossible as refusal:
        raise Refused(telling.incident(refusal.reason)) from None


def _do(
    request: HttpRequest, task: UUID, choices: Choices | None, page: LoosePage | None
) -> HttpResponse | None:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if "complete" in request.POST:
        given = cast("dict[str, Value]", dict(page.answers.facts) if page else {})
        if choices is not None:
            chosen = {str(place): value for place, (value, _label) in enumerate(choices.options)}
            if request.POST.get("choice") not in chosen:
                raise Refused(_("Choose how it goes on."))
            given[choices.variable] = chosen[request.POST["choice"]]
        api.complete_task(task=task, variables=given, actor=actor, now=now)
        return ui.redirect("processes:tasks")
    if "assign" in request.POST:
        try:
            person = UUID(request.POST.get("colleague", ""))
        except ValueError:
            raise Refused(_("Choose a colleague from the list.")) from None
        api.assign_task(task=task, person=person, actor=actor, now=now)
        return ui.redirect("processes:task", task=task)
    if not _ACTS & set(request.POST):
        return None
    act = api.release_task if "release" in request.POST else api.claim_task
    act(task=task, actor=actor, now=now)
    return ui.redirect("processes:task", task=task)


def _show(
    request: HttpRequest, found: Task, *, page: LoosePage | None, choices: Choices | None, problem: str,
    status: int,
) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    titles = api.titles_of(places={(found.process, each) for each in found.groups}, actor=actor)
    facts = (
        Definition(
            term=_("About"), value=found.reference or "–", href=page_of(found.reference, actor=actor)
        ),
        Definition(term=_("For"), value=_groups(found, titles)),
        Definition(term=_("Before"), value=written.moment(found.due_at) if found.due_at else "–"),
        Definition(term=_("Taken by"), value=_taken(found, actor).text),
        Definition(term=_("Waits since"), value=written.moment(found.created_at)),
    )
    is_mine, is_free = found.assignee == actor.person, found.assignee is None
    may_assign = (is_mine or is_free) and access.may(actor, "processes.assign_task")
    return ui.page(
        request, "processes/task.html", status=status, title=found.title or found.node, facts=facts,
        shown=_shown(request, found), problem=problem, page=page, is_free=is_free, is_mine=is_mine,
        choice=_choice(choices) if choices else None,
        may_complete=access.may(actor, "processes.complete_task"),
        colleagues=_colleagues(actor, found, now) if may_assign and "geef" in request.GET else None,
        may_assign=may_assign and "geef" not in request.GET,
        run_href=reverse("processes:instance", args=[found.instance]), back_href=reverse("processes:tasks"),
    )


def _shown(request: HttpRequest, found: Task) -> tuple[Definition, ...]:
    values = api.list_shown(task=found.uuid, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return tuple(_told(each) for each in values)


def _told(each: Shown) -> Definition:
    if each.reason:
        return Definition(term=each.label, value=telling.incident(each.reason))
    if each.label == api.MOTIVATION:
        return Definition(
            term=_("Proposal for the motivation"), value=_("It stands ready where you decide the case.")
        )
    return Definition(term=each.label, value=telling.words(each.value)[:MAX_SHOWN])


def _groups(found: Task, titles: Titles) -> str:
    return ", ".join(titles[found.process, each] for each in found.groups) or "–"


def _colleagues(actor: Actor, found: Task, now: datetime) -> Field | None:
    able = api.able_to_do(process=found.process, names=found.groups, actor=actor)
    others = [
        each for each in api.list_colleagues(actor=actor, now=now)
        if each.person != found.assignee and (able is None or each.person in able)
    ]
    return Field(
        name="colleague", label=_("Give it to a colleague"), kind=FieldKind.SELECT,
        options=tuple(Option(value=str(each.person), label=each.name) for each in others),
    ) if others else None


def _choice(choices: Choices) -> Field:
    return Field(
        name="choice", label=choices.question or _("How does it go on?"), kind=FieldKind.RADIO,
        options=tuple(
            Option(value=str(place), label=label) for place, (_value, label) in enumerate(choices.options)
        ),
    )
