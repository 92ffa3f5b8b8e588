"""Identifiers are read, checked and shown. Not covered: whether an existing thing carries the number."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import identifiers
from ocapi.lib.identifiers import Fault, InszKind, InvalidIdentifier


def with_check(nine: str, *, born_after_1999: bool = False) -> str:
    return nine + f"{97 - int(('2' if born_after_1999 else '') + nine) % 97:02d}"


class TestInsz:
    def test_reads_the_synthetic_example(self) -> None:
        insz = identifiers.parse_insz("67.62.15-467.51", allow_synthetic=True)
        assert (insz.digits, insz.kind, str(insz.birth_date)) == (
            "67621546751",
            InszKind.SYNTHETIC,
            "1967-02-15",
        )

    @pytest.mark.parametrize(
        ("month", "kind"),
        [
            ("07", InszKind.NATIONAL),
            ("27", InszKind.BIS),
            ("47", InszKind.BIS),
            ("67", InszKind.SYNTHETIC),
            ("87", InszKind.SYNTHETIC_BIS),
        ],
    )
    def test_tells_the_class_by_the_month(self, month: str, kind: InszKind) -> None:
        insz = identifiers.parse_insz(with_check(f"85{month}02001"), allow_synthetic=True)
        assert (insz.kind, insz.birth_date.whole) == (kind, date(1985, 7, 2))

    @pytest.mark.parametrize(
        ("fields", "birth"), [("856000", "1985"), ("856700", "1985-07"), ("856001", "1985")]
    )
    def test_keeps_an_unknown_day_or_month_unknown(self, fields: str, birth: str) -> None:
        insz = identifiers.parse_insz(with_check(f"{fields}001"), allow_synthetic=True)
        assert (str(insz.birth_date), insz.birth_date.whole) == (birth, None)

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("67.62.15-467.52", Fault.WRONG_CHECK_DIGITS),
            ("67.62.15-467.5", Fault.WRONG_LENGTH),
            ("67.62.15-467.5x", Fault.WRONG_CHARACTERS),
            ("٦٧٦٢١٥٤٦٧٥١", Fault.WRONG_CHARACTERS),
            ("", Fault.WRONG_CHARACTERS),
            (with_check("856231001"), Fault.IMPOSSIBLE_DATE),
            (with_check("857401001"), Fault.IMPOSSIBLE_DATE),
            (with_check("859901001"), Fault.IMPOSSIBLE_DATE),
            (with_check("856701000"), Fault.IMPOSSIBLE_SERIAL),
            (with_check("856701999"), Fault.IMPOSSIBLE_SERIAL),
        ],
    )
    def test_refuses_with_the_reason_and_without_the_number(self, text: str, fault: Fault) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            identifiers.parse_insz(text, allow_synthetic=True)
        assert caught.value.fault is fault
        assert not text or text not in str(caught.value)

    def test_refuses_synthetic_numbers_outside_demo(self) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            identifiers.parse_insz("67621546751", allow_synthetic=False)
        assert caught.value.fault is Fault.SYNTHETIC_REFUSED

    @settings(max_examples=100, deadline=None)
    @given(birth=st.dates(date(1900, 1, 1), date(2099, 12, 31)), serial=st.integers(1, 998))
    def test_reads_every_synthetic_number_it_makes(self, birth: date, serial: int) -> None:
        insz = identifiers.parse_insz(identifiers.synthetic_insz(birth, serial), allow_synthetic=True)
        assert (insz.birth_date.whole, insz.kind) == (birth, InszKind.SYNTHETIC)

    def test_shows_whole_or_masked(self) -> None:
        assert identifiers.format_insz("67621546751") == "67.62.15-467.51"
        assert identifiers.mask_insz("67621546751") == "**.**.**-***.51"


class TestOrganizations:
    @pytest.mark.parametrize("text", ["0697.608.063", "0697608063", " 697 608 063 ", "0697-608-063"])
    def test_reads_every_spelling_of_an_enterprise_number(self, text: str) -> None:
        assert identifiers.parse_kbo(text) == "0697608063"

    def test_accepts_a_first_digit_one(self) -> None:
        assert identifiers.parse_kbo("1010784540") == "1010784540"

    def test_warns_at_import_and_refuses_own_input_on_wrong_check_digits(self) -> None:
        imported = identifiers.import_kbo("0680397589")
        assert (imported.number, imported.warning) == ("0680397589", Fault.WRONG_CHECK_DIGITS)
        with pytest.raises(InvalidIdentifier):
            identifiers.parse_kbo("0680397589")

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("2199299410", Fault.WRONG_PREFIX),
            ("12", Fault.WRONG_LENGTH),
            ("O697608063", Fault.WRONG_CHARACTERS),
        ],
    )
    def test_refuses_at_import_what_is_no_number_at_all(self, text: str, fault: Fault) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            identifiers.import_kbo(text)
        assert caught.value.fault is fault

    def test_shows_enterprise_vat_and_establishment(self) -> None:
        assert identifiers.format_kbo("0697608063") == "0697.608.063"
        assert identifiers.format_vat(identifiers.parse_vat("be0697.608.063")) == "BE 0697.608.063"
        assert (
            identifiers.format_establishment(identifiers.parse_establishment("2199299410")) == "2.199.299.410"
        )

    @pytest.mark.parametrize(("text", "scheme"), [("NL0697608063", "vat"), ("BE0697608064", "vat")])
    def test_names_the_scheme_it_was_asked_for(self, text: str, scheme: str) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            identifiers.parse_vat(text)
        assert caught.value.scheme == scheme

    @pytest.mark.parametrize("text", ["0697608063", "2199299411"])
    def test_refuses_what_is_no_establishment(self, text: str) -> None:
        with pytest.raises(InvalidIdentifier):
            identifiers.parse_establishment(text)

    def test_keeps_the_zeros_of_a_nis_code(self) -> None:
        assert identifiers.parse_nis(" 01000 ") == "01000"

    @pytest.mark.parametrize("text", ["1000", "440211", "4402a", "44 021"])
    def test_refuses_a_wrong_nis_code(self, text: str) -> None:
        with pytest.raises(InvalidIdentifier):
            identifiers.parse_nis(text)

    def test_reads_an_ovo_code_in_lower_case(self) -> None:
        assert identifiers.parse_ovo("ovo002277") == "OVO002277"

    @pytest.mark.parametrize("text", ["OVO02277", "002277", "OVO00227A"])
    def test_refuses_a_wrong_ovo_code(self, text: str) -> None:
        with pytest.raises(InvalidIdentifier):
            identifiers.parse_ovo(text)


class TestPayments:
    def test_reads_and_shows_an_iban(self) -> None:
        assert identifiers.format_iban(identifiers.parse_iban("be68-5390 0754 7034")) == "BE68 5390 0754 7034"

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("BE69539007547034", Fault.WRONG_CHECK_DIGITS),
            ("BE41091811735141", Fault.WRONG_CHECK_DIGITS),
            ("BE6853900754703", Fault.WRONG_LENGTH),
            ("BE68?39007547034", Fault.WRONG_CHARACTERS),
        ],
    )
    def test_refuses_a_wrong_iban(self, text: str, fault: Fault) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            identifiers.parse_iban(text)
        assert caught.value.fault is fault

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 10**10 - 1))
    def test_reads_every_communication_it_makes(self, base: int) -> None:
        made = identifiers.make_structured_communication(base)
        shown = identifiers.format_structured_communication(made)
        assert identifiers.parse_structured_communication(shown) == made

    def test_knows_the_published_communication(self) -> None:
        assert identifiers.make_structured_communication(909337554) == "090933755493"

    def test_refuses_a_communication_with_wrong_check_digits(self) -> None:
        with pytest.raises(InvalidIdentifier):
            identifiers.parse_structured_communication("+++090/9337/55494+++")


class TestCaseReference:
    def test_reads_back_what_people_type(self) -> None:
        made = identifiers.case_reference("VLA", 2027, 123)
        read = identifiers.parse_case_reference(f"  {made.lower().replace('-', ' ')} ")
        assert (read.prefix, read.year, read.number, str(read)) == ("VLA", 2027, 123, made)

    @settings(max_examples=60, deadline=None)
    @given(number=st.integers(1, 999_999), place=st.integers(9, 14), digit=st.integers(0, 9))
    def test_finds_every_single_wrong_digit(self, number: int, place: int, digit: int) -> None:
        made = identifiers.case_reference("VLA", 2027, number)
        typed = f"{made[:place]}{digit}{made[place + 1 :]}"
        if typed != made:
            with pytest.raises(InvalidIdentifier):
                identifiers.parse_case_reference(typed)

    @pytest.mark.parametrize(
        ("prefix", "year", "number"), [("V", 2027, 1), ("vla", 2027, 1), ("VLA", 2027, 0)]
    )
    def test_refuses_parts_that_do_not_fit(self, prefix: str, year: int, number: int) -> None:
        with pytest.raises(InvalidIdentifier):
            identifiers.case_reference(prefix, year, number)
