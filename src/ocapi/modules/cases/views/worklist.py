"""The worklist: filters in the address, names only in the body, the same list as a file."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import codec, written
from ocapi.lib.actor import Actor
from ocapi.modules.cases import api
from ocapi.modules.cases.data import CasePage, CaseSummary, InvalidCursor, WorklistFilter
from ocapi.modules.cases.views import showing
from ocapi.modules.cases.views.inputs import MAX_QUERY, WorklistInput
from ocapi.modules.processes import api as processes

PAGE_SIZE = 25
TASKS = 5  # of workflows, shown above the cases


@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """Show the cases that wait, nearest term first."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "cases.worklist")  # who is to sign in is not told what is wrong with the query
    typed = WorklistInput.read(request.GET)
    wanted = typed.filter(person=actor.person)
    try:
        page = api.list_worklist(
            filter=wanted, cursor=typed.cursor, actor=actor, now=now, page_size=PAGE_SIZE
        )
    except InvalidCursor:  # an old or shortened link: begin at the first page
        page = api.list_worklist(filter=wanted, actor=actor, now=now, page_size=PAGE_SIZE)
    empty = _("No case has this number or fits these filters.") if typed.is_narrowed else _(
        "New requests appear here as soon as they come in.")
    table = showing.table(
        page, sort=typed.sort, caption=_("Cases"), empty_title=_("No cases"), empty_text=empty,
        export_href=f"{reverse('cases:export')}?{request.GET.urlencode()}",
        empty_href=reverse("cases:worklist") if typed.is_narrowed else "",
        empty_action=_("Remove the filters") if typed.is_narrowed else "",
    )
    return _page(request, typed, table=table)


@require_http_methods(["GET", "POST"])
def by_name(request: HttpRequest) -> HttpResponse:
    """Search by name; the name stays in the body, so no address, log or history holds it."""
    access.require(request.actor, "cases.worklist")  # type: ignore[attr-defined]
    if request.method != "POST":
        return ui.redirect("cases:worklist")
    name = request.POST.get("name", "").strip()[:MAX_QUERY]
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if not name:
        page = CasePage(items=(), page_size=PAGE_SIZE)
        empty, status = _("Type a name to search for."), 422
    else:
        page = api.list_worklist(filter=WorklistFilter(q=name), actor=actor, now=now, page_size=100)
        empty, status = _("No case has an applicant of this name. Check the spelling."), 200
    page = CasePage(items=page.items, page_size=page.page_size)  # no cursors: a link could not carry the name
    table = showing.table(
        page,
        sort="",
        caption=_("Cases found by name"),
        export_href="",
        empty_title=_("No cases"),
        empty_text=empty,
        empty_href=reverse("cases:worklist"),
        empty_action=_("To the worklist"),
    )
    return _page(request, WorklistInput(), table=table, name=name, status=status)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give the worklist with the same filters as a CSV file for a spreadsheet."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    typed = WorklistInput.read(request.GET)
    cases = api.export_worklist(filter=typed.filter(person=actor.person), actor=actor, now=now)
    header = (
        _("Case"),
        _("Kind"),
        _("Applicant"),
        _("Status"),
        _("Received on"),
        _("Decide by"),
        _("Days left"),
        _("Handler"),
        _("Outcome"),
        _("Channel"),
    )
    body = codec.encode_csv([header, *(_cells(each) for each in cases)], delimiter=";")
    response = HttpResponse(b"\xef\xbb\xbf" + body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="werklijst.csv"'
    return response


def _cells(case: CaseSummary) -> tuple[codec.tables.Cell, ...]:
    return (case.reference, case.title, case.applicant_name, case.status_label, case.received_on, case.due_on,
            case.days_left if case.is_open else None, case.assignee_name, case.outcome_label,
            showing.channel(case.channel))


def _page(request: HttpRequest, typed: WorklistInput, *, table: object, name: str = "", status: int = 200
          ) -> HttpResponse:
    name_field = Field(name="name", label=_("Name of the applicant"), kind=FieldKind.SEARCH, value=name,
                       max_length=MAX_QUERY, help=_("A name never appears in the address of a page."),
                       error=_("Type a name to search for.") if status == 422 else "")
    return ui.page(
        request,
        "cases/worklist.html",
        status=status,
        title=_("Worklist"),
        typed=typed,
        table=table,
        filters=typed.fields(types=api.list_case_types(), statuses=api.list_statuses()),
        name_field=name_field,
        tasks=_tasks(request.actor),  # type: ignore[attr-defined]
    )


def _tasks(actor: Actor) -> Table | None:
    """Give the oldest tasks that workflows ask of somebody; the list of tasks has them all."""
    if not access.may(actor, "processes.list_tasks"):
        return None
    page = processes.list_tasks(actor=actor, page_size=TASKS)
    may_do = access.may(actor, "processes.claim_task")
    return Table(
        caption=_("Tasks of workflows"),
        columns=(
            Column(code="task", label=_("Task")), Column(code="about", label=_("Case")),
            Column(code="group", label=_("For")), Column(code="due", label=_("Before"), kind=ColumnKind.DATE),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.title or each.node,
                     href=reverse("processes:task", args=[each.uuid]) if may_do else ""),
                Cell(text=each.reference or "–"), Cell(text=each.group or "–"),
                Cell(text=written.moment(each.due_at) if each.due_at else "–"),
            )) for each in page.items
        ), page_size=TASKS),
    ) if page.items else None
