"""What the desk says: states, refusals and how to repair them, and the page of a form."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldError, FieldKind, NavigationItem
from ocapi.lib import written
from ocapi.lib.clock import BRUSSELS
from ocapi.modules.council.data import (
    Choice,
    MeetingChanged,
    MeetingState,
    NotFound,
    NotNow,
    Outcome,
    Refused,
    ReleaseState,
    Way,
)

TONES = {
    MeetingState.PLANNED: "neutral",
    MeetingState.CONVENED: "info",
    MeetingState.OPEN: "warning",
    MeetingState.CLOSED: "success",
    MeetingState.CANCELLED: "error",
}
UNPROCESSABLE, CONFLICT = 422, 409


def state(of: MeetingState) -> str:
    """Give a state in words."""
    return {
        MeetingState.PLANNED: _("Planned"),
        MeetingState.CONVENED: _("Agenda published"),
        MeetingState.OPEN: _("In session"),
        MeetingState.CLOSED: _("Held"),
        MeetingState.CANCELLED: _("Cancelled"),
    }[of]


def release_state(of: ReleaseState) -> str:
    """Give the state of a document in words."""
    return {
        ReleaseState.PREPARED: _("Waits for a second person"),
        ReleaseState.PUBLISHED: _("Made public"),
        ReleaseState.WITHDRAWN: _("Withdrawn"),
    }[of]


def outcome(of: Outcome | None) -> str:
    """Give an outcome in words; a draft has none."""
    if of is None:
        return _("Draft")
    return {
        Outcome.ADOPTED: _("Adopted"),
        Outcome.REJECTED: _("Rejected"),
        Outcome.POSTPONED: _("Postponed"),
    }[of]


def way(of: Way) -> str:
    """Give the way of a vote in words."""
    return {Way.NAMED: _("By name"), Way.HANDS: _("Show of hands"), Way.SECRET: _("Secret")}[of]


def choice(of: Choice) -> str:
    """Give a choice in words."""
    return {Choice.FOR: _("For"), Choice.AGAINST: _("Against"), Choice.ABSTAINED: _("Abstained")}[of]


def refusal(field: str, code: str) -> str:
    """Give what is wrong and how to repair it."""
    known, _colon, detail = code.partition(":")
    if known == "open":
        return _("Point {number} has no outcome yet. Record a vote or choose an outcome.").format(
            number=detail
        )
    by_field = {
        ("chair", "missing"): _("Nobody chairs the meeting. Choose a chair under Attendance."),
        ("secretary", "missing"): _("Nobody keeps the record. Choose a secretary under Attendance."),
        ("items", "missing"): _("The agenda is empty. Add a point first."),
        ("articles", "missing"): _("Write at least one article."),
        ("choices", "missing"): _("Choose what each member voted."),
        ("item", "closed"): _("A closed point gets no public extract."),
        ("item", "notDecided"): _("There is no outcome yet. Record a vote or choose an outcome."),
    }
    general = {
        "missing": _("Fill in this field."),
        "unknown": _("Choose one of the list."),
        "tooLong": _("Make this text shorter."),
        "tooMany": _("This is too much for one meeting. Plan a second one."),
        "nationalNumber": _("This text holds a national number. Take it out: the text becomes public."),
        "notAnAddress": _("Write an address that starts with https://."),
        "beforeStart": _("The end must come after the start."),
        "meetsAnother": _("This period meets another one of the same body. Choose other days."),
        "outsideTerm": _("This day is outside the period of office."),
        "noTerm": _("The body has no period of office on this day. Add one under Bodies."),
        "numberTwice": _("Two articles have the same number."),
        "notADay": _("Write the day as dd/mm/yyyy, for example 07/03/2027."),
        "notATime": _("Write the time as hours:minutes, for example 20:00."),
        "notANumber": _("Write a whole number, for example 12."),
        "notPresent": _("Only who is present can do this. Check the attendance."),
        "twice": _("Only one person can do this."),
        "notAHolder": _("Somebody in this list holds no mandate on the day of the meeting."),
        "hasVoted": _("Somebody who voted must stay present. Take back the vote first."),
        "moreThanPresent": _("There are more votes than members present. Check the numbers."),
        "nobodyVoted": _("Write down at least one vote."),
        "negative": _("A number of votes cannot be below zero."),
        "notNamed": _("Only a vote by name keeps who voted what."),
        "notHeld": _("A decision gets an outcome once the meeting is open."),
        "notTheVote": _("This is not what the vote says. Choose the same, or postponed."),
    }
    return by_field.get((field, known)) or general.get(known) or _("Check this field.")


def form(
    request: HttpRequest,
    *,
    title: str,
    fields: Sequence[Field],
    button: str,
    back: str,
    lead: str = "",
    revision: int = 0,
    status: int = 200,
    problems: Sequence[tuple[str, str]] = (),
    warning: str = "",
) -> HttpResponse:
    """Answer with a form; problems stand at their field, the others on top."""
    told = {name: refusal(name, code) for name, code in problems}
    shown = tuple(replace(each, error=told.get(each.name, each.error)) for each in fields)
    names = {each.name for each in fields}
    others = tuple(
        FieldError(text=text, field_id="inhoud") for name, text in told.items() if name not in names
    )
    return ui.page(
        request,
        "council/form.html",
        status=status,
        title=title,
        lead=lead,
        fields=shown,
        button=button,
        back=back,
        revision=revision,
        errors=(*shown, *others),
        warning=warning,
        crumbs=(
            NavigationItem(label=_("Meetings"), href=reverse("council-desk:meetings")),
            NavigationItem(label=title, href=""),
        ),
    )


def attempt(
    act: Callable[[], object], again: Callable[..., HttpResponse], done: Callable[[], HttpResponse]
) -> HttpResponse:
    """Do a change and answer `done`, or the form again with what was wrong; unknown things are a 404."""
    try:
        act()
    except NotFound:
        raise Http404 from None
    except Refused as refused:
        return again(status=UNPROCESSABLE, problems=refused.problems)
    except MeetingChanged:
        return again(
            status=CONFLICT,
            warning=_("Somebody changed this meeting in the meantime. What was typed is still here."),
        )
    except NotNow as refused:
        return again(status=CONFLICT, warning=not_now(refused.state))
    return done()


def not_now(of: MeetingState) -> str:
    """Say that the state does not allow it."""
    return _("This is not possible while the meeting is “{state}”. Nothing was changed.").format(
        state=state(of)
    )


def to_meeting(meeting: UUID) -> HttpResponse:
    """Lead back to the page of a meeting."""
    return ui.redirect("council-desk:meeting", meeting=meeting)


def revision_of(request: HttpRequest) -> int:
    """Give the revision the page was made for; 0, which never is one, when it is missing or odd."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def typed(request: HttpRequest, name: str, limit: int = 200_000) -> str:
    """Give a text as typed, without white space around it."""
    return request.POST.get(name, "").replace("\r\n", "\n").strip()[:limit]


