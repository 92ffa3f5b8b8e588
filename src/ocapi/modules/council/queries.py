"""Reads of council: query sets to data. The only place that knows joins."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from ocapi.lib import codec
from ocapi.modules.council.data import (
    Article,
    Attendance,
    Ballot,
    Body,
    Choice,
    Decision,
    DocumentKind,
    Holder,
    InvalidCursor,
    Item,
    LegalGround,
    Meeting,
    MeetingPage,
    MeetingState,
    MeetingSummary,
    NotFound,
    Outcome,
    Part,
    Presence,
    Publication,
    PublicationPage,
    Release,
    ReleaseState,
    SubmissionState,
    Term,
    Vote,
    Way,
)
from ocapi.modules.council.models import (
    AttendanceRow,
    BallotRow,
    BodyRow,
    DecisionRow,
    HolderRow,
    ItemRow,
    MeetingRow,
    ReleaseRow,
    SubmissionRow,
    TermRow,
    VoteRow,
)

MOST = 2000  # holders, items or documents of one thing; a council counts 55 members at most
PAGE_SIZE = 25
TOLD = ("document", "kind", "version", "state", "title", "item", "digest", "prepared_at", "published_at")


def bodies(*, with_holders: bool) -> tuple[Body, ...]:
    """Give the bodies by title, with their periods, newest first."""
    terms: dict[int, list[Term]] = defaultdict(list)
    for row in TermRow.objects.select_related("body").order_by("-starts_on", "id")[:MOST]:
        terms[row.body_id].append(_term(row))
    held: dict[int, list[Holder]] = defaultdict(list)
    if with_holders:
        for row in _holder_rows().order_by("mandate__term__body", "family_name", "given_name", "id")[:MOST]:
            held[row.mandate.term.body_id].append(_holder(row))
    return tuple(
        Body(
            uuid=row.uuid,
            kind=row.kind,
            title=row.title,
            iri=row.iri,
            terms=tuple(terms[row.id]),
            holders=tuple(held[row.id]),
        )
        for row in BodyRow.objects.order_by("title", "id")[:MOST]
    )


def _holder_rows() -> QuerySet[HolderRow]:
    return HolderRow.objects.select_related("mandate__term__body")


def holders_of(term: TermRow, *, on: date) -> tuple[Holder, ...]:
    """Give who holds a mandate in a body in time on a day, by name."""
    rows = _holder_rows().filter(mandate__term=term, starts_on__lte=on)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
    return tuple(_holder(row) for row in rows.order_by("family_name", "given_name", "id")[:MOST])


def _holder(row: HolderRow) -> Holder:
    return Holder(
        uuid=row.uuid,
        mandate=row.mandate.uuid,
        person=row.person,
        given_name=row.given_name,
        family_name=row.family_name,
        faction=row.faction,
        role=row.mandate.role,
        status=row.status,
        rank=row.rank,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _term(row: TermRow) -> Term:
    return Term(uuid=row.uuid, body=row.body.uuid, iri=row.iri, starts_on=row.starts_on, ends_on=row.ends_on)


def meetings(*, only_public: bool, cursor: str, body: UUID | None = None) -> MeetingPage:
    """Give meetings, newest first, a page at a time.

    only_public: those of which something was published, with what was published last.
    """
    rows = MeetingRow.objects.select_related("term__body")
    if only_public:
        published = ReleaseRow.objects.filter(state=ReleaseState.PUBLISHED.value).values("meeting")
        rows = rows.filter(id__in=published)
    if body is not None:
        rows = rows.filter(term__body__uuid=body)
    if cursor:
        at, number = _position(cursor)
        rows = rows.filter(Q(planned_at__lt=at) | Q(planned_at=at, id__lt=number))
    found = list(rows.order_by("-planned_at", "-id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    told: dict[int, list[Release]] = defaultdict(list)
    if only_public:
        ids = [row.id for row in shown]
        for release in newest(ReleaseRow.objects.filter(meeting__in=ids)):
            told[release.meeting_id].append(_told(release))
    last = shown[-1] if len(found) > PAGE_SIZE else None
    return MeetingPage(
        items=tuple(_summary(row, tuple(told[row.id])) for row in shown),
        next_cursor=_cursor(last.planned_at, last.id) if last else "",
    )


def _cursor(at: datetime | None, number: int) -> str:
    assert at is not None
    return codec.canonical_json([at.isoformat(), number]).hex()


def _position(cursor: str) -> tuple[datetime, int]:
    try:
        at, number = codec.decode_json(bytes.fromhex(cursor), tuple[str, int])
        found = datetime.fromisoformat(at)
    except ValueError:
        raise InvalidCursor(cursor) from None
    if found.tzinfo is None:
        raise InvalidCursor(cursor)
    return found, number


def _summary(row: MeetingRow, documents: tuple[Release, ...]) -> MeetingSummary:
    return MeetingSummary(
        uuid=row.uuid,
        body=row.term.body.title,
        body_kind=row.term.body.kind,
        planned_at=row.planned_at,
        place=row.place,
        state=MeetingState(row.state),
        documents=documents,
    )


def meeting_row(meeting: UUID) -> MeetingRow:
    """Give a meeting's row; raises NotFound."""
    row = MeetingRow.objects.select_related("term__body").filter(uuid=meeting).first()
    if row is None:
        raise NotFound(str(meeting))
    return row


