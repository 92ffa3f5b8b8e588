"""The door of council: bodies and mandates, meetings, documents by two persons, and what is public.

Each change asks the policy, locks the meeting, compares the revision and records itself in one transaction.
Each read of the desk leaves a consultation leaf, for points may concern persons until they are published.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.safestring import SafeString

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs.extensions import Outside
from ocapi.lib import clock, codec
from ocapi.lib.actor import Actor
from ocapi.lib.rdf.writing import Written, expanded_json, write
from ocapi.modules.council import feed, published, queries, releasing, reporting, rules, services, strict
from ocapi.modules.council.data import (
    Body,
    Counted,
    DecisionText,
    DocumentKind,
    FeedPage,
    ItemText,
    Meeting,
    MeetingPage,
    MeetingState,
    MeetingSummary,
    NewHolder,
    NotFound,
    Outcome,
    Part,
    Presence,
    Publication,
    PublicationPage,
    Release,
)
from ocapi.modules.council.models import MeetingRow, ReleaseRow
from ocapi.modules.council.names import PREFIXES, Names

READ, WRITE, PUBLISH, SET_UP = "council.read", "council.write", "council.publish", "council.set_up"
READ_PUBLIC = "council.read_public"
FIELDS = ("items", "decisions", "votes", "attendance")


def list_bodies(*, actor: Actor) -> tuple[Body, ...]:
    """Give the governing bodies with their periods, without who sits in them. Raises NotAllowed."""
    access.require(actor, READ)
    return queries.bodies(with_holders=False)


def list_mandates(*, actor: Actor, now: datetime) -> tuple[Body, ...]:
    """Give the governing bodies with everybody who holds or held a mandate; their names are public.

    Raises NotAllowed.
    """
    access.require(actor, READ_PUBLIC)
    return queries.bodies(with_holders=True)


def add_body(*, kind: str, title: str, iri: str, actor: Actor, now: datetime) -> UUID:
    """Add a governing body; raises NotAllowed, Refused. Gives its uuid."""
    access.require(actor, SET_UP)
    with transaction.atomic():
        made = services.add_body(kind=kind, title=title, iri=iri, now=now)
        _set_up(made.uuid, "body", actor, now)
    return made.uuid


def add_term(
    *, body: UUID, starts_on: date, ends_on: date | None, iri: str, actor: Actor, now: datetime
) -> UUID:
    """Add a period of office, half-open; raises NotAllowed, NotFound, Refused. Gives its uuid."""
    access.require(actor, SET_UP)
    with transaction.atomic():
        made = services.add_term(body=body, starts_on=starts_on, ends_on=ends_on, iri=iri, now=now)
        _set_up(made.uuid, "term", actor, now)
    return made.uuid


def add_holder(
    *, term: UUID, holder: NewHolder, person: UUID | None = None, actor: Actor, now: datetime
) -> UUID:
    """Let somebody take up a mandate; person: who holds another one already.

    Raises NotAllowed, NotFound, Refused. Gives the uuid of the holder.
    """
    access.require(actor, SET_UP)
    with transaction.atomic():
        made = services.add_holder(term=term, holder=holder, person=person, now=now)
        _set_up(made.uuid, "holder", actor, now)
    return made.uuid


def end_holder(*, holder: UUID, ends_on: date, actor: Actor, now: datetime) -> None:
    """Let a mandate end on a day; raises NotAllowed, NotFound, Refused."""
    access.require(actor, SET_UP)
    with transaction.atomic():
        services.end_holder(holder=holder, ends_on=ends_on)
        _set_up(holder, "holder", actor, now)


def _set_up(uuid: UUID, kind: str, actor: Actor, now: datetime) -> None:
    audit.changed(actor=actor, operation=SET_UP, resource=f"{kind}/{uuid}", now=now)


def list_meetings(*, actor: Actor, cursor: str = "") -> MeetingPage:
    """Give all meetings, newest first, without what is on their agenda. Raises NotAllowed, InvalidCursor."""
    access.require(actor, READ)
    return queries.meetings(only_public=False, cursor=cursor)


def get_meeting(*, meeting: UUID, actor: Actor, now: datetime) -> Meeting:
    """Give a meeting whole, after its consultation leaf; raises NotAllowed, NotFound."""
    access.require(actor, READ)
    row = queries.meeting_row(meeting)
    audit.consulted(
        actor=actor,
        operation=READ,
        about=(),
        fields=FIELDS,
        resource=f"meeting/{meeting}",
        now=now,
        legal_basis="legalObligation",
    )
    return queries.meeting(row, day=clock.local_day(row.planned_at))


def plan_meeting(*, body: UUID, planned_at: datetime, place: str, actor: Actor, now: datetime) -> UUID:
    """Plan a meeting; raises NotAllowed, NotFound, Refused when no period of office holds that day."""
    access.require(actor, WRITE)
    with transaction.atomic():
        row = services.plan(body=body, planned_at=planned_at, place=place, now=now)
        audit.changed(actor=actor, operation=WRITE, resource=f"meeting/{row.uuid}", now=now)
    return row.uuid


def open_meeting(*, meeting: UUID, at: datetime, revision: int, actor: Actor, now: datetime) -> None:
    """Open a convened meeting; raises NotAllowed, NotFound, NotNow, MeetingChanged."""
    _move(meeting, MeetingState.OPEN, at, revision, actor, now)


def close_meeting(*, meeting: UUID, at: datetime, revision: int, actor: Actor, now: datetime) -> None:
    """Close an open meeting that somebody led and somebody recorded.

    Raises NotAllowed, NotFound, NotNow, MeetingChanged, Refused.
    """
    _move(meeting, MeetingState.CLOSED, at, revision, actor, now)


def cancel_meeting(*, meeting: UUID, revision: int, actor: Actor, now: datetime) -> None:
    """Cancel a meeting that was not opened; raises NotAllowed, NotFound, NotNow, MeetingChanged."""
    _move(meeting, MeetingState.CANCELLED, None, revision, actor, now)


def _move(
    meeting: UUID, state: MeetingState, at: datetime | None, revision: int, actor: Actor, now: datetime
) -> None:
    def act(row: MeetingRow) -> None:
        services.move_to(row, state, at=at, whole=_whole(row))

    _change(meeting, ("state",), revision, actor, now, act)


def add_item(*, meeting: UUID, text: ItemText, revision: int | None, actor: Actor, now: datetime) -> UUID:
    """Put a point on the agenda; raises NotAllowed, NotFound, NotNow, MeetingChanged, Refused."""
    made: list[UUID] = []
    _change(
        meeting,
        ("items",),
        revision,
        actor,
        now,
        lambda row: made.append(services.add_item(row, text, now=now).uuid),
    )
    return made[0]


def change_item(
    *, meeting: UUID, item: UUID, text: ItemText, revision: int, actor: Actor, now: datetime
) -> None:
    """Write a point anew; raises NotAllowed, NotFound, NotNow, MeetingChanged, Refused."""
    _change(meeting, ("items",), revision, actor, now, lambda row: services.change_item(row, item, text))


def move_item(*, meeting: UUID, item: UUID, by: int, revision: int, actor: Actor, now: datetime) -> None:
    """Move a point up (-1) or down (1); raises NotAllowed, NotFound, NotNow, MeetingChanged."""
    _change(meeting, ("items",), revision, actor, now, lambda row: services.move_item(row, item, by=by))


def remove_item(*, meeting: UUID, item: UUID, revision: int, actor: Actor, now: datetime) -> None:
    """Take a point off before the agenda is public; raises NotAllowed, NotFound, NotNow, MeetingChanged."""
    _change(meeting, ("items",), revision, actor, now, lambda row: services.remove_item(row, item))


def record_attendance(
    *, meeting: UUID, who: Iterable[tuple[UUID, Presence, Part]], revision: int, actor: Actor, now: datetime
) -> None:
    """Write down who attends: (holder, presence, part), in place of what was written before.

    Raises NotAllowed, NotFound, NotNow, MeetingChanged, Refused.
    """
    _change(meeting, ("attendance",), revision, actor, now, lambda row: services.attend(row, who, now=now))


def write_decision(
    *,
    meeting: UUID,
    item: UUID,
    text: DecisionText,
    outcome: Outcome | None,
    revision: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the decision on a point; outcome: None while it is a draft.

    Raises NotAllowed, NotFound, NotNow, MeetingChanged, Refused with each field and why.
    """
    _change(
        meeting,
        ("decisions",),
        revision,
        actor,
        now,
        lambda row: services.decide(row, item, text, outcome, now=now),
    )


