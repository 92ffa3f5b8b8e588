"""Who does what: the groups that drawings name, who does their work here, and who gets new tasks."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Field, FieldKind, Option, PageOf, Row, Table
from ocapi.lib.actor import Actor
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Colleague, Definition, GroupRefused, ProcessNotFound, WorkGroup
from ocapi.modules.processes.views import telling


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the groups of all workflows, who does their work, and how many tasks wait."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = api.list_groups(actor=actor)
    table = Table(
        caption=_("Groups that workflows ask for work"),
        columns=(
            Column(code="process", label=_("Workflow")), Column(code="group", label=_("Group")),
            Column(code="members", label=_("Who may do it")), Column(code="new", label=_("New tasks go to")),
            Column(code="waiting", label=_("Tasks that wait")),
        ),
        page=PageOf(items=tuple(map(_row, found)), page_size=max(len(found), 1)),
        empty_title=_("No groups yet"),
        empty_text=_("Groups stand here once a workflow names who does a task: by a lane or at the task."),
    )
    return ui.page(
        request, "processes/groups.html", table=table, tabs=telling.tabs("groups", actor),
        fields=_adding(api.list_definitions(actor=actor)), may_edit=access.may(actor, api.EDIT_GROUP),
        add_href=reverse("processes:group"),
    )


def place(each: WorkGroup) -> str:
    """Give the address of a group's page."""
    return f"{reverse('processes:group')}?{urlencode({'proces': each.process, 'groep': each.group})}"


def _row(each: WorkGroup) -> Row:
    count = len(each.members)
    members = ngettext("{number} person", "{number} persons", count).format(number=count)
    return Row(cells=(
        Cell(text=each.process_name),
        Cell(text=each.title or each.group, href=place(each), note=each.group if each.title else ""),
        Cell(text=members if count else _("Everybody who does tasks")),
        Cell(text=_("one person") if each.receiver else _("whoever takes them")),
        Cell(text=str(each.waiting)),
    ))


def _adding(listed: tuple[Definition, ...]) -> tuple[Field, ...]:
    return (
        Field(
            name="proces", label=_("Workflow"), kind=FieldKind.SELECT,
            options=tuple(Option(value=each.key, label=each.name or each.key) for each in listed),
        ),
        Field(
            name="groep", label=_("Name of the group in the drawing"), max_length=200,
            help=_("For a group that a table or a formula gives, such as the services that advise."),
        ),
    ) if listed else ()


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Show who does the work of one group, and change it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.EDIT_GROUP)
    process, group = request.GET.get("proces", ""), request.GET.get("groep", "").strip()
    if not process or not group:
        return ui.redirect("processes:groups")
    if len(group) > 200:
        raise Http404
    problems: dict[str, str] = {}
    try:
        shown = api.get_group(process=process, group=group, actor=actor)
        if request.method == "POST":
            shown = _typed_in(request, shown)
            api.save_group(group=shown, actor=actor, now=now)
            return ui.redirect("processes:groups")
    except ProcessNotFound:
        raise Http404 from None
    except GroupRefused as refusal:
        problems = {refusal.part: _problem(refusal)}
    return ui.page(
        request, "processes/group.html", status=422 if problems else 200, group=shown,
        fields=_fields(shown, api.list_able(actor=actor, now=now), problems),
        problem=problems.get("group", ""),
        back_href=reverse("processes:groups"),
    )


def _typed_in(request: HttpRequest, held: WorkGroup) -> WorkGroup:
    try:
        members = frozenset(UUID(each) for each in request.POST.getlist("members"))
        receiver = UUID(request.POST["receiver"]) if request.POST.get("receiver") else None
    except ValueError:
        raise GroupRefused("members", "unknown") from None
    return WorkGroup(
        process=held.process, process_name=held.process_name, group=held.group,
        title=request.POST.get("title", "").strip(), members=members, receiver=receiver,
    )


def _problem(refusal: GroupRefused) -> str:
    return {
        "title": _("Give a name of at most 200 characters, on one line."),
        "group": _("Give a name of at most 200 characters, on one line."),
        "members": _("Choose colleagues from the list."),
        "receiver": _("Choose one of the members of this group."),
    }[refusal.part]


def _fields(
    shown: WorkGroup, able: tuple[Colleague, ...], problems: dict[str, str]
) -> tuple[Field, ...]:
    people = tuple(Option(value=str(each.person), label=each.name) for each in able)
    return (
        Field(
            name="title", label=_("What we call this group"), value=shown.title, required=False,
            max_length=200, error=problems.get("title", ""),
            help=_("Leave empty to use the name in the drawing: {name}.").format(name=shown.group),
        ),
        Field(
            name="members", label=_("Who may do these tasks"), kind=FieldKind.CHECKBOXES, required=False,
            values=tuple(str(each) for each in shown.members), options=people,
            error=problems.get("members", ""), help=_("Tick nobody to let everybody who does tasks do them."),
        ),
        Field(
            name="receiver", label=_("New tasks go to"), kind=FieldKind.SELECT, required=False,
            value=str(shown.receiver or ""), error=problems.get("receiver", ""),
            options=(Option(value="", label=_("Nobody in particular: a member takes them")), *people),
        ),
    )
