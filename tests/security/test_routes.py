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


def faults(status: int, location: str, found: set[str]) -> Iterator[str]:
    """Compare an answer with the cells of a party: kept out whom they keep out, let in whom they let in."""
    refusing = found & set(REFUSED)
    if (refusing and status not in set.union({405}, *(REFUSED[cell] for cell in refusing))) or status == 500:
        yield f"{status}"
    if found and found <= {"allow", "own"} and (status == 403 or "/account/aanmelden/" in location):
        yield f"kept out ({status})"


class TestRoutes:
    def test_all_have_a_reviewed_operation(self, tenant, reviewed):
        found = {route for route in routes() if not GENERATED.fullmatch(route)}
        assert sorted(found ^ set(reviewed)) == []

    def test_name_operations_of_the_policy_table(self, reviewed, expected_policy):
        named = {each for operations in reviewed.values() for each in operations}
        assert {each for each in named - set(expected_policy) if not each.startswith("open:")} == set()

    def test_answer_each_party_as_the_policy_says(self, visitors, reviewed, expected_policy):
        wrong = []
        for route, operations in reviewed.items():
            for party, visitor in visitors.items():
                found = {cell for _name, cell in cells(operations, party, expected_policy)}
                answer = visitor.get(sample(route))
                wrong += [f"{party} at {route}: {fault} where {operations} say {found}"
                          for fault in faults(answer.status_code, answer.headers.get("Location", ""), found)]
        assert not wrong, "\n".join(wrong)

    @pytest.mark.parametrize(("status", "location", "found"), [
        (200, "", {"deny"}), (302, "/", {"hide"}), (200, "", {"login", "allow"}), (500, "", set()),
        (403, "", {"allow"}), (302, "/account/aanmelden/?next=/", {"own"}),
    ])
    def test_turn_red_when_a_party_is_let_in_or_kept_out_wrongly(self, status, location, found):
        assert faults(status, location, found)
