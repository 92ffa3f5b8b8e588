"""Persons, organizations, roles and powers with a database. Not covered here: sessions and sign-in."""

from datetime import date, timedelta

import pytest
from django.db import connection

from ocapi.kernel.accounts import api
from ocapi.kernel.accounts.data import (
    EventResult,
    Identifier,
    LastAdministrator,
    NameDiffers,
    NationalNumberTaken,
    NotTheGrantor,
    OrganizationKind,
    OrganizationStatus,
    OverlappingIdentifier,
    OwnerKind,
    OwnSuspension,
    RegisterEvent,
    RegisterRecord,
    ResolutionStatus,
    UnknownIdentifier,
    UnknownRole,
)
from ocapi.kernel.accounts.models import IdentifierRow, NationalNumberRow, PersonRow
from ocapi.kernel.accounts.testing import a_person
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.extensions import change_sinks
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Subject
from ocapi.lib.identifiers import InvalidIdentifier, synthetic_insz

SYSTEM = actors.system("test")
INSZ = synthetic_insz(date(1985, 3, 7), 112)
MERGER = date(2025, 1, 1)
ACTIVE, ENDED = OrganizationStatus.ACTIVE, OrganizationStatus.ENDED


def record(key, *identifiers, status=ACTIVE, kind=OrganizationKind.MUNICIPALITY) -> RegisterRecord:
    return RegisterRecord(key=key, kind=kind, status=status, identifiers=identifiers)


def was(scheme, value) -> Identifier:
    return Identifier(scheme=scheme, value=value, valid_to=MERGER)


def became(scheme, value) -> Identifier:
    return Identifier(scheme=scheme, value=value, valid_from=MERGER)


RECORDS = (
    record(
        "merelbeke", was("kbo", "0207453207"), was("nis", "44043"), was("name", "Merelbeke"), status=ENDED
    ),
    record("melle", was("kbo", "0207455286"), was("nis", "44040"), was("name", "Melle"), status=ENDED),
    record(
        "merelbeke-melle",
        became("kbo", "1010775830"),
        became("nis", "44088"),
        became("name", "Merelbeke-Melle"),
    ),
    record(
        "wingene",
        Identifier(scheme="kbo", value="0207430045"),
        was("nis", "37018"),
        became("nis", "37021"),
        Identifier(scheme="name", value="Wingene"),
    ),
    record(
        "ruiselede", was("kbo", "0207428857"), was("nis", "37012"), was("name", "Ruiselede"), status=ENDED
    ),
    record(
        "ocmw-wingene",
        Identifier(scheme="kbo", value="0212181461"),
        was("nis", "37018"),
        Identifier(scheme="name", value="OCMW Wingene"),
        kind=OrganizationKind.PSW_CENTRE,
    ),
)
EVENTS = (
    RegisterEvent(
        key="merger-mm",
        change_type="merger",
        on=MERGER,
        shape="newUnit",
        originals=("merelbeke", "melle"),
        resulting=("merelbeke-melle",),
        results=(EventResult(key="merelbeke-melle", status=ACTIVE),),
    ),
    RegisterEvent(
        key="merger-wingene",
        change_type="merger",
        on=MERGER,
        shape="continues",
        originals=("wingene", "ruiselede"),
        resulting=("wingene",),
    ),
)


def load(**changes):
    return api.load_local_authorities(RECORDS, EVENTS, source="test", actor=SYSTEM, now=NOW, **changes)


class Recorder:
    name = "test-recorder"

    def __init__(self) -> None:
        self.changes = []

    def record(self, *, change, actor, now) -> None:
        self.changes.append(change)


@pytest.fixture
def recorder():
    sink = Recorder()
    change_sinks._providers[sink.name] = sink
    yield sink
    del change_sinks._providers[sink.name]


