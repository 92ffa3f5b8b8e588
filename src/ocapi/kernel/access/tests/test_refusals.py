"""A refusal stands in the operator's log, by ids and codes. Not covered: the form of a line (main)."""

import logging

import pytest

from ocapi.kernel.access import api
from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.tenants.testing import a_citizen
from ocapi.lib.actor import ANONYMOUS


class TestRefusal:
    def test_is_logged_with_what_was_asked_why_not_and_by_whom(self, caplog):
        citizen = a_citizen()
        with caplog.at_level(logging.WARNING), pytest.raises(NotAllowed):
            api.require(citizen, "registry.save_setting")
        (line,) = [each for each in caplog.records if each.name == "ocapi.access"]
        assert (line.operation, line.reason, line.actor) == (
            "registry.save_setting", Reason.NOT_PERMITTED.value, citizen.label)

    def test_of_a_visitor_who_is_to_sign_in_is_none(self, caplog):
        with caplog.at_level(logging.WARNING), pytest.raises(NotAllowed):
            api.require(ANONYMOUS, "registry.save_setting")
        assert [each for each in caplog.records if each.name == "ocapi.access"] == []

    def test_of_a_button_that_is_not_shown_is_none(self, caplog):
        with caplog.at_level(logging.WARNING):
            assert not api.may(a_citizen(), "registry.save_setting")
        assert [each for each in caplog.records if each.name == "ocapi.access"] == []
