"""Trying a drawing: a run with mocks, played move by move; nothing is stored and nothing leaves the house."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, PageOf, Row, Table, TimelineEvent
from ocapi.lib import codec, written
from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput
from ocapi.lib.feel.typed import LineRefused
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    DefinitionRefused,
    DrawingNotFound,
    Move,
    MoveRefused,
    Standing,
    Trace,
)
from ocapi.modules.processes.views import drawings, naming, telling

LARGEST = 200_000  # characters of all moves
SHOWN = 200  # characters of a value
_MOVES = ("start", "complete", "fail", "occur", "skip")


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, drawing: UUID) -> HttpResponse:
    """Play the moves so far and the one that was asked; show where the drawing stands."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.read_drawings")
    try:
        raw = api.read_drawn(drawing=drawing, actor=actor)
        found = api.get_drawing(drawing=drawing, actor=actor)
    except DrawingNotFound:
        raise Http404 from None
    began, kept = _kept(request, now)
    typed, problem = request.POST.get("values", ""), ""
    asked = list(kept)
    try:
        if request.method == "POST" and "undo" in request.POST:
            asked, typed = asked[:-1], ""
        elif request.method == "POST":
            asked.append(_move(request, typed))
    except LineRefused as refusal:
        problem = _("Line {number} can't be read: {line}. Write it as: name = value").format(
            number=refusal.number, line=refusal.detail)
    except MoveRefused:
        problem = _("Choose what should happen.")
    try:
        asked, trace, refused = _furthest(raw, asked, actor, began)
    except (DefinitionRefused, MalformedInput):
        return ui.page(
            request, "processes/trial_refused.html", status=409, drawing=found,
            findings=drawings.finding_table(api.check_drawing(raw=raw, actor=actor)),
            back_href=reverse("processes:draw", args=[drawing]),
        )
    if refused:
        problem = _("That does not fit here: {reason}").format(reason=telling.incident(refused))
    typed = typed if problem else ""
    return ui.page(
        request, "processes/trial.html", status=422 if problem else 200, drawing=found, problem=problem,
        typed=typed, moves=codec.encode_json({"began": began.isoformat(), "moves": asked}).decode(),
        is_begun=bool(asked), trace=trace, starts=trace.starts,
        standing=[_offer(each, trace) for each in trace.standing], marks=_marks(trace),
        clock=written.moment(trace.at), variables=_variables(trace), timeline=_timeline(trace),
        name=found.title, drawing_href=reverse("processes:draw-file", args=[drawing]),
        back_href=reverse("processes:draw", args=[drawing]),
    )


def _kept(request: HttpRequest, now: datetime) -> tuple[datetime, list[dict[str, object]]]:
    """Give when the trial began and its moves so far; what was tampered with begins anew."""
    text = request.POST.get("moves", "")
    if not text or len(text) > LARGEST:
        return now, []
    try:
        given = codec.decode_untyped(text.encode())
        assert isinstance(given, dict) and isinstance(given["moves"], list)
        began = datetime.fromisoformat(str(given["began"]))
        moves = [each for each in given["moves"] if isinstance(each, dict)]
    except (MalformedInput, KeyError, ValueError, AssertionError):
        return now, []
    return (began, list(moves)) if began.tzinfo is not None else (now, [])


def _move(request: HttpRequest, typed: str) -> dict[str, object]:
    what, _mark, number = request.POST.get("move", "").partition(":")
    if what not in _MOVES:
        raise MoveRefused("unknownMove")
    api.read_values(text=typed, now=request.now)  # type: ignore[attr-defined]
    return {"what": what, "number": number[:200], "values": typed[:20_000],
            "error": request.POST.get("error", "")[:100]}


def _furthest(
    raw: bytes, asked: list[dict[str, object]], actor: Actor, began: datetime
) -> tuple[list[dict[str, object]], Trace, str]:
    """Play all moves, else all but the last, else none; gives those played and why not all were."""
    reason = ""
    for moves in (asked, asked[:-1], []):
        try:
            return moves, _played(raw, moves, actor, began), reason
        except MoveRefused as refusal:
            reason = reason or refusal.reason
        except LineRefused:
            reason = reason or "expressionFailed"
    raise AssertionError("a trial without moves can't be refused")


def _played(
    raw: bytes, asked: list[dict[str, object]], actor: Actor, began: datetime
) -> Trace:
    moves = []
    for each in asked:
        what, number = str(each.get("what", "")), str(each.get("number", ""))
        is_place = number.removeprefix("-").isascii() and number.removeprefix("-").isdigit()
        moves.append(Move(
            what=what, number=int(number[:9]) if is_place else 0, node=number if what == "start" else "",
            values=api.read_values(text=str(each.get("values", "")), now=began),
            error=str(each.get("error", "")),
        ))
    return api.try_drawing(raw=raw, moves=moves, actor=actor, now=began)


def _offer(each: Standing, trace: Trace) -> dict[str, object]:
    """Give something that waits, with what can be done about it."""
    name = trace.names.get(each.node, each.node)
    said, act = {
        "task": (_("{name}: {group} is asked.").format(name=name, group=each.group or _("everybody")),
                 ("complete", _("Do this task"))),
        "call": (_("{name}: the coupling {connector} would be called.").format(
            name=name, connector=naming.connector(each.name)), ("complete", _("Give this answer"))),
        "timer": (_("{name}: waits until {moment}.").format(
            name=name, moment=written.moment(each.due_at) if each.due_at else "–"),
            ("occur", _("Jump to that moment"))),
        "message": (_("{name}: waits for the message {message}.").format(name=name, message=each.name),
                    ("occur", _("Let it arrive"))),
        "signal": (_("{name}: waits for the signal {message}.").format(name=name, message=each.name),
                   ("occur", _("Let it arrive"))),
        "incident": (_("{name} got stuck: {reason}").format(name=name, reason=telling.incident(each.reason)),
                     ("skip", _("Go on past it"))),
    }[each.kind]
    given = ", ".join(f"{key} = {_shown(value)}" for key, value in (each.values or {}).items())
    return {
        "said": said, "move": f"{act[0]}:{each.number}", "action": act[1], "given": given[:500],
        "fail": f"fail:{each.number}" if each.kind == "call" else "", "takes": each.kind != "timer",
    }


def _shown(value: object) -> str:
    return telling.value(value)[:SHOWN]


def _marks(trace: Trace) -> list[dict[str, object]]:
    stuck = {each.node for each in trace.standing if each.kind == "incident"}
    here = [
        {"node": node, "count": 1, "tone": "error" if node in stuck else "info",
         "label": _("Stands at {name}").format(name=name)} for node, name in trace.nodes
    ]
    standing = {node for node, _name in trace.nodes}
    left = dict.fromkeys(each.node for each in trace.passages if each.what in ("left", "ended", "caught"))
    return here + [
        {"node": node, "count": 0, "label": "", "tone": "done"} for node in left if node not in standing
    ]


def _variables(trace: Trace) -> Table:
    rows = tuple(
        Row(cells=(Cell(text=name), Cell(text=_shown(value)))) for name, value in trace.variables.items()
    )
    return Table(
        caption=_("Values of this trial"),
        columns=(Column(code="name", label=_("Name")), Column(code="value", label=_("Value"))),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        empty_title=_("No values"), empty_text=_("Values appear when a step brings them."),
    )


def _timeline(trace: Trace) -> tuple[TimelineEvent, ...]:
    return tuple(
        TimelineEvent(title=each.name, text=telling.passage(each.what), on="", machine_on="")
        for each in reversed(trace.passages)
    )
