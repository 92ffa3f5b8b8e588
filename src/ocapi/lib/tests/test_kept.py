"""A bounded memory. Not covered: threads."""

import pytest

from ocapi.lib.kept import Kept


class TestKept:
    def test_makes_a_thing_once_and_forgets_the_least_recently_used(self):
        made: list[str] = []
        kept: Kept[str] = Kept(2)
        for key in ("a", "b", "a", "c", "a", "b"):
            assert kept.get(key, lambda each: made.append(each) or each.upper()) == key.upper()
        assert made == ["a", "b", "c", "b"]

    def test_keeps_no_failure(self):
        kept: Kept[str] = Kept(2)
        with pytest.raises(KeyError):
            kept.get("a", lambda key: {}[key])
        assert kept.get("a", str.upper) == "A"
