"""Principles from pack to door. Not covered here: their measurement, that comes with the facts."""

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.modules.governance import api


class TestListPrinciples:
    def test_gives_eighteen_and_six_in_order(self, tenant):
        registry.load_pack(name="principles", now=NOW)
        found = api.list_principles(actor=a_staff_member("policy_maker"))
        assert [each.code for each in found] == [f"p{n:02}" for n in range(1, 19)] + [
            f"s{n:02}" for n in range(1, 7)
        ]

    def test_says_of_each_which_fact_measures_it(self, tenant):
        registry.load_pack(name="principles", now=NOW)
        assert all(
            each.fact and each.measured_by for each in api.list_principles(actor=a_staff_member("dpo"))
        )

    def test_is_empty_before_the_pack_is_loaded(self, tenant):
        assert api.list_principles(actor=a_staff_member("clerk")) == ()

    def test_is_not_for_citizens(self, tenant):
        with pytest.raises(NotAllowed):
            api.list_principles(actor=a_citizen())
