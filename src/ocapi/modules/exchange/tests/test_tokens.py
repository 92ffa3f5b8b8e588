"""Machine accounts and tokens. Not covered: how the data plane judges the same tokens (its own tests)."""

import json
from datetime import timedelta

import pytest

from ocapi.dataplane import gate
from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import Capacity
from ocapi.modules.exchange import api
from ocapi.modules.exchange.data import (
    ASSERTION_TYPE,
    ApplicationRefused,
    ApplicationState,
    GrantRefused,
    TokenRefused,
    TooManyFailures,
)
from ocapi.modules.exchange.tests.keys import KeyPair

ENDPOINT = "https://alpha.example/oauth/token"
SECONDS = timedelta(seconds=1)


def an_admin():
    return a_staff_member("tenant_admin")


@pytest.fixture
def pair():
    return KeyPair()


@pytest.fixture
def scope():
    return api.list_scopes()[0].code


@pytest.fixture
def application(tenant, pair, scope):
    return api.register_application(
        name="Sensor gateway", jwks=json.dumps(pair.jwk), scopes=(scope,), actor=an_admin(), now=NOW
    )


def claims(application, **changes):
    moment = int(NOW.timestamp())
    made = {"iss": application.client_id, "sub": application.client_id, "aud": ENDPOINT, "iat": moment,
            "exp": moment + 120, "jti": ids.token(8), **changes}
    return {name: value for name, value in made.items() if value is not None}


def issue(assertion, *, now=NOW, scope="", **changes):
    values = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
              "client_assertion": assertion, "scope": scope, "audiences": (ENDPOINT,), "address": "192.0.2.1",
              "now": now, **changes}
    return api.issue_token(**values)


class TestRegister:
    def test_refuses_a_private_key_and_names_the_field(self, tenant, pair, scope):
        with pytest.raises(ApplicationRefused) as refused:
            api.register_application(
                name="x", jwks=json.dumps(pair.private_jwk), scopes=(scope,), actor=an_admin(), now=NOW
            )
        assert refused.value.problems == (("keys", "privateKey"),)

    @pytest.mark.parametrize(("change", "code"), [
        ({"crv": "P-384"}, "wrongKind"), ({"kty": "RSA"}, "wrongKind"), ({"alg": "ES384"}, "wrongKind"),
        ({"x": "AAAA"}, "notOnCurve"), ({"use": "enc"}, "wrongKind"),
    ])
    def test_refuses_keys_of_another_kind(self, tenant, pair, scope, change, code):
        with pytest.raises(ApplicationRefused) as refused:
            api.register_application(
                name="x", jwks=json.dumps({**pair.jwk, **change}), scopes=(scope,), actor=an_admin(), now=NOW
            )
        assert refused.value.problems == (("keys", code),)

    def test_tells_every_problem_at_once(self, tenant):
        with pytest.raises(ApplicationRefused) as refused:
            api.register_application(name=" ", jwks="{", scopes=("no:such:scope",), actor=an_admin(), now=NOW)
        assert dict(refused.value.problems) == {"name": "required", "keys": "notJson", "scopes": "unknown"}

    def test_is_for_administrators(self, tenant, pair, scope):
        for actor in (a_citizen(), a_staff_member("clerk")):
            with pytest.raises(NotAllowed):
                api.register_application(
                    name="x", jwks=json.dumps(pair.jwk), scopes=(scope,), actor=actor, now=NOW
                )

    def test_revokes_once_and_for_all(self, application):
        for _ in range(2):
            ended = api.revoke_application(application=application.uuid, actor=an_admin(), now=NOW)
        assert (ended.state, ended.revoked_at) == (ApplicationState.REVOKED, NOW)


