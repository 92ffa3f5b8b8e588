"""Meetings from plan to publication, through the door. Not covered: pages, RDFa (test_published), REST."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.search import api as search
from ocapi.kernel.tenants.testing import NOW, a_citizen
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.council import api
from ocapi.modules.council.data import (
    ChangedSincePrepared,
    Counted,
    DocumentKind,
    InvalidCursor,
    ItemText,
    MeetingChanged,
    MeetingState,
    NewHolder,
    NotFound,
    NotNow,
    Outcome,
    Part,
    Presence,
    Refused,
    SamePerson,
    Way,
)
from ocapi.modules.council.tests.factories import (
    SECOND,
    SECRETARY,
    a_held_meeting,
    a_named_vote,
    a_text,
    a_town,
    an_item,
    closed,
    decided,
    opened,
    released,
    seen,
)

pytestmark = pytest.mark.usefixtures("tenant")


class TestBodies:
    def test_refuse_periods_that_meet(self):
        town = a_town()
        with pytest.raises(Refused, match="meetsAnother"):
            api.add_term(
                body=town.body, starts_on=date(2030, 1, 1), ends_on=None, iri="", actor=SECRETARY, now=NOW
            )

    def test_refuse_a_role_that_the_body_does_not_have(self):
        town = a_town()
        new = NewHolder(
            given_name="A", family_name="B", role="bureauMember", faction="", starts_on=date(2025, 1, 1)
        )
        with pytest.raises(Refused, match="role: unknown"):
            api.add_holder(term=town.term, holder=new, actor=SECRETARY, now=NOW)

    def test_no_longer_list_at_a_meeting_who_left_before(self):
        town = a_town()
        api.end_holder(holder=town.members[0], ends_on=date(2026, 6, 1), actor=SECRETARY, now=NOW)
        assert town.members[0] not in {each.uuid for each in seen(town).holders}


class TestPlanning:
    def test_refuses_a_day_without_a_period_of_office(self):
        town = a_town()
        with pytest.raises(Refused, match="noTerm"):
            api.plan_meeting(
                body=town.body,
                planned_at=datetime(2040, 1, 1, tzinfo=UTC),
                place="",
                actor=SECRETARY,
                now=NOW,
            )

    def test_is_no_business_of_citizens(self):
        town = a_town()
        with pytest.raises(PermissionError):
            api.get_meeting(meeting=town.meeting, actor=a_citizen(), now=NOW)

    def test_keeps_points_in_the_order_the_secretary_wants(self):
        town = a_town()
        first, second = an_item(town, title="Een"), an_item(town, title="Twee")
        api.move_item(
            meeting=town.meeting, item=second, by=-1, revision=seen(town).revision, actor=SECRETARY, now=NOW
        )
        assert [(each.position, each.uuid) for each in seen(town).items] == [(1, second), (2, first)]

    def test_refuses_a_change_of_an_older_revision(self):
        town = a_town()
        revision = seen(town).revision
        an_item(town)
        with pytest.raises(MeetingChanged):
            api.add_item(
                meeting=town.meeting, text=ItemText(title="Twee"), revision=revision, actor=SECRETARY, now=NOW
            )

    def test_refuses_a_national_number_in_what_is_public(self):
        town = a_town()
        with pytest.raises(Refused, match="nationalNumber"):
            an_item(town, description="Over 67.62.15-467.51")

    def test_is_due_eight_days_before(self):
        assert api.due_on(meeting=seen(a_town())) == date(2026, 11, 25)


class TestStates:
    def test_opens_only_what_was_convened(self):
        town = a_town()
        an_item(town)
        with pytest.raises(NotNow):
            api.open_meeting(
                meeting=town.meeting, at=NOW, revision=seen(town).revision, actor=SECRETARY, now=NOW
            )

    def test_closes_only_when_somebody_led_and_recorded_it(self):
        town = a_town()
        an_item(town)
        opened(town)
        api.record_attendance(
            meeting=town.meeting,
            who=[(town.chair, Presence.PRESENT, Part.CHAIR)],
            revision=seen(town).revision,
            actor=SECRETARY,
            now=NOW,
        )
        with pytest.raises(Refused, match="secretary: missing"):
            closed(town)

    def test_takes_no_points_away_once_the_agenda_is_public(self):
        town = a_town()
        item = an_item(town)
        released(town, DocumentKind.AGENDA)
        with pytest.raises(NotNow):
            api.remove_item(
                meeting=town.meeting, item=item, revision=seen(town).revision, actor=SECRETARY, now=NOW
            )

    def test_cancels_a_meeting_that_was_not_opened(self):
        town = a_town()
        api.cancel_meeting(meeting=town.meeting, revision=seen(town).revision, actor=SECRETARY, now=NOW)
        assert seen(town).state is MeetingState.CANCELLED


class TestVotes:
    def test_settle_the_decision(self):
        town = a_town()
        item = an_item(town)
        opened(town)
        decided(town, item)
        assert seen(town).items[0].decision.outcome is Outcome.ADOPTED

    def test_refuse_who_is_not_there(self):
        town = a_town()
        item = an_item(town)
        opened(town)
        result = a_named_vote(town)
        strange = Counted(subject="X", way=Way.NAMED, choices=((uuid4(), result.choices[0][1]),))
        with pytest.raises(Refused, match="notPresent"):
            api.record_vote(
                meeting=town.meeting,
                item=item,
                result=strange,
                revision=seen(town).revision,
                actor=SECRETARY,
                now=NOW,
            )

    def test_do_not_let_the_outcome_contradict_them(self):
        town = a_town()
        item = an_item(town)
        opened(town)
        decided(town, item)
        with pytest.raises(Refused, match="notTheVote"):
            api.write_decision(
                meeting=town.meeting,
                item=item,
                text=a_text(),
                outcome=Outcome.REJECTED,
                revision=seen(town).revision,
                actor=SECRETARY,
                now=NOW,
            )

    def test_keep_in_the_room_who_voted(self):
        town = a_town()
        item = an_item(town)
        opened(town)
        decided(town, item)
        with pytest.raises(Refused, match="hasVoted"):
            api.record_attendance(
                meeting=town.meeting,
                who=[(town.chair, Presence.PRESENT, Part.CHAIR)],
                revision=seen(town).revision,
                actor=SECRETARY,
                now=NOW,
            )

    def test_are_taken_back_with_what_they_settled(self):
        town = a_town()
        item = an_item(town)
        opened(town)
        decided(town, item)
        api.take_back_vote(
            meeting=town.meeting,
            vote=seen(town).items[0].votes[0].uuid,
            revision=seen(town).revision,
            actor=SECRETARY,
            now=NOW,
        )
        found = seen(town).items[0]
        assert (found.votes, found.decision.outcome) == ((), None)


class TestPublishing:
    def test_takes_a_second_person(self):
        town = a_town()
        an_item(town)
        made = api.prepare_document(
            meeting=town.meeting, kind=DocumentKind.AGENDA, item=None, actor=SECRETARY, now=NOW
        )
        with pytest.raises(SamePerson):
            api.publish_document(release=made, actor=SECRETARY, now=NOW)
        assert api.list_public_meetings(actor=ANONYMOUS).items == ()

    def test_convenes_the_meeting_with_the_agenda(self):
        town = a_town()
        an_item(town)
        released(town, DocumentKind.AGENDA)
        assert seen(town).state is MeetingState.CONVENED
        assert [each.uuid for each in api.list_public_meetings(actor=ANONYMOUS).items] == [town.meeting]

    def test_refuses_what_changed_since_it_was_prepared(self):
        town = a_town()
        an_item(town)
        made = api.prepare_document(
            meeting=town.meeting, kind=DocumentKind.AGENDA, item=None, actor=SECRETARY, now=NOW
        )
        an_item(town, title="Nog een punt")
        with pytest.raises(ChangedSincePrepared):
            api.publish_document(release=made, actor=SECOND, now=NOW)

    def test_keeps_every_version_and_shows_the_newest(self):
        town = a_town()
        an_item(town)
        first = released(town, DocumentKind.AGENDA)
        an_item(town, title="Toegevoegd punt")
        second = released(town, DocumentKind.AGENDA, now=NOW + timedelta(hours=1))
        old = api.get_publication(release=first, actor=ANONYMOUS)
        new = api.get_publication(document=old.release.document, actor=ANONYMOUS)
        assert (new.release.uuid, new.release.version, old.newer) == (second, 2, second)
        assert "Toegevoegd punt" in new.html
        assert "Toegevoegd punt" not in old.html

    def test_never_changes_what_is_published(self):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        before = api.list_publications(kind=DocumentKind.EXTRACT, actor=ANONYMOUS).items[0]
        api.write_decision(
            meeting=town.meeting,
            item=item,
            text=a_text(title="Iets anders"),
            outcome=None,
            revision=seen(town).revision,
            actor=SECRETARY,
            now=NOW,
        )
        after = api.get_publication(release=before.release.uuid, actor=ANONYMOUS)
        assert (after.html, after.release.digest) == (before.html, before.release.digest)

    def test_refuses_an_extract_of_a_closed_point(self):
        town, _item, secret = a_held_meeting()
        with pytest.raises(Refused, match="item: closed"):
            api.prepare_document(
                meeting=town.meeting, kind=DocumentKind.EXTRACT, item=secret, actor=SECRETARY, now=NOW
            )

    def test_refuses_a_list_with_a_point_that_is_still_open(self):
        town = a_town()
        item = an_item(town)
        opened(town)
        api.write_decision(
            meeting=town.meeting,
            item=item,
            text=a_text(),
            outcome=None,
            revision=seen(town).revision,
            actor=SECRETARY,
            now=NOW,
        )
        closed(town)
        with pytest.raises(Refused, match="outcome: open:1"):
            api.prepare_document(
                meeting=town.meeting, kind=DocumentKind.DECISION_LIST, item=None, actor=SECRETARY, now=NOW
            )

    def test_tells_nobody_what_a_closed_point_is_about(self):
        town, _item, _secret = a_held_meeting()
        for kind in (DocumentKind.DECISION_LIST, DocumentKind.MINUTES):
            released(town, kind)
        meeting = api.get_public_meeting(meeting=town.meeting, actor=ANONYMOUS)
        pages = [
            api.get_publication(document=each.document, actor=ANONYMOUS).html for each in meeting.documents
        ]
        assert len(pages) == 3
        assert all("Jan Geheim" not in page and "Personeelszaak" in page for page in pages)
        assert search.find(text="Geheim").hits == ()

    def test_is_found_by_search(self):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        assert search.find(text="zalen retributie").hits[0].title == "Retributie op het gebruik van zalen"

    def test_emits_a_fact_without_anything_personal(self):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        outbox.assign_sequences()
        facts = [each for each in outbox.list_since(sequence=0) if each.type.startswith("be.ocapi.council.")]
        assert [each.members()["kind"] for each in facts] == ["agenda", "extract"]
        assert {each.personal for each in facts} == {b""}

    def test_gives_up_a_draft_but_nothing_public(self):
        town = a_town()
        an_item(town)
        draft = api.prepare_document(
            meeting=town.meeting, kind=DocumentKind.AGENDA, item=None, actor=SECRETARY, now=NOW
        )
        api.withdraw_document(release=draft, actor=SECRETARY, now=NOW)
        public = released(town, DocumentKind.AGENDA)
        with pytest.raises(NotFound):
            api.withdraw_document(release=public, actor=SECRETARY, now=NOW)


class TestPages:
    def test_of_things_stay_unknown_until_something_is_public(self):
        town = a_town()
        an_item(town)
        assert api.find_page(kind="zitting", uuid=town.meeting) is None
        released(town, DocumentKind.AGENDA)
        assert api.find_page(kind="zitting", uuid=town.meeting) == f"/besluiten/zittingen/{town.meeting}"

    def test_refuse_a_cursor_of_somebody_elses_making(self):
        with pytest.raises(InvalidCursor):
            api.list_public_meetings(actor=ANONYMOUS, cursor="zz")
