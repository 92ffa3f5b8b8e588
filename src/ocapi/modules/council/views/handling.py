"""Desk: holding a meeting: attendance, opening and closing, decisions and votes."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ocapi.kernel.access import api as access
from ocapi.kernel.ui.data import Field, FieldKind, Option
from ocapi.lib import written
from ocapi.modules.council import api, procedure, rules
from ocapi.modules.council.data import (
    Article,
    Choice,
    Counted,
    Decision,
    DecisionText,
    Holder,
    Item,
    LegalGround,
    Meeting,
    NotFound,
    Outcome,
    Part,
    Presence,
    Refused,
    Way,
)
from ocapi.modules.council.views import meetings, telling
from ocapi.modules.council.views.telling import revision_of, typed

THERE = {
    "member": (Presence.PRESENT, Part.MEMBER),
    "chair": (Presence.PRESENT, Part.CHAIR),
    "secretary": (Presence.PRESENT, Part.SECRETARY),
    "excused": (Presence.EXCUSED, Part.MEMBER),
    "absent": (Presence.ABSENT, Part.MEMBER),
}


def _read(request: HttpRequest, meeting: UUID) -> Meeting:
    access.require(request.actor, api.WRITE)  # type: ignore[attr-defined]
    try:
        return api.get_meeting(meeting=meeting, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None


def _form(
    request: HttpRequest,
    found: Meeting,
    title: str,
    fields: tuple[Field, ...],
    button: str,
    act: Callable[[], object],
    lead: str = "",
) -> HttpResponse:
    def again(status: int = 200, **more: object) -> HttpResponse:
        return telling.form(
            request,
            title=title,
            lead=lead or found.body,
            fields=fields,
            button=button,
            status=status,
            revision=found.revision,
            back=reverse("council-desk:meeting", args=[found.uuid]),
            **more,
        )  # type: ignore[arg-type]

    if request.method != "POST":
        return again()
    return telling.attempt(act, again, lambda: telling.to_meeting(found.uuid))


@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Write down who attends."""
    found = _read(request, meeting)
    known = {each.holder.uuid: each for each in found.attendance}

    def now_of(holder: UUID) -> str:
        held = known.get(holder)
        if held is None:
            return "member"
        return held.part.value if held.presence is Presence.PRESENT else held.presence.value

    options = (
        Option(value="member", label=_("Present")),
        Option(value="chair", label=_("Present, chairs")),
        Option(value="secretary", label=_("Present, keeps the record")),
        Option(value="excused", label=_("Excused")),
        Option(value="absent", label=_("Absent")),
    )
    fields = tuple(
        Field(
            name=f"h-{each.uuid}",
            label=f"{each.name} ({_role(each.role)})",
            kind=FieldKind.SELECT,
            value=typed(request, f"h-{each.uuid}", 20) or now_of(each.uuid),
            options=options,
        )
        for each in found.holders
    )

    def act() -> None:
        who = [
            (each.uuid, *THERE.get(typed(request, f"h-{each.uuid}", 20), THERE["absent"]))
            for each in found.holders
        ]
        api.record_attendance(
            meeting=meeting, who=who, revision=revision_of(request), actor=request.actor, now=request.now
        )  # type: ignore[attr-defined]

    return _form(request, found, _("Attendance"), fields, _("Save the attendance"), act)


def _role(code: str) -> str:
    found = rules.role(code)
    return found.title if found else code


