"""The reviewed tables by themselves. Not covered: whether what they say is wise, that is for readers."""

import pytest

from tests.security import reviewed


def told(change) -> list[str]:
    policy, routes = reviewed.tables()
    change({row["operation"]: row for row in policy}, policy, routes)
    return reviewed.faults(policy, routes)


class TestTables:
    def test_have_no_hole_and_no_contradiction(self):
        assert reviewed.faults(*reviewed.tables()) == []


class TestFault:
    @pytest.mark.parametrize(
        ("change", "name"),
        [
            (
                lambda by, policy, routes: by["cases.read"].update(clerk=""),
                "cases.read.clerk: empty; say allow, own, deny, hide, login or na",
            ),
            (
                lambda by, policy, routes: by["cases.read"].update(dpo="perhaps"),
                "cases.read.dpo: 'perhaps' is no cell",
            ),
            (lambda by, policy, routes: policy.append(dict(by["cases.read"])), "cases.read: reviewed twice"),
            (
                lambda by, policy, routes: by["cases.read"].update(anonymous="allow"),
                "cases.read.anonymous: allow, and the data are personal",
            ),
            (
                lambda by, policy, routes: by["cases.read"].update(leaf="none"),
                "cases.read.leaf: none, and the data are personal",
            ),
            (
                lambda by, policy, routes: by["cases.read"].update(citizen_other="own"),
                "cases.read.citizen_other: own, and citizens see their own only",
            ),
            (
                lambda by, policy, routes: by["cases.close"].update(suspended="allow"),
                "cases.close.suspended: allow, and it changes something",
            ),
            (
                lambda by, policy, routes: by["portal.read"].update(clerk="deny"),
                "portal.read.anonymous: allow, and who signs in is denied",
            ),
            (
                lambda by, policy, routes: by["portal.own"].update(citizen_self="deny"),
                "portal.own.represented: allow, more than the person itself may",
            ),
            (
                lambda by, policy, routes: policy.remove(by["web.search"]),
                "'zoeken': web.search is not in the policy table",
            ),
            (
                lambda by, policy, routes: next(each for each in routes if not each["route"]).update(
                    operation=""
                ),
                "'': no operation",
            ),
        ],
    )
    def test_is_named_by_operation_and_column(self, change, name):
        assert name in told(change)
