"""The rules of a meeting without a database: states, votes, terms, and what stays closed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocapi.modules.council import procedure, rules
from ocapi.modules.council.data import FOLLOWING, MeetingState, NotNow, Refused
from ocapi.modules.council.tests.factories import a_text


class TestStates:
    @given(st.lists(st.sampled_from(list(MeetingState)), max_size=8))
    def test_never_lead_back(self, wanted):
        state, seen = MeetingState.PLANNED, {MeetingState.PLANNED}
        for each in wanted:
            try:
                procedure.require_following(state, each)
            except NotNow:
                continue
            assert each not in seen
            state = each
            seen.add(each)

    def test_are_all_reached_and_end(self):
        assert set(FOLLOWING) == set(MeetingState)
        assert [each for each, following in FOLLOWING.items() if not following] == [
            MeetingState.CLOSED,
            MeetingState.CANCELLED,
        ]


class TestTerms:
    def test_count_calendar_days(self):
        assert rules.due_agenda(date(2026, 12, 10)) == date(2026, 12, 2)
        assert rules.due_decisions(date(2026, 12, 24)) == date(2027, 1, 3)
        assert rules.entry_into_force(date(2026, 12, 29)) == date(2027, 1, 3)

    def test_name_their_article(self):
        assert all("artikel" in each.source for each in rules.shipped().duties.values())

    def test_tell_of_every_wider_kind_once(self):
        assert [each.code for each in rules.with_wider("taxRegulation")] == ["taxRegulation", "regulation"]
        assert list(rules.with_wider("unheard")) == []


class TestNationalNumbers:
    @pytest.mark.parametrize(
        "text", ["67.62.15-467.51", "67621546751", "van 67 62 15 467 51 en", "67-62-15-467-51"]
    )
    def test_are_found_however_they_are_written(self, text):
        assert procedure.holds_national_number(text)

    @pytest.mark.parametrize("text", ["0697608063", "12345678901", "BE68 5390 0754 7034", "09 000 00 03", ""])
    def test_are_not_seen_in_other_numbers(self, text):
        assert not procedure.holds_national_number(text)


class TestDecisions:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"type": "unheard"}, "type: unknown"),
            ({"title": " "}, "title: missing"),
            ({"motivation": ""}, "motivation: missing"),
            ({"articles": ()}, "articles: missing"),
            ({"motivation": "x" * 300_000}, "motivation: tooLong"),
            ({"motivation": "Over 67.62.15-467.51"}, "motivation: nationalNumber"),
            ({"in_force_on": date(2027, 1, 1), "no_longer_in_force_on": date(2027, 1, 1)}, "beforeStart"),
        ],
    )
    def test_are_refused_when_they_are_not_whole(self, changes, problem):
        with pytest.raises(Refused, match=problem):
            procedure.checked(a_text(**changes), is_public=True)

    def test_refuse_a_ground_that_is_no_web_address(self):
        ground = a_text().grounds[0]
        wrong = type(ground)(title="x", url="javascript:alert(1)")
        with pytest.raises(Refused, match="grounds: notAnAddress"):
            procedure.checked(a_text(grounds=(wrong,)), is_public=True)
