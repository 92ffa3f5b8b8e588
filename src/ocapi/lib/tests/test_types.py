"""The smallest shared types: clock, ids, registry, actor, envelope. Not covered: who fills a registry."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import RFC_4122, UUID

import pytest

from ocapi.lib import actor, clock, envelope, ids
from ocapi.lib.registry import DuplicateName, Registry, UnknownName

NOW = datetime(2027, 1, 1, 23, 30, tzinfo=UTC)


class Source(Protocol):
    name: str

    def read(self) -> str: ...


class Good:
    name = "good"

    def read(self) -> str:
        return "x"


class Lacking:
    name = "lacking"


class TestClock:
    def test_stands_still_while_travelling_and_goes_on_after(self) -> None:
        with clock.Travelling(NOW), clock.Travelling(NOW + timedelta(days=1)):
            assert clock.now() == NOW + timedelta(days=1)
        assert clock.now() != NOW
        assert clock.now().tzinfo is UTC

    def test_refuses_to_travel_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            clock.Travelling(NOW.replace(tzinfo=None))

    def test_knows_the_civil_day_in_brussels(self) -> None:
        assert clock.local_day(NOW) == date(2027, 1, 2)


class TestIds:
    def test_makes_version_seven_in_order_of_creation(self) -> None:
        made = [ids.new_uuid(NOW + timedelta(milliseconds=n)) for n in range(5)]
        assert {(uuid.version, uuid.variant) for uuid in made} == {(7, RFC_4122)}
        assert made == sorted(made)

    def test_is_decided_by_instant_and_random(self) -> None:
        assert ids.new_uuid(NOW, random=b"\0" * 10) == ids.new_uuid(NOW, random=b"\0" * 10)

    def test_makes_tokens_that_fit_a_link(self) -> None:
        assert ids.token() != ids.token()
        assert ids.token(24).replace("-", "").replace("_", "").isalnum()


class TestRegistry:
    def test_gives_providers_by_name_in_order(self) -> None:
        registry: Registry[Source] = Registry(Source)  # type: ignore[type-abstract]
        registry.add(Good)
        assert (registry.get("good").read(), len(registry), registry.find("none")) == ("x", 1, None)

    def test_refuses_a_name_twice_a_lack_and_an_unknown(self) -> None:
        registry: Registry[Source] = Registry(Source)  # type: ignore[type-abstract]
        registry.add(Good())
        with pytest.raises(DuplicateName):
            registry.add(Good())
        with pytest.raises(TypeError, match="lacks read"):
            registry.add(Lacking)  # type: ignore[arg-type]
        with pytest.raises(UnknownName) as caught:
            registry.get("other")
        assert caught.value.known == ("good",)


class TestActor:
    def test_sees_the_data_of_whom_it_represents(self) -> None:
        person, other = UUID(int=1), actor.Subject(kind="organization", uuid=UUID(int=2))
        alone = actor.Actor(capacity=actor.Capacity.CITIZEN, person=person)
        acting = actor.Actor(capacity=actor.Capacity.CITIZEN, person=person, represents=other)
        assert (alone.subject, acting.subject) == (actor.Subject(kind="person", uuid=person), other)
        assert actor.ANONYMOUS.subject is None

    def test_label_names_no_person(self) -> None:
        named = actor.Actor(capacity=actor.Capacity.STAFF, person=UUID(int=1), display_name="An Peeters")
        assert "Peeters" not in named.label
        assert actor.system("retention").label == "system:retention"


class TestEnvelope:
    def test_declares_a_frozen_fact_under_its_type(self) -> None:
        @envelope.event("be.ocapi.cases.case.tested.v1")
        class CaseTested(envelope.Fact):
            case: UUID

        assert (CaseTested.event_type, CaseTested.subject_field) == ("be.ocapi.cases.case.tested.v1", "case")

    @pytest.mark.parametrize(
        "name", ["cases.case.closed", "be.ocapi.cases.closed.v1", "be.ocapi.cases.case.closed.v0"]
    )
    def test_refuses_a_type_that_breaks_the_pattern(self, name: str) -> None:
        with pytest.raises(ValueError, match="past verb"):
            envelope.event(name)

    def test_writes_the_envelope_of_the_standard(self) -> None:
        written = envelope.cloud_event(
            event_id=UUID(int=1),
            event_type="be.ocapi.cases.case.closed.v1",
            source="/o/aalter",
            subject="x",
            occurred_at=NOW,
            sequence=7,
            data={"a": 1},
        )
        assert (written["specversion"], written["time"]) == ("1.0", "2027-01-01T23:30:00Z")
        assert written["sequence"] == "00000000000000000007"
        assert "traceid" not in written