def public_summary(meeting: UUID) -> MeetingSummary:
    """Give a meeting of which something was published, with what was published last; raises NotFound."""
    row = meeting_row(meeting)
    told = tuple(_told(each) for each in newest(ReleaseRow.objects.filter(meeting=row)))
    if not told:
        raise NotFound(str(meeting))
    return _summary(row, told)


def meeting(row: MeetingRow, *, day: date) -> Meeting:
    """Give a meeting with all it holds, and who held a mandate on that day."""
    term = row.term
    attending = AttendanceRow.objects.filter(meeting=row).select_related("holder__mandate__term__body")
    return Meeting(
        uuid=row.uuid,
        body=term.body.title,
        body_kind=term.body.kind,
        planned_at=row.planned_at,
        place=row.place,
        state=MeetingState(row.state),
        of=Body(uuid=term.body.uuid, kind=term.body.kind, title=term.body.title, iri=term.body.iri),
        term=_term(term),
        started_at=row.started_at,
        ended_at=row.ended_at,
        revision=row.revision,
        items=_items(row),
        attendance=tuple(
            Attendance(holder=_holder(each.holder), presence=Presence(each.presence), part=Part(each.part))
            for each in attending.order_by("holder__family_name", "holder__given_name", "id")[:MOST]
        ),
        holders=holders_of(term, on=day),
        releases=releases(row),
    )


def _items(row: MeetingRow) -> tuple[Item, ...]:
    decisions = {each.item_id: each for each in DecisionRow.objects.filter(item__meeting=row)[:MOST]}
    ballots: dict[int, list[Ballot]] = defaultdict(list)
    cast = BallotRow.objects.filter(vote__item__meeting=row).select_related("holder__mandate__term__body")
    for each in cast.order_by("holder__family_name", "holder__given_name", "id")[: MOST * 10]:
        ballots[each.vote_id].append(Ballot(holder=_holder(each.holder), choice=Choice(each.choice)))
    votes: dict[int, list[Vote]] = defaultdict(list)
    for vote in VoteRow.objects.filter(item__meeting=row).order_by("id")[:MOST]:
        votes[vote.item_id].append(
            Vote(
                uuid=vote.uuid,
                subject=vote.subject,
                way=Way(vote.way),
                votes_for=vote.votes_for,
                votes_against=vote.votes_against,
                abstained=vote.abstained,
                outcome=Outcome(vote.outcome),
                ballots=tuple(ballots[vote.id]),
            )
        )
    return tuple(
        Item(
            uuid=item.uuid,
            position=item.position,
            title=item.title,
            description=item.description,
            is_public=item.is_public,
            public_title=item.public_title,
            decision=_decision(decisions[item.id]) if item.id in decisions else None,
            votes=tuple(votes[item.id]),
        )
        for item in ItemRow.objects.filter(meeting=row).order_by("position", "id")[:MOST]
    )


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        uuid=row.uuid,
        type=row.type,
        title=row.title,
        summary=row.summary,
        motivation=row.motivation,
        grounds=tuple(LegalGround(title=title, url=url) for title, url in row.grounds),
        articles=tuple(Article(number=number, text=text) for number, text in row.articles),
        outcome=Outcome(row.outcome) if row.outcome else None,
        in_force_on=row.in_force_on,
        no_longer_in_force_on=row.no_longer_in_force_on,
        plan_action=row.plan_action,
        principles=tuple(row.principles),
    )


