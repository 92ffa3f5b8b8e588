"""Published facts keep their members; handlers read only members that facts have. Not covered: delivery."""

import dataclasses

from ocapi.main import event_schemas
from tests.architecture.rules import PROJECT


class TestSchemas:
    def test_are_those_that_were_published(self, tenant):
        published = event_schemas.read(PROJECT / "docs" / "reference")
        assert list(event_schemas.problems(published, event_schemas.declared())) == []

    def test_name_a_member_that_was_added_a_fact_that_is_gone_and_one_that_is_new(self):
        published = {"a": {"case": "UUID"}, "b": {"case": "UUID"}}
        found = list(event_schemas.problems(published, {"a": {"case": "UUID", "more": "str"}, "c": {}}))
        assert [each.split(" ", 1)[0] for each in found] == ["a", "b", "c"]


class TestHandlers:
    def test_read_only_members_that_the_fact_has(self, tenant):
        from ocapi.kernel.jobs.extensions import handlers

        declared = event_schemas.declared()
        wrong = []
        for handler in handlers:
            if handler.event_type.startswith("be.ocapi.testing."):
                continue
            members = declared.get(handler.event_type, {})
            read = {each.name for each in dataclasses.fields(handler.reads)}
            wrong += [f"{handler.name}: {handler.event_type} has no {name}" for name in read - members.keys()]
        assert wrong == []