class TestIssue:
    def test_gives_a_token_that_speaks_for_the_application(self, application, pair, scope):
        token = issue(pair.signed(claims(application)))
        actor = api.actor_of_token(token=token.access_token, now=NOW)
        assert (actor.capacity, actor.application) == (Capacity.APPLICATION, application.client_id)
        assert (token.scope, actor.scopes, token.expires_in) == (scope, frozenset({scope}), 300)

    def test_gives_tokens_in_the_form_the_gate_expects(self, application, pair):
        from ocapi.modules.exchange.services import jose

        token = issue(pair.signed(claims(application))).access_token
        header, content = jose.verified(token, jose.platform_keys())
        assert header["typ"] == "at+jwt"
        read = gate._claims(content)
        assert read.issuer == f"urn:uuid:{tenants.current().uuid}"
        assert (read.audience, read.expires_at - read.issued_at) == ((read.issuer,), gate.LONGEST_LIFE_S)

    def test_notes_the_last_use(self, application, pair):
        issue(pair.signed(claims(application)))
        assert api.get_application(application=application.uuid, actor=an_admin()).last_used_at == NOW

    def test_refuses_a_token_without_signature(self, application, pair):
        self._refused(pair.unsigned(claims(application)))

    def test_refuses_the_public_key_used_as_a_shared_secret(self, application, pair):
        self._refused(pair.signed_with_public_key_as_secret(claims(application)))

    def test_refuses_a_key_that_is_not_registered(self, application):
        self._refused(KeyPair().signed(claims(application)))

    def test_refuses_a_key_the_token_brings_along(self, application):
        stranger = KeyPair()
        self._refused(stranger.signed(claims(application), jwk=stranger.jwk))

    @pytest.mark.parametrize("change", [
        {"aud": "https://evil.example/oauth/token"}, {"aud": None}, {"aud": [{}]}, {"sub": "somebody"},
        {"jti": None},
        {"jti": "x" * 129}, {"exp": None}, {"exp": int(NOW.timestamp()) - 61},
        {"exp": int(NOW.timestamp()) + 361}, {"iat": int(NOW.timestamp()) + 61},
        {"nbf": int(NOW.timestamp()) + 61}, {"exp": "soon"},
    ], ids=str)
    def test_refuses_wrong_claims(self, application, pair, change):
        self._refused(pair.signed(claims(application, **change)))

    def test_allows_a_minute_of_clock_skew(self, application, pair):
        assert issue(pair.signed(claims(application, exp=int(NOW.timestamp()) - 59)))
        assert issue(pair.signed(claims(application, iat=int(NOW.timestamp()) + 59)))

    def test_takes_an_assertion_once(self, application, pair):
        assertion = pair.signed(claims(application))
        issue(assertion)
        self._refused(assertion)

    def test_refuses_a_revoked_application(self, application, pair):
        api.revoke_application(application=application.uuid, actor=an_admin(), now=NOW)
        self._refused(pair.signed(claims(application)))

    def test_refuses_scopes_that_were_not_granted(self, application, pair):
        with pytest.raises(GrantRefused) as refused:
            issue(pair.signed(claims(application)), scope="cases:everything:write")
        assert (refused.value.error, refused.value.status) == ("invalid_scope", 400)

    def test_refuses_other_grants_and_other_ways_to_authenticate(self, application, pair):
        with pytest.raises(GrantRefused) as refused:
            issue(pair.signed(claims(application)), grant_type="password")
        assert refused.value.error == "unsupported_grant_type"
        with pytest.raises(GrantRefused) as refused:
            issue(pair.signed(claims(application)), client_assertion_type="client_secret")
        assert refused.value.error == "invalid_client"

    def test_stops_listening_after_ten_failures_from_one_address(self, application, pair):
        for _ in range(10):
            self._refused(KeyPair().signed(claims(application)))
        with pytest.raises(TooManyFailures) as failures:
            issue(pair.signed(claims(application)))
        assert 0 < failures.value.retry_after_s <= 300
        assert issue(pair.signed(claims(application)), address="192.0.2.2")
        later = NOW + 301 * SECONDS
        assert issue(pair.signed(claims(application, exp=int(later.timestamp()) + 60)), now=later)

    @staticmethod
    def _refused(assertion):
        with pytest.raises(GrantRefused) as refused:
            issue(assertion)
        assert (refused.value.error, refused.value.status) == ("invalid_client", 401)


class TestActorOfToken:
    def test_refuses_a_revoked_application_at_once(self, application, pair):
        token = issue(pair.signed(claims(application))).access_token
        api.revoke_application(application=application.uuid, actor=an_admin(), now=NOW)
        self._refused(token, "invalidAccessToken")

    def test_says_that_a_token_expired(self, application, pair):
        token = issue(pair.signed(claims(application))).access_token
        assert api.actor_of_token(token=token, now=NOW + 359 * SECONDS)
        self._refused(token, "expiredAccessToken", now=NOW + 361 * SECONDS)

    def test_refuses_a_token_of_another_organization(self, application, pair, other_tenant):
        token = issue(pair.signed(claims(application))).access_token
        with tenants.unbound(), tenants.bind_tenant(other_tenant):
            self._refused(token, "invalidAccessToken")

    def test_refuses_what_the_application_signed_itself(self, application, pair):
        self._refused(pair.signed(claims(application), typ="at+jwt"), "invalidAccessToken")

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "." * 2, "e30.e30.", "é.é.é"])
    def test_refuses_what_is_no_token(self, tenant, token):
        self._refused(token, "invalidAccessToken")

    @staticmethod
    def _refused(token, kind, now=NOW):
        with pytest.raises(TokenRefused) as refused:
            api.actor_of_token(token=token, now=now)
        assert refused.value.kind == kind


class TestTidy:
    def test_forgets_assertions_only_after_they_expired(self, application, pair):
        issue(pair.signed(claims(application)))
        assert api.tidy(now=NOW + 180 * SECONDS) == 0
        assert api.tidy(now=NOW + 182 * SECONDS) == 1
