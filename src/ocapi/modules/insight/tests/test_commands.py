"""What the command that foretells says. Not covered: the model itself (lib), series out of a database."""

import argparse
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import msgspec
import pytest

from ocapi.lib import confined
from ocapi.modules.insight import commands
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.data.indicators import Frequency, IndicatorNotFound, Point

YEARS = tuple(range(2010, 2022))


@pytest.fixture
def told(monkeypatch, capsys):
    """Give what the command prints and its exit code for years with numbers and an answer of the library."""

    def run(years=YEARS, *, area="", said=None, **fails):
        points = tuple(Point(period=date(year, 1, 1), value=Decimal(year - 2000)) for year in years)
        shown = SimpleNamespace(points=points) if years else None
        found = SimpleNamespace(shown=shown, indicator=SimpleNamespace(frequency=Frequency.YEAR))

        def result(**_asked):
            if fails:
                raise IndicatorNotFound("x")
            return found

        done = SimpleNamespace(code=0, said=msgspec.json.encode(said))
        monkeypatch.setattr(indicators, "get_result", result)
        monkeypatch.setattr(indicators, "list_series", lambda **_asked: ())
        monkeypatch.setattr(confined, "run", lambda *_given, **_limits: done)
        code = commands.forecast(argparse.Namespace(code="x", area=area))
        return code, capsys.readouterr().out

    return run


class TestForecast:
    def test_prints_the_screens_and_the_models_number_a_period(self, told):
        code, text = told(said={"found": [{"value": 22.5, "low": 20, "high": 25}] * 3})
        assert code == 0
        assert [each.partition("  ")[0] for each in text.splitlines()[1:]] == [
            f"{year}-01-01" for year in (2022, 2023, 2024)
        ]
        assert text.splitlines()[1].endswith("  15.5 (9.800 to 21.20), 22.5 (20 to 25)")

    def test_says_how_to_install_the_library(self, told):
        code, text = told(said={"reason": "statsmodels is not installed; an operator does so with `make x`"})
        assert (code, text) == (
            1, "not foretold: statsmodels is not installed; an operator does so with `make x`\n"
        )

    @pytest.mark.parametrize(("given", "said"), [
        ({"years": YEARS[:7]}, "not foretold: the series has 7 numbers, 8 are needed"),
        ({"years": (*YEARS[:5], *YEARS[6:])}, "not foretold: the series has a gap after 2014-01-01; "),
        ({"years": ()}, "x has no numbers yet; `ocapi insight compute` makes them"),
        ({"area": "99999"}, "x has no numbers of 99999"),
        ({"fails": True}, "there is no indicator x; the desk lists"),
    ])
    def test_says_what_is_missing(self, told, given, said):
        code, text = told(**given)
        assert code == 1
        assert text.startswith(said)
