"""Every route of the web has a reviewed operation, and answers each party as the policy says.

Not covered: machine clients and bodies (rest tests), lists row by row (api tests), other organizations.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.security.conftest import read_table

SAMPLES = {
    "uuid": str(UUID(int=7)), "uuidstr": str(UUID(int=7)), "slug": "kapvergunning", "str": "dienst",
    "path": "x", "int": "1", "": "kapvergunning",
}
GENERATED = re.compile(r"api/[a-z]+/v1/(|doc/openapi\.yaml|<path:rest>)")  # documents and the 404 of an API
REFUSED = {
    "deny": {403, 404},
    "hide": {403, 404},
    "login": {302, 401, 404},
}
"""Answers that keep a party out: a form or file that does not exist may say so before it asks who you are."""


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Give every pattern of the URL configuration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from routes(pattern, path)


def sample(route: str) -> str:
    """Give an address of the route that leads to nothing of anybody."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or ""], route)


@pytest.fixture(scope="module")
def reviewed():
    return {row["route"]: row["operation"].split() for row in read_table("routes.csv")}


def cells(operations: list[str], party: str, policy: dict[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Give each operation a route asks for with the party's cell; none for routes open by their nature."""
    for operation in operations:
        if not operation.startswith("open:"):
            yield operation, policy[operation][party]


class TestRoutes:
    def test_all_have_a_reviewed_operation(self, tenant, reviewed):
        found = {route for route in routes() if not GENERATED.fullmatch(route)}
        assert sorted(found ^ set(reviewed)) == []

    def test_name_operations_of_the_policy_table(self, reviewed, expected_policy):
        named = {each for operations in reviewed.values() for each in operations}
        assert {each for each in named - set(expected_policy) if not each.startswith("open:")} == set()

    def test_keep_out_whom_the_policy_keeps_out(self, visitors, reviewed, expected_policy):
        wrong = []
        for route, operations in reviewed.items():
            for party, visitor in visitors.items():
                found = [cell for _name, cell in cells(operations, party, expected_policy) if cell in REFUSED]
                status = visitor.get(sample(route)).status_code
                allowed = set.union({405}, *(REFUSED[cell] for cell in found))
                if (found and status not in allowed) or status == 500:
                    wrong.append(f"{party} at {route}: {status} where {operations} say {found}")
        assert not wrong, "\n".join(wrong)

    def test_let_in_whom_the_policy_lets_in(self, visitors, reviewed, expected_policy):
        wrong = []
        for route, operations in reviewed.items():
            for party, visitor in visitors.items():
                found = {cell for _name, cell in cells(operations, party, expected_policy)}
                answer = visitor.get(sample(route))
                is_sent_away = "/account/aanmelden/" in answer.headers.get("Location", "")
                if found and found <= {"allow", "own"} and (answer.status_code == 403 or is_sent_away):
                    wrong.append(f"{party} at {route}: kept out where {operations} let in")
        assert not wrong, "\n".join(wrong)
