"""The decision function, pure. Not covered here: the policy table itself, see tests/security."""

from dataclasses import replace

import pytest

from ocapi.kernel.access.data import Cell, Leaf, Operation, Reason, Scope, Surface
from ocapi.kernel.access.decision import decide
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import ANONYMOUS, Actor, Assurance, Capacity, Subject, system


def an_operation(**cells: Cell) -> Operation:
    return Operation(name="cases.read", surface=Surface.DESK, resource="case", cells=cells, personal=True,
                     min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CONSULTATION, purpose="cases.handling",
                     scope="cases:cases:read")


OWN = an_operation(citizen_self=Cell.OWN, represented=Cell.OWN, citizen_other=Cell.HIDE, clerk=Cell.ALLOW,
                   anonymous=Cell.LOGIN, peer_system=Cell.ALLOW)


def scope_of(actor: Actor) -> Scope:
    return Scope(subjects=frozenset({actor.subject}))


class TestDecide:
    def test_denies_a_party_the_table_does_not_name(self):
        assert not decide(a_staff_member("dpo"), OWN, Scope()).is_allowed

    def test_allows_a_citizen_their_own_and_limits_lists_to_it(self):
        citizen = a_citizen()
        assert decide(citizen, OWN, scope_of(citizen)).is_allowed
        assert decide(citizen, OWN, Scope()).own_only

    @pytest.mark.parametrize(("risk", "desk", "administration"), [
        (0, True, True), (29, True, True), (30, True, False), (59, True, False), (60, False, False),
    ])
    def test_asks_staff_who_they_are_again_sooner_for_administration(self, risk, desk, administration):
        everyday = an_operation(clerk=Cell.ALLOW, tenant_admin=Cell.ALLOW)
        apart = an_operation(anonymous=Cell.LOGIN, tenant_admin=Cell.ALLOW)
        actor = replace(a_staff_member("tenant_admin"), risk=risk)
        decisions = [decide(actor, each, Scope()) for each in (everyday, apart)]
        assert [each.is_allowed for each in decisions] == [desk, administration]
        assert {each.reason for each in decisions} <= {None, Reason.RISK_TOO_HIGH}

    def test_does_not_weigh_citizens(self):
        citizen = replace(a_citizen(), risk=100)
        assert decide(citizen, OWN, scope_of(citizen)).is_allowed

    def test_hides_what_belongs_to_somebody_else(self):
        decision = decide(a_citizen(), OWN, scope_of(a_citizen()))
        assert (decision.is_allowed, decision.reason) == (False, Reason.HIDDEN)

    def test_asks_an_anonymous_visitor_to_sign_in(self):
        assert decide(ANONYMOUS, OWN, Scope()).reason is Reason.SIGN_IN_NEEDED

    def test_asks_for_a_higher_level_of_assurance(self):
        clerk = a_staff_member("clerk", assurance=Assurance.LOW)
        assert decide(clerk, OWN, Scope()).reason is Reason.ASSURANCE_TOO_LOW

    def test_sees_a_representative_as_the_one_represented(self):
        company = Subject(kind="organization", uuid=ids.new_uuid(NOW))
        representative = a_citizen(capacity=Capacity.ENTERPRISE, represents=company)
        assert decide(representative, OWN, Scope(subjects=frozenset({company}))).is_allowed
        own = Scope(subjects=frozenset({Subject(kind="person", uuid=representative.person)}))
        assert not decide(representative, OWN, own).is_allowed

    def test_refuses_a_suspended_person_whatever_the_roles(self):
        assert not decide(a_staff_member("clerk", "suspended"), OWN, Scope()).is_allowed

    def test_wants_no_scope_for_what_is_public(self):
        public = replace(OWN, scope="", cells={"anonymous": Cell.ALLOW, "peer_system": Cell.ALLOW})
        application = Actor(capacity=Capacity.APPLICATION, application="x")
        assert decide(application, public, Scope()).is_allowed
        closed = replace(public, cells={"anonymous": Cell.LOGIN, "peer_system": Cell.ALLOW})
        assert not decide(application, closed, Scope()).is_allowed

    @pytest.mark.parametrize(("scopes", "allowed"), [((), False), (("cases:cases:read",), True)])
    def test_wants_a_granted_scope_of_an_application(self, scopes, allowed):
        application = Actor(capacity=Capacity.APPLICATION, application="x", scopes=frozenset(scopes))
        assert decide(application, OWN, Scope()).is_allowed is allowed

    def test_lets_background_work_act(self):
        assert decide(system("jobs.test"), OWN, Scope()).is_allowed


class TestOperation:
    def test_refuses_personal_data_without_a_leaf(self):
        with pytest.raises(ValueError, match="audit leaf"):
            Operation(name="x.y", surface=Surface.REST, resource="x", cells={}, personal=True)

    def test_refuses_a_party_nobody_knows(self):
        with pytest.raises(ValueError, match="mayor"):
            Operation(name="x.y", surface=Surface.REST, resource="x", cells={"mayor": Cell.ALLOW})
