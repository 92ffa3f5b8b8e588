"""Drawings that are being worked on: the list, the modeller, saving, checking, publishing, throwing away."""

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import codec, written
from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    ConnectorInfo,
    DefinitionRefused,
    Drawing,
    DrawingChanged,
    DrawingNotFound,
    Element,
    Finding,
    ProcessNotFound,
    Report,
    StepNotPossible,
)
from ocapi.modules.processes.views import differences, naming, telling

LARGEST_UPLOAD = 4 << 20  # bytes, as the reader of BPMN takes them


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the drawings that are being worked on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = api.list_drawings(actor=actor)
    new = reverse("processes:new-drawing")
    table = Table(
        caption=_("Drawings in progress"),
        columns=(
            Column(code="name", label=_("Name")), Column(code="at", label=_("Changed"), kind=ColumnKind.DATE),
            Column(code="from", label=_("Published")),
        ),
        page=PageOf(items=tuple(_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("No drawings in progress"),
        empty_text=_("Begin with an empty sheet, or open a drawing from a file."),
        empty_href=new, empty_action=_("Make a drawing"),
    )
    return ui.page(
        request, "processes/drawings.html", table=table, tabs=telling.tabs("drawings", actor),
        new_href=new if found else "",
    )


def _row(each: Drawing) -> Row:
    published = Cell(text=_("Yes"), href=reverse("processes:definition", args=[each.based_on])
                     ) if each.based_on else Cell(text=_("Not yet"))
    return Row(cells=(
        Cell(text=each.title or _("Without name"), href=reverse("processes:draw", args=[each.uuid])),
        Cell(text=written.moment(each.changed_at)), published,
    ))


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin a drawing: with a name, from a file, or from a published version (`van`)."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.edit_drawing")
    title, problems = request.POST.get("title", "").strip()[:200], {}
    if request.method == "POST":
        raw, too_large = _uploaded(request)
        source = _source(request)
        if too_large:
            problems["drawing"] = _("This file is too large. A drawing has at most 4 MB.")
        elif "drawing" in request.FILES and not raw:
            problems["drawing"] = _("This file is empty. Choose the drawing itself.")
        elif not (raw or title or source):
            problems["title"] = _("Give the drawing a name, or choose a file.")
        else:
            try:
                made = api.create_drawing(actor=actor, now=now, title=title, raw=raw, definition=source)
                return ui.redirect("processes:draw", drawing=made.uuid)
            except MalformedInput as refusal:
                problems["drawing"] = telling.malformed(refusal.reason, refusal.detail)
            except ProcessNotFound:
                raise Http404 from None
    fields = (
        Field(name="title", label=_("Name of the workflow"), value=title, required=False, max_length=200,
              error=problems.get("title", ""), help=_("For example: request for a street party.")),
        Field(name="drawing", label=_("Or open a drawing in BPMN 2.0"), kind=FieldKind.FILE, required=False,
              error=problems.get("drawing", ""), accepted_types=(".bpmn", ".xml"), max_size="4 MB",
              help=_("From any modeller. The file stays as it is until you change something.")),
    )
    return ui.page(
        request, "processes/new_drawing.html", status=422 if problems else 200, fields=fields,
        back_href=reverse("processes:drawings"),
    )


def _source(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST["source"]) if request.POST.get("source") else None
    except ValueError:
        raise Http404 from None


def _uploaded(request: HttpRequest) -> tuple[bytes, bool]:
    """Give what was uploaded as `drawing`, and whether it is too large."""
    uploaded = request.FILES.get("drawing")
    if not isinstance(uploaded, UploadedFile):
        return b"", False
    raw = uploaded.read(LARGEST_UPLOAD + 1)
    return raw, len(raw) > LARGEST_UPLOAD


def _drawing(request: HttpRequest, drawing: UUID) -> tuple[Drawing, bytes]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        return api.get_drawing(drawing=drawing, actor=actor), api.read_drawn(drawing=drawing, actor=actor)
    except DrawingNotFound:
        raise Http404 from None


@require_safe
def draw(request: HttpRequest, drawing: UUID) -> HttpResponse:
    """Show the modeller; the same in words beside it, for who does not draw or has no JavaScript."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, raw = _drawing(request, drawing)
    elements = api.list_elements(raw=raw, actor=actor)
    return ui.page(
        request, "processes/draw.html", drawing=found, words=codec.encode_json(naming.palette()).decode(),
        kinds=codec.encode_json(naming.kinds()).decode(), connectors=_connector_choices(actor),
        decisions=api.list_decisions(actor=actor), facts=_facts(actor), elements=element_table(elements),
        forms=api.list_askable(actor=actor), systems=_systems(actor),
        findings=_told(api.check_drawing(raw=raw, actor=actor)), advice=_advised(elements),
        couplings=[{"name": each.name, "label": naming.connector(each.name)}
                   for each in api.list_connectors(actor=actor)],
        addable=naming.addable(),
        upload=Field(
            name="drawing", label=_("Drawing in BPMN 2.0"), kind=FieldKind.FILE, max_size="4 MB",
            accepted_types=(".bpmn", ".xml"), html_id="id_replacement",
        ),
    )


def _facts(actor: Actor) -> list[str]:
    """Give what a drawing may await: each event of the platform with each value a run can be found by."""
    return [f"{kind}#{member}" for kind, members in api.list_facts(actor=actor) for member in members]


def _connector_choices(actor: Actor) -> list[dict[str, str]]:
    return [
        {"name": each.name, "label": naming.connector(each.name),
         "inputs": codec.encode_json({
             name: dict(zip(("type", "label", "example"), (kind, *naming.input_of(name)), strict=True))
             for name, kind in each.inputs.items()
         }).decode(), "told": _of_call(each)}
        for each in api.list_connectors(actor=actor)
    ]


def _of_call(each: ConnectorInfo) -> str:
    """Say what a coupling gives back, how long it may take and how often it is tried."""
    gives = ", ".join(each.outputs) or _("nothing")
    return _("Gives: {gives}. A try takes at most {seconds} seconds; after a failure {retries} more.").format(
        gives=gives, seconds=each.timeout_seconds, retries=each.retries
    )


def _systems(actor: Actor) -> list[tuple[str, str]]:
    """Give the systems that may be called, as a text of FEEL with their title."""
    if not access.may(actor, "processes.list_connections"):
        return []
    return [(f'"{each.code}"', each.title) for each in api.list_connections(actor=actor)]


def element_table(elements: tuple[Element, ...]) -> Table:
    """Give a drawing in words."""
    names = {each.id: _named(each) for each in elements}
    return Table(
        caption=_("The drawing in words"),
        columns=(
            Column(code="name", label=_("Element")), Column(code="kind", label=_("Kind")),
            Column(code="group", label=_("For")), Column(code="next", label=_("Then")),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=names[each.id]), Cell(text=naming.kind(each.kind)), Cell(text=each.group or "–"),
                Cell(text=", ".join(names.get(other, other) for other in each.leads_to) or "–"),
            )) for each in elements
        ), page_size=max(len(elements), 1)),
        empty_title=_("The drawing is empty"), empty_text=_("Add a start event first."),
    )


def _named(each: Element) -> str:
    return each.name or _("{kind} without a name").format(kind=naming.kind(each.kind))


def _advised(elements: tuple[Element, ...]) -> list[dict[str, str]]:
    """Give what a reader of the drawing will miss, which keeps nobody from publishing it."""
    return [
        {"element": each.id, "name": _named(each), "what": naming.advice(code)}
        for each in elements for code in each.advice
    ]


def reasons_of(report: Report) -> list[tuple[str, Finding]]:
    """Give what keeps a drawing from running, with the process it stands in."""
    return [(each.name or each.id, found) for each in report.processes for found in each.reasons]


def finding_table(report: Report) -> Table:
    """Give what has to be repaired before a drawing can be published."""
    rows = tuple(
        Row(cells=(
            Cell(text=found.element or process, note=naming.kind(found.kind)),
            Cell(text=(said := telling.finding(found))[0]), Cell(text=said[1], note=telling.detail(found)),
        )) for process, found in reasons_of(report)
    )
    return Table(
        caption=_("What has to be repaired"),
        columns=(
            Column(code="element", label=_("Element")), Column(code="what", label=_("What is wrong")),
            Column(code="remedy", label=_("What to do")),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        empty_title=_("Nothing has to be repaired"), empty_text=_("This drawing can be published."),
    )


@require_safe
def export(request: HttpRequest, drawing: UUID) -> HttpResponse:
    """Give the file as it was saved; no browser draws or runs it as a page."""
    _found, raw = _drawing(request, drawing)
    return telling.file(raw)


@require_POST
def save(request: HttpRequest, drawing: UUID) -> HttpResponse:
    """Save over the revision that was seen. From the modeller the answer is JSON, from a form a page."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    raw, too_large = _uploaded(request)
    if too_large:
        return _answer(request, drawing, {"problem": _("This drawing is too large: 4 MB at most.")}, 413)
    try:
        made = api.save_drawing(
            drawing=drawing, raw=raw, revision=_revision(request), actor=actor, now=now
        )
    except DrawingNotFound:
        raise Http404 from None
    except MalformedInput:
        return _answer(request, drawing, {"problem": _("This is no BPMN 2.0 file.")}, 422)
    except DrawingChanged as changed:
        said = _("Somebody else saved this drawing meanwhile. Nothing of yours is lost: keep it as a copy, "
                 "or look at the other one first.")
        told = _theirs(request, drawing, raw)
        body = {"problem": said, "revision": changed.revision, "differences": told}
        return _answer(request, drawing, body, 409)
    return _answer(request, drawing, {"revision": made.revision, "title": made.title}, 200)


def _theirs(request: HttpRequest, drawing: UUID, mine: bytes) -> list[str]:
    """Say in words what differs between what somebody else saved and what is here."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    theirs = api.read_drawn(drawing=drawing, actor=actor)
    return differences.sentences(api.compare_drawings(before=theirs, after=mine, actor=actor))


def _revision(request: HttpRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _answer(request: HttpRequest, drawing: UUID, body: dict[str, object], status: int) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(codec.encode_json(body), status=status, content_type="application/json")
    if status == 200:
        return ui.redirect("processes:draw", drawing=drawing)
    return ui.page(
        request, "processes/not_saved.html", status=status, problem=body["problem"],
        differences=body.get("differences", ()),
        back_href=reverse("processes:draw", args=[drawing]),
    )


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Tell as JSON what of a drawing can't run, and the drawing in words; stores nothing."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    raw, too_large = _uploaded(request)
    try:
        if too_large:
            raise MalformedInput(codec.Reason.TOO_LARGE)
        report, elements = api.check_drawing(raw=raw, actor=actor), api.list_elements(raw=raw, actor=actor)
    except MalformedInput:
        return HttpResponse(codec.encode_json({"problem": _("This is no BPMN 2.0 file.")}), status=422,
                            content_type="application/json")
    names = {each.id: _named(each) for each in elements}
    body = {
        "findings": _told(report), "advice": _advised(elements),
        "elements": [
            [each.id, names[each.id], naming.kind(each.kind), each.group or "–",
             ", ".join(names.get(other, other) for other in each.leads_to) or "–"]
            for each in elements
        ],
    }
    return HttpResponse(codec.encode_json(body), content_type="application/json")


def _told(report: Report) -> list[dict[str, str]]:
    """Give what has to be repaired, once for each element and reason, with all it is about."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for _process, each in reasons_of(report):
        detail = naming.input_of(each.detail)[0] if each.reason == "inputMissing" else telling.detail(each)
        kept = found.get((each.element, each.reason))
        if kept is not None and detail:
            kept["detail"] = "; ".join(filter(None, (kept["detail"], detail)))
        elif kept is None:
            what, remedy = telling.finding(each)
            found[each.element, each.reason] = {
                "element": each.element, "kind": naming.kind(each.kind), "what": what, "remedy": remedy,
                "detail": detail,
            }
    return list(found.values())


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, drawing: UUID) -> HttpResponse:
    """Show what publishing would change and what stands in its way; publish what was seen."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.deploy")
    found, raw = _drawing(request, drawing)
    problem = ""
    if request.method == "POST":
        try:
            made = api.publish_drawing(drawing=drawing, revision=_revision(request), actor=actor, now=now)
            return ui.redirect("processes:definition", definition=made[0].uuid)
        except DrawingChanged:
            problem = _("Somebody saved this drawing meanwhile. Look at it again before you publish it.")
        except DefinitionRefused:
            problem = _("This drawing can't be executed yet. See below.")
        except StepNotPossible:
            problem = _("The timer of a start event says no time. Correct it.")
    report = api.check_drawing(raw=raw, actor=actor)
    return ui.page(
        request, "processes/publish.html", status=409 if problem else 200, drawing=found, problem=problem,
        findings=finding_table(report), is_ready=not reasons_of(report),
        changes=_changes(actor, found, raw), back_href=reverse("processes:draw", args=[drawing]),
    )


def _changes(actor: Actor, found: Drawing, raw: bytes) -> Table | None:
    if found.based_on is None:
        return None
    try:
        before = api.read_drawing(definition=found.based_on, actor=actor)
    except ProcessNotFound:
        return None
    return differences.table(api.compare_drawings(before=before, after=raw, actor=actor))


@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, drawing: UUID) -> HttpResponse:
    """Ask whether to throw a drawing away, and do it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.edit_drawing")
    found, _raw = _drawing(request, drawing)
    if request.method == "POST":
        api.discard_drawing(drawing=drawing, actor=actor, now=now)
        return ui.redirect("processes:drawings")
    return ui.page(
        request, "processes/confirm.html", title=found.title, action=_("Throw the drawing away"),
        question=_("Throw this drawing away?"),
        consequence=_("What was published from it stays and goes on running."),
        cancel_href=reverse("processes:draw", args=[drawing]),
    )

