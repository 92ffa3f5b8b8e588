"""Prepares and publishes documents: one person prepares, another publishes, what is public never changes."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.search import api as search
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, ids
from ocapi.lib.actor import Actor
from ocapi.modules.council import procedure, published, queries, rules
from ocapi.modules.council.data import (
    ChangedSincePrepared,
    DocumentKind,
    Meeting,
    MeetingState,
    NotFound,
    Refused,
    ReleaseState,
    SamePerson,
    SubmissionState,
)
from ocapi.modules.council.events import DocumentPublished
from ocapi.modules.council.models import BodyRow, MeetingRow, ReleaseRow, SubmissionRow
from ocapi.modules.council.names import Names
from ocapi.modules.council.published import Draft

SEARCH_KIND = "decision"
AFTER_MEETING = (DocumentKind.DECISION_LIST, DocumentKind.MINUTES, DocumentKind.EXTRACT)


def names() -> Names:
    """Give the names of the bound organization's things."""
    base = tenants.current().base_iri
    return Names(base=base, unit=registry.setting("council.unit_iri") or f"{base}/id/bestuurseenheid")


def draft(row: MeetingRow, kind: DocumentKind, item: UUID | None, document: UUID) -> Draft:
    """Put together what a document is made of."""
    whole = queries.meeting(row, day=clock.local_day(row.planned_at))
    return Draft(
        kind=kind,
        document=document,
        meeting=whole,
        item=item,
        names=names(),
        organization=registry.setting("organization.name"),
        area=registry.setting("council.area_iri"),
    )


def prepare(
    row: MeetingRow, kind: DocumentKind, item: UUID | None, *, actor: Actor, now: datetime
) -> ReleaseRow:
    """Make the next version of a document for a second person to publish; an earlier draft is withdrawn.

    Raises NotNow, NotFound, Refused with what is missing.
    """
    item = item if kind is DocumentKind.EXTRACT else None
    earlier = ReleaseRow.objects.filter(meeting=row, kind=kind.value, item=item)
    document = earlier.values_list("document", flat=True).first() or ids.new_uuid(now)
    made = draft(row, kind, item, document)
    _require_ready(made)
    earlier.filter(state=ReleaseState.PREPARED.value).update(state=ReleaseState.WITHDRAWN.value)
    text = published.render(made, published_on=None)
    version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
    return ReleaseRow.objects.create(
        uuid=ids.new_uuid(now),
        document=document,
        kind=kind.value,
        version=version,
        number=None,
        state=ReleaseState.PREPARED.value,
        meeting=row,
        item=item,
        title=published.title(made)[:500],
        html="",
        content_digest=published.digest(text),
        digest="",
        is_reported=_is_reported(made),
        prepared_by=actor.person,
        prepared_by_name=actor.display_name[:200],
        prepared_at=now,
        approved_by=None,
        approved_by_name="",
        published_at=None,
    )


def _require_ready(made: Draft) -> None:
    whole = made.meeting
    if made.kind is DocumentKind.AGENDA:
        procedure.require_state(whole.state, MeetingState.PLANNED, MeetingState.CONVENED)
        if not whole.items:
            raise Refused(("items", "missing"))
        return
    procedure.require_state(whole.state, MeetingState.CLOSED)
    procedure.require_led(whole)
    if made.kind is DocumentKind.EXTRACT:
        _require_extract(whole, made.item)
        return
    open_ones = [each for each in whole.items if each.decision is not None and each.decision.outcome is None]
    if open_ones:
        raise Refused(("outcome", f"open:{open_ones[0].position}"))


def _require_extract(whole: Meeting, item: UUID | None) -> None:
    found = next((each for each in whole.items if each.uuid == item), None)
    if found is None:
        raise NotFound(str(item))
    if not found.is_public:
        raise Refused(("item", "closed"))
    if found.decision is None or found.decision.outcome is None:
        raise Refused(("item", "notDecided"))


def _is_reported(made: Draft) -> bool:
    """Tell whether the supervisor must be told: of lists of decisions, and of decisions of reported kinds."""
    if made.kind is DocumentKind.DECISION_LIST:
        return True
    if made.kind is not DocumentKind.EXTRACT:
        return False
    item = next(each for each in made.meeting.items if each.uuid == made.item)
    return item.decision is not None and any(each.reported for each in rules.with_wider(item.decision.type))