class TestPersons:
    def test_are_found_by_national_number_in_any_spelling(self, tenant):
        person = a_person(now=NOW, national_number=INSZ)
        assert api.find_person_by_national_number(f"{INSZ[:6]}-{INSZ[6:9]}.{INSZ[9:]}") == person
        assert person.birth_date == "1985-03-07"

    def test_have_a_national_number_nowhere_but_encrypted(self, tenant):
        person = a_person(now=NOW, national_number=INSZ)
        stored = NationalNumberRow.objects.get(person__uuid=person.uuid)
        assert INSZ.encode() not in bytes(stored.ciphertext) + bytes(stored.lookup)
        assert INSZ not in str(list(PersonRow.objects.values())) + str(list(IdentifierRow.objects.values()))
        assert api.national_number_of(person.uuid) == INSZ

    def test_never_share_a_national_number(self, tenant):
        a_person(now=NOW, national_number=INSZ)
        with pytest.raises(NationalNumberTaken):
            a_person(now=NOW, national_number=INSZ)

    def test_of_an_organization_that_is_no_demo_have_no_synthetic_number(self, committed_tenant):
        import dataclasses

        real = dataclasses.replace(committed_tenant, is_demo=False)
        with tenants.unbound(), tenants.bind_tenant(real), pytest.raises(InvalidIdentifier):
            a_person(now=NOW, national_number=INSZ)

    def test_are_handed_on_as_change_without_values(self, tenant, recorder):
        person = a_person(now=NOW, national_number=INSZ)
        assert recorder.changes[0].about == (person.uuid,)
        assert INSZ not in str(recorder.changes) and "Peeters" not in str(recorder.changes)


class TestResolve:
    def test_gives_the_heir_of_an_organization_that_merged(self, tenant):
        load()
        found = api.resolve(scheme="kbo", value="0207453207", on=date(2026, 1, 1))
        assert (found.status, found.organization.name) == (ResolutionStatus.ENDED, "Merelbeke")
        assert [heir.name for heir in found.replaced_by] == ["Merelbeke-Melle"]

    def test_gives_the_organization_itself_the_day_before_the_merger(self, tenant):
        load()
        found = api.resolve(scheme="kbo", value="0207453207", on=date(2024, 12, 31))
        assert (found.status, found.replaced_by) == (ResolutionStatus.CURRENT, ())

    def test_gives_the_new_code_of_an_organization_that_goes_on(self, tenant):
        load()
        found = api.resolve(scheme="nis", value="37018", on=MERGER)
        assert (found.status, found.current_value) == (ResolutionStatus.RENUMBERED, "37021")
        assert found.organization.key == "wingene"

    def test_knows_that_municipality_and_centre_share_an_area_code(self, tenant):
        load()
        centre = api.resolve(
            scheme="nis", value="37018", on=date(2020, 1, 1), kind=OrganizationKind.PSW_CENTRE
        )
        assert centre.organization.key == "ocmw-wingene"

    def test_says_when_a_code_is_not_valid_yet(self, tenant):
        load()
        assert api.resolve(scheme="nis", value="44088", on=date(2024, 1, 1)).status is ResolutionStatus.FUTURE

    def test_refuses_what_nobody_ever_had(self, tenant):
        with pytest.raises(UnknownIdentifier):
            api.resolve(scheme="kbo", value="0000000097", on=MERGER)