def record_vote(
    *, meeting: UUID, item: UUID, result: Counted, revision: int, actor: Actor, now: datetime
) -> None:
    """Write down a vote on a point; raises NotAllowed, NotFound, NotNow, MeetingChanged, Refused."""

    def act(row: MeetingRow) -> None:
        services.vote(row, item, result, whole=_whole(row), now=now)

    _change(meeting, ("votes",), revision, actor, now, act)


def take_back_vote(*, meeting: UUID, vote: UUID, revision: int, actor: Actor, now: datetime) -> None:
    """Take back a vote while the meeting is open; raises NotAllowed, NotFound, NotNow, MeetingChanged."""
    _change(meeting, ("votes",), revision, actor, now, lambda row: services.take_back_vote(row, vote))


def prepare_document(
    *, meeting: UUID, kind: DocumentKind, item: UUID | None, actor: Actor, now: datetime
) -> UUID:
    """Prepare a document for a second person; an earlier draft of it is withdrawn. Gives the release's uuid.

    Raises NotAllowed, NotFound, NotNow, Refused with what is missing.
    """
    made: list[UUID] = []
    _change(
        meeting,
        ("documents",),
        None,
        actor,
        now,
        lambda row: made.append(releasing.prepare(row, kind, item, actor=actor, now=now).uuid),
    )
    return made[0]


