"""The guard before every API operation, through the real addresses. Not covered: what operations do."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.kernel.tenants.testing import a_staff_member
from ocapi.lib import clock, ids
from ocapi.lib.actor import Capacity
from ocapi.modules.exchange import api as exchange
from ocapi.modules.exchange.data import ASSERTION_TYPE
from ocapi.modules.exchange.tests.keys import KeyPair

CASES = "/api/cases/v1/cases"


@pytest.fixture
def visitor(tenant):
    return Client(headers={"host": f"{tenant.key}.localhost"}, enforce_csrf_checks=True)


@pytest.fixture
def clerk(visitor):
    """A clerk's session in `visitor`."""
    person = a_person(now=clock.now())
    accounts.grant_role(person=person.uuid, code="clerk", actor=ACTOR, now=clock.now())
    signed_in(visitor, person=person.uuid, capacity=Capacity.STAFF)
    return visitor


def a_token(*scopes: str) -> str:
    """Register an application with these scopes and take a token for it."""
    pair, now = KeyPair(), clock.now()
    made = exchange.register_application(
        name="Test", jwks=json.dumps(pair.jwk), scopes=scopes, actor=a_staff_member("tenant_admin"), now=now
    )
    endpoint = "https://alpha.example/oauth/token"
    claims = {
        "iss": made.client_id, "sub": made.client_id, "aud": endpoint, "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=120)).timestamp()), "jti": ids.token(8),
    }
    return exchange.issue_token(
        grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE,
        client_assertion=pair.signed(claims), scope="",
        audiences=(endpoint,), address="192.0.2.1", now=now,
    ).access_token


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def issues(answer) -> list[tuple[str, str]]:
    return [(each["in"], each["name"]) for each in answer.json()["issues"]]


class TestToken:
    def test_opens_what_its_scope_covers(self, visitor):
        token = a_token("cases:cases:read")
        assert visitor.get(CASES, headers=bearer(token)).status_code == 200

    def test_opens_nothing_its_scope_does_not_cover(self, visitor):
        token = a_token("audit:proofs:read")
        answer = visitor.get(CASES, headers=bearer(token))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:problem-type:belgif:missingScope")

    @pytest.mark.parametrize("header", ["Bearer nonsense", "Basic eDp5", "Bearer "])
    def test_is_refused_when_it_is_none(self, visitor, header):
        answer = visitor.get(CASES, headers={"authorization": header})
        assert answer.status_code == 401
        assert "Bearer" in answer["WWW-Authenticate"]

    def test_counts_before_a_session_that_comes_along(self, clerk):
        assert clerk.get(CASES, headers={"authorization": "Bearer nonsense"}).status_code == 401


class TestSession:
    def test_reads_with_the_rights_of_the_person(self, clerk):
        assert clerk.get(CASES).status_code == 200

    def test_changes_nothing_without_its_csrf_token(self, clerk):
        answer = clerk.post(CASES, "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["detail"]) == (403, "send the CSRF token of this session")


class TestInput:
    def test_names_a_parameter_nobody_knows(self, clerk):
        answer = clerk.get(CASES, {"statuss": "new"})
        assert (answer.status_code, issues(answer)) == (400, [("query", "statuss")])

    def test_names_a_member_nobody_knows(self, visitor):
        token = a_token("cases:cases:write")
        answer = visitor.post(
            CASES, json.dumps({"caseTyp": "x"}), content_type="application/json", headers=bearer(token)
        )
        assert answer.status_code == 400
        assert ("body", "caseTyp") in [(place, name.rpartition(".")[2]) for place, name in issues(answer)]

    def test_is_refused_in_another_media_type(self, visitor):
        token = a_token("cases:cases:write")
        answer = visitor.post(CASES, "<a/>", content_type="application/xml", headers=bearer(token))
        assert answer.status_code == 415

    def test_leaves_a_line_when_it_is_refused(self, visitor, caplog):
        caplog.set_level("INFO", logger="ocapi")
        token = a_token("cases:cases:write")
        visitor.post(CASES, '{"planted": 1}', content_type="application/json", headers=bearer(token))
        (line,) = (each for each in caplog.records if each.name == "ocapi.web")
        assert (line.operation, line.reason) == (f"POST {CASES[1:]}", "status 400")
        assert "planted" not in str(vars(line))

    def test_is_refused_above_the_limit(self, visitor):
        token = a_token("cases:cases:write")
        huge = json.dumps({"x": "y" * (1 << 20)})
        answer = visitor.post(CASES, huge, content_type="application/json", headers=bearer(token))
        assert answer.status_code == 413

    def test_is_refused_when_it_wants_another_answer(self, clerk):
        assert clerk.get(CASES, headers={"accept": "application/xml"}).status_code == 406


class TestMount:
    def test_hides_a_module_that_this_kind_of_organization_does_not_have(self, clerk, monkeypatch):
        from ocapi.kernel.registry import api as registry

        monkeypatch.setattr(registry, "is_mounted", lambda module: module != "cases")
        assert clerk.get(CASES).status_code == 404
