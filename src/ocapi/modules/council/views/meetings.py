"""Desk: the list of meetings, planning one, and its agenda."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import (
    Cell,
    Column,
    ColumnKind,
    Definition,
    Field,
    FieldKind,
    NavigationItem,
    Option,
    PageOf,
    Row,
    Table,
)
from ocapi.lib import clock, written
from ocapi.modules.council import api
from ocapi.modules.council.data import (
    DocumentKind,
    InvalidCursor,
    Item,
    ItemText,
    Meeting,
    MeetingState,
    MeetingSummary,
    NotFound,
    Refused,
    Release,
    ReleaseState,
)
from ocapi.modules.council.views import telling
from ocapi.modules.council.views.telling import revision_of, typed


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List all meetings, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        page = api.list_meetings(actor=actor, cursor=request.GET.get("cursor", ""))
    except InvalidCursor:
        return ui.redirect("council-desk:meetings")
    table = Table(
        caption=_("Meetings"),
        columns=(
            Column(code="body", label=_("Body")),
            Column(code="day", label=_("Planned for"), kind=ColumnKind.DATE),
            Column(code="place", label=_("Place")),
            Column(code="state", label=_("State")),
        ),
        page=PageOf(
            items=tuple(_row(each) for each in page.items), page_size=25, next_cursor=page.next_cursor
        ),
        empty_title=_("No meetings yet"),
        empty_text=_("Plan the first meeting. A body is needed for it."),
    )
    return ui.page(
        request,
        "council/meetings.html",
        table=table,
        may_write=access.may(actor, api.WRITE),
        may_set_up=access.may(actor, api.SET_UP),
    )


def _row(each: MeetingSummary) -> Row:
    return Row(
        cells=(
            Cell(text=each.body, href=reverse("council-desk:meeting", args=[each.uuid])),
            Cell(text=written.moment(each.planned_at)),
            Cell(text=each.place or "–"),
            Cell(text=telling.state(each.state), tone=telling.TONES[each.state]),
        )
    )


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a meeting."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.WRITE)
    bodies = api.list_bodies(actor=actor)
    fields = (
        Field(
            name="body",
            label=_("Body"),
            kind=FieldKind.SELECT,
            value=typed(request, "body", 40),
            options=tuple(Option(value=str(each.uuid), label=each.title) for each in bodies),
        ),
        *telling.moment_fields(request, at=None),
        Field(name="place", label=_("Place"), value=typed(request, "place", 200), required=False),
    )

    def again(status: int = 200, **more: object) -> HttpResponse:
        return telling.form(
            request,
            title=_("Plan a meeting"),
            fields=fields,
            button=_("Plan the meeting"),
            back=reverse("council-desk:meetings"),
            status=status,
            **more,
        )  # type: ignore[arg-type]

    made: list[UUID] = []

    def act() -> None:
        body = next((each.uuid for each in bodies if str(each.uuid) == typed(request, "body", 40)), None)
        if body is None:
            raise Refused(("body", "unknown"))
        made.append(
            api.plan_meeting(
                body=body,
                planned_at=telling.read_moment(request),
                place=typed(request, "place", 200),
                actor=actor,
                now=now,
            )
        )

    if request.method != "POST":
        return again()
    return telling.attempt(act, again, lambda: telling.to_meeting(made[0]))


@require_safe
def detail(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Show a meeting with all it holds and what may be done next."""
    return show(request, meeting)


