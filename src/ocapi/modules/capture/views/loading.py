"""Pages to load a file of readings: send it, say what its columns are, see what was found, let it count."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import (
    Cell,
    Column,
    ColumnKind,
    Field,
    FieldKind,
    Option,
    PageOf,
    Row,
    Table,
)
from ocapi.lib import codec, written
from ocapi.modules.capture import api
from ocapi.modules.capture.data import (
    Load,
    LoadChoice,
    LoadMoved,
    LoadNotFound,
    LoadRefused,
    LoadState,
    Look,
    UploadColumns,
)
from ocapi.modules.capture.views import found

LONGEST_TYPED = 300
ZONE = "Europe/Brussels"
MAPPED = (LoadState.ARRIVED, LoadState.REFUSED)
TONES = {
    LoadState.ARRIVED: "warning",
    LoadState.CHECKED: "warning",
    LoadState.REFUSED: "error",
    LoadState.LOADED: "success",
}


@require_http_methods(["GET"])
def loads(request: HttpRequest) -> HttpResponse:
    """List the files of readings, with the form that sends one to the data plane."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    items = api.list_loads(actor=actor)
    nobody = UUID(int=0)
    back = reverse("capture:load", args=[nobody]).replace(str(nobody), "{upload}")
    given = api.hand_pass(back=back, again=reverse("capture:loads"), actor=actor, now=now)
    file = Field(
        name="bestand",
        label=_("File with readings"),
        kind=FieldKind.FILE,
        accepted_types=(".csv", ".txt", ".parquet"),
        max_size=_("1 GB"),
        help=_("A row is one reading: its time, its value, and its sensor if the file holds several."),
    )
    return ui.page(
        request,
        "capture/loads.html",
        address=given.address,
        file=file,
        table=_listed(items),
        back_href=reverse("capture:streams"),
    )


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Show how far a file is; take in what its columns are and have it checked."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    held = _held(request, upload)
    if request.method != "POST":
        wants_columns = held.state is LoadState.CHECKED and "kolommen" in request.GET
        if held.state in MAPPED or wants_columns:
            return _mapping(request, held, {})
        return _state(request, held)
    look = api.look_at(upload=upload, actor=actor)
    choice = _choice(request)
    try:
        api.check_load(upload=upload, choice=choice, about_rows=look.about_rows, actor=actor, now=now)
    except LoadRefused as refused:
        return _mapping(request, held, refused.problems, choice=choice, look=look, status=422)
    except LoadMoved:
        return _state(request, _held(request, upload), is_late=True)
    return ui.redirect("capture:load", upload=upload)


