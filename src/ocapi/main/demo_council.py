"""Invented meetings of the demo: planned, held and published through the same doors as real ones."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from ocapi.lib.actor import Actor
from ocapi.main import demo_staff
from ocapi.main.demo_data import LOADER, DemoOrganization, DemoPerson

if TYPE_CHECKING:
    from ocapi.modules.council.data import Counted, DocumentKind

EARLIER = timedelta(days=10)  # an agenda is public well before its meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    given_name: str
    family_name: str
    role: str
    faction: str
    rank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    type: str
    summary: str
    motivation: str
    articles: tuple[str, ...]
    grounds: tuple[str, ...]
    plan_action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    title: str
    description: str = ""
    closed: bool = False
    public_title: str = ""
    decision: _Decision | None = None
    vote: dict[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    day: int
    place: str
    items: tuple[_Item, ...]
    minutes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """One organization's council."""

    key: str
    unit_iri: str | None
    body: _Body
    since: date
    holders: tuple[_Holder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Councils:
    """`council.yaml`."""

    meetings: tuple[_Meeting, ...]
    councils: tuple[Council, ...]


def read(folder: Path) -> Councils:
    """Read the invented councils and what they meet about from the pack `demo`."""
    from ocapi.lib import codec

    return codec.decode_yaml((folder / "council.yaml").read_bytes(), Councils)


def meet(
    facts: DemoOrganization, people: tuple[DemoPerson, ...], councils: Councils, *, now: datetime
) -> None:
    """Make the council of the bound organization with its meetings; two of its staff prepare and publish."""
    from ocapi.kernel.registry import api as registry

    council = next((each for each in councils.councils if each.key == facts.key), None)
    staff = demo_staff.acting(facts, people, roles=("clerk", "tenant_admin"))
    if council is None or len(staff) < 2:
        return
    if council.unit_iri:
        registry.save_setting(name="council.unit_iri", value=council.unit_iri, actor=LOADER, now=now)
    cast = _Cast(council, staff[0], staff[1], now)
    for each in councils.meetings:
        at = (now + timedelta(days=each.day)).replace(hour=19, minute=0, second=0, microsecond=0)
        cast.meet(each, at)


class _Cast:
    """The council while it is made."""

    def __init__(self, council: Council, first: Actor, second: Actor, now: datetime) -> None:
        from ocapi.modules.council import api
        from ocapi.modules.council.data import NewHolder

        self.api, self.council, self.first, self.second, self.now = api, council, first, second, now
        self.body = api.add_body(
            kind=council.body.kind, title=council.body.title, iri="", actor=first, now=now
        )
        term = api.add_term(
            body=self.body,
            starts_on=council.since,
            ends_on=council.since.replace(year=council.since.year + 6),
            iri="",
            actor=first,
            now=now,
        )
        self.holders: dict[str, UUID] = {}
        for each in council.holders:
            new = NewHolder(
                given_name=each.given_name,
                family_name=each.family_name,
                role=each.role,
                faction=each.faction,
                rank=each.rank,
                starts_on=council.since,
            )
            self.holders[each.family_name] = api.add_holder(term=term, holder=new, actor=first, now=now)

    def meet(self, meeting: _Meeting, at: datetime) -> None:
        from ocapi.modules.council.data import DocumentKind, ItemText

        early = min(self.now, at - EARLIER)
        made = self.api.plan_meeting(
            body=self.body, planned_at=at, place=meeting.place, actor=self.first, now=early
        )
        items = [
            (
                each,
                self.api.add_item(
                    meeting=made,
                    revision=None,
                    actor=self.first,
                    now=early,
                    text=ItemText(
                        title=each.title,
                        description=each.description,
                        is_public=not each.closed,
                        public_title=each.public_title,
                    ),
                ),
            )
            for each in meeting.items
        ]
        self.publish(made, DocumentKind.AGENDA, None, early)
        if at >= self.now:
            return
        self.hold(made, at)
        for item, point in items:
            self.decide(made, item, point, at)
        after = at + timedelta(hours=2)
        self.api.close_meeting(
            meeting=made, at=after, revision=self.revision(made, at), actor=self.first, now=after
        )
        later = at + timedelta(days=3)
        self.publish(made, DocumentKind.DECISION_LIST, None, later)
        for item, point in items:
            if item.decision is not None and not item.closed:
                self.publish(made, DocumentKind.EXTRACT, point, later)
        if meeting.minutes:
            self.publish(made, DocumentKind.MINUTES, None, later + timedelta(days=20))

    def revision(self, meeting: UUID, at: datetime) -> int:
        return self.api.get_meeting(meeting=meeting, actor=self.first, now=at).revision

    def hold(self, meeting: UUID, at: datetime) -> None:
        from ocapi.modules.council.data import Part, Presence

        parts = {"councilChair": Part.CHAIR, "director": Part.SECRETARY}
        who = [
            (self.holders[each.family_name], Presence.PRESENT, parts.get(each.role, Part.MEMBER))
            for each in self.council.holders
        ]
        self.api.record_attendance(
            meeting=meeting, who=who, revision=self.revision(meeting, at), actor=self.first, now=at
        )
        self.api.open_meeting(
            meeting=meeting, at=at, revision=self.revision(meeting, at), actor=self.first, now=at
        )

    def decide(self, meeting: UUID, item: _Item, point: UUID, at: datetime) -> None:
        from ocapi.modules.council.data import Article, DecisionText, LegalGround

        if item.decision is None:
            return
        held = item.decision
        text = DecisionText(
            type=held.type,
            title=item.title,
            summary=held.summary,
            motivation=held.motivation,
            articles=tuple(
                Article(number=str(place), text=each) for place, each in enumerate(held.articles, 1)
            ),
            grounds=tuple(LegalGround(title=each) for each in held.grounds),
            plan_action=held.plan_action,
        )
        self.api.write_decision(
            meeting=meeting,
            item=point,
            text=text,
            outcome=None,
            revision=self.revision(meeting, at),
            actor=self.first,
            now=at,
        )
        self.api.record_vote(
            meeting=meeting,
            item=point,
            result=self.counted(item),
            revision=self.revision(meeting, at),
            actor=self.first,
            now=at,
        )

    def counted(self, item: _Item) -> "Counted":
        from ocapi.modules.council.data import Choice, Counted, Way

        vote = item.vote or {}
        way = Way(str(vote.get("way", "hands")))
        if way is not Way.NAMED:
            return Counted(
                subject=item.title,
                way=way,
                votes_for=int(str(vote.get("for", 0))),
                abstained=int(str(vote.get("abstained_count", 0))),
            )
        chosen = {str(name): Choice.AGAINST for name in _names(vote, "against")}
        chosen |= {str(name): Choice.ABSTAINED for name in _names(vote, "abstained")}
        choices = tuple(
            (self.holders[each.family_name], chosen.get(each.family_name, Choice.FOR))
            for each in self.council.holders
            if each.role != "director"
        )
        return Counted(subject=item.title, way=way, choices=choices)

    def publish(self, meeting: UUID, kind: "DocumentKind", item: UUID | None, at: datetime) -> None:
        made = self.api.prepare_document(meeting=meeting, kind=kind, item=item, actor=self.first, now=at)
        self.api.publish_document(release=made, actor=self.second, now=at)


def _names(vote: dict[str, object], key: str) -> list[object]:
    found = vote.get(key, [])
    return found if isinstance(found, list) else []