def get_release(*, release: UUID, actor: Actor, now: datetime) -> tuple[UUID, Release]:
    """Give a document and the uuid of its meeting, after its leaf; raises NotAllowed, NotFound."""
    access.require(actor, READ)
    audit.consulted(
        actor=actor,
        operation=READ,
        about=(),
        fields=("documents",),
        resource=f"release/{release}",
        now=now,
        legal_basis="legalObligation",
    )
    found = _release(release)
    return found.meeting.uuid, queries.release_of(found)


def preview(*, release: UUID, actor: Actor, now: datetime) -> str:
    """Give the document that would be published, as HTML; raises NotAllowed, NotFound."""
    access.require(actor, READ)
    found = _release(release)
    audit.consulted(
        actor=actor,
        operation=READ,
        about=(),
        fields=FIELDS,
        resource=f"release/{release}",
        now=now,
        legal_basis="legalObligation",
    )
    row = queries.meeting_row(found.meeting.uuid)
    return found.html or releasing.shown(found, row)


def publish_document(*, release: UUID, actor: Actor, now: datetime) -> None:
    """Publish what somebody else prepared; emits DocumentPublished.

    Raises NotAllowed, NotFound, SamePerson, ChangedSincePrepared, NotNow, Refused.
    """
    access.require(actor, PUBLISH)
    with transaction.atomic():
        found = _release(release)
        row = services.locked(found.meeting.uuid, revision=None)
        releasing.publish(found, row, actor=actor, now=now)
        services.changed(row, operation=PUBLISH, fields=("documents",), actor=actor, now=now)


def withdraw_document(*, release: UUID, actor: Actor, now: datetime) -> None:
    """Give up what was prepared and is not public; raises NotAllowed, NotFound."""
    access.require(actor, WRITE)
    with transaction.atomic():
        found = _release(release)
        releasing.withdraw(found)
        services.changed(found.meeting, operation=WRITE, fields=("documents",), actor=actor, now=now)


def _release(release: UUID) -> ReleaseRow:
    row = ReleaseRow.objects.select_related("meeting").filter(uuid=release).first()
    if row is None:
        raise NotFound(str(release))
    return row


