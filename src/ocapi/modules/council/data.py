"""What others may know of council: bodies, meetings, items, decisions, votes, publications and refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class MeetingState(StrEnum):
    """Where a meeting stands; `FOLLOWING` says what may come next."""

    PLANNED = "planned"
    CONVENED = "convened"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


FOLLOWING = {
    MeetingState.PLANNED: frozenset({MeetingState.CONVENED, MeetingState.CANCELLED}),
    MeetingState.CONVENED: frozenset({MeetingState.OPEN, MeetingState.CANCELLED}),
    MeetingState.OPEN: frozenset({MeetingState.CLOSED}),
    MeetingState.CLOSED: frozenset(),
    MeetingState.CANCELLED: frozenset(),
}


class Presence(StrEnum):
    """Whether somebody attended."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class Part(StrEnum):
    """What somebody does at a meeting."""

    MEMBER = "member"
    CHAIR = "chair"
    SECRETARY = "secretary"


class Way(StrEnum):
    """How a vote was held. NAMED keeps who chose what; HANDS and SECRET keep counts only."""

    NAMED = "named"
    HANDS = "hands"
    SECRET = "secret"


class Choice(StrEnum):
    """What a member chose."""

    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"


class Outcome(StrEnum):
    """What became of a proposal."""

    ADOPTED = "adopted"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class DocumentKind(StrEnum):
    """What is published, by the code of rules.yaml."""

    AGENDA = "agenda"
    DECISION_LIST = "decisionList"
    MINUTES = "minutes"
    EXTRACT = "extract"


class ReleaseState(StrEnum):
    """PREPARED waits for a second person; PUBLISHED stands for ever; WITHDRAWN was given up before."""

    PREPARED = "prepared"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class SubmissionState(StrEnum):
    """Whether the supervisor was told of a publication."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who holds a mandate, from a day on and until another (half-open). role, status: codes."""

    uuid: UUID
    mandate: UUID
    person: UUID
    given_name: str
    family_name: str
    faction: str
    role: str
    status: str
    rank: str
    starts_on: date
    ends_on: date | None = None

    @property
    def name(self) -> str:
        """Give the name as running text has it."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A body in time: the body of one period of office."""

    uuid: UUID
    body: UUID
    iri: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A governing body. kind: code of rules.yaml; iri: of the Flemish register, empty when it has none."""

    uuid: UUID
    kind: str
    title: str
    iri: str
    terms: tuple[Term, ...] = ()
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Who was there, and as what."""

    holder: Holder
    presence: Presence
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What one member chose in a named vote."""

    holder: Holder
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A vote with its counts. ballots: of named votes only."""

    uuid: UUID
    subject: str
    way: Way
    votes_for: int
    votes_against: int
    abstained: int
    outcome: Outcome
    ballots: tuple[Ballot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalGround:
    """What a decision rests on; url: empty when there is none."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of a decision; number: `1`, `2`, `2bis`."""

    number: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided on an item. motivation: plain text, an empty line starts a paragraph.

    plan_action: code in the multi-year plan. principles: codes of the steering principles it serves.
    """

    uuid: UUID
    type: str
    title: str
    summary: str
    motivation: str
    grounds: tuple[LegalGround, ...]
    articles: tuple[Article, ...]
    outcome: Outcome | None
    in_force_on: date | None
    no_longer_in_force_on: date | None
    plan_action: str
    principles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A point of the agenda, with how it was handled. public_title: what is told of a closed one."""

    uuid: UUID
    position: int
    title: str
    description: str
    is_public: bool
    public_title: str
    decision: Decision | None
    votes: tuple[Vote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A document prepared or published. version: from 1; digest: SHA-256 of the published bytes."""

    uuid: UUID
    document: UUID
    kind: DocumentKind
    version: int
    state: ReleaseState
    title: str
    item: UUID | None
    digest: str
    prepared_by: UUID | None
    prepared_by_name: str
    prepared_at: datetime
    approved_by_name: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSummary:
    """A meeting as lists show it."""

    uuid: UUID
    body: str
    body_kind: str
    planned_at: datetime
    place: str
    state: MeetingState
    documents: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(MeetingSummary):
    """A meeting with all it holds. revision: rises with each change; a change of an older one is refused."""

    of: Body
    term: Term
    started_at: datetime | None
    ended_at: datetime | None
    revision: int
    items: tuple[Item, ...]
    attendance: tuple[Attendance, ...]
    holders: tuple[Holder, ...]
    releases: tuple[Release, ...]

    @property
    def present(self) -> tuple[Attendance, ...]:
        """Give who was there."""
        return tuple(each for each in self.attendance if each.presence is Presence.PRESENT)

    def who(self, part: Part) -> Attendance | None:
        """Give who led the meeting or kept its record, or None."""
        return next((each for each in self.present if each.part is part), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A published document as visitors get it. html: the very bytes that were hashed, as text.

    newer: uuid of the release that replaced it, or None.
    """

    release: Release
    meeting: UUID
    body: str
    planned_at: datetime
    html: str
    reported_at: datetime | None = None
    newer: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """One page of meetings; empty cursor: no next page."""

    items: tuple[MeetingSummary, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPage:
    """One page of publications; empty cursor: no next page."""

    items: tuple[Publication, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A page of the feed. is_full: it never changes any more."""

    content: bytes
    tag: str
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHolder:
    """Somebody who takes up a mandate, as typed."""

    given_name: str
    family_name: str
    role: str
    faction: str
    starts_on: date
    ends_on: date | None = None
    status: str = "effective"
    rank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemText:
    """What is typed of a point of the agenda."""

    title: str
    description: str = ""
    is_public: bool = True
    public_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionText:
    """What is typed of a decision."""

    type: str
    title: str
    summary: str
    motivation: str
    articles: tuple[Article, ...]
    grounds: tuple[LegalGround, ...] = ()
    in_force_on: date | None = None
    no_longer_in_force_on: date | None = None
    plan_action: str = ""
    principles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The result of a vote as typed. choices: by holder, for a named vote; then the counts follow from it."""

    subject: str
    way: Way
    votes_for: int = 0
    votes_against: int = 0
    abstained: int = 0
    choices: tuple[tuple[UUID, Choice], ...] = ()


class NotFound(LookupError):
    """There is no such thing in the bound organization, or not for this reader."""


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""


class MeetingChanged(ValueError):
    """Somebody changed the meeting since it was read; nothing was written."""


class NotNow(ValueError):
    """The state does not allow it. state: where the meeting stands."""

    def __init__(self, state: MeetingState) -> None:
        super().__init__(state.value)
        self.state = state


class Refused(ValueError):
    """What was typed contradicts itself or the rules. problems: (field, code), each once, in order."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {code}" for field, code in problems))
        self.problems = problems


class SamePerson(PermissionError):
    """Who prepared a document may not publish it: a second person looks at it."""


class ChangedSincePrepared(ValueError):
    """What would be published is not what was prepared; prepare it again."""