def show(request: HttpRequest, meeting: UUID, *, status: int = 200, warning: str = "") -> HttpResponse:
    """Show a meeting, perhaps with why something did not happen."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        found = api.get_meeting(meeting=meeting, actor=actor, now=now)
    except NotFound:
        raise Http404 from None
    may_write = access.may(actor, api.WRITE)
    waiting = {(each.kind, each.item) for each in found.releases if each.state is ReleaseState.PREPARED}
    return ui.page(
        request,
        "council/desk.html",
        status=status,
        title=f"{found.body}, {written.in_digits(clock.local_day(found.planned_at))}",
        meeting=found,
        state=telling.state(found.state),
        tone=telling.TONES[found.state],
        warning=warning,
        facts=_facts(found),
        items=tuple(_item(each, found, waiting) for each in found.items),
        may=_may(found) if may_write else {},
        documents=tuple(_document(each) for each in found.releases),
        attendance=tuple(
            (each.holder.name, _presence(each.presence.value, each.part.value)) for each in found.attendance
        ),
        kinds=_kinds(found, waiting) if may_write else (),
        crumbs=(
            NavigationItem(label=_("Meetings"), href=reverse("council-desk:meetings")),
            NavigationItem(label=found.body, href=""),
        ),
    )


def _facts(found: Meeting) -> tuple[Definition, ...]:
    due = written.in_digits(api.due_on(meeting=found))
    rows = [
        Definition(term=_("Planned for"), value=written.moment(found.planned_at)),
        Definition(term=_("Place"), value=found.place or "–"),
    ]
    if found.started_at:
        rows.append(Definition(term=_("Opened"), value=written.moment(found.started_at)))
    if found.ended_at:
        rows.append(Definition(term=_("Closed"), value=written.moment(found.ended_at)))
    label = _("Publish the decisions by") if found.ended_at else _("Publish the agenda by")
    if found.state is not MeetingState.CANCELLED:
        rows.append(Definition(term=label, value=due))
    return tuple(rows)


def _may(found: Meeting) -> dict[str, bool]:
    state = found.state
    return {
        "edit": state in (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.OPEN),
        "remove": state is MeetingState.PLANNED,
        "attend": state in (MeetingState.CONVENED, MeetingState.OPEN, MeetingState.CLOSED),
        "open": state is MeetingState.CONVENED,
        "close": state is MeetingState.OPEN,
        "cancel": state in (MeetingState.PLANNED, MeetingState.CONVENED),
        "decide": state is not MeetingState.CANCELLED,
        "vote": state in (MeetingState.OPEN, MeetingState.CLOSED),
        "take_back": state is MeetingState.OPEN,
    }


def _item(each: Item, found: Meeting, waiting: set[tuple[DocumentKind, UUID | None]]) -> dict[str, object]:
    decision = each.decision
    can_extract = (
        found.state is MeetingState.CLOSED
        and each.is_public
        and decision is not None
        and decision.outcome is not None
    )
    return {
        "uuid": each.uuid,
        "position": each.position,
        "title": each.title,
        "description": each.description,
        "is_public": each.is_public,
        "decision": decision,
        "outcome": telling.outcome(decision.outcome) if decision else "",
        "can_extract": can_extract and (DocumentKind.EXTRACT, each.uuid) not in waiting,
        "votes": tuple(
            {
                "uuid": vote.uuid,
                "subject": vote.subject,
                "way": telling.way(vote.way),
                "for": vote.votes_for,
                "against": vote.votes_against,
                "abstained": vote.abstained,
                "outcome": telling.outcome(vote.outcome),
            }
            for vote in each.votes
        ),
    }


def _document(each: Release) -> dict[str, object]:
    tone = {ReleaseState.PREPARED: "warning", ReleaseState.PUBLISHED: "success"}.get(each.state, "neutral")
    return {
        "uuid": each.uuid,
        "title": each.title,
        "version": each.version,
        "state": telling.release_state(each.state),
        "tone": tone,
        "by": each.prepared_by_name,
        "at": written.moment(each.prepared_at),
        "is_open": each.state is not ReleaseState.WITHDRAWN,
    }


def _kinds(found: Meeting, waiting: set[tuple[DocumentKind, UUID | None]]) -> tuple[tuple[str, str], ...]:
    """Give the documents that may be prepared now: (code, label of the button)."""
    offered: dict[DocumentKind, str] = {}
    if found.state in (MeetingState.PLANNED, MeetingState.CONVENED) and found.items:
        offered[DocumentKind.AGENDA] = _("Prepare the agenda")
    if found.state is MeetingState.CLOSED:
        offered[DocumentKind.DECISION_LIST] = _("Prepare the list of decisions")
        offered[DocumentKind.MINUTES] = _("Prepare the minutes")
    return tuple((kind.value, label) for kind, label in offered.items() if (kind, None) not in waiting)


def _presence(presence: str, part: str) -> str:
    if part == "chair":
        return _("Present, chairs")
    if part == "secretary":
        return _("Present, keeps the record")
    return {"present": _("Present"), "excused": _("Excused"), "absent": _("Absent")}[presence]


@require_http_methods(["GET", "POST"])
def add_item(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Put a point on the agenda."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.WRITE)
    return _item_form(
        request,
        meeting,
        title=_("Add a point"),
        text=ItemText(title=""),
        act=lambda text, revision: api.add_item(
            meeting=meeting, text=text, revision=revision, actor=actor, now=now
        ),
    )


@require_http_methods(["GET", "POST"])
def change_item(request: HttpRequest, meeting: UUID, item: UUID) -> HttpResponse:
    """Write a point anew."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.WRITE)
    found = api.get_meeting(meeting=meeting, actor=actor, now=now)
    held = next((each for each in found.items if each.uuid == item), None)
    if held is None:
        raise Http404
    text = ItemText(
        title=held.title,
        description=held.description,
        is_public=held.is_public,
        public_title=held.public_title,
    )
    return _item_form(
        request,
        meeting,
        title=_("Change a point"),
        text=text,
        act=lambda text, revision: api.change_item(
            meeting=meeting, item=item, text=text, revision=revision, actor=actor, now=now
        ),
    )


