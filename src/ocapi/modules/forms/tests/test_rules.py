"""How answers are read, checked and worded, pure. Not covered here: storage, access, sources, pages."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import codec
from ocapi.modules.forms import api
from ocapi.modules.forms.data import Address, Fault, FieldType, FormRefused, Section
from ocapi.modules.forms.services import checking, messages, values
from ocapi.modules.forms.tests.factories import a_field, a_form, definition_with

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SMALL = api.read_definition(value=a_form())
CHOICES = [{"code": "a", "label": "Aa"}, {"code": "b", "label": "Bee"}]
EXTRA = {
    "choice": {"options": CHOICES},
    "multiple_choice": {"options": CHOICES},
    "repeat": {"fields": [a_field("text", code="r")]},
    "upload": {"upload": {"accepted": ["pdf"], "max_bytes": 10, "max_files": 1}},
}


def field(kind, **members):
    return next(definition_with(a_field(kind, **{**EXTRA.get(kind, {}), **members})).fields)


def read(of, *texts, raw=None):
    return values.read(of, raw or {"q": list(texts)}, today=TODAY, allow_synthetic=True)


def fault_of(of, *texts, raw=None, files=0):
    definition = replace(SMALL, sections=(Section(code="s", title="S", fields=(of,)),))
    given_values, unreadable = {}, {}
    try:
        value = read(of, *texts, raw=raw)
        if value is not None:
            given_values["q"] = value
    except values.Unreadable as refused:
        unreadable["q"] = refused.name
    filled = checking.Filled(given=given_values, unreadable=unreadable, prefill={}, files={"q": files})
    found = checking.faults(definition, filled, now=NOW)
    return found[0].fault if found else None


class TestRead:
    @pytest.mark.parametrize(
        ("kind", "text", "value"),
        [
            ("text", "  twee   woorden ", "twee woorden"),
            ("long_text", "een\r\ntwee", "een\ntwee"),
            ("date", "7/3/1985", "1985-03-07"),
            ("date", "07-03-1985", "1985-03-07"),
            ("date", "1985-03-07", "1985-03-07"),
            ("integer", "1.500", 1500),
            ("integer", "-3", -3),
            ("amount", "€ 1.234,50", 123450),
            ("email", "An@Voorbeeld.BE", "An@voorbeeld.be"),
            ("telephone", "0470 00 00 01", "+32470000001"),
            ("telephone", "+31 20 123 45 67", "+31201234567"),
            ("choice", "b", "b"),
            ("multiple_choice", "b", ("b",)),
            ("yes_no", "false", False),
            ("statement", "on", True),
            ("national_number", "85.63.07-112.61", "85630711261"),
            ("iban", "be68 5390 0754 7034", "BE68539007547034"),
            ("enterprise_number", "0207.437.468", "0207437468"),
        ],
    )
    def test_takes_what_people_write(self, kind, text, value):
        assert read(field(kind), text) == value

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            ("date", "31/02/2020"),
            ("date", "1985"),
            ("date", "morgen"),
            ("date", "07/03/85"),
            ("integer", "2,5"),
            ("integer", "1.5"),
            ("amount", "1,234.50"),
            ("email", "an@voorbeeld"),
            ("email", "a b@c.be"),
            ("email", ".an@voorbeeld.be"),
            ("telephone", "12345678"),
            ("choice", "z"),
            ("multiple_choice", "z"),
            ("yes_no", "ja hoor"),
            ("statement", "nee"),
            ("national_number", "85.63.07-112.62"),
            ("iban", "BE68 5390 0754 7035"),
            ("enterprise_number", "0207.437.469"),
        ],
    )
    def test_refuses_what_is_no_answer(self, kind, text):
        with pytest.raises(values.Unreadable):
            read(field(kind), text)

    def test_takes_a_birth_of_which_only_the_year_or_the_month_is_known(self):
        birth = field("date", autocomplete="bday", max="today")
        assert (read(birth, "1962"), read(birth, "3/1962")) == ("1962", "1962-03")
        assert fault_of(birth, "2026") is None
        assert fault_of(birth, "2027") is Fault.TOO_LATE

    def test_names_the_part_of_an_address_that_is_missing(self):
        with pytest.raises(values.Unreadable) as refused:
            read(
                field("address"),
                raw={"q-street_name": ["Markt"], "q-house_number": ["1"], "q-municipality": ["Aalter"]},
            )
        assert refused.value.name == "q-postal_code"

    def test_refuses_a_synthetic_number_outside_demo_and_tests(self):
        with pytest.raises(values.Unreadable):
            values.read(field("national_number"), {"q": ["85630711261"]}, today=TODAY, allow_synthetic=False)


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "members", "text", "fault"),
        [
            ("text", {}, "", Fault.REQUIRED),
            ("text", {"required": False}, "", None),
            ("text", {}, " \t", Fault.REQUIRED),
            ("text", {"max_length": 3}, "vier", Fault.TOO_LONG),
            ("text", {}, "x" * 1001, Fault.TOO_LONG),
            ("integer", {"min": 1}, "0", Fault.TOO_SMALL),
            ("integer", {"max": 5}, "6", Fault.TOO_LARGE),
            ("amount", {"max": 1000}, "10,01", Fault.TOO_LARGE),
            ("date", {"max": "today"}, "24/11/2026", Fault.TOO_LATE),
            ("date", {"max": "today"}, "23/11/2026", None),
            ("date", {"min": "2026-01-01"}, "31/12/2025", Fault.TOO_EARLY),
            ("integer", {}, "veel", Fault.INVALID),
            ("statement", {}, "", Fault.REQUIRED),
            ("yes_no", {}, "false", None),
        ],
    )
    def test_finds(self, kind, members, text, fault):
        assert fault_of(field(kind, **members), text) is fault

    def test_asks_for_a_file_where_one_is_required(self):
        assert fault_of(field("upload")) is Fault.REQUIRED
        assert fault_of(field("upload"), files=1) is None
        assert fault_of(field("upload"), files=2) is Fault.TOO_MANY

    def test_passes_over_what_is_hidden_and_what_hangs_on_what_is_hidden(self):
        definition = definition_with(
            a_field("yes_no", code="one"),
            a_field("yes_no", code="two", show_when={"field": "one", "equals": True}),
            a_field("text", code="three", show_when={"field": "two", "equals": True}),
        )

        def faults(**given_values):
            filled = checking.Filled(given=given_values, unreadable={}, prefill={}, files={})
            return [found.field.code for found in checking.faults(definition, filled, now=NOW)]

        assert faults(one=False, two=True) == []
        assert faults(one=True, two=True) == ["three"]
        assert faults() == ["one"]


texts = st.text(max_size=60) | st.text(alphabet="0123456789/.-+ ,€@", max_size=20)
kinds = st.sampled_from([kind for kind in FieldType if kind not in (FieldType.UPLOAD, FieldType.ADDRESS)])


class TestProperties:
    @settings(max_examples=150, deadline=None)
    @given(kind=kinds, text=texts)
    def test_what_is_read_is_kept_and_typed_again_as_the_same_answer(self, kind, text):
        of = field(kind.value)
        try:
            value = read(of, text)
        except values.Unreadable:
            return
        if value is None:
            return
        assert values.is_of_type(kind, value)
        stored = codec.decode_untyped(codec.encode_json(values.to_json(value)))
        assert values.from_json(kind, stored) == value
        assert read(of, raw=values.typed(of, value)) == value

    @settings(max_examples=60, deadline=None)
    @given(parts=st.lists(texts, min_size=5, max_size=5))
    def test_an_address_that_is_read_is_whole_and_comes_back_the_same(self, parts):
        of = field("address")
        try:
            value = read(
                of, raw={name: [text] for name, text in zip(values.names_of(of), parts, strict=True)}
            )
        except values.Unreadable:
            return
        if value is not None:
            assert isinstance(value, Address) and value.street_name and value.municipality
            assert read(of, raw=values.typed(of, value)) == value

    @settings(max_examples=60, deadline=None)
    @given(label=st.text(max_size=30), limit=st.text(max_size=30))
    def test_a_value_put_into_a_text_is_never_read_as_a_place(self, label, limit):
        made = messages.filled("{label} en {limit}", label=label, limit=limit)
        assert made == f"{label} en {limit}"


class TestDefinition:
    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ([a_field("text"), a_field("text")], "Two fields"),
            ([a_field("choice")], "Options go with"),
            ([a_field("upload")], "n upload field"),
            ([a_field("upload", upload={"accepted": ["exe"], "max_bytes": 1})], "accepted"),
            ([a_field("text", show_when={"field": "later", "equals": True})], "no earlier field"),
            (
                [
                    a_field("choice", options=CHOICES),
                    a_field("text", code="r", show_when={"field": "q", "equals": "z"}),
                ],
                "option of q",
            ),
            ([a_field("text", max="today")], "does not fit"),
            ([], "needs a section"),
        ],
    )
    def test_refuses_one_that_contradicts_itself(self, fields, word):
        with pytest.raises(FormRefused) as refused:
            definition_with(*fields)
        assert any(word in problem for problem in refused.value.problems)

    def test_refuses_a_member_it_does_not_know(self):
        with pytest.raises(codec.MalformedInput) as refused:
            definition_with(a_field("text", colour="red"))
        assert "colour" in str(refused.value)


class TestTexts:
    def test_every_built_in_text_has_dutch_and_both_address_forms_or_neither(self):
        home = Path(messages.__file__).parents[1]
        known = {}
        for locale in ("nl", "nl_BE-x-formal", "nl_BE-x-informal"):
            with (home / "locale" / locale / "LC_MESSAGES" / "django.po").open("rb") as source:
                known[locale] = {entry.id: entry.string for entry in read_po(source) if entry.id}
        built_in = {
            text
            for name, text in vars(messages).items()
            if isinstance(text, str) and " " in text and name.isupper()
        }
        built_in |= {
            text
            for held in (messages._REQUIRED, messages._INVALID, messages._ELSE, messages._REFUSALS)
            for text in held.values()
        }
        assert {text for text in built_in if not known["nl"].get(text)} == set() | {
            messages.__doc__
        } & built_in
        assert set(known["nl_BE-x-formal"]) == set(known["nl_BE-x-informal"]) <= set(known["nl"])
        for text in known["nl"]:
            places = set(re.findall(r"\{\w+\}", text))
            assert all(
                set(re.findall(r"\{\w+\}", texts[text])) == places
                for texts in known.values()
                if text in texts
            )

    def test_own_words_of_the_form_come_first(self):
        of = field("text", errors={"required": {"formal": "Vul in, u.", "informal": "Vul in, jij."}})
        assert messages.text_of(of, Fault.REQUIRED, address_form="formal", today=TODAY) == "Vul in, u."
        assert messages.text_of(of, Fault.REQUIRED, address_form="informal", today=TODAY) == "Vul in, jij."

    def test_a_built_in_text_names_the_limit(self):
        of = field("amount", max=1250)
        assert "12,50" in messages.text_of(of, Fault.TOO_LARGE, address_form="formal", today=TODAY)