def item_of(decision_or_item: UUID) -> UUID | None:
    """Give the point that a decision, or the point itself, belongs to."""
    rows = ItemRow.objects.filter(Q(uuid=decision_or_item) | Q(decisions__uuid=decision_or_item))
    return rows.values_list("uuid", flat=True).first()


def releases(row: MeetingRow) -> tuple[Release, ...]:
    """Give every document of a meeting, the newest first."""
    found = ReleaseRow.objects.filter(meeting=row).defer("html").order_by("-id")[:MOST]
    return tuple(release_of(each) for each in found)


def release_of(row: ReleaseRow) -> Release:
    """Give a document as the desk knows it."""
    return Release(
        uuid=row.uuid,
        document=row.document,
        kind=DocumentKind(row.kind),
        version=row.version,
        state=ReleaseState(row.state),
        title=row.title,
        item=row.item,
        digest=row.digest,
        prepared_by=row.prepared_by,
        prepared_by_name=row.prepared_by_name,
        prepared_at=row.prepared_at,
        approved_by_name=row.approved_by_name,
        published_at=row.published_at,
    )


def _told(row: ReleaseRow) -> Release:
    """Give what everybody may know of a published document: not who worked on it."""
    return Release(
        uuid=row.uuid,
        document=row.document,
        kind=DocumentKind(row.kind),
        version=row.version,
        state=ReleaseState(row.state),
        title=row.title,
        item=row.item,
        digest=row.digest,
        prepared_by=None,
        prepared_by_name="",
        prepared_at=row.prepared_at,
        approved_by_name="",
        published_at=row.published_at,
    )


def newest(rows: QuerySet[ReleaseRow]) -> list[ReleaseRow]:
    """Give the newest published version of each document, without its text, the oldest document first."""
    found: dict[UUID, ReleaseRow] = {}
    published = rows.filter(state=ReleaseState.PUBLISHED.value).only("meeting_id", *TOLD, "uuid")
    for row in published.order_by("published_at", "id")[: MOST * 2]:
        found.pop(row.document, None)
        found[row.document] = row
    return list(found.values())


def publication(*, document: UUID | None = None, release: UUID | None = None) -> Publication:
    """Give the newest published version of a document, or one version; raises NotFound."""
    rows = _published_rows()
    rows = rows.filter(document=document) if document else rows.filter(uuid=release)
    row = rows.order_by("-version").first()
    if row is None:
        raise NotFound(str(document or release))
    newer = _published_rows().filter(document=row.document, version__gt=row.version).order_by("-version")
    return _publication(row, newer=newer.values_list("uuid", flat=True).first())


def publication_of_item(item: UUID) -> Publication:
    """Give the newest published extract of a point; raises NotFound."""
    rows = _published_rows().filter(item=item, kind=DocumentKind.EXTRACT.value)
    row = rows.order_by("-version").first()
    if row is None:
        raise NotFound(str(item))
    return _publication(row)