def list_public_meetings(*, actor: Actor, cursor: str = "", body: UUID | None = None) -> MeetingPage:
    """Give the meetings of which something is public, newest first. Raises NotAllowed, InvalidCursor."""
    access.require(actor, READ_PUBLIC)
    return queries.meetings(only_public=True, cursor=cursor, body=body)


def get_public_meeting(*, meeting: UUID, actor: Actor) -> MeetingSummary:
    """Give a meeting with its published documents; raises NotAllowed, NotFound."""
    access.require(actor, READ_PUBLIC)
    return queries.public_summary(meeting)


def get_publication(
    *, actor: Actor, document: UUID | None = None, release: UUID | None = None
) -> Publication:
    """Give a document in its newest version, or one version of it; raises NotAllowed, NotFound."""
    access.require(actor, READ_PUBLIC)
    return queries.publication(document=document, release=release)


def write_statements(*, publication: Publication, media_type: str) -> str:
    """Give what a document says as linked data; media_type: one of `lib.rdf.writing`, or JSON-LD."""
    name = releasing.names().of("publicatie", publication.release.document)
    graph = published.statements(publication.html, address=name)
    if media_type == feed.JSON_LD:
        return codec.encode_json(expanded_json(graph)).decode()
    return write(graph, format=Written(media_type), prefixes=PREFIXES)


def to_markup(*, html: str) -> SafeString:
    """Give a document of this module as markup for a page."""
    return published.markup(html)


def list_publications(
    *, kind: DocumentKind, actor: Actor, cursor: str = "", limit: int = 20
) -> PublicationPage:
    """Give published documents of a kind, newest first, 1 to 100 a page. Raises NotAllowed, InvalidCursor."""
    access.require(actor, READ_PUBLIC)
    return queries.publications(kind=kind, cursor=cursor, limit=min(max(limit, 1), 100))


def get_feed(*, number: int | None, media_type: str, actor: Actor) -> FeedPage:
    """Give a page of the feed of publications, or its root; raises NotAllowed, NotFound."""
    access.require(actor, READ_PUBLIC)
    return feed.page(number, media_type=media_type, base=releasing.names().base)


def get_strict_feed(*, number: int | None, media_type: str, actor: Actor) -> FeedPage:
    """Give a page of the feed in strict TREE, 1 the oldest, or its root; raises NotAllowed, NotFound."""
    access.require(actor, READ_PUBLIC)
    base = releasing.names().base
    if number is None:
        return strict.root(media_type=media_type, base=base)
    return strict.page(number, media_type=media_type, base=base)


def find_page(*, kind: str, uuid: UUID) -> str | None:
    """Give the path of the page that shows a thing of the web of data, or None while it is not public."""
    return queries.find_path(kind=kind, uuid=uuid)


def get_names() -> Names:
    """Give the names of the bound organization's things on the web of data."""
    return releasing.names()


def due_on(*, meeting: Meeting) -> date:
    """Give the last day to publish the agenda, or once a meeting was held the list of its decisions."""
    if meeting.ended_at is None:
        return rules.due_agenda(clock.local_day(meeting.planned_at))
    return rules.due_decisions(clock.local_day(meeting.ended_at))


def report_to(*, endpoint: str, publisher: str, key: str, now: datetime) -> None:
    """Say where publications are reported, for the operator; an empty endpoint stops it. Raises Refused."""
    reporting.report_to(endpoint=endpoint, publisher=publisher, key=key, now=now)


def report_due(*, now: datetime) -> Outside | None:
    """Report the publication that waits longest, for the job; gives what is sent. Once it arrived the next
    follows.
    """
    return reporting.report(now=now)


def _whole(row: MeetingRow) -> Meeting:
    return queries.meeting(row, day=clock.local_day(row.planned_at))


def _change(
    meeting: UUID,
    fields: tuple[str, ...],
    revision: int | None,
    actor: Actor,
    now: datetime,
    act: Callable[[MeetingRow], object],
) -> None:
    access.require(actor, WRITE)
    with transaction.atomic():
        row = services.locked(meeting, revision=revision)
        act(row)
        services.changed(row, operation=WRITE, fields=fields, actor=actor, now=now)