class TestLoad:
    def test_changes_nothing_the_second_time(self, tenant, recorder):
        first, second = load(), load()
        assert (first.organizations, first.events) == (6, 2)
        assert (second.organizations, second.identifiers, second.events) == (0, 0, 0)
        assert [change.action for change in recorder.changes] == ["accounts.register.loaded"]

    def test_gives_the_bound_organization_its_own_uuid(self, tenant):
        load(own_key="merelbeke-melle")
        assert api.own_organization(on=MERGER).name == "Merelbeke-Melle"
        assert api.own_organization(on=MERGER).uuid == tenant.uuid

    def test_reports_a_bad_row_and_loads_the_rest(self, tenant):
        bad = record("double", Identifier(scheme="nis", value="1"), Identifier(scheme="nis", value="2"))
        lost = RegisterEvent(
            key="lost", change_type="merger", on=MERGER, originals=("nowhere",), resulting=()
        )
        report = api.load_local_authorities((bad, *RECORDS), (lost,), source="test", actor=SYSTEM, now=NOW)
        assert [key for key, _reason in report.refused] == ["double", "lost"]
        assert report.organizations == 6

    def test_loads_1300_organizations_in_two_seconds(self, tenant):
        many = [
            record(
                f"org-{n}",
                Identifier(scheme="kbo", value=f"{n:010}"),
                Identifier(scheme="nis", value=f"{n:05}"),
                Identifier(scheme="ovo", value=f"OVO{n:06}"),
                Identifier(scheme="iri", value=f"http://x/{n}"),
                Identifier(scheme="name", value=f"Org {n}"),
            )
            for n in range(1300)
        ]
        started = clock.cpu_seconds()  # not the wall: other tests run beside this one
        assert api.load_local_authorities(many, (), source="test", actor=SYSTEM, now=NOW).identifiers == 6500
        assert clock.cpu_seconds() - started < 2

    def test_ends_an_identifier_that_a_later_edition_ends(self, tenant):
        api.load_local_authorities(
            (record("wingene", Identifier(scheme="nis", value="37018")),),
            (),
            source="a",
            actor=SYSTEM,
            now=NOW,
        )
        load()
        wingene = api.find_organization(key="wingene", on=MERGER)
        held = api.identifiers_of(kind=OwnerKind.ORGANIZATION, owner=wingene.uuid)
        assert {each.value for each in held if each.scheme == "nis" and each.period.holds(MERGER)} == {
            "37021"
        }


class TestIdentifiers:
    def test_are_refused_when_they_overlap(self, tenant):
        made = api.create_organization(
            kind=OrganizationKind.SUPPLIER,
            identifiers=(Identifier(scheme="name", value="Digipolder"),),
            actor=SYSTEM,
            now=NOW,
        )
        assert made.name == "Digipolder"
        with pytest.raises(OverlappingIdentifier):
            api.add_identifier(
                kind=OwnerKind.ORGANIZATION,
                owner=made.uuid,
                identifier=Identifier(scheme="name", value="Other"),
                actor=SYSTEM,
                now=NOW,
            )

    @pytest.mark.filterwarnings("ignore")
    def test_of_one_owner_and_scheme_are_open_only_once_in_the_database(self, tenant):
        from django.db import IntegrityError, transaction

        from ocapi.lib import ids

        owner = ids.new_uuid(NOW)
        values = {"owner_kind": "organization", "owner": owner, "scheme": "kbo", "value": "1"}
        IdentifierRow.objects.create(uuid=ids.new_uuid(NOW), **values)
        with pytest.raises(IntegrityError), transaction.atomic():
            IdentifierRow.objects.create(uuid=ids.new_uuid(NOW), **{**values, "value": "2"})
        assert connection.is_usable()


