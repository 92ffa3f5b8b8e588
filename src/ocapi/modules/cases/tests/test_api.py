"""What the door of cases does with a database. Not covered: pages, REST, and how letters look (documents)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.audit.testing import leaves_of as leaves
from ocapi.kernel.audit.testing import persons_of
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import identifiers, ids
from ocapi.lib.actor import Subject
from ocapi.modules.cases import api, data
from ocapi.modules.cases.data import Action, AnsweredFact, WorklistFilter
from ocapi.modules.cases.models import CaseRow, StatusRow
from ocapi.modules.cases.tests.factories import (
    ANSWERS,
    PDF,
    a_case,
    a_file,
    a_machine,
    in_status,
    load_content,
    some_person,
)

pytestmark = pytest.mark.usefixtures("content")
CLERK = a_staff_member("clerk", display_name="Lotte Voorbeeld")


class TestCreate:
    def test_gives_a_reference_that_checks_and_counts_per_year(self):
        first, second = a_case(), a_case()
        read = [identifiers.parse_case_reference(each.reference) for each in (first, second)]
        assert [(each.prefix, each.year, each.number) for each in read] == [
            ("STO", 2026, 1),
            ("STO", 2026, 2),
        ]

    def test_starts_counting_again_in_a_new_year(self):
        a_case()
        made = a_case(now=datetime(2027, 1, 4, 9, tzinfo=UTC))
        assert identifiers.parse_case_reference(made.reference).number == 1

    def test_counts_the_year_in_brussels(self):
        made = a_case(now=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
        assert made.reference.startswith("STO-2027-")
        assert made.received_on == date(2027, 1, 1)

    def test_uses_the_prefix_the_organization_chose(self):
        registry.save_setting(name="cases.reference_prefix", value="vla", actor=CLERK, now=NOW)
        assert a_case().reference.startswith("VLA-2026-000001-")

    def test_sets_the_term_of_the_case_type(self):
        made = a_case()
        assert made.due_on == date(2027, 1, 22)
        assert made.days_left == 60

    def test_keeps_answers_with_their_source_and_files(self):
        citizen, file = a_citizen(), a_file()
        made = api.get_case(case=a_case(citizen=citizen, attachments=(file,)).uuid, actor=citizen, now=NOW)
        assert made.answers == ANSWERS
        assert [each.file for each in made.attachments] == [file]
        assert [event.action for event in made.history] == [Action.RECEIVE]

    def test_sends_a_receipt(self):
        made = api.get_case(case=a_case().uuid, actor=CLERK, now=NOW)
        assert [letter.template for letter in made.documents] == ["receipt"]

    def test_leaves_one_change_leaf_about_the_applicant(self):
        citizen = a_citizen()
        a_case(citizen=citizen)
        (leaf,) = leaves("cases.create")
        assert persons_of(leaf) == [citizen.person]

    def test_refuses_a_case_type_nobody_loaded(self):
        with pytest.raises(data.CaseTypeNotFound):
            a_case(case_type="zwembad")

    def test_refuses_a_file_of_another_case_and_leaves_nothing(self):
        file = a_file()
        a_case(attachments=(file,))
        before = CaseRow.objects.count()
        with pytest.raises(data.AttachmentNotFound):
            a_case(attachments=(file,))
        assert CaseRow.objects.count() == before

    def test_refuses_to_file_for_somebody_else(self):
        with pytest.raises(NotAllowed):
            a_case(applicant=Subject(kind="person", uuid=some_person()))

    def test_names_the_representative_beside_the_applicant(self):
        grantor = Subject(kind="organization", uuid=some_person())
        filer = a_citizen(represents=grantor, represents_name="Bakkerij Peeters")
        made = a_case(citizen=filer, applicant=grantor, applicant_name="Bakkerij Peeters")
        assert api.get_case(case=made.uuid, actor=filer, now=NOW).represented_by == "Noor Peeters"


class TestIdempotencyKey:
    def test_gives_the_same_case_again(self):
        citizen = a_citizen()
        first = a_case(citizen=citizen, idempotency_key="k1")
        assert a_case(citizen=citizen, idempotency_key="k1").uuid == first.uuid
        assert CaseRow.objects.count() == 1

    def test_refuses_the_same_key_with_another_body(self):
        citizen = a_citizen()
        a_case(citizen=citizen, idempotency_key="k1")
        with pytest.raises(data.IdempotencyConflict):
            a_case(citizen=citizen, idempotency_key="k1", answers=())

    def test_belongs_to_who_sent_it(self):
        a_case(idempotency_key="k1")
        a_case(idempotency_key="k1")
        assert CaseRow.objects.count() == 2

    def test_is_forgotten_after_31_days(self):
        citizen = a_citizen()
        a_case(citizen=citizen, idempotency_key="k1")
        later = NOW + timedelta(days=32)
        a_case(citizen=citizen, idempotency_key="k1", now=later)
        assert CaseRow.objects.count() == 2
        assert api.forget_request_keys(now=later) == 0
        assert api.forget_request_keys(now=later + timedelta(days=31)) == 1


class TestGetCase:
    def test_leaves_a_consultation_leaf_before_it_answers(self):
        made = a_case()
        api.get_case(case=made.uuid, actor=CLERK, now=NOW)
        (leaf,) = leaves("cases.read")
        assert leaf.person == CLERK.person
        assert leaf.reference == made.reference
        assert "answers" in leaf.fields_seen

    def test_hides_the_case_of_somebody_else(self):
        made = a_case()
        with pytest.raises(NotAllowed) as refused:
            api.get_case(case=made.uuid, actor=a_citizen(), now=NOW)
        assert refused.value.reason is Reason.HIDDEN
        assert leaves("cases.read") == []

    @pytest.mark.parametrize("role", ["policy_maker", "dpo", "tenant_admin", "collective_admin", "supplier"])
    def test_is_for_clerks_alone(self, role):
        made = a_case()
        with pytest.raises(NotAllowed):
            api.get_case(case=made.uuid, actor=a_staff_member(role), now=NOW)

    def test_speaks_to_citizens_in_their_own_labels(self):
        citizen = a_citizen()
        made = a_case(citizen=citizen)
        assert api.get_case(case=made.uuid, actor=citizen, now=NOW).status_label == "Ontvangen"
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).status_label == "Nieuw"

    def test_does_not_know_a_case_of_another_organization(self, other_tenant):
        made = a_case()
        with tenants.unbound(), tenants.bind_tenant(other_tenant), pytest.raises(data.CaseNotFound):
            api.get_case(case=made.uuid, actor=CLERK, now=NOW)


class TestHandling:
    def test_goes_from_receipt_to_closed(self):
        made = in_status(a_case(), "start", "ask", "answer", "decide", "close", clerk=CLERK)
        assert (made.status, made.outcome, made.is_open) == ("closed", "granted", False)
        detail = api.get_case(case=made.uuid, actor=CLERK, now=NOW)
        assert [event.revision for event in detail.history] == [1, 2, 3, 4, 5, 6]
        assert [letter.template for letter in detail.documents] == [
            "receipt",
            "information-request",
            "permit-granted",
        ]
        assert detail.decision is not None
        assert detail.decision.decided_by == "Lotte Voorbeeld"

    def test_makes_who_starts_it_the_handler(self):
        made = in_status(a_case(), "start", clerk=CLERK)
        assert (made.assignee, made.assignee_name) == (CLERK.person, "Lotte Voorbeeld")

    def test_assigns_to_a_colleague_and_to_nobody(self):
        colleague = some_person()
        made = a_case()
        made = api.assign(case=made.uuid, to=colleague, actor=CLERK, now=NOW, revision=made.revision)
        assert made.assignee == colleague
        made = api.assign(case=made.uuid, to=None, actor=CLERK, now=NOW, revision=made.revision)
        assert made.assignee is None

    def test_stops_the_term_while_a_question_stands_open(self):
        asked = in_status(a_case(), "start", "ask")
        later = NOW + timedelta(days=200)
        seen = api.get_case(case=asked.uuid, actor=CLERK, now=later)
        assert (seen.is_paused, seen.is_overdue, seen.days_left) == (True, False, 60)

    def test_moves_the_term_by_the_days_until_the_answer(self):
        citizen = a_citizen()
        asked = in_status(a_case(citizen=citizen), "start", "ask")
        answered = api.answer_information(
            case=asked.uuid,
            text="De eik",
            attachments=(a_file(),),
            actor=citizen,
            now=NOW + timedelta(days=9),
        )
        assert answered.due_on == date(2027, 1, 31)
        detail = api.get_case(case=asked.uuid, actor=citizen, now=NOW)
        assert [(each.question, each.answer) for each in detail.messages] == [
            ("Welke boom is ziek?", "De eik")
        ]
        assert len(detail.attachments) == 1

    def test_asks_for_an_answer_by_a_working_day(self):
        asked = in_status(a_case(now=datetime(2026, 12, 10, 9, tzinfo=UTC)), "start", "ask",
                          now=datetime(2026, 12, 10, 9, tzinfo=UTC))
        detail = api.get_case(case=asked.uuid, actor=CLERK, now=NOW)
        assert detail.messages[0].answer_by == date(2026, 12, 28)

    def test_keeps_the_term_running_where_the_case_type_does_not_pause(self):
        asked = in_status(a_case(case_type="verhuizing"), "start", "ask")
        assert not asked.is_paused

    def test_is_overdue_the_day_after_the_term(self):
        made = a_case()
        on_time = api.get_case(case=made.uuid, actor=CLERK, now=NOW + timedelta(days=60))
        late = api.get_case(case=made.uuid, actor=CLERK, now=NOW + timedelta(days=61))
        assert (on_time.is_overdue, on_time.is_due_soon) == (False, True)
        assert (late.is_overdue, late.days_left) == (True, -1)

    @pytest.mark.parametrize(("actions", "next_action"), [
        ((), "close"), (("start",), "start"), (("start",), "answer"), (("decide",), "decide"),
        (("decide",), "ask"), (("decide", "close"), "close"),
    ])
    def test_refuses_what_the_case_type_does_not_allow(self, actions, next_action):
        made = in_status(a_case(), *actions)
        rows = StatusRow.objects.count()
        with pytest.raises(data.InvalidTransition):
            in_status(made, next_action)
        assert StatusRow.objects.count() == rows

    def test_names_the_allowed_outcomes(self):
        made = a_case()
        with pytest.raises(data.OutcomeUnknown) as refused:
            api.decide(case=made.uuid, outcome="perhaps", motivation="x", actor=CLERK, now=NOW, revision=1)
        assert refused.value.allowed == ("granted", "refused", "withdrawn", "notApplicable")

    def test_demands_a_motivation(self):
        made = a_case()
        with pytest.raises(data.TextMissing):
            api.decide(case=made.uuid, outcome="refused", motivation="  ", actor=CLERK, now=NOW, revision=1)

    def test_decides_once_for_one_key(self):
        made = a_case()
        given = {"case": made.uuid, "outcome": "refused", "motivation": "Gezond.", "actor": CLERK, "now": NOW,
                 "revision": 1, "idempotency_key": "d1"}
        assert api.decide(**given).revision == api.decide(**given).revision == 2
        with pytest.raises(data.IdempotencyConflict):
            api.decide(**{**given, "outcome": "granted"})

    @pytest.mark.parametrize(("homes", "envelope"), [
        ({"address": "Kerkstraat 2, 9880 Aalter"}, "Kerkstraat 2<br>9880 Aalter"),
        ({"address": "Kerkstraat 2, 9880 Aalter", "new_address": "Markt 1, 9880 Aalter"},
         "Markt 1<br>9880 Aalter"),
    ])
    def test_puts_where_the_applicant_lives_on_the_letter(self, homes, envelope):
        answers = tuple(
            AnsweredFact(section="applicant", field=field, label="Adres", value=text)
            for field, text in homes.items()
        )
        shown = api.preview_decision(
            case=a_case(answers=answers).uuid, outcome="refused", motivation="Gezond.", actor=CLERK, now=NOW)
        assert f"Peeters<br>{envelope}" in shown

    def test_previews_the_letter_and_records_no_decision(self):
        made = a_case()
        shown = api.preview_decision(
            case=made.uuid, outcome="refused", motivation="De boom is <b>gezond</b>.", actor=CLERK, now=NOW)
        assert "&lt;b&gt;gezond" in shown
        assert made.reference in shown
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).status == "received"


class TestCaseChanged:
    def test_carries_what_the_colleague_did(self):
        made = a_case()
        in_status(made, "start", clerk=CLERK)
        with pytest.raises(data.CaseChanged) as refused:
            api.close(case=made.uuid, actor=a_staff_member("clerk"), now=NOW, revision=made.revision)
        assert refused.value.theirs.revision == 2
        assert [(event.action, event.by) for event in refused.value.since] == [
            (Action.START, "Lotte Voorbeeld")
        ]

    def test_writes_nothing(self):
        made = a_case()
        in_status(made, "start")
        before = leaves("cases.ask_information")
        with pytest.raises(data.CaseChanged):
            api.ask_information(case=made.uuid, question="?", actor=CLERK, now=NOW, revision=1)
        assert leaves("cases.ask_information") == before


class TestWorklist:
    def listed(self, *, cursor: str = "", page_size: int = 20, actor=CLERK, now=NOW, **filter: object):
        return api.list_worklist(filter=WorklistFilter(**filter), cursor=cursor, actor=actor, now=now,
                                 page_size=page_size)

    def test_gives_the_nearest_term_first(self):
        late, soon = a_case(), a_case(case_type="attest-van-woonst")
        assert [each.uuid for each in self.listed().items] == [soon.uuid, late.uuid]

    def test_walks_forth_and_back_over_equal_days_without_gap(self):
        made = [a_case().uuid for _ in range(5)]
        first = self.listed(page_size=2)
        second = self.listed(page_size=2, cursor=first.next_cursor)
        third = self.listed(page_size=2, cursor=second.next_cursor)
        assert [each.uuid for page in (first, second, third) for each in page.items] == made
        assert (first.previous_cursor, third.next_cursor) == ("", "")
        back = self.listed(page_size=2, cursor=third.previous_cursor)
        assert [each.uuid for each in back.items] == made[2:4]
        assert self.listed(page_size=2, cursor=back.previous_cursor).items == first.items

    def test_sorts_descending_with_its_own_cursor(self):
        made = [a_case(now=NOW + timedelta(days=day)).uuid for day in range(3)]
        first = self.listed(page_size=2, sort="-receivedOn")
        second = self.listed(page_size=2, sort="-receivedOn", cursor=first.next_cursor)
        assert [each.uuid for page in (first, second) for each in page.items] == made[::-1]

    @pytest.mark.parametrize("cursor", ["x", "e30", "////", "eyJzb3J0IjoiZHVlT24ifQ"])
    def test_refuses_a_cursor_of_somebody_elses_making(self, cursor):
        with pytest.raises(data.InvalidCursor):
            self.listed(cursor=cursor)

    def test_refuses_a_cursor_of_another_order(self):
        a_case(), a_case()
        cursor = self.listed(page_size=1).next_cursor
        with pytest.raises(data.InvalidCursor):
            self.listed(cursor=cursor, sort="-dueOn")

    def test_filters_by_status_type_handler_and_term(self):
        new, started = a_case(), in_status(a_case(case_type="verhuizing"), "start", clerk=CLERK)
        closed = in_status(a_case(), "decide", "close")
        assert [each.uuid for each in self.listed(status=("inProgress",)).items] == [started.uuid]
        assert [each.uuid for each in self.listed(case_type=("verhuizing",)).items] == [started.uuid]
        assert [each.uuid for each in self.listed(assignee=CLERK.person).items] == [started.uuid]
        assert closed.uuid not in [each.uuid for each in self.listed(only_open=True).items]
        late = self.listed(overdue=True, now=NOW + timedelta(days=30)).items
        assert [each.uuid for each in late] == [started.uuid]
        assert new.uuid in [each.uuid for each in self.listed().items]

    def test_finds_by_reference_and_by_name_without_accents(self):
        made = a_case(applicant_name="Zoë De Bruyère")
        a_case()
        for text in (made.reference.lower(), made.reference[4:], "zoe bruyere", "BRUYÈRE"):
            assert [each.uuid for each in self.listed(q=text).items] == [made.uuid]

    def test_leaves_one_leaf_about_everybody_shown(self):
        people = [a_citizen() for _ in range(3)]
        for person in people:
            a_case(citizen=person)
        self.listed()
        (leaf,) = leaves("cases.worklist")
        about = set(persons_of(leaf))
        assert about == {person.person for person in people}

    def test_leaves_no_leaf_when_nothing_is_shown(self):
        assert self.listed().items == ()
        assert leaves("cases.worklist") == []

    def test_is_not_for_citizens_or_policy_makers(self):
        for actor in (a_citizen(), a_staff_member("policy_maker"), a_machine("cases:cases:write")):
            with pytest.raises(NotAllowed):
                self.listed(actor=actor)

    def test_exports_with_a_leaf(self):
        a_case()
        rows = api.export_worklist(filter=WorklistFilter(), actor=CLERK, now=NOW)
        assert len(rows) == len(leaves("cases.export")) == 1


class TestListOwn:
    def test_gives_only_ones_own_newest_first(self):
        citizen = a_citizen()
        a_case()
        made = [a_case(citizen=citizen, now=NOW + timedelta(days=day)).uuid for day in range(2)]
        assert [each.uuid for each in api.list_own(actor=citizen, now=NOW)] == made[::-1]

    def test_gives_a_representative_the_cases_of_who_is_represented(self):
        citizen, filer = a_citizen(), a_citizen()
        mine = a_case(citizen=citizen)
        acting = a_citizen(person=filer.person, represents=Subject(kind="person", uuid=citizen.person))
        assert [each.uuid for each in api.list_own(actor=acting, now=NOW)] == [mine.uuid]


class TestReadAttachment:
    def test_gives_the_bytes_to_clerk_and_applicant(self):
        citizen, file = a_citizen(), a_file()
        made = a_case(citizen=citizen, attachments=(file,))
        for actor in (citizen, CLERK):
            assert api.read_attachment(case=made.uuid, file=file, actor=actor, now=NOW).content == PDF
        assert len(leaves("cases.read_attachment")) == 2

    def test_refuses_a_file_of_another_case(self):
        mine, theirs = a_file(), a_file()
        citizen = a_citizen()
        made = a_case(citizen=citizen, attachments=(mine,))
        a_case(attachments=(theirs,))
        with pytest.raises(data.AttachmentNotFound):
            api.read_attachment(case=made.uuid, file=theirs, actor=citizen, now=NOW)

    def test_refuses_a_letter_of_another_case(self):
        citizen = a_citizen()
        made = a_case(citizen=citizen)
        other = api.get_case(case=a_case().uuid, actor=CLERK, now=NOW).documents[0].document
        with pytest.raises(data.LetterNotFound):
            api.read_letter(case=made.uuid, document=other, actor=citizen, now=NOW)


class TestLoadCaseType:
    def test_changes_nothing_for_the_same_bytes(self):
        load_content()
        assert len(api.list_case_types()) == 6

    def test_keeps_the_rules_a_case_came_in_under(self):
        made = a_case()
        raw = _shipped("kapvergunning").replace(b"Vergund", b"Toegestaan")
        assert api.load_case_type(raw=raw, now=NOW)
        decided = in_status(made, "decide")
        assert decided.outcome_label == "Vergund"
        assert in_status(a_case(), "decide").outcome_label == "Toegestaan"

    def test_lists_statuses_once(self):
        codes = [each.code for each in api.list_statuses()]
        assert codes == ["received", "inProgress", "informationRequested", "decided", "closed"]


def _shipped(code: str) -> bytes:
    from pathlib import Path

    from django.conf import settings

    return (Path(settings.OCAPI.project) / "content" / "case-types" / f"{code}.yaml").read_bytes()


class TestMachine:
    def test_files_a_case_with_its_scope_and_the_platform_writes_the_letter(self):
        made = a_case(citizen=None, actor=a_machine("cases:cases:write"),
                      applicant=Subject(kind="person", uuid=ids.new_uuid(NOW)), applicant_name="Jan Peeters",
                      channel="api")
        assert made.channel == "api"

    def test_is_refused_without_the_scope(self):
        with pytest.raises(NotAllowed) as refused:
            a_case(actor=a_machine("cases:cases:read"))
        assert refused.value.reason is Reason.SCOPE_MISSING
