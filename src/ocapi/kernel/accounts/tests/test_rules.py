"""Pure rules of accounts. Not covered here: whatever needs a database, and the identity provider itself."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocapi.kernel.accounts import claims, organizations, powers, sessions
from ocapi.kernel.accounts.data import (
    ClaimsRefused,
    Identifier,
    InvalidPeriod,
    OverlappingIdentifier,
    Period,
    PowerOfAttorney,
    SelfRepresentation,
    ServicesMissing,
    SessionEnd,
)
from ocapi.kernel.accounts.demo_idp import provisioning
from ocapi.kernel.accounts.demo_idp.adapter import claims_for
from ocapi.kernel.accounts.demo_idp.views import rows_for, wish_of
from ocapi.kernel.accounts.middleware import cookie_name
from ocapi.lib.actor import Actor, Assurance, Capacity, Subject
from ocapi.lib.identifiers import synthetic_insz

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NOOR = UUID(int=1)
ACME = UUID(int=2)
SYNTHETIC = synthetic_insz(date(1985, 3, 7), 112)
TOLD = {"sub": "s-1", "given_name": "Noor", "family_name": "Peeters", "rrn": SYNTHETIC, "acr": "unknown"}
DAYS = st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2030, 1, 1)))


def periods() -> st.SearchStrategy[Period]:
    return (
        st.tuples(DAYS, DAYS)
        .filter(lambda ends: ends[0] is None or ends[1] is None or ends[0] < ends[1])
        .map(lambda ends: Period(start=ends[0], end=ends[1]))
    )


class TestPeriod:
    def test_holds_its_first_day_and_not_its_last(self):
        period = Period(start=date(2019, 1, 1), end=date(2025, 1, 1))
        assert period.holds(date(2019, 1, 1))
        assert not period.holds(date(2025, 1, 1))

    def test_refuses_to_end_before_it_starts(self):
        with pytest.raises(InvalidPeriod):
            Period(start=date(2025, 1, 1), end=date(2025, 1, 1))

    def test_does_not_overlap_the_one_that_starts_when_it_ends(self):
        first, second = Period(end=date(2025, 1, 1)), Period(start=date(2025, 1, 1))
        assert not first.overlaps(second)

    @given(periods(), periods())
    def test_overlaps_exactly_when_some_day_is_in_both(self, one, other):
        starts = [edge for edge in (one.start, other.start) if edge is not None]
        probe = (
            max(starts)
            if starts
            else min((edge for edge in (one.end, other.end) if edge is not None), default=date(2020, 1, 1))
            - timedelta(days=1)
        )
        assert one.overlaps(other) == (one.holds(probe) and other.holds(probe))


class TestIdentifiers:
    def test_of_one_scheme_never_overlap(self):
        held = Identifier(scheme="nis", value="37018", valid_to=date(2025, 1, 1))
        organizations.check_no_overlap(
            [held], Identifier(scheme="nis", value="37021", valid_from=date(2025, 1, 1))
        )
        with pytest.raises(OverlappingIdentifier):
            organizations.check_no_overlap(
                [held], Identifier(scheme="nis", value="1", valid_from=date(2024, 12, 31))
            )

    def test_of_two_schemes_may_overlap(self):
        organizations.check_no_overlap(
            [Identifier(scheme="nis", value="1")], Identifier(scheme="kbo", value="2")
        )

    def test_names_in_two_languages_may_overlap(self):
        dutch = Identifier(scheme="name", value="Ronse", language="nl")
        organizations.check_no_overlap([dutch], Identifier(scheme="name", value="Renaix", language="fr"))


class TestSuccession:
    def test_follows_a_chain_of_mergers_to_its_end(self):
        a, b, c, d = (UUID(int=number) for number in range(10, 14))
        assert organizations.follow(a, {a: frozenset({b}), b: frozenset({c, d})}) == {c, d}

    def test_ends_also_when_the_register_runs_in_a_circle(self):
        a, b = UUID(int=1), UUID(int=2)
        assert organizations.follow(a, {a: frozenset({b}), b: frozenset({a})}) == frozenset()

    def test_of_a_living_organization_is_empty(self):
        assert organizations.follow(UUID(int=1), {}) == frozenset()


class TestClaims:
    def test_make_a_citizen_without_a_target_group(self):
        read = claims.read(TOLD)
        assert (read.capacity, read.given_name, read.national_number) == (Capacity.CITIZEN, "Noor", SYNTHETIC)

    @pytest.mark.parametrize(
        ("group", "capacity"),
        [
            ("BUR", Capacity.CITIZEN),
            ("EA", Capacity.ENTERPRISE),
            ("LB", Capacity.STAFF),
            ("GID", Capacity.STAFF),
        ],
    )
    def test_map_the_target_group_to_a_capacity(self, group, capacity):
        assert (
            claims.read({**TOLD, "vo_doelgroepcode": group, "vo_orgcode": "0697608063"}).capacity is capacity
        )

    @pytest.mark.parametrize(
        ("acr", "level"),
        [
            ("urn:be:vlaanderen:authmech:csamtotp", Assurance.SUBSTANTIAL),
            (f"{claims.LOA_PREFIX}high", Assurance.HIGH),
            ("urn:be:vlaanderen:authmech:invented", Assurance.LOW),
            ("", Assurance.LOW),
        ],
    )
    def test_map_the_level_and_take_the_lowest_for_an_unknown_one(self, acr, level):
        assert claims.read({**TOLD, "acr": acr}).assurance is level

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"sub": ""}, "subjectOrNameMissing"),
            ({"family_name": None}, "subjectOrNameMissing"),
            ({"vo_doelgroepcode": "XX"}, "unknownTargetGroup"),
            ({"vo_doelgroepcode": "LB"}, "organizationCodeMissing"),
            ({"rrn": "85630711262"}, "nationalNumberInvalid"),
        ],
    )
    def test_are_refused_with_a_code_and_without_a_value(self, change, reason):
        with pytest.raises(ClaimsRefused) as refusal:
            claims.read({**TOLD, **change})
        assert str(refusal.value) == reason

    def test_never_show_the_national_number_in_a_log(self):
        assert SYNTHETIC not in repr(claims.read(TOLD))

    def test_grant_only_roles_for_the_organization_acted_for(self):
        entries = ["clerk:0207449544,0697608063", "dpo:0207449544", "mayor:0697608063"]
        assert claims.roles_for(entries, "0697608063") == {"clerk"}
        assert claims.roles_for(entries, "") == frozenset()


class TestPowerOfAttorney:
    def power(self, **changes) -> PowerOfAttorney:
        values = {
            "uuid": UUID(int=9),
            "grantor": Subject(kind="organization", uuid=ACME),
            "representative": Subject(kind="person", uuid=NOOR),
            "services": ("permit",),
            "valid_from": NOW,
            "expires_at": NOW + timedelta(days=1),
        }
        return PowerOfAttorney(**{**values, **changes})

    def test_always_expires_after_it_starts(self):
        with pytest.raises(InvalidPeriod):
            self.power(expires_at=NOW)

    def test_names_at_least_one_service(self):
        with pytest.raises(ServicesMissing):
            self.power(services=())

    def test_is_never_for_oneself(self):
        with pytest.raises(SelfRepresentation):
            self.power(representative=Subject(kind="organization", uuid=ACME))

    def test_holds_until_it_expires_or_is_revoked(self):
        power = self.power(revoked_at=NOW + timedelta(hours=2))
        assert power.is_valid_at(NOW)
        assert not power.is_valid_at(NOW + timedelta(hours=2))
        assert not self.power().is_valid_at(NOW + timedelta(days=1))

    def test_covers_what_it_names(self):
        assert self.power().covers("permit")
        assert not self.power().covers("tax")
        assert self.power(services=("*",)).covers("tax")

    def test_is_not_handed_on_by_a_representative(self):
        company = Subject(kind="organization", uuid=ACME)
        by_power = Actor(
            capacity=Capacity.ENTERPRISE, person=NOOR, represents=company, scopes=frozenset({"*"})
        )
        of_the_company = Actor(capacity=Capacity.ENTERPRISE, person=NOOR, represents=company)
        assert not powers.may_dispose(by_power, company)
        assert powers.may_dispose(of_the_company, company)

    def test_is_not_granted_for_somebody_else(self):
        citizen = Actor(capacity=Capacity.CITIZEN, person=NOOR)
        assert powers.may_dispose(citizen, Subject(kind="person", uuid=NOOR))
        assert not powers.may_dispose(citizen, Subject(kind="person", uuid=ACME))


class TestSessionLimits:
    def sign_in(self, **changes) -> sessions.SignIn:
        values = {
            "person": NOOR,
            "capacity": Capacity.STAFF,
            "assurance": Assurance.HIGH,
            "epoch": 0,
            "started_at": NOW,
            "seen_at": NOW,
        }
        return sessions.SignIn(**{**values, **changes})

    def test_end_an_idle_session_after_30_minutes(self):
        assert self.sign_in().ended(NOW + timedelta(minutes=29, seconds=59)) is None
        assert self.sign_in().ended(NOW + timedelta(minutes=30)) is SessionEnd.IDLE

    def test_end_a_busy_session_after_8_hours(self):
        busy = self.sign_in(seen_at=NOW + timedelta(hours=7, minutes=59))
        assert busy.expires_at() == NOW + timedelta(hours=8)
        assert busy.ended(NOW + timedelta(hours=8)) is SessionEnd.TOO_LONG


class TestCookieName:
    @pytest.mark.parametrize(
        ("is_secure", "is_path_prefixed", "name"),
        [
            (True, False, "__Host-ocapi-session"),
            (True, True, "__Host-ocapi-session-aalter"),
            (False, False, "ocapi-session-aalter"),
            (False, True, "ocapi-session-aalter"),
        ],
    )
    def test_is_bound_to_the_host_where_that_is_possible(self, is_secure, is_path_prefixed, name):
        assert name == cookie_name(
            "ocapi-session", key="aalter", is_secure=is_secure, is_path_prefixed=is_path_prefixed
        )


class TestDemoIdentityProvider:
    def person(self, **changes) -> provisioning.TestPerson:
        values = {
            "code": "noor.staff",
            "subject": "noor",
            "given_name": "Noor",
            "family_name": "Peeters",
            "national_number": SYNTHETIC,
            "capacity": Capacity.STAFF,
            "level": "substantial",
            "tenant": "aalter",
            "organization_code": "0697608063",
            "organization_name": "Aalter",
            "roles": ("clerk",),
        }
        return provisioning.TestPerson(**{**values, **changes})

    def test_says_what_the_relying_party_reads(self):
        read = claims.read(claims_for(self.person(), "substantial"))
        assert (read.capacity, read.assurance, read.roles) == (
            Capacity.STAFF,
            Assurance.SUBSTANTIAL,
            {"clerk"},
        )
        assert (read.national_number, read.organization_code) == (SYNTHETIC, "0697608063")

    @pytest.mark.parametrize(
        "back",
        [
            "http%3A%2F%2Faalter.localhost%3A8000%2Faccount%2F",
            "http%3A%2F%2Flocalhost%3A8000%2Fo%2Faalter%2Faccount",
        ],
    )
    def test_reads_the_organization_from_where_the_answer_goes(self, back):
        assert wish_of(f"/idp/identity/o/authorize?redirect_uri={back}").tenant == "aalter"

    def test_offers_no_level_below_the_one_asked(self):
        wish = wish_of(
            f"/x?redirect_uri=http%3A%2F%2Faalter.localhost%2F&acr_values={claims.LOA_PREFIX}substantial"
        )
        here, elsewhere = rows_for(
            (self.person(), self.person(level="low"), self.person(tenant="beta")), wish
        )
        assert [row.levels for row in here] == [("substantial",)]
        assert len(elsewhere) == 1

    def test_keeps_its_file_and_key(self, tmp_path):
        uris = provisioning.redirect_uris(keys=["aalter"], port=8000)
        provisioning.write(folder=tmp_path / "idp", uris=uris, persons=[self.person()])
        key = provisioning.key_of(tmp_path / "idp").read_bytes()
        provisioning.write(folder=tmp_path / "idp", uris=uris, persons=[self.person()])
        assert provisioning.key_of(tmp_path / "idp").read_bytes() == key
        assert provisioning.read(tmp_path / "idp").find("noor.staff") == self.person()
        assert uris[1] == "http://localhost:8000/o/aalter/account/oidc/acm/login/callback/"
