"""Who takes the place of whom, on the Flemish mergers of 2025. Not covered: pages (main), kills (`ocapi proof
crash`), what a merger does with the data of both (onboarding).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from ocapi.kernel.audit.testing import operations_of
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry import succeeding
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import (
    Kind,
    Replaced,
    SuccessionFault,
    SuccessionRefused,
    Tenant,
)
from ocapi.kernel.tenants.testing import NOW, a_staff_member, forget_successions
from ocapi.lib import clock

DAY = date(2025, 1, 1)
BEFORE = datetime(2024, 12, 1, 9, tzinfo=UTC)
EVE = datetime(2024, 12, 31, 22, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2024, 12, 31, 23, tzinfo=UTC)  # in Brussels


@contextmanager
def existing(*keys: str) -> Iterator[None]:
    """Organizations for the time of a block: each costs a database, so a test asks for those it needs."""
    for key in keys:
        kind = Kind.PSW_CENTRE if key.startswith("ocmw-") else Kind.MUNICIPALITY
        tenants.create(key=key, kind=kind, now=BEFORE)
    try:
        yield
    finally:
        forget_successions()
        for key in keys:
            tenants.delete(key=key)


@pytest.fixture
def merging(installation: object) -> Iterator[None]:
    """Two municipalities of one merger: one that ended and the one that came."""
    with existing("galmaarden", "pajottegem"):
        yield


@pytest.fixture
def apart(installation: object) -> Iterator[None]:
    """A municipality that stays out of every merger, and one the register does not know."""
    with existing("aalter", "tiny"):
        yield


def planned(old: str = "galmaarden", new: str = "pajottegem", on: date = DAY, **more: bool) -> None:
    registry.plan_succession(old=old, new=new, on=on, by="uid 1", now=BEFORE, **more)


def confirmed(old: str = "galmaarden", *, now: datetime = BEFORE) -> Tenant:
    planned(old)
    registry.confirm_succession(old=old, by="uid 2", now=now)
    tenants.forget()
    return tenants.by_key(old)


def leaves(key: str) -> list[str]:
    with tenants.bind(key):
        return [each.rpartition(".")[2] for each in operations_of("tenants.succession.")]


def save(name: str = "Anders") -> None:
    registry.save_setting(name="organization.tagline", value=name, actor=a_staff_member(), now=NOW)


class TestPlan:
    def test_has_no_effect_until_it_is_confirmed_and_stands_in_the_log_of_both(self, merging: None) -> None:
        planned()
        assert tenants.by_key("galmaarden").succession is None
        assert (leaves("galmaarden"), leaves("pajottegem")) == (["planned"], ["planned"])

    def test_again_changes_nothing(self, merging: None) -> None:
        planned()
        planned()
        assert leaves("galmaarden") == ["planned"]

    def test_rehearsed_writes_nothing(self, merging: None) -> None:
        registry.rehearse_succession(old="galmaarden", new="pajottegem", on=DAY)
        assert (leaves("galmaarden"), tenants.find_succession(tenants.by_key("galmaarden"))) == ([], None)

    @pytest.mark.parametrize(("old", "new", "on", "fault"), [
        ("galmaarden", "galmaarden", DAY, SuccessionFault.ITSELF),
        ("galmaarden", "ocmw-pajottegem", DAY, SuccessionFault.OTHER_KIND),
        ("galmaarden", "pajottegem", date(2025, 1, 2), SuccessionFault.REGISTER_DIFFERS),
        ("galmaarden", "aalter", DAY, SuccessionFault.REGISTER_DIFFERS),
        ("aalter", "pajottegem", DAY, SuccessionFault.NOT_IN_REGISTER),
    ])
    def test_is_refused_when_it_cannot_be_or_the_register_tells_another_story(
        self, installation: object, old: str, new: str, on: date, fault: SuccessionFault
    ) -> None:
        with existing(*{old, new}):
            with pytest.raises(SuccessionRefused) as refusal:
                planned(old, new, on)
            assert refusal.value.fault is fault
            assert leaves(old) == []

    def test_of_an_end_decided_since_goes_beyond_the_register_when_told_so(self, apart: None) -> None:
        planned("aalter", "tiny", date(2031, 1, 1), is_beyond_register=True)
        assert leaves("tiny") == ["planned"]

    def test_never_makes_a_circle_and_never_leads_to_who_ends_first(self, apart: None) -> None:
        planned("tiny", "aalter", date(2030, 1, 1), is_beyond_register=True)
        with pytest.raises(SuccessionRefused, match="circle"):
            planned("aalter", "tiny", date(2029, 1, 1), is_beyond_register=True)
        with pytest.raises(SuccessionRefused, match="successorEnds"):
            planned("aalter", "tiny", date(2030, 1, 1), is_beyond_register=True)

    def test_of_another_successor_needs_the_first_to_be_undone(self, merging: None, apart: None) -> None:
        planned("tiny", "aalter")
        with pytest.raises(SuccessionRefused, match="otherPlan"):
            planned("tiny", "pajottegem")
        registry.undo_succession(old="tiny", now=BEFORE)
        planned("tiny", "pajottegem")
        assert leaves("tiny") == ["planned", "undone", "planned"]


class TestConfirm:
    def test_needs_another_account_than_the_one_that_planned_it(self, merging: None) -> None:
        planned()
        with pytest.raises(SuccessionRefused, match="secondPerson"):
            registry.confirm_succession(old="galmaarden", by="uid 1", now=BEFORE)
        assert leaves("galmaarden") == ["planned"]

    def test_needs_a_plan(self, merging: None) -> None:
        with pytest.raises(SuccessionRefused, match="noPlan"):
            registry.confirm_succession(old="galmaarden", by="uid 1", now=BEFORE)

    def test_is_in_force_from_the_first_instant_of_the_day_in_brussels(self, merging: None) -> None:
        old = confirmed()
        assert (old.is_replaced(EVE), old.is_replaced(MIDNIGHT)) == (False, True)
        heir = tenants.find_heir(old, at=MIDNIGHT)
        assert heir is not None
        assert (heir.key, tenants.find_heir(old, at=EVE)) == ("pajottegem", None)

    def test_after_the_day_is_in_force_at_once(self, merging: None) -> None:
        old = confirmed(now=NOW)
        assert (old.is_replaced(MIDNIGHT), old.is_replaced(NOW)) == (False, True)

    def test_again_changes_nothing_and_leaves_one_leaf_in_both(self, merging: None) -> None:
        confirmed()
        registry.confirm_succession(old="galmaarden", by="uid 2", now=NOW)
        assert (leaves("galmaarden"), leaves("pajottegem")) == (["planned", "confirmed"],) * 2

    def test_of_who_was_taken_over_before_leads_to_the_last_of_the_chain(
        self, merging: None, apart: None
    ) -> None:
        planned("tiny", "galmaarden", date(2019, 1, 1))
        registry.confirm_succession(old="tiny", by="uid 2", now=BEFORE)
        confirmed()
        heir = tenants.find_heir(tenants.by_key("tiny"), at=NOW)
        assert heir is not None
        assert heir.key == "pajottegem"


class TestUndo:
    def test_is_possible_until_the_day_and_gives_writing_back(self, merging: None) -> None:
        confirmed()
        with pytest.raises(SuccessionRefused, match="inForce"):
            registry.undo_succession(old="galmaarden", now=MIDNIGHT)
        registry.undo_succession(old="galmaarden", now=EVE)
        tenants.forget()
        assert tenants.by_key("galmaarden").succession is None
        with tenants.bind("galmaarden"):
            save()
        assert leaves("pajottegem") == ["planned", "confirmed", "undone"]


class TestArchive:
    def test_can_be_changed_until_the_last_second_and_not_after_it(self, merging: None) -> None:
        confirmed()
        with tenants.bind("galmaarden"):
            with clock.Travelling(EVE):
                save("Tot hier")
            with clock.Travelling(MIDNIGHT), pytest.raises(Replaced, match="Pajottegem"):
                save("En niet verder")
            assert registry.setting("organization.tagline") == "Tot hier"

    def test_is_closed_to_connections_that_were_open_before_it_was_confirmed(self, merging: None) -> None:
        with tenants.bind("galmaarden"):
            save("Nog open")
        confirmed()
        with tenants.bind("galmaarden"), clock.Travelling(NOW), pytest.raises(Replaced):
            save()

    def test_still_logs_who_reads(self, merging: None) -> None:
        from uuid import uuid4

        from ocapi.kernel.audit import api as audit

        confirmed()
        with tenants.bind("galmaarden"), clock.Travelling(NOW):
            audit.consulted(actor=a_staff_member(), operation="cases.read", about=(uuid4(),),
                            fields=("name",), resource="case/1", now=NOW)
            assert audit.seal(now=NOW) is not None

    def test_finishes_what_was_set_going_and_begins_nothing(self, merging: None) -> None:
        with tenants.bind("galmaarden"):
            jobs.visit(now=BEFORE, budget_ms=60_000)
            save()  # a fact to hand on
        confirmed()
        with tenants.bind("galmaarden"), clock.Travelling(NOW):
            result = jobs.finish(now=NOW, budget_ms=10_000, max_jobs=50, courier=None)
            again = jobs.finish(now=NOW, budget_ms=10_000, max_jobs=50, courier=None)
        assert (result.did > 0, again.did) == (True, 0)
        assert again.next_due_at is None or again.next_due_at > NOW  # no busy loop over what recurs


class TestStandings:
    def test_of_an_old_nis_code_gives_who_had_it_until_when_and_who_is_there_now(self, merging: None) -> None:
        (found, centre) = registry.list_standings(value="23023", now=NOW)
        assert (found.organization, found.valid_to, found.heirs) == ("galmaarden", DAY, ("pajottegem",))
        assert (found.is_here, centre.organization, centre.is_here) == (True, "ocmw-galmaarden", False)

    @pytest.mark.parametrize("value", ["0207508338", "0207.508.338", "OVO002062"])
    def test_of_kbo_and_ovo_likewise(self, merging: None, value: str) -> None:
        (found,) = registry.list_standings(value=value, now=NOW)
        assert (found.organization, found.heirs) == ("galmaarden", ("pajottegem",))

    def test_of_key_host_and_iri_end_on_the_day(self, merging: None) -> None:
        old = confirmed()
        for value in ("galmaarden", old.hosts[0], old.base_iri, f"{old.base_iri}/id/case/x", str(old.uuid)):
            (found,) = registry.list_standings(value=value, now=NOW)
            told = (found.organization, found.valid_to, found.heirs)
            assert told == ("galmaarden", DAY, ("pajottegem",))

    def test_of_one_that_goes_on_has_no_heir_and_of_nonsense_is_nothing(self, apart: None) -> None:
        (found,) = registry.list_standings(value="aalter", now=NOW)
        assert (found.scheme, found.valid_to, found.heirs) == ("key", None, ())
        assert registry.list_standings(value="nergens", now=NOW) == ()

    def test_every_authority_that_ended_has_an_heir_that_did_not(self) -> None:
        authorities, changes = registry.shipped_local_authorities()
        status = {each.key: each.status for each in authorities}
        heirs = {key: succeeding.last_of(key, changes) for key, said in status.items() if said == "ended"}
        assert heirs
        assert all(found and {status[heir] for heir in found} == {"active"} for found in heirs.values())


class TestCarried:
    def test_to_elsewhere_it_stays_replaced(self, merging: None, tmp_path: object) -> None:
        from pathlib import Path

        old = confirmed()
        archive = Path(str(tmp_path)) / "a.tar"
        with clock.Travelling(NOW + timedelta(days=1)):
            registry.export_tenant(key="galmaarden", target=archive, now=NOW)
            tenants.delete(key="galmaarden")
            forget_successions()
            registry.import_tenant(source=archive, now=NOW)
            tenants.forget()
            assert tenants.by_key("galmaarden").succession == old.succession
            with tenants.bind("galmaarden"), pytest.raises(Replaced):
                save()
