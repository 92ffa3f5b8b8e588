"""Forecasts by statsmodels. Not covered: which indicator asks for one (insight)."""

import importlib.util
import math

import pytest

from ocapi.lib import foretelling

SERIES = [100 + 2 * step + 10 * math.sin(2 * math.pi * step / 12) for step in range(72)]
IS_THERE = importlib.util.find_spec("statsmodels") is not None


class TestForetell:
    @pytest.mark.skipif(IS_THERE, reason="statsmodels is installed")
    def test_says_what_to_do_where_the_extra_is_absent(self):
        with pytest.raises(foretelling.CannotForetell, match="make build/.analytics"):
            foretelling.foretell(SERIES, season=12, steps=6)

    def test_refuses_too_few_numbers_and_gaps_before_it_starts_anything(self):
        for values in ([1.0] * 7, [*SERIES, math.nan]):
            with pytest.raises(foretelling.CannotForetell, match="none of them missing"):
                foretelling.foretell(values, season=12, steps=6)

    @pytest.mark.skipif(not IS_THERE, reason="statsmodels is an extra: make build/.analytics")
    def test_goes_on_with_a_trend_and_a_season_that_are_known(self):
        known = [100 + 2 * step + 10 * math.sin(2 * math.pi * step / 12) for step in range(72, 78)]
        found = foretelling.foretell(SERIES, season=12, steps=6)
        assert max(abs(each.value - one) for each, one in zip(found, known, strict=True)) < 1
        assert all(each.low <= each.value <= each.high for each in found)