@require_http_methods(["POST"])
def accept(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Let what was checked count."""
    return _acted(request, upload, api.accept_load)


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Ask whether a file is to be given up, and do it."""
    held = _held(request, upload)
    if request.method == "POST":
        return _acted(request, upload, api.cancel_load)
    return ui.page(
        request, "capture/load_stop.html", name=held.name, back_href=reverse("capture:load", args=[upload])
    )


@require_http_methods(["GET"])
def faults(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Give the rows that were refused as a table for a spreadsheet."""
    held = _held(request, upload)
    lines = [
        (_("Line"), _("What is the matter")),
        *((each.line, found.fault_text(each.code, each.what)) for each in held.report.faults),
    ]
    answer = HttpResponse(
        b"\xef\xbb\xbf" + codec.encode_csv(lines, delimiter=";"), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{_("refused-rows")}.csv"'
    return answer


def _held(request: HttpRequest, upload: UUID) -> Load:
    try:
        return api.get_load(upload=upload, actor=request.actor)  # type: ignore[attr-defined]
    except LoadNotFound:
        raise Http404 from None


def _acted(request: HttpRequest, upload: UUID, act: Callable[..., None]) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        act(upload=upload, actor=actor, now=now)
    except LoadNotFound:
        raise Http404 from None
    except LoadMoved:
        return _state(request, _held(request, upload), is_late=True)
    return ui.redirect("capture:load", upload=upload)


def _state(request: HttpRequest, held: Load, *, is_late: bool = False) -> HttpResponse:
    here = reverse("capture:load", args=[held.uuid])
    is_going = held.state in (LoadState.CHECKING, LoadState.LOADING)
    of = held.report.sound if held.state is LoadState.LOADING else max(held.about_rows, held.read)
    return ui.page(
        request,
        "capture/load.html",
        status=409 if is_late else 200,
        is_late=is_late,
        name=held.name,
        state=found.state_text(held.state),
        tone=TONES.get(held.state, "neutral"),
        told=found.told(held),
        facts=found.facts(held),
        tables=found.tables(held, f"{here}fouten.csv"),
        progress=found.Progress(done=held.read, of=max(of, 1)) if is_going else None,
        here=here,
        accept_href=reverse("capture:load-accept", args=[held.uuid])
        if held.state is LoadState.CHECKED
        else "",
        columns_href=f"{here}?kolommen=1" if held.state is LoadState.CHECKED else "",
        stop_href=reverse("capture:load-stop", args=[held.uuid])
        if held.state in (LoadState.CHECKING, LoadState.CHECKED)
        else "",
        back_href=reverse("capture:loads"),
    )


def _mapping(
    request: HttpRequest,
    held: Load,
    problems: dict[str, str],
    *,
    choice: LoadChoice | None = None,
    look: Look | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    look = look or api.look_at(upload=held.uuid, actor=actor)
    if choice is None:
        choice = (
            LoadChoice(columns=look.guessed, zone=ZONE) if held.state is LoadState.ARRIVED else held.choice
        )
    errors = {name: found.refusal_text(code, "") for name, code in problems.items()}
    sensors = tuple(
        Option(value=each.code, label=f"{each.title} ({each.code})") for each in api.list_streams(actor=actor)
    )
    reason = held.report.code if held.state is LoadState.REFUSED else ""
    return ui.page(
        request,
        "capture/load_columns.html",
        status=status,
        name=held.name,
        fields=_fields(look, choice, sensors, errors) if not look.code else (),
        rows=_first_rows(look),
        unreadable=found.refusal_text(look.code, look.what) if look.code else "",
        refusal=found.refusal_text(reason, held.report.what) if reason else "",
        tables=found.tables(held, "") if held.state is LoadState.REFUSED else (),
        is_empty=held.state is LoadState.REFUSED and not reason,
        stop_href=reverse("capture:load-stop", args=[held.uuid]),
        back_href=reverse("capture:loads"),
    )


def _fields(
    look: Look, choice: LoadChoice, sensors: tuple[Option, ...], errors: dict[str, str]
) -> tuple[Field, ...]:
    columns = tuple(Option(value=each, label=each) for each in look.header)
    choose = Option(value="", label=_("Choose a column"))

    def of(name: str, label: str, value: str, first: Option, told: str = "") -> Field:
        return Field(
            name=name, label=label, kind=FieldKind.SELECT, value=value, options=(first, *columns), help=told,
            required=first is choose, error=errors.get(name, ""),
        )

    return (
        of("time", _("Column with the time"), choice.columns.time, choose),
        _zone(choice, errors),
        of("value", _("Column with the value"), choice.columns.value, choose),
        of(
            "sensor", _("Column with the sensor"), choice.columns.sensor,
            Option(value="", label=_("None: all rows are of one sensor")),
            _("The column holds the code of the sensor, as the inventory has it."),
        ),
        Field(
            name="sensor_code", label=_("The one sensor"), kind=FieldKind.SELECT, value=choice.sensor,
            required=False, help=_("Only if no column says the sensor."),
            options=(Option(value="", label=_("The column says it")), *sensors),
        ),
        of("unit", _("Column with the unit"), choice.columns.unit, Option(value="", label=_("None"))),
        Field(
            name="unit_code", label=_("Unit of all values"), value=choice.unit, required=False,
            width="short", max_length=20, error=errors.get("unit", ""),
            help=_("A UCUM code, as mg/m3. Empty: the unit of the sensor. We convert other units."),
        ),
    )


def _zone(choice: LoadChoice, errors: dict[str, str]) -> Field:
    return Field(
        name="zone", label=_("Time zone"), kind=FieldKind.SELECT, value=choice.zone, required=False,
        error=errors.get("zone", ""), help=_("It counts for times that do not say their zone."),
        options=(
            Option(value=ZONE, label=_("Belgian time, with summer and winter time")),
            Option(value="UTC", label="UTC"),
            Option(value="", label=_("Every time says its zone")),
        ),
    )


def _choice(request: HttpRequest) -> LoadChoice:
    def typed(name: str) -> str:
        return request.POST.get(name, "").replace("\0", "").strip()[:LONGEST_TYPED]

    column = typed("sensor")
    return LoadChoice(
        columns=UploadColumns(time=typed("time"), sensor=column, value=typed("value"), unit=typed("unit")),
        zone=typed("zone"),
        sensor="" if column else typed("sensor_code"),
        unit=typed("unit_code"),
    )


def _first_rows(look: Look) -> Table | None:
    if look.code:
        return None
    rows = tuple(Row(cells=tuple(Cell(text=cell or "–") for cell in row)) for row in look.rows)
    return Table(
        caption=_("The first rows of the file"),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        columns=tuple(Column(code=f"c{place}", label=name) for place, name in enumerate(look.header)),
        empty_title=_("The file holds no rows"),
        empty_text=_("Only the names of its columns."),
    )


def _listed(items: tuple[Load, ...]) -> Table:
    rows = tuple(
        Row(
            cells=(
                Cell(text=each.name, href=reverse("capture:load", args=[each.uuid])),
                Cell(text=found.state_text(each.state), tone=TONES.get(each.state, "neutral")),
                Cell(text=found.counted(each.report.sound) if each.report.rows else "–"),
                Cell(text=found.size_text(each.size_bytes)),
                Cell(text=written.moment(each.arrived_at)),
            )
        )
        for each in items
    )
    return Table(
        caption=_("Files of readings"),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        columns=(
            Column(code="name", label=_("File")),
            Column(code="state", label=_("State")),
            Column(code="rows", label=_("Good readings"), kind=ColumnKind.NUMBER),
            Column(code="size", label=_("Size"), kind=ColumnKind.NUMBER),
            Column(code="at", label=_("Arrived"), kind=ColumnKind.DATE),
        ),
        empty_title=_("No files yet"),
        empty_text=_("A file that was sent appears here."),
    )
