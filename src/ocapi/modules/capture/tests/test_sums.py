"""Sums of readings with fractions. Not covered: how readings come in (test_api)."""

from fractions import Fraction
from random import Random

from ocapi.modules.capture import sums


class TestSum:
    def test_survives_its_row_and_is_exact_to_a_millionth(self):
        coin = Random(6)
        for _ in range(50):
            values = [coin.randrange(-(10 ** coin.randrange(1, 19)), 10**18) for _ in range(4)]
            whole = sums.Sum()
            for count in values:
                whole.add(sums.Sum(n=1, total=count, minimum=count, maximum=count))
                whole = sums.of(whole.columns())
                assert all(0 <= whole.columns()[f"{name}_e6"] < sums.E6 for name in sums.FIGURES)
            assert Fraction(sums.exact(whole.total)) == Fraction(sum(values), sums.E6)
            assert (whole.minimum, whole.maximum) == (min(values), max(values))

    def test_takes_a_reading_as_it_is_written(self):
        assert sums.one(0.1).total == 100_000
        assert sums.one(1e12).columns()["total"] == 10**12
        assert (str(sums.exact(-250_000)), str(sums.exact(3_000_000))) == ("-0.25", "3")
