"""Tasks of people: what waits, taking one, giving it back, and ending it."""

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
    Asked,
    Choices,
    InvalidCursor,
    NotRunning,
    StepNotPossible,
    Task,
    TaskClaimed,
    TaskNotFound,
)
from ocapi.modules.processes.views import telling


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List open tasks, oldest first; `mijn=1` those of the reader."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    is_mine = request.GET.get("mijn") == "1"
    try:
        page = api.list_tasks(actor=actor, is_mine=is_mine, cursor=request.GET.get("cursor", ""))
    except InvalidCursor:
        page = api.list_tasks(actor=actor, is_mine=is_mine)
    may_claim = access.may(actor, "processes.claim_task")
    table = Table(
        caption=_("My tasks") if is_mine else _("Open tasks"),
        columns=(
            Column(code="task", label=_("Task")), Column(code="about", label=_("About")),
            Column(code="group", label=_("For")), Column(code="due", label=_("Before"), kind=ColumnKind.DATE),
            Column(code="who", label=_("Taken by")),
        ),
        page=PageOf(items=tuple(_row(each, actor, now, may_claim) for each in page.items),
                    next_cursor=page.cursor),
        empty_title=_("No tasks"),
        empty_text=_("A task appears here when a workflow asks somebody to do something."),
        empty_href=reverse("processes:tasks") if is_mine else "",
        empty_action=_("Show all tasks") if is_mine else "",
    )
    return ui.page(
        request, "processes/tasks.html", table=table, tabs=telling.tabs("tasks", actor), is_mine=is_mine
    )


def _row(each: Task, actor: Actor, now: datetime, may_claim: bool) -> Row:
    href = reverse("processes:task", args=[each.uuid]) if may_claim else ""
    is_late = each.due_at is not None and each.due_at < now
    due = written.moment(each.due_at) if each.due_at else "–"
    return Row(highlighted=is_late, cells=(
        Cell(text=each.title or each.node, href=href), Cell(text=each.reference or "–"),
        Cell(text=each.group or "–"), Cell(text=due, tone="error" if is_late else ""), _taken(each, actor),
    ))


def _taken(each: Task, actor: Actor) -> Cell:
    if each.assignee is None:
        return Cell(text=_("Nobody yet"))
    return Cell(text=_("You"), tone="info") if each.assignee == actor.person else Cell(text=_("A colleague"))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, task: UUID) -> HttpResponse:
    """Show a task; take it, give it back, or say that it is done."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, "processes.claim_task")
    problem, wrong = "", dict[str, str]()
    try:
        choices, (form, asked) = api.get_choices(task=task, actor=actor), api.form_of(task=task, actor=actor)
        choices = None if choices and any(each.code == choices.variable for each in asked) else choices
        if request.method == "POST":
            return _done(request, task, choices, asked)
    except TaskNotFound:
        raise Http404 from None
    except NotChosen:
        problem = _("Choose how it goes on.")
    except AnswersWrong as refusal:
        wrong = refusal.wrong
    except TaskClaimed:
        problem = _("A colleague has taken this task. Ask them to give it back first.")
    except NotRunning:
        problem = _("This run stands still. Resume it first.")
    except StepNotPossible as refusal:
        problem = telling.incident(refusal.reason)
    try:
        found = api.get_task(task=task, actor=actor)
    except TaskNotFound:
        raise Http404 from None
    facts = (
        Definition(term=_("About"), value=found.reference or "–"),
        Definition(term=_("For"), value=found.group or "–"),
        Definition(term=_("Before"), value=written.moment(found.due_at) if found.due_at else "–"),
        Definition(term=_("Taken by"), value=_taken(found, actor).text),
        Definition(term=_("Waits since"), value=written.moment(found.created_at)),
    )
    return ui.page(
        request, "processes/task.html", title=found.title or found.node, facts=facts, problem=problem,
        status=409 if problem else 422 if wrong else 200, form=form,
        fields=tuple(_asked(each, wrong, ui.typed_of(request.POST)) for each in asked),
        choice=_choice(choices) if choices else None,
        is_free=found.assignee is None, is_mine=found.assignee == actor.person,
        may_complete=access.may(actor, "processes.complete_task"),
        run_href=reverse("processes:instance", args=[found.instance]), back_href=reverse("processes:tasks"),
    )


class NotChosen(ValueError):
    """A task is said to be done, and not how it goes on."""


def _choice(choices: Choices) -> Field:
    return Field(
        name="choice", label=choices.question or _("How does it go on?"), kind=FieldKind.RADIO,
        options=tuple(
            Option(value=str(place), label=label) for place, (_value, label) in enumerate(choices.options)
        ),
    )


class AnswersWrong(ValueError):
    """What was filled in can't be taken. wrong: by question, `required` or the type it should have been."""

    def __init__(self, wrong: dict[str, str]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = wrong


_KINDS = {
    "text": FieldKind.TEXT, "long_text": FieldKind.TEXTAREA, "date": FieldKind.DATE,
    "number": FieldKind.NUMBER, "amount": FieldKind.AMOUNT, "choice": FieldKind.RADIO,
    "choices": FieldKind.CHECKBOXES, "yes_no": FieldKind.RADIO,
}


def _asked(each: Asked, wrong: dict[str, str], typed: dict[str, list[str]]) -> Field:
    """Give a question of the task's form as a field, with what was typed."""
    yes_no = (("true", _("Yes")), ("false", _("No")))
    options = yes_no if each.type == "yes_no" else each.options
    texts = typed.get(_name(each), [])
    return Field(
        name=_name(each), label=each.label, kind=_KINDS[each.type], required=each.is_required, help=each.help,
        value=texts[0] if texts else "", values=tuple(texts), max_length=each.max_length,
        options=tuple(Option(value=code, label=label) for code, label in options),
        error=_said(wrong[each.code]) if each.code in wrong else "",
    )


def _name(each: Asked) -> str:
    return f"answer-{each.code}"


def _said(code: str) -> str:
    return {
        "required": _("Fill this in."), "date": _("Fill in a date, such as 31/12/2027."),
        "number": _("Fill in a whole number, such as 12."),
        "amount": _("Fill in an amount, such as 12,50."),
        "choice": _("Choose one of the answers."), "choices": _("Choose from the answers."),
        "yes_no": _("Choose yes or no."),
    }.get(code, _("This text is too long."))


def _done(
    request: HttpRequest, task: UUID, choices: Choices | None, asked: tuple[Asked, ...]
) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if "complete" in request.POST:
        typed = ui.typed_of(request.POST)
        answered = {each.code: typed.get(_name(each), []) for each in asked}
        given, wrong = api.answer_form(asked=asked, typed=answered)
        if wrong:
            raise AnswersWrong(wrong)
        if choices is not None:
            chosen = {str(place): value for place, (value, _label) in enumerate(choices.options)}
            if request.POST.get("choice") not in chosen:
                raise NotChosen
            given[choices.variable] = chosen[request.POST["choice"]]
        api.complete_task(task=task, variables=given, actor=actor, now=now)
        return ui.redirect("processes:tasks")
    act = api.release_task if "release" in request.POST else api.claim_task
    act(task=task, actor=actor, now=now)
    return ui.redirect("processes:task", task=task)