def publish(release: ReleaseRow, row: MeetingRow, *, actor: Actor, now: datetime) -> ReleaseRow:
    """Publish what somebody else prepared; raises NotFound, SamePerson, ChangedSincePrepared.

    The text is made again and compared with what was prepared; its instant is later than any before, so that
    the feed keeps its order. Emits DocumentPublished, puts decisions into search, queues the report.
    """
    if release.state != ReleaseState.PREPARED.value:
        raise NotFound(str(release.uuid))
    if actor.person is not None and actor.person == release.prepared_by:
        raise SamePerson
    kind = DocumentKind(release.kind)
    made = draft(row, kind, release.item, release.document)
    _require_ready(made)
    if published.digest(published.render(made, published_on=None)) != release.content_digest:
        raise ChangedSincePrepared(str(release.uuid))
    list(BodyRow.objects.select_for_update().order_by("id").values_list("id", flat=True)[:1])  # one at a time
    last = queries.latest_instant()
    at = now if last is None else max(now, last + timedelta(microseconds=1))
    text = published.render(made, published_on=clock.local_day(at))
    release.html, release.digest = text, published.digest(text)
    release.number, release.published_at = queries.last_number() + 1, at
    release.state = ReleaseState.PUBLISHED.value
    release.approved_by, release.approved_by_name = actor.person, actor.display_name[:200]
    release.save()
    if kind is DocumentKind.AGENDA and row.state == MeetingState.PLANNED.value:
        MeetingRow.objects.filter(id=row.id).update(state=MeetingState.CONVENED.value)
    _tell(release, made, actor=actor, now=at)
    return release


def _tell(release: ReleaseRow, made: Draft, *, actor: Actor, now: datetime) -> None:
    _index(release, made, now=now)
    outbox.publish(
        DocumentPublished(
            document=release.document,
            release=release.uuid,
            meeting=made.meeting.uuid,
            kind=release.kind,
            version=release.version,
            digest=release.digest,
            is_reported=release.is_reported,
        ),
        actor=actor,
        now=now,
    )
    if release.is_reported:
        SubmissionRow.objects.create(
            uuid=ids.new_uuid(now),
            release=release,
            state=SubmissionState.WAITING.value,
            submission="",
            job="",
            problem="",
            changed_at=now,
        )


def _index(release: ReleaseRow, made: Draft, *, now: datetime) -> None:
    whole = procedure.disclosed(made.meeting)
    items = [each for each in whole.items if made.item is None or each.uuid == made.item]
    texts = [f"{each.title} {each.description}" for each in items]
    summary = f"{whole.body}, {clock.local_day(whole.planned_at):%d/%m/%Y}"
    url = path_of(release)
    if made.kind is DocumentKind.EXTRACT and items and items[0].decision is not None:
        decision = items[0].decision
        texts += [decision.summary, decision.motivation, *(each.text for each in decision.articles)]
        summary = f"{decision.summary[:200]} ({summary})" if decision.summary else summary
    search.index(
        kind=SEARCH_KIND,
        uuid=release.document,
        url=url,
        title=release.title,
        summary=summary,
        body=" ".join(texts)[:20_000],
        keywords=("besluit", "zitting", whole.body),
        boost=0.8,
        now=now,
    )


def path_of(release: ReleaseRow) -> str:
    """Give the address of the page of a document."""
    return f"/besluiten/documenten/{release.document}"


def withdraw(release: ReleaseRow) -> None:
    """Give up what was prepared; raises NotFound for what is public already."""
    if not ReleaseRow.objects.filter(id=release.id, state=ReleaseState.PREPARED.value).update(
        state=ReleaseState.WITHDRAWN.value
    ):
        raise NotFound(str(release.uuid))


def shown(release: ReleaseRow, row: MeetingRow) -> str:
    """Give what would be published now, without its day."""
    made = draft(row, DocumentKind(release.kind), release.item, release.document)
    return published.render(made, published_on=None)