@require_http_methods(["GET", "POST"])
def open_meeting(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Open a meeting at the moment it began."""
    found = _read(request, meeting)

    def act() -> None:
        api.open_meeting(
            meeting=meeting,
            at=telling.read_moment(request),
            revision=revision_of(request),
            actor=request.actor,
            now=request.now,
        )  # type: ignore[attr-defined]

    fields = telling.moment_fields(request, at=found.planned_at)
    return _form(request, found, _("Open the meeting"), fields, _("Open the meeting"), act)


@require_http_methods(["GET", "POST"])
def close_meeting(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Close a meeting at the moment it ended."""
    found = _read(request, meeting)
    at: datetime | None = found.started_at

    def act() -> None:
        api.close_meeting(
            meeting=meeting,
            at=telling.read_moment(request),
            revision=revision_of(request),
            actor=request.actor,
            now=request.now,
        )  # type: ignore[attr-defined]

    return _form(
        request,
        found,
        _("Close the meeting"),
        telling.moment_fields(request, at=at),
        _("Close the meeting"),
        act,
    )


@require_POST
def cancel_meeting(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Cancel a meeting that was not opened."""
    return telling.attempt(
        lambda: api.cancel_meeting(
            meeting=meeting,
            revision=revision_of(request),
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,
        ),  # type: ignore[attr-defined]
        lambda **why: meetings.show(request, meeting, status=why["status"], warning=why.get("warning", "")),
        lambda: telling.to_meeting(meeting),
    )


def _item(found: Meeting, item: UUID) -> Item:
    held = next((each for each in found.items if each.uuid == item), None)
    if held is None:
        raise Http404
    return held


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, meeting: UUID, item: UUID) -> HttpResponse:
    """Write the decision on a point."""
    found = _read(request, meeting)
    held = _item(found, item)
    chosen = typed(request, "outcome", 20)

    def act() -> None:
        outcome = Outcome(chosen) if chosen in {each.value for each in Outcome} else None
        api.write_decision(
            meeting=meeting,
            item=item,
            text=_decision(request),
            outcome=outcome,
            revision=revision_of(request),
            actor=request.actor,
            now=request.now,
        )  # type: ignore[attr-defined]

    return _form(
        request,
        found,
        _("Write the decision"),
        _decision_fields(request, held),
        _("Save the decision"),
        act,
        lead=f"{held.position}. {held.title}",
    )


def _decision(request: HttpRequest) -> DecisionText:
    lines = [line.strip() for line in typed(request, "grounds").splitlines() if line.strip()]
    parts = [part.strip() for part in typed(request, "articles").split("\n\n") if part.strip()]
    return DecisionText(
        type=typed(request, "type", 40),
        title=typed(request, "title", 500),
        summary=typed(request, "summary"),
        motivation=typed(request, "motivation"),
        articles=tuple(
            Article(number=str(place), text=" ".join(part.split())) for place, part in enumerate(parts, 1)
        ),
        grounds=tuple(_ground(line) for line in lines[:100]),
        in_force_on=_day(request, "in_force_on"),
        no_longer_in_force_on=_day(request, "no_longer_in_force_on"),
        plan_action=typed(request, "plan_action", 60),
    )


def _ground(line: str) -> LegalGround:
    title, _bar, url = line.partition("|")
    return LegalGround(title=title.strip()[:500], url=url.strip()[:500])


def _day(request: HttpRequest, name: str) -> date | None:
    text = typed(request, name, 20)
    found = written.read_day(text)
    if text and found is None:
        raise Refused((name, "notADay"))
    return found


def _decision_fields(request: HttpRequest, held: Item) -> tuple[Field, ...]:
    known = held.decision

    def value(name: str, stored: str) -> str:
        return typed(request, name) if request.method == "POST" else stored

    types = tuple(Option(value=each.code, label=each.title) for each in rules.shipped().decision_types)
    return (
        Field(
            name="type",
            label=_("Kind of decision"),
            kind=FieldKind.SELECT,
            options=types,
            value=value("type", known.type if known else "other"),
        ),
        Field(
            name="title",
            label=_("Title"),
            value=value("title", known.title if known else held.title),
            max_length=500,
        ),
        *_text_fields(known, value),
        *_fact_fields(held, value),
    )


def _text_fields(known: Decision | None, value: Callable[[str, str], str]) -> tuple[Field, ...]:
    texts = (
        ("summary", _("In short"), known.summary if known else "", 2, False, ""),
        (
            "motivation",
            _("Why"),
            known.motivation if known else "",
            8,
            True,
            _("Facts, reasons and considerations. An empty line starts a new paragraph."),
        ),
        (
            "articles",
            _("Articles"),
            _articles(known),
            8,
            True,
            _("An empty line starts the next article. The numbers are added."),
        ),
        (
            "grounds",
            _("Legal grounds"),
            _grounds(known),
            3,
            False,
            _("One a line. Put an address after a bar: Decreet over het lokaal bestuur | https://…"),
        ),
    )
    return tuple(
        Field(
            name=name,
            label=label,
            kind=FieldKind.TEXTAREA,
            value=value(name, stored),
            rows=rows,
            required=required,
            help=advice,
        )
        for name, label, stored, rows, required, advice in texts
    )


def _fact_fields(held: Item, value: Callable[[str, str], str]) -> tuple[Field, ...]:
    known = held.decision
    settled = known.outcome.value if known and known.outcome and not held.votes else ""
    outcomes = (
        Option(value="", label=_("Draft, or as the vote says")),
        *(Option(value=each.value, label=telling.outcome(each)) for each in Outcome),
    )
    return (
        Field(
            name="in_force_on",
            label=_("In force from"),
            kind=FieldKind.DATE,
            required=False,
            value=value("in_force_on", _digits(known.in_force_on if known else None)),
            help=_("Empty: a regulation on the fifth day after publication, another decision at once."),
        ),
        Field(
            name="no_longer_in_force_on",
            label=_("No longer in force from"),
            kind=FieldKind.DATE,
            required=False,
            value=value("no_longer_in_force_on", _digits(known.no_longer_in_force_on if known else None)),
        ),
        Field(
            name="plan_action",
            label=_("Action of the multi-year plan"),
            required=False,
            max_length=60,
            value=value("plan_action", known.plan_action if known else ""),
        ),
        Field(
            name="outcome",
            label=_("Outcome of the point"),
            kind=FieldKind.SELECT,
            options=outcomes,
            required=False,
            value=value("outcome", settled),
        ),
    )


def _articles(known: Decision | None) -> str:
    return "\n\n".join(each.text for each in known.articles) if known else ""


def _grounds(known: Decision | None) -> str:
    if known is None:
        return ""
    return "\n".join(f"{each.title} | {each.url}" if each.url else each.title for each in known.grounds)


def _digits(day: date | None) -> str:
    return written.in_digits(day) if day else ""


@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, meeting: UUID, item: UUID) -> HttpResponse:
    """Write down a vote on a point."""
    found = _read(request, meeting)
    held = _item(found, item)
    voters = tuple(each.holder for each in procedure.voters_of(found))

    def act() -> None:
        api.record_vote(
            meeting=meeting,
            item=item,
            result=_counted(request, voters),
            revision=revision_of(request),
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
        )

    return _form(
        request,
        found,
        _("Write down a vote"),
        (*_vote_fields(request, held), *_ballot_fields(request, voters)),
        _("Save the vote"),
        act,
        lead=f"{held.position}. {held.title}",
    )


def _vote_fields(request: HttpRequest, held: Item) -> tuple[Field, ...]:
    counts = (("votes_for", _("For")), ("votes_against", _("Against")), ("abstained", _("Abstained")))
    return (
        Field(
            name="subject",
            label=_("About"),
            max_length=500,
            value=typed(request, "subject", 500) or held.title,
        ),
        Field(
            name="way",
            label=_("How"),
            kind=FieldKind.RADIO,
            value=typed(request, "way", 20) or Way.HANDS.value,
            options=tuple(Option(value=each.value, label=telling.way(each)) for each in Way),
        ),
        *(
            Field(
                name=name,
                label=label,
                kind=FieldKind.NUMBER,
                required=False,
                value=typed(request, name, 6),
                help=_("Not for a vote by name."),
            )
            for name, label in counts
        ),
    )


def _ballot_fields(request: HttpRequest, voters: tuple[Holder, ...]) -> tuple[Field, ...]:
    choices = (
        Option(value="", label=_("Did not vote")),
        *(Option(value=each.value, label=telling.choice(each)) for each in Choice),
    )
    return tuple(
        Field(
            name=f"v-{each.uuid}",
            label=each.name,
            kind=FieldKind.SELECT,
            required=False,
            value=typed(request, f"v-{each.uuid}", 20),
            options=choices,
            help=_("Only for a vote by name."),
        )
        for each in voters
    )


def _counted(request: HttpRequest, voters: tuple[Holder, ...]) -> Counted:
    """Read a vote: counts, or who chose what when it was by name; raises Refused."""
    way = typed(request, "way", 20)
    if way not in {each.value for each in Way}:
        raise Refused(("way", "unknown"))
    if way == Way.NAMED.value:
        cast = ((each.uuid, typed(request, f"v-{each.uuid}", 20)) for each in voters)
        known = {each.value for each in Choice}
        choices = tuple((holder, Choice(chosen)) for holder, chosen in cast if chosen in known)
        return Counted(subject=typed(request, "subject", 500), way=Way.NAMED, choices=choices)
    return Counted(
        subject=typed(request, "subject", 500),
        way=Way(way),
        votes_for=_count(request, "votes_for"),
        votes_against=_count(request, "votes_against"),
        abstained=_count(request, "abstained"),
    )


def _count(request: HttpRequest, name: str) -> int:
    text = typed(request, name, 6) or "0"
    if not text.isascii() or not text.isdigit():
        raise Refused((name, "notANumber"))
    return int(text)


@require_POST
def take_back(request: HttpRequest, meeting: UUID, vote: UUID) -> HttpResponse:
    """Take back a vote that was written down wrongly."""
    return telling.attempt(
        lambda: api.take_back_vote(
            meeting=meeting, vote=vote, revision=revision_of(request), actor=request.actor, now=request.now
        ),  # type: ignore[attr-defined]
        lambda **why: meetings.show(request, meeting, status=why["status"], warning=why.get("warning", "")),
        lambda: telling.to_meeting(meeting),
    )