def _item_form(
    request: HttpRequest, meeting: UUID, *, title: str, text: ItemText, act: object
) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if request.method == "POST":
        text = ItemText(
            title=typed(request, "title", 501),
            description=typed(request, "description"),
            is_public=request.POST.get("is_closed") != "on",
            public_title=typed(request, "public_title", 500),
        )
    found = api.get_meeting(meeting=meeting, actor=actor, now=now)
    fields = (
        Field(name="title", label=_("Title"), value=text.title, max_length=500),
        Field(
            name="description",
            label=_("Explanation"),
            kind=FieldKind.TEXTAREA,
            value=text.description,
            required=False,
            help=_("This text stands in the public agenda, unless the point is closed."),
        ),
        Field(
            name="is_closed",
            label=_("This point is handled behind closed doors"),
            kind=FieldKind.CHECKBOX,
            value="" if text.is_public else "on",
            required=False,
        ),
        Field(
            name="public_title",
            label=_("What the public may know of a closed point"),
            value=text.public_title,
            required=False,
            max_length=500,
            help=_("Without a name, for example “Personeelszaak”."),
        ),
    )

    def again(status: int = 200, **more: object) -> HttpResponse:
        return telling.form(
            request,
            title=title,
            lead=found.body,
            fields=fields,
            button=_("Save the point"),
            revision=found.revision,
            status=status,
            back=reverse("council-desk:meeting", args=[meeting]),
            **more,
        )  # type: ignore[arg-type]

    if request.method != "POST":
        return again()
    return telling.attempt(
        lambda: act(text, revision_of(request)),
        again,  # type: ignore[operator]
        lambda: telling.to_meeting(meeting),
    )


@require_POST
def move_item(request: HttpRequest, meeting: UUID, item: UUID) -> HttpResponse:
    """Move a point one place up or down."""
    by = -1 if request.POST.get("to") == "up" else 1
    return telling.attempt(
        lambda: api.move_item(
            meeting=meeting,
            item=item,
            by=by,
            revision=revision_of(request),
            actor=request.actor,
            now=request.now,
        ),  # type: ignore[attr-defined]
        lambda **why: show(request, meeting, status=why["status"], warning=why.get("warning", "")),
        lambda: telling.to_meeting(meeting),
    )


@require_POST
def remove_item(request: HttpRequest, meeting: UUID, item: UUID) -> HttpResponse:
    """Take a point off the agenda."""
    return telling.attempt(
        lambda: api.remove_item(
            meeting=meeting, item=item, revision=revision_of(request), actor=request.actor, now=request.now
        ),  # type: ignore[attr-defined]
        lambda **why: show(request, meeting, status=why["status"], warning=why.get("warning", "")),
        lambda: telling.to_meeting(meeting),
    )
