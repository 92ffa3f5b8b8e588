"""UCUM codes and conversion. Not here: where units come from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import units
from ocapi.lib.units import OtherQuantity, UnknownUnit


class TestConvert:
    @pytest.mark.parametrize(
        ("number", "given_", "wanted", "found"),
        [
            (100, "km/h", "m/s", 27.7777777778),
            (20, "Cel", "K", 293.15),
            (68, "[degF]", "Cel", 20),
            (1, "mg/m3", "ug/m3", 1000),
            (1, "kW.h", "J", 3.6e6),
            (1013.25, "hPa", "atm", 1),
            (1, "g/L", "kg/m3", 1),
            (5, "10*3/uL", "10*9/L", 5),
            (50, "%", "1", 0.5),
            (12, "{fietsers}/min", "{fietsers}/h", 720),
            (1, "W/m2", "J/s.m-2", 1),
            (7, "har", "m2", 70000),
            (760, "mm[Hg]", "kPa", 101.32472),
            (1, "V", "J/C", 1),
            (1, "lx", "lm/m2", 1),
            (1, "/s", "Hz", 1),
            (2, "m2/(s.kg)", "m2.s-1.kg-1", 2),
            (1, "MiBy", "By", 1048576),
        ],
    )
    def test_agrees_with_the_definitions(self, number: float, given_: str, wanted: str, found: float) -> None:
        assert units.convert(number, given=given_, wanted=wanted) == pytest.approx(found, rel=1e-10)

    @pytest.mark.parametrize(
        ("given_", "wanted"), [("m", "s"), ("Cel", "m"), ("[pH]", "1"), ("dB[SPL]", "1"), ("bit", "1")]
    )
    def test_refuses_another_quantity(self, given_: str, wanted: str) -> None:
        with pytest.raises(OtherQuantity):
            units.convert(1, given=given_, wanted=wanted)

    @pytest.mark.parametrize(
        "code", ["x", "mm2s", "m//s", "m/", "(m", "m)", "{a", "m99", "kCel2x", "kmin", "m m", "°C"]
    )
    def test_refuses_what_is_no_code(self, code: str) -> None:
        with pytest.raises(UnknownUnit):
            units.read(code)

    @given(st.text(alphabet="mgsKCelPa%[]{}()./*^0123456789-+ud'", max_size=20))
    @settings(max_examples=300, deadline=None)
    def test_reads_or_refuses_any_text(self, text: str) -> None:
        try:
            units.read(text)
        except UnknownUnit:
            return

    @pytest.mark.parametrize(
        ("definition", "symbol", "code"),
        [
            ("ucum:ug/m3", "", "ug/m3"),
            ("", "°C", "Cel"),
            ("http://x.example/par", "µg/m³", "ug/m3"),
            ("{fietsers}", "", "{fietsers}"),
            ("http://x.example", "vreemd", ""),
        ],
    )
    def test_finds_the_code_that_is_meant(self, definition: str, symbol: str, code: str) -> None:
        assert units.code_of(definition=definition, symbol=symbol) == code