def read_moment(request: HttpRequest) -> datetime:
    """Read `day` and `time` as an instant in Brussels; raises Refused for what is none."""
    day = written.read_day(typed(request, "day", 20))
    hour, colon, minute = typed(request, "time", 5).replace(".", ":").partition(":")
    problems = []
    if day is None:
        problems.append(("day", "notADay"))
    is_time = colon and hour.isascii() and minute.isascii() and hour.isdigit() and minute.isdigit()
    if not is_time or int(hour) > 23 or int(minute) > 59:
        problems.append(("time", "notATime"))
    if problems or day is None:
        raise Refused(*problems)
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=BRUSSELS)


def moment_fields(request: HttpRequest, *, at: datetime | None) -> tuple[Field, Field]:
    """Give day and time as fields, as typed or else as they stand."""
    local = at.astimezone(BRUSSELS) if at else None
    return (
        Field(
            name="day",
            label=_("Day"),
            kind=FieldKind.DATE,
            help=_("For example 07/03/2027."),
            value=typed(request, "day", 20) or (written.in_digits(local.date()) if local else ""),
        ),
        Field(
            name="time",
            label=_("Time"),
            width="short",
            help=_("For example 20:00."),
            value=typed(request, "time", 5) or (f"{local:%H:%M}" if local else ""),
        ),
    )
