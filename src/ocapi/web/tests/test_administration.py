"""Administration through the pages, from elsewhere than where one signed in (ASVS 8.4.2). Not covered: the
figures (accounts), the rule (access).
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in, the_circumstances
from ocapi.kernel.audit.testing import leaves_of
from ocapi.lib import clock
from ocapi.lib.actor import Capacity

HERE = {"HTTP_USER_AGENT": "Firefox/145.0", "HTTP_ACCEPT_LANGUAGE": "nl",
        "HTTP_SEC_FETCH_SITE": "same-origin", "REMOTE_ADDR": "193.190.10.7"}
ELSEWHERE = {**HERE, "REMOTE_ADDR": "81.82.1.1"}
OTHER_BROWSER = {**HERE, "HTTP_USER_AGENT": "Chrome/140"}
THIEF = {**ELSEWHERE, "HTTP_USER_AGENT": "curl/8.1", "HTTP_SEC_FETCH_SITE": ""}


@pytest.fixture
def administrator(tenant):
    """A browser in which an administrator signed in at the office."""
    client, now = Client(headers={"host": f"{tenant.key}.localhost"}), clock.now()
    person = a_person(now=now, given_name="Ada", family_name="Beheerder")
    accounts.grant_role(person=person.uuid, code="tenant_admin", actor=ACTOR, now=now)
    seen = the_circumstances(**HERE)
    signed_in(client, person=person.uuid, capacity=Capacity.STAFF, circumstances=seen)
    return client


def asks_again(answer):
    query = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    return answer.status_code == 302 and query.get("level") == ["substantial"]


class TestAdministration:
    def test_goes_on_where_it_began(self, administrator):
        assert administrator.get("/desk/medewerkers/", **HERE).status_code == 200

    def test_from_another_network_asks_who_it_is_while_the_desk_goes_on(self, administrator):
        assert administrator.get("/desk/", **ELSEWHERE).status_code == 200
        assert "/desk/medewerkers/" in administrator.get("/desk/", **ELSEWHERE).content.decode()
        assert asks_again(administrator.get("/desk/medewerkers/", **ELSEWHERE))
        assert administrator.get("/desk/medewerkers/", **HERE).status_code == 200

    def test_in_another_browser_asks_who_it_is_on_the_whole_desk(self, administrator):
        assert asks_again(administrator.get("/desk/", **OTHER_BROWSER))

    def test_saves_nothing_meanwhile(self, administrator):
        answer = administrator.post("/desk/instellingen/", {"name": "Anders"}, **ELSEWHERE)
        assert answer.status_code == 403
        assert "level=substantial" in answer.content.decode()

    def test_by_two_signs_at_once_is_over_for_everybody_and_leaves_a_leaf(self, administrator):
        assert administrator.get("/desk/", **THIEF).status_code == 302
        assert administrator.get("/desk/", **HERE).status_code == 302  # the session itself is gone
        assert len(leaves_of("accounts.session.ended_by_risk")) == 1
