"""Terms and transitions, pure. Not covered here: rows, policy and letters (test_api)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocapi.lib import codec
from ocapi.modules.cases import definitions, terms
from ocapi.modules.cases.data import Action, CaseTypeRefused

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2044, 1, 1))
MINIMAL = """
code: proef
version: "1"
title: {nl: Proef, en: Trial}
form: null
service: null
kind_of_organization: [municipality]
handler_role: clerk
unit: Dienst
initial_status: received
statuses:
- {code: received, final: false, label: {citizen: Ontvangen, desk: Nieuw}, explanation: Ontvangen.}
- code: decided
  final: false
  label: {citizen: {formal: Voor u, informal: Voor jou}, desk: Beslist}
  explanation: X.
- {code: closed, final: true, label: {citizen: Klaar, desk: Klaar}, explanation: Klaar.}
transitions: [{from: received, to: decided}, {from: decided, to: closed}]
outcomes: [{code: granted, label: Ja}]
term: {days: 30, legal: true, starts: received, pauses_while: [], warn_days: 5}
information_request_days: 15
retention: {years: 1, basis: lijst, starts: closed, action: destroy}
letters: {receipt: a, information_request: b, granted: c}
personal_categories: [contact]
"""


def a_type(**changes: str) -> definitions.CaseType:
    text = MINIMAL
    for old, new in changes.items():
        text = text.replace(old, new)
    return definitions.read(text.encode())


class TestEndOfTerm:
    def test_counts_from_the_day_after(self):
        assert terms.end_of_term(date(2026, 3, 1), days=30, shifts=False) == date(2026, 3, 31)

    def test_moves_from_a_saturday_over_sunday_to_monday(self):
        assert terms.end_of_term(date(2026, 11, 13), days=15, shifts=True) == date(2026, 11, 30)

    def test_moves_over_christmas_and_the_weekend_behind_it(self):
        assert terms.end_of_term(date(2026, 12, 10), days=15, shifts=True) == date(2026, 12, 28)

    def test_moves_over_easter_monday(self):
        assert terms.end_of_term(date(2027, 3, 28), days=1, shifts=True) == date(2027, 3, 30)

    def test_leaves_the_organizations_own_duty_on_a_sunday(self):
        assert terms.end_of_term(date(2026, 11, 14), days=15, shifts=False) == date(2026, 11, 29)

    def test_refuses_to_guess_a_year_without_holidays(self):
        with pytest.raises(terms.CalendarMissing):
            terms.end_of_term(date(2060, 1, 1), days=1, shifts=True)

    @given(start=DAYS, days=st.integers(min_value=1, max_value=365))
    def test_ends_on_a_working_day_within_a_week_of_the_plain_end(self, start, days):
        end = terms.end_of_term(start, days=days, shifts=True)
        assert terms.is_working_day(end)
        assert timedelta(0) <= end - (start + timedelta(days=days)) <= timedelta(days=6)


class TestHolidays:
    @given(year=st.integers(min_value=2020, max_value=2045))
    def test_each_year_has_its_ten(self, year):
        raw = (Path(terms.__file__).parent / "holidays.yaml").read_bytes()
        days = codec.decode_yaml(raw, dict[str, dict[int, list[date]]])["years"][year]
        assert len(days) == 10
        assert {day.year for day in days} == {year}

    @pytest.mark.parametrize("day", [
        date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2027, 3, 29), date(2027, 5, 6),
        date(2028, 4, 17), date(2026, 7, 21), date(2026, 11, 11),
    ])
    def test_knows_the_movable_and_the_fixed_ones(self, day):
        assert not terms.is_working_day(day)


class TestPause:
    def test_moves_the_end_by_the_days_it_lasted(self):
        moved = terms.resumed(date(2027, 1, 22), paused_on=date(2026, 12, 1), resumed_on=date(2026, 12, 9))
        assert moved == date(2027, 1, 30)

    def test_keeps_the_days_left_standing(self):
        left = [terms.days_left(date(2027, 1, 22), today=date(2026, 12, day), paused_on=date(2026, 12, 1))
                for day in (1, 5, 31)]
        assert left == [52, 52, 52]

    @given(due=DAYS, paused=DAYS, length=st.integers(min_value=0, max_value=400))
    def test_gives_the_same_days_left_before_and_after(self, due, paused, length):
        resumed_on = paused + timedelta(days=length)
        after = terms.resumed(due, paused_on=paused, resumed_on=resumed_on)
        assert terms.days_left(after, today=resumed_on) == terms.days_left(due, today=paused)


class TestTransitions:
    def test_follow_the_case_type(self):
        made = a_type()
        assert made.allowed_actions(status="received") == {Action.ASSIGN, Action.DECIDE}
        assert made.allowed_actions(status="decided") == {Action.ASSIGN, Action.CLOSE}

    def test_allow_nothing_in_a_final_status(self):
        assert a_type().allowed_actions(status="closed") == frozenset()

    def test_never_answer_a_question_that_was_not_asked(self):
        made = definitions.read(
            MINIMAL.replace("{from: received, to: decided}", "{from: received, to: received}").encode()
        )
        assert not made.allows(Action.ANSWER_INFORMATION, status="received")


class TestRead:
    def test_takes_every_case_type_the_project_ships(self):
        folder = next(
            parent / "content" for parent in Path(__file__).parents if (parent / "content").is_dir()
        )
        shipped = [path for path in (folder / "case-types").glob("*.yaml") if path.name != "pack.yaml"]
        assert {definitions.read(path.read_bytes()).code for path in shipped} == {
            path.stem for path in shipped
        }

    @pytest.mark.parametrize(("old", "new", "member"), [
        ("initial_status: received", "initial_status: elsewhere", "initial_status"),
        ("{from: decided, to: closed}", "{from: decided, to: gone}", "transitions"),
        ("pauses_while: []", "pauses_while: [asleep]", "term.pauses_while"),
        (", granted: c", "", "letters"),
        ("final: true", "final: false", "statuses"),
        ("days: 30", "days: 0", "term.days"),
    ])
    def test_names_the_member_that_contradicts_itself(self, old, new, member):
        with pytest.raises(CaseTypeRefused) as refused:
            a_type(**{old: new})
        assert member in str(refused.value)

    def test_refuses_a_member_it_does_not_know(self):
        with pytest.raises(codec.MalformedInput) as refused:
            definitions.read((MINIMAL + "color: green\n").encode())
        assert refused.value.path == "$.color"

    def test_tells_each_reader_in_the_form_of_address_chosen(self):
        label = a_type().status("decided").label.citizen
        assert definitions.told(label, address_form="formal") == "Voor u"
        assert definitions.told(label, address_form="informal") == "Voor jou"