def publications(*, kind: DocumentKind, cursor: str, limit: int) -> PublicationPage:
    """Give the published documents of a kind, newest first: every version, for each stands on its own."""
    rows = _published_rows().filter(kind=kind.value)
    if cursor:
        at, number = _position(cursor)
        rows = rows.filter(Q(published_at__lt=at) | Q(published_at=at, id__lt=number))
    found = list(rows.order_by("-published_at", "-id")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return PublicationPage(
        items=tuple(_publication(row) for row in found[:limit]),
        next_cursor=_cursor(last.published_at, last.id) if last else "",
    )


def _published_rows() -> QuerySet[ReleaseRow]:
    rows = ReleaseRow.objects.filter(state=ReleaseState.PUBLISHED.value).select_related("meeting__term__body")
    return rows.defer("prepared_by", "prepared_by_name", "approved_by", "approved_by_name")


def _publication(row: ReleaseRow, *, newer: UUID | None = None) -> Publication:
    sent = (
        SubmissionRow.objects.filter(release=row, state=SubmissionState.SENT.value)
        if row.is_reported
        else None
    )
    return Publication(
        release=_told(row),
        meeting=row.meeting.uuid,
        body=row.meeting.term.body.title,
        planned_at=row.meeting.planned_at,
        html=row.html,
        reported_at=sent.values_list("changed_at", flat=True).first() if sent is not None else None,
        newer=newer,
    )


def feed_members(*, first: int, count: int) -> Iterable[ReleaseRow]:
    """Give publications by their place in the feed, from `first`, without their text."""
    rows = ReleaseRow.objects.filter(number__gte=first, number__lt=first + count).order_by("number")
    return rows.only("uuid", "document", "kind", "number", "published_at", *TOLD)


def last_number() -> int:
    """Give how many publications the feed has."""
    return ReleaseRow.objects.aggregate(last=Max("number"))["last"] or 0


def latest_instant() -> datetime | None:
    """Give when something was published last, or None."""
    return ReleaseRow.objects.aggregate(last=Max("published_at"))["last"]


def waiting_submissions(*, limit: int) -> list[SubmissionRow]:
    """Give what the supervisor was not told yet, oldest first."""
    rows = SubmissionRow.objects.filter(state=SubmissionState.WAITING.value)
    return list(rows.select_related("release__meeting__term__body").order_by("id")[:limit])


def find_path(*, kind: str, uuid: UUID) -> str | None:
    """Give the path of the page of a thing, or None while nothing of it is public."""
    published = ReleaseRow.objects.filter(state=ReleaseState.PUBLISHED.value)
    if kind == "publicatie" and published.filter(document=uuid).exists():
        return f"/besluiten/documenten/{uuid}"
    if kind == "publicatie-versie" and published.filter(uuid=uuid).exists():
        return f"/besluiten/versies/{uuid}"
    if kind == "zitting" and published.filter(meeting__uuid=uuid).exists():
        return f"/besluiten/zittingen/{uuid}"
    if kind in ("besluit", "agendapunt", "behandeling"):
        return _path_of_item(kind, uuid)
    if kind == "mandataris" and HolderRow.objects.filter(uuid=uuid).exists():
        return "/besluiten/mandatarissen"
    if kind == "bestuursorgaan" and BodyRow.objects.filter(uuid=uuid).exists():
        return "/besluiten/mandatarissen"
    return None


def _path_of_item(kind: str, uuid: UUID) -> str | None:
    rows = (
        ItemRow.objects.filter(decisions__uuid=uuid)
        if kind == "besluit"
        else ItemRow.objects.filter(uuid=uuid)
    )
    found = rows.values_list("uuid", "meeting__uuid").first()
    if found is None:
        return None
    item, meeting = found
    published = ReleaseRow.objects.filter(state=ReleaseState.PUBLISHED.value)
    document = published.filter(item=item).values_list("document", flat=True).first()
    if document is not None:
        return f"/besluiten/documenten/{document}"
    is_told = published.filter(meeting__uuid=meeting).exists()
    return f"/besluiten/zittingen/{meeting}" if is_told else None