class TestRoles:
    def test_are_granted_once_however_often_asked(self, tenant):
        person = a_person(now=NOW).uuid
        first = api.grant_role(person=person, code="clerk", actor=SYSTEM, now=NOW)
        assert api.grant_role(person=person, code="clerk", actor=SYSTEM, now=NOW) == first
        assert len(api.list_roles(person=person)) == 1

    def test_are_refused_when_nobody_knows_them(self, tenant):
        with pytest.raises(UnknownRole):
            api.grant_role(person=a_person(now=NOW).uuid, code="mayor", actor=SYSTEM, now=NOW)

    def test_end_sessions_when_they_change(self, tenant):
        person = a_person(now=NOW).uuid
        role = api.grant_role(person=person, code="clerk", actor=SYSTEM, now=NOW)
        api.end_role(role=role.uuid, actor=SYSTEM, now=NOW + timedelta(hours=1))
        api.end_role(role=role.uuid, actor=SYSTEM, now=NOW + timedelta(hours=2))
        assert PersonRow.objects.get(uuid=person).session_epoch == 2

    def test_list_who_holds_one_now(self, tenant):
        person = a_person(now=NOW).uuid
        api.grant_role(person=person, code="dpo", actor=SYSTEM, now=NOW, valid_to=NOW + timedelta(days=1))
        assert [role.person for role in api.list_role_holders(code="dpo", now=NOW)] == [person]
        assert api.list_role_holders(code="dpo", now=NOW + timedelta(days=1)) == ()


    def test_keep_their_last_administrator(self, tenant):
        only = api.grant_role(person=a_person(now=NOW).uuid, code="tenant_admin", actor=SYSTEM, now=NOW)
        with pytest.raises(LastAdministrator):
            api.end_role(role=only.uuid, actor=SYSTEM, now=NOW)
        api.grant_role(person=a_person(now=NOW).uuid, code="tenant_admin", actor=SYSTEM, now=NOW)
        api.end_role(role=only.uuid, actor=SYSTEM, now=NOW)

    def test_are_not_suspended_by_the_person_itself(self, tenant):
        person = a_person(now=NOW).uuid
        with pytest.raises(OwnSuspension):
            api.suspend(person=person, actor=a_staff_member("tenant_admin", person=person), now=NOW)


class TestIntroduction:
    WHO = {"given_name": "Bram", "family_name": "De Smêt", "national_number": "67.62.15-467.51"}

    def test_makes_a_person_once(self, tenant):
        first = api.introduce_person(**self.WHO, actor=SYSTEM, now=NOW)
        again = api.introduce_person(**self.WHO | {"family_name": "de smet"}, actor=SYSTEM, now=NOW)
        assert again == first

    def test_refuses_another_family_name_for_a_known_number(self, tenant):
        api.introduce_person(**self.WHO, actor=SYSTEM, now=NOW)
        with pytest.raises(NameDiffers):
            api.introduce_person(**self.WHO | {"family_name": "Claes"}, actor=SYSTEM, now=NOW)


class TestPowers:
    def test_are_usable_until_they_are_revoked(self, tenant):
        grantor, helper = a_person(now=NOW), a_person(now=NOW, given_name="Bram")
        citizen = a_citizen(person=grantor.uuid)
        power = api.grant_power_of_attorney(
            grantor=Subject(kind="person", uuid=grantor.uuid),
            representative=Subject(kind="person", uuid=helper.uuid),
            services=("permit",),
            expires_at=NOW + timedelta(days=30),
            actor=citizen,
            now=NOW,
        )
        held_by = Subject(kind="person", uuid=helper.uuid)
        assert api.list_powers_held(held_by, now=NOW) == (power,)
        with pytest.raises(NotTheGrantor):
            api.revoke_power_of_attorney(power=power.uuid, actor=a_citizen(), now=NOW)
        api.revoke_power_of_attorney(power=power.uuid, actor=citizen, now=NOW)
        assert api.list_powers_held(held_by, now=NOW) == ()
        assert [each.revoked_at for each in api.list_powers_granted(power.grantor)] == [NOW]

    def test_may_be_revoked_by_staff(self, tenant):
        grantor, helper = a_person(now=NOW), a_person(now=NOW)
        power = api.grant_power_of_attorney(
            grantor=Subject(kind="person", uuid=grantor.uuid),
            representative=Subject(kind="person", uuid=helper.uuid),
            services=("*",),
            expires_at=NOW + timedelta(days=1),
            actor=SYSTEM,
            now=NOW,
        )
        api.revoke_power_of_attorney(power=power.uuid, actor=a_staff_member(), now=NOW)
        assert api.list_powers_held(power.representative, now=NOW) == ()
