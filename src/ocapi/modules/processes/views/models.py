"""What is deployed: the list, loading a drawing, a version with what goes on in it, and its file."""

from urllib.parse import quote
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
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
    PageOf,
    Row,
    Table,
)
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Definition as ProcessVersion
from ocapi.modules.processes.data import (
    DefinitionRefused,
    InstanceLine,
    InstanceState,
    InvalidCursor,
    NodeFigures,
    ProcessFigures,
    ProcessNotFound,
    StepNotPossible,
)
from ocapi.modules.processes.views import naming, telling

LARGEST_UPLOAD = 4 << 20  # bytes, as the reader of BPMN takes them
STATES = {
    "lopend": InstanceState.RUNNING, "stil": InstanceState.SUSPENDED, "klaar": InstanceState.COMPLETED,
    "gestopt": InstanceState.CANCELLED,
}
LONGEST_SEARCH = 200  # characters of a key


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the processes with what runs and what is stuck."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = api.list_figures(actor=actor)
    new = reverse("processes:deploy") if access.may(actor, "processes.deploy") else ""
    table = Table(
        caption=_("Workflows"),
        columns=(
            Column(code="name", label=_("Name")),
            Column(code="version", label=_("Version"), kind=ColumnKind.NUMBER),
            Column(code="running", label=_("Running now"), kind=ColumnKind.NUMBER),
            Column(code="incidents", label=_("Stuck"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=tuple(_process_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("No workflow yet"),
        empty_text=_("Load a drawing in BPMN 2.0. We check it before anything runs."),
        empty_href=new, empty_action=_("Load a drawing") if new else "",
    )
    return ui.page(request, "processes/overview.html", table=table, new_href=new if found else "",
                   tabs=telling.tabs("overview", actor))


def _process_row(each: ProcessFigures) -> Row:
    found = each.definition
    stuck = Cell(text=str(each.incidents), tone="error") if each.incidents else Cell(text="0")
    return Row(cells=(
        Cell(text=found.name or found.key, href=reverse("processes:definition", args=[found.uuid])),
        Cell(text=str(found.version)), Cell(text=str(each.running)), stuck,
    ))


@require_http_methods(["GET", "POST"])
def deploy(request: HttpRequest) -> HttpResponse:
    """Take a BPMN file in; one that can't be executed is shown with each reason and what to do."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, "processes.deploy")
    if request.method != "POST":
        return _deploy_page(request)
    uploaded = request.FILES.get("drawing")
    if not isinstance(uploaded, UploadedFile):
        return _deploy_page(request, error=_("Choose a file."))
    raw = uploaded.read(LARGEST_UPLOAD + 1)
    if len(raw) > LARGEST_UPLOAD:
        return _deploy_page(request, error=_("This file is too large. A drawing has at most 4 MB."))
    if not raw:
        return _deploy_page(request, error=_("This file is empty. Choose the drawing itself."))
    try:
        made = api.deploy(raw=raw, actor=actor, now=request.now)  # type: ignore[attr-defined]
    except MalformedInput as refusal:
        return _deploy_page(request, error=telling.malformed(refusal.reason, refusal.detail))
    except DefinitionRefused as refused:
        problem = _("This drawing can't be executed yet. See below.")
        return _deploy_page(request, error=problem, refused=refused)
    except StepNotPossible:
        return _deploy_page(request, error=_("The timer of a start event says no time. Correct it."))
    return ui.redirect("processes:definition", definition=made[0].uuid)


def _deploy_page(
    request: HttpRequest, *, error: str = "", refused: DefinitionRefused | None = None
) -> HttpResponse:
    field = Field(
        name="drawing", label=_("Drawing in BPMN 2.0"), kind=FieldKind.FILE, error=error,
        accepted_types=(".bpmn", ".xml"), max_size="4 MB",
        help=_("From any modeller. Instances that run keep the version they began with."),
    )
    rows = tuple(
        Row(cells=(
            Cell(text=each.element or process.name or process.id, note=naming.kind(each.kind)),
            Cell(text=str(each.line)),
            Cell(text=(said := telling.finding(each))[0]), Cell(text=said[1], note=telling.detail(each)),
        ))
        for process in (refused.report.processes if refused else ()) for each in process.reasons
    )
    table = Table(
        caption=_("What has to be repaired"),
        columns=(
            Column(code="element", label=_("Element")),
            Column(code="line", label=_("Line"), kind=ColumnKind.NUMBER),
            Column(code="what", label=_("What is wrong")), Column(code="remedy", label=_("What to do")),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
    ) if rows else None
    return ui.page(
        request, "processes/deploy.html", status=422 if error else 200, fields=(field,), findings=table,
        back_href=reverse("processes:overview"),
    )


@require_safe
def detail(request: HttpRequest, definition: UUID) -> HttpResponse:
    """Show a version: the drawing with what stands where, the same as a table, and its runs."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found, versions = api.get_definition(definition=definition, actor=actor)
    except ProcessNotFound:
        raise Http404 from None
    nodes = api.list_node_figures(definition=definition, actor=actor)
    is_heat = request.GET.get("warmte") == "ja"
    marks = _heat(nodes) if is_heat else [_mark(each) for each in nodes if each.waiting]
    newest, may_start = versions[0], access.may(actor, "processes.start")
    facts = (
        Definition(term=_("Id in the drawing"), value=found.key),
        Definition(term=_("Version"), value=str(found.version)),
        *((Definition(term=_("Newest version"), value=str(newest.version),
                      href=reverse("processes:definition", args=[newest.uuid])),)
          if newest.uuid != found.uuid else ()),
    )
    return ui.page(
        request, "processes/definition.html", name=found.name or found.key, facts=facts,
        drawing_href=reverse("processes:drawing", args=[definition]),
        marks=marks, is_heat=is_heat, heat_href=f"?warmte={'nee' if is_heat else 'ja'}",
        edit_source=str(definition) if access.may(actor, "processes.edit_drawing") else "",
        older=_older(definition, versions, may_migrate=access.may(actor, api.MIGRATE)),
        migrate_href=reverse("processes:migrations", args=[definition])
        if len(versions) > 1 and access.may(actor, api.MIGRATE) else "",
        states=_states(request), about=_about(request),
        here=reverse("processes:definition", args=[definition]),
        nodes=_node_table(nodes), runs=_runs(request, definition), back_href=reverse("processes:overview"),
        start_href=reverse("processes:start", args=[definition]) if may_start else "",
    )


def _mark(each: NodeFigures) -> dict[str, object]:
    label = ngettext("{count} waits here", "{count} wait here", each.waiting).format(count=each.waiting)
    tone = "error" if each.incidents else "info"
    return {"node": each.node, "count": each.waiting, "label": label, "tone": tone}


def _heat(nodes: tuple[NodeFigures, ...]) -> list[dict[str, object]]:
    """Mark how long tasks took, in four steps of the longest; the table says the hours."""
    timed = [(each, each.average_hours) for each in nodes if each.average_hours is not None]
    longest = max((hours for _each, hours in timed), default=0.0)
    return [
        {"node": each.node, "count": _duration(hours), "tone": f"heat{_warmth(hours, longest)}",
         "label": _("{name} took {duration} on average").format(name=each.name, duration=_duration(hours))}
        for each, hours in timed
    ]


def _warmth(hours: float, longest: float) -> int:
    return 1 + min(3, int(4 * hours / longest)) if longest > 0 else 1


def _older(
    definition: UUID, versions: tuple[ProcessVersion, ...], *, may_migrate: bool
) -> list[tuple[str, str]]:
    """Give label and address of each earlier version, the newest first, of comparing and of going along."""
    here = next(each.version for each in versions if each.uuid == definition)
    found: list[tuple[str, str]] = []
    for each in [each for each in versions if each.version < here][:5]:
        opened = _("Open version {version}, where what began with it goes on").format(version=each.version)
        found.append((opened, reverse("processes:definition", args=[each.uuid])))
        compared = _("Compare with version {version}").format(version=each.version)
        found.append((compared, reverse("processes:compare", args=[definition, each.uuid])))
        if may_migrate:
            along = _("Let runs of version {version} go on in this version").format(version=each.version)
            found.append((along, reverse("processes:migrate", args=[each.uuid, definition])))
    return found


def _node_table(nodes: tuple[NodeFigures, ...]) -> Table:
    return Table(
        caption=_("What goes on, step by step"),
        columns=(
            Column(code="step", label=_("Step")),
            Column(code="waiting", label=_("Waits now"), kind=ColumnKind.NUMBER),
            Column(code="incidents", label=_("Stuck"), kind=ColumnKind.NUMBER),
            Column(code="done", label=_("Tasks done"), kind=ColumnKind.NUMBER),
            Column(code="average", label=_("Took on average"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.name), Cell(text=str(each.waiting)),
                Cell(text=str(each.incidents), tone="error") if each.incidents else Cell(text="0"),
                Cell(text=str(each.done)), Cell(text=_duration(each.average_hours)),
            ))
            for each in nodes
        ), page_size=max(len(nodes), 1)),
        empty_title=_("Nothing runs in this version"),
        empty_text=_("As soon as it starts, you see here what waits where."),
    )


def _duration(hours: float | None) -> str:
    if hours is None:
        return "–"
    if hours < 1:
        minutes = round(hours * 60)
        said = ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
        return said if minutes else _("under 1 minute")
    if hours < 48:
        return _("{hours} hours").format(hours=f"{hours:.1f}".replace(".", ","))
    return _("{days} days").format(days=f"{hours / 24:.1f}".replace(".", ","))


def _runs(request: HttpRequest, definition: UUID) -> Table:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    state, about = STATES.get(request.GET.get("toestand", "")), _about(request)
    cursor = request.GET.get("cursor", "")
    try:
        page = api.list_instances(
            definition=definition, actor=actor, state=state, cursor=cursor, about=about)
    except InvalidCursor:  # an old or shortened link: begin at the first page
        page = api.list_instances(definition=definition, actor=actor, state=state, about=about)
    none = _("No run of this version fits. Show them all.") if about or state else _(
        "A run starts when a service that uses it is asked for.")
    return Table(
        caption=_("Runs of this version"),
        columns=(
            Column(code="key", label=_("About")), Column(code="state", label=_("State")),
            Column(code="started", label=_("Started"), kind=ColumnKind.DATE),
            Column(code="ended", label=_("End of the run"), kind=ColumnKind.DATE),
        ),
        page=PageOf(items=tuple(_run_row(each) for each in page.items), next_cursor=page.cursor),
        empty_title=_("No runs"), empty_text=none,
    )


def _about(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]


def _states(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Give label and address of each state to see alone, and whether it is seen now."""
    chosen = request.GET.get("toestand", "")
    parts = (("", _("All runs")), *((code, telling.state(each).text) for code, each in STATES.items()))
    return [(label, f"?toestand={quote(code)}" if code else "?", code == chosen) for code, label in parts]


def _run_row(each: InstanceLine) -> Row:
    return Row(cells=(
        Cell(text=each.business_key or str(each.uuid)[:8],
             href=reverse("processes:instance", args=[each.uuid])),
        telling.line_state(each), Cell(text=written.moment(each.started_at)),
        Cell(text=written.moment(each.ended_at) if each.ended_at else "–"),
    ))


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, definition: UUID) -> HttpResponse:
    """Start a run of the newest version by hand, about something that has a reference."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.start")
    try:
        found, _versions = api.get_definition(definition=definition, actor=actor)
    except ProcessNotFound:
        raise Http404 from None
    typed, error = request.POST.get("about", "").strip(), ""
    if request.method == "POST" and not typed:
        error = _("Fill this in.")
    elif request.method == "POST":
        try:
            made = api.start(process=found.key, business_key=typed, variables={}, actor=actor, now=now)
            return ui.redirect("processes:instance", instance=made.uuid)
        except StepNotPossible as refusal:
            is_key = refusal.reason == "keyRefused"
            error = _("Use at most 200 characters, without line breaks.") if is_key else _(
                "The first step could not be taken: {reason}"
            ).format(reason=telling.incident(refusal.reason))
    field = Field(
        name="about", label=_("What is it about?"), value=typed, error=error, max_length=api.MAX_KEY,
        help=_("For example the number of a case."),
    )
    return ui.page(
        request, "processes/start.html", status=422 if error else 200, name=found.name or found.key,
        fields=(field,), back_href=reverse("processes:definition", args=[definition]),
    )


@require_safe
def drawing(request: HttpRequest, definition: UUID) -> HttpResponse:
    """Give the BPMN file as it came; no browser draws or runs it as a page."""
    try:
        raw = api.read_drawing(definition=definition, actor=request.actor)  # type: ignore[attr-defined]
    except ProcessNotFound:
        raise Http404 from None
    return telling.file(raw)
