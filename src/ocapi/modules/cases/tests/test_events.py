"""The facts cases publishes. Not covered: their schemas (tests/architecture), delivery (the outbox)."""

import dataclasses

import pytest

from ocapi.kernel.outbox.testing import published
from ocapi.kernel.tenants.testing import a_staff_member
from ocapi.modules.cases import events
from ocapi.modules.cases.module import MANIFEST
from ocapi.modules.cases.tests.factories import a_case, in_status


class TestSchemas:
    def test_hold_no_personal_member(self):
        for fact in MANIFEST.events_out:
            assert not {each.name for each in dataclasses.fields(fact)} & {
                "applicant",
                "name",
                "motivation",
                "answers",
            }

    def test_say_when_they_are_not_emitted(self):
        assert all("not when" in (fact.__doc__ or "") for fact in MANIFEST.events_out)


@pytest.mark.usefixtures("content")
class TestPublished:
    def types(self) -> list[str]:
        return [row.type for row in published("be.ocapi.cases.")]

    def test_once_per_change_in_their_order(self):
        in_status(a_case(), "start", "ask", "answer", "decide", "close")
        assert self.types() == [
            fact.event_type for fact in (
                events.CaseReceived, events.CaseStarted, events.CaseInformationRequested,
                events.CaseInformationAnswered, events.CaseDecided, events.CaseClosed)
        ]

    def test_not_when_a_case_is_only_assigned(self):
        from ocapi.kernel.tenants.testing import NOW
        from ocapi.modules.cases import api

        clerk, made = a_staff_member("clerk"), a_case()
        api.assign(case=made.uuid, to=clerk.person, actor=clerk, now=NOW, revision=1)
        assert self.types() == [events.CaseReceived.event_type]

    def test_without_the_applicant_anywhere(self):
        in_status(a_case(applicant_name="Canary Vogelaar"), "start", "ask", "answer", "decide")
        stored = "".join(
            f"{row.subject} {row.data} {row.personal_data}" for row in published("be.ocapi.cases.")
        )
        assert "Vogelaar" not in stored
