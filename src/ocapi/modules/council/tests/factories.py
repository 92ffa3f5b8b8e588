"""Builders for the tests of council. Covers nothing itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.modules.council import api
from ocapi.modules.council.data import (
    Article,
    Choice,
    Counted,
    DecisionText,
    DocumentKind,
    ItemText,
    LegalGround,
    NewHolder,
    Part,
    Presence,
    Way,
)

SECRETARY = a_staff_member(display_name="Sofie Voorbeeld")
SECOND = a_staff_member(display_name="Dirk Proefman")
PLANNED = NOW + timedelta(days=10)


@dataclass(slots=True, kw_only=True)
class Town:
    """A council with a chair, two members and a director. meeting: planned, empty."""

    body: UUID
    term: UUID
    chair: UUID
    members: tuple[UUID, UUID]
    director: UUID
    meeting: UUID


def a_text(**changes) -> DecisionText:
    """Make the text of a decision that may be published."""
    values = {
        "type": "feeRegulation",
        "title": "Retributie op het gebruik van zalen",
        "summary": "De raad stelt de prijs van de zalen vast.",
        "motivation": "De kosten van de zalen stegen.\n\nVerenigingen betalen de helft.",
        "articles": (
            Article(number="1", text="Een zaal kost 40 euro per dag."),
            Article(number="2", text="Verenigingen betalen 20 euro per dag."),
        ),
        "grounds": (
            LegalGround(
                title="Decreet over het lokaal bestuur, artikel 40",
                url="https://codex.vlaanderen.be/doc/document/1029017",
            ),
        ),
        "plan_action": "AC-07.02",
    }
    return DecisionText(**{**values, **changes})


def a_town(*, now=NOW) -> Town:
    """Make a council with people in it and a meeting that is planned in ten days."""
    body = api.add_body(kind="council", title="Gemeenteraad Vlavirgem", iri="", actor=SECRETARY, now=now)
    start = date(2025, 1, 1)
    term = api.add_term(
        body=body, starts_on=start, ends_on=date(2031, 1, 1), iri="", actor=SECRETARY, now=now
    )

    def holder(given, family, role):
        new = NewHolder(
            given_name=given, family_name=family, role=role, faction="Samen Vlavirgem", starts_on=start
        )
        return api.add_holder(term=term, holder=new, actor=SECRETARY, now=now)

    return Town(
        body=body,
        term=term,
        chair=holder("Mira", "Wilgenhof", "councilChair"),
        members=(holder("Joris", "Beekman", "councillor"), holder("Elien", "Zonhof", "councillor")),
        director=holder("Hugo", "Penneman", "director"),
        meeting=api.plan_meeting(
            body=body, planned_at=now + timedelta(days=10), place="Raadzaal", actor=SECRETARY, now=now
        ),
    )


def seen(town, *, now=NOW):
    """Give the meeting as the desk reads it."""
    return api.get_meeting(meeting=town.meeting, actor=SECRETARY, now=now)


def an_item(town, *, now=NOW, **changes) -> UUID:
    """Put a point on the agenda."""
    values = {"title": "Retributie op het gebruik van zalen", "description": "De zalen worden duurder."}
    return api.add_item(
        meeting=town.meeting, text=ItemText(**{**values, **changes}), revision=None, actor=SECRETARY, now=now
    )


def released(town, kind, item=None, *, now=NOW) -> UUID:
    """Prepare a document and let a second person publish it; gives the release."""
    made = api.prepare_document(meeting=town.meeting, kind=kind, item=item, actor=SECRETARY, now=now)
    api.publish_document(release=made, actor=SECOND, now=now)
    return made


def opened(town, *, now=NOW) -> None:
    """Publish the agenda and open the meeting with everybody there."""
    released(town, DocumentKind.AGENDA, now=now)
    here = (
        (town.chair, Part.CHAIR),
        (town.members[0], Part.MEMBER),
        (town.members[1], Part.MEMBER),
        (town.director, Part.SECRETARY),
    )
    api.record_attendance(
        meeting=town.meeting,
        who=[(who, Presence.PRESENT, part) for who, part in here],
        revision=seen(town).revision,
        actor=SECRETARY,
        now=now,
    )
    api.open_meeting(
        meeting=town.meeting,
        at=now + timedelta(days=10),
        revision=seen(town).revision,
        actor=SECRETARY,
        now=now,
    )


def decided(town, item, *, now=NOW, text=None, result=None) -> None:
    """Write the decision on a point and vote on it."""
    api.write_decision(
        meeting=town.meeting,
        item=item,
        text=text or a_text(),
        outcome=None,
        revision=seen(town).revision,
        actor=SECRETARY,
        now=now,
    )
    api.record_vote(
        meeting=town.meeting,
        item=item,
        result=result or a_named_vote(town),
        revision=seen(town).revision,
        actor=SECRETARY,
        now=now,
    )


def a_named_vote(town) -> Counted:
    """Make a vote of two for and one against."""
    return Counted(
        subject="Retributie op het gebruik van zalen",
        way=Way.NAMED,
        choices=((town.chair, Choice.FOR), (town.members[0], Choice.FOR), (town.members[1], Choice.AGAINST)),
    )


def closed(town, *, now=NOW) -> None:
    """Close the meeting."""
    api.close_meeting(
        meeting=town.meeting,
        at=now + timedelta(days=10, hours=2),
        revision=seen(town).revision,
        actor=SECRETARY,
        now=now,
    )


def a_held_meeting(*, now=NOW):
    """Make a meeting that was held; gives (town, public point, closed point)."""
    town = a_town(now=now)
    item = an_item(town, now=now)
    secret = an_item(
        town,
        now=now,
        title="Tuchtdossier Jan Geheim",
        description="Over Jan Geheim",
        is_public=False,
        public_title="Personeelszaak",
    )
    opened(town, now=now)
    decided(town, item, now=now)
    decided(
        town,
        secret,
        now=now,
        text=a_text(type="other", title="Tuchtstraf Jan Geheim", motivation="Jan Geheim"),
        result=Counted(subject="Tuchtstraf Jan Geheim", way=Way.SECRET, votes_for=3),
    )
    closed(town, now=now)
    return town, item, secret
