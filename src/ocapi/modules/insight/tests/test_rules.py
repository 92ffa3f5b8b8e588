"""Suppression and figures without a database. Not covered: how screens word what is hidden (test_pages)."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.suppression import K, Sum, protect


def a_table(numbers: list[list[int]]) -> tuple[dict, list[Sum]]:
    """Give a table with row totals, column totals and a grand total, as cells and sums."""
    rows, columns = range(len(numbers)), range(len(numbers[0]))
    values = {(r, c): numbers[r][c] for r in rows for c in columns}
    values |= {(r, "all"): sum(numbers[r]) for r in rows}
    values |= {("all", c): sum(numbers[r][c] for r in rows) for c in columns}
    values["all", "all"] = sum(map(sum, numbers))
    sums = [Sum(total=(r, "all"), parts=tuple((r, c) for c in columns)) for r in rows]
    sums += [Sum(total=("all", c), parts=tuple((r, c) for r in rows)) for c in columns]
    sums.append(Sum(total=("all", "all"), parts=tuple((r, "all") for r in rows)))
    sums.append(Sum(total=("all", "all"), parts=tuple(("all", c) for c in columns)))
    return values, sums


def tables(*, rows: int, columns: int, most: int):
    line = st.lists(st.integers(0, most), min_size=columns, max_size=columns)
    return st.lists(line, min_size=rows, max_size=rows)


def a_line(*numbers: int):
    values = {**dict(enumerate(numbers)), "all": sum(numbers)}
    return values, [Sum(total="all", parts=tuple(range(len(numbers))))]


class TestProtect:
    def test_shows_everything_without_small_groups(self):
        hidden = protect(*a_line(7, 0, 12))
        assert not hidden.small
        assert not hidden.withheld

    def test_withholds_the_smallest_other_beside_a_lone_small_group(self):
        hidden = protect(*a_line(3, 30, 9))
        assert (hidden.small, hidden.withheld) == ({0}, {2})

    def test_withholds_a_third_when_two_small_groups_are_a_small_group_together(self):
        assert protect(*a_line(1, 2, 30)).withheld

    def test_withholds_a_third_when_the_limits_fix_both(self):
        assert protect(*a_line(4, 4, 30)).withheld == {2}

    def test_withholds_the_total_when_nothing_else_is_left(self):
        hidden = protect(*a_line(4, 0))
        assert hidden.small | hidden.withheld == {0, "all"}

    def test_does_not_call_a_total_small_that_then_fixes_its_parts(self):
        hidden = protect(*a_line(1, 1, 1, 1))
        assert hidden.withheld == {"all"}

    @given(tables(rows=3, columns=4, most=12))
    @settings(max_examples=150, deadline=None)
    def test_hides_every_small_count_and_shows_no_zero_as_hidden(self, numbers):
        values, sums = a_table(numbers)
        hidden = protect(values, sums)
        for cell, value in values.items():
            if 0 < value < K:
                assert cell in hidden.small | hidden.withheld
            if value == 0:
                assert cell not in hidden.small | hidden.withheld

    @given(tables(rows=2, columns=2, most=9))
    @settings(max_examples=40, deadline=None)
    def test_leaves_at_least_two_answers_for_every_small_count(self, numbers):
        values, sums = a_table(numbers)
        hidden = protect(values, sums)
        answers = {cell: set() for cell in hidden.small}
        inner = list(product(range(2), range(2)))
        choices = [_choices(cell, values, hidden) for cell in inner]
        for guess in product(*choices):
            found = dict(zip(inner, guess, strict=True))
            guessed, _sums = a_table([[found[0, 0], found[0, 1]], [found[1, 0], found[1, 1]]])
            if all(_agrees(cell, guessed[cell], values, hidden) for cell in values):
                for cell in answers:
                    answers[cell].add(guessed[cell])
        assert all(len(found) > 1 for found in answers.values()), (values, hidden, answers)


def _choices(cell, values, hidden):
    if cell in hidden.small:
        return range(1, K)
    value = values[cell]  # a few answers around the true one suffice: two of them are two
    return range(max(1, value - 4), value + 5) if cell in hidden.withheld else (value,)


def _agrees(cell, guess, values, hidden):
    if cell in hidden.small:
        return 0 < guess < K
    return guess > 0 if cell in hidden.withheld else guess == values[cell]
