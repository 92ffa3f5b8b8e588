"""Sign-in and sessions through the pages. Not covered here: the identity provider's own process."""

import contextlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from ocapi.kernel.accounts import api, oidc
from ocapi.kernel.accounts.data import SUSPENDED, Identifier, OrganizationKind
from ocapi.kernel.accounts.models import PersonRow, User
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.kernel.tenants.testing import NOW, a_citizen
from ocapi.lib import clock
from ocapi.lib.actor import Assurance, Capacity, Subject
from ocapi.lib.identifiers import synthetic_insz

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER = "http://localhost:8000/idp"
CONFIG = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/jwks",
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
}
INSZ = synthetic_insz((NOW - timedelta(days=14000)).date(), 112)
HOST = "alpha.localhost"
BY_HAND = {"sec-fetch-site": "same-origin", "sec-fetch-user": "?1"}  # what a browser says of a click here


class Provider:
    """Stands in for the identity provider's answers; a test changes `told`, `key` or `header`."""

    def __init__(self) -> None:
        self.told = {
            "sub": "acm-1",
            "given_name": "Noor",
            "family_name": "Peeters",
            "rrn": INSZ,
            "acr": "http://eidas.europa.eu/LoA/high",
        }
        self.overrides = {}
        self.user_info = None
        self.algorithm, self.key, self.published = "RS256", KEY, KEY.public_key()
        self.nonce = ""

    def id_token(self) -> str:
        now = int(clock.now().timestamp())
        content = {
            "iss": ISSUER,
            "aud": "ocapi-demo",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            **self.told,
            **self.overrides,
        }
        return jwt.encode(content, self.key, algorithm=self.algorithm, headers={"kid": "k"})


@pytest.fixture
def provider(monkeypatch):
    stand_in = Provider()
    client = oidc.IdentityProviderClient
    monkeypatch.setattr(client, "openid_config", CONFIG)
    monkeypatch.setattr(client, "_fetch_user_info", lambda _self, _token: stand_in.user_info or stand_in.told)

    def token(self, *_args, **_kwargs):
        self.did_fetch_access_token = True
        return {"access_token": "opaque", "id_token": stand_in.id_token()}

    monkeypatch.setattr(client, "get_access_token_data", token)
    monkeypatch.setattr(
        jwtkit,
        "fetch_key",
        lambda credential, _url, _lookup: (
            jwt.get_unverified_header(credential)["alg"],
            stand_in.published,
        ),
    )
    return stand_in


@pytest.fixture(autouse=True)
def addresses(tenant):
    with override_settings(ROOT_URLCONF="ocapi.kernel.accounts.tests.addresses"):
        yield


@pytest.fixture
def visitor():
    return Client(headers={"host": f"{HOST}:8000"})


def sign_in(visitor, provider, **query):
    away = visitor.get("/account/aanmelden/", {"next": "/who", **query}, headers=BY_HAND)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(away["Location"]).query).items()}
    provider.nonce = provider.overrides.get("nonce", sent["nonce"])
    back = visitor.get("/account/oidc/acm/login/callback/", {"code": "c", "state": sent["state"]})
    return sent, back


def who(visitor) -> dict:
    return visitor.get("/who").json()


def a_colleague(*codes):
    person = a_person(now=NOW).uuid
    for code in codes:
        api.grant_role(person=person, code=code, actor=ACTOR, now=NOW)
    return person


class TestSignIn:
    def test_goes_out_with_state_nonce_and_pkce(self, visitor, provider):
        sent, _back = sign_in(visitor, provider)
        assert sent["response_type"] == "code"
        assert sent["code_challenge_method"] == "S256"
        assert len(sent["nonce"]) >= 32 and sent["state"]
        assert sent["redirect_uri"] == f"http://{HOST}:8000/account/oidc/acm/login/callback/"

    def test_opens_a_session_for_a_new_person(self, visitor, provider):
        _sent, back = sign_in(visitor, provider)
        assert (back.status_code, back["Location"]) == (302, "/who")
        assert who(visitor) | {"person": ""} == {
            "capacity": "citizen",
            "person": "",
            "roles": [],
            "represents": "",
            "assurance": 3,
            "ended": "",
        }

    def test_knows_the_person_the_second_time(self, visitor, provider):
        sign_in(visitor, provider)
        first = who(visitor)["person"]
        sign_in(Client(headers={"host": HOST}), provider)
        assert PersonRow.objects.count() == User.objects.count() == 1
        assert api.find_person_by_national_number(INSZ).uuid.hex == first.replace("-", "")

    def test_finds_a_person_entered_before_by_national_number(self, visitor, provider):
        known = a_person(now=NOW, national_number=INSZ)
        sign_in(visitor, provider)
        assert who(visitor)["person"] == str(known.uuid)

    def test_keeps_the_national_number_out_of_session_and_account(self, visitor, provider):
        sign_in(visitor, provider)
        sessions = [session.get_decoded() for session in Session.objects.all()]
        assert INSZ not in str(sessions)
        assert INSZ not in str(list(SocialAccount.objects.values()))

    def test_keeps_how_it_came_without_address_or_browser(self, visitor, provider):
        sign_in(visitor, provider)
        (kept,) = [
            found["sign_in"]["circumstances"] for each in Session.objects.all()
            if "sign_in" in (found := each.get_decoded())
        ]
        assert set(kept) == {"browser", "network", "sends_metadata"}
        assert "127.0.0.1" not in str(kept)

    def test_takes_a_new_session_key(self, visitor, provider):
        visitor.get("/account/aanmelden/", headers=BY_HAND)
        before = visitor.cookies["ocapi-session-alpha"].value
        sign_in(visitor, provider)
        assert visitor.cookies["ocapi-session-alpha"].value != before

    def test_asks_for_a_level_when_a_page_needs_one(self, visitor, provider):
        sent, _back = sign_in(visitor, provider, level="substantial")
        assert sent["acr_values"].endswith("/substantial") and sent["prompt"] == "login"

    def test_never_leaves_the_site_afterwards(self, visitor, provider):
        _sent, back = sign_in(visitor, provider, next="https://evil.example/")
        assert back["Location"] == "/"

    def test_is_refused_over_plain_http_elsewhere(self, provider):
        answer = Client(headers={"host": "www.aalter.example"}).get("/account/aanmelden/", headers=BY_HAND)
        assert answer.status_code == 403
        assert b"https://" in answer.content

    def test_sets_host_cookies_over_https(self, provider):
        visitor = Client(headers={"host": "www.aalter.example"})
        answer = visitor.get("/account/aanmelden/", headers=BY_HAND, secure=True)
        cookie = answer.cookies["__Host-ocapi-session"]
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
        assert (cookie["path"], cookie["domain"]) == ("/", "")

    def test_says_so_when_no_provider_is_configured(self, visitor, monkeypatch):
        def missing(_request):
            raise SocialApp.DoesNotExist

        monkeypatch.setattr(oidc, "callback", missing)
        assert visitor.get("/account/oidc/acm/login/callback/?code=c&state=s").status_code == 503

    def test_says_so_when_the_provider_does_not_answer(self, visitor, monkeypatch):
        def down(_self):
            raise ConnectionRefusedError

        monkeypatch.setattr(oidc.IdentityProviderClient, "openid_config", property(down))
        assert visitor.get("/account/aanmelden/", headers=BY_HAND).status_code == 502


class TestForgedAnswer:
    @pytest.mark.parametrize(
        "overrides",
        [
            {"iss": "http://evil.example"},
            {"aud": "another"},
            {"nonce": "replayed"},
            {"nonce": ""},
            {"exp": 1_000_000_000},
            {"aud": ["ocapi-demo", "another"]},
            {"azp": "another"},
        ],
    )
    def test_opens_no_session(self, visitor, provider, overrides):
        provider.overrides = overrides
        _sent, back = sign_in(visitor, provider)
        assert back.status_code in (403, 502)
        assert who(visitor)["capacity"] == "anonymous"
        assert PersonRow.objects.count() == 0

    def test_signed_with_another_key_opens_no_session(self, visitor, provider):
        provider.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        assert sign_in(visitor, provider)[1].status_code == 502

    @pytest.mark.parametrize("algorithm", ["HS256", "none"])
    def test_with_a_weak_algorithm_opens_no_session(self, visitor, provider, algorithm):
        provider.algorithm = algorithm
        provider.key = provider.published = "s" * 40 if algorithm == "HS256" else None
        assert sign_in(visitor, provider)[1].status_code == 502

    def test_with_user_information_of_another_subject_opens_no_session(self, visitor, provider):
        provider.user_info = {**provider.told, "sub": "acm-2"}
        assert sign_in(visitor, provider)[1].status_code == 502

    def test_with_a_state_this_browser_never_had_opens_no_session(self, visitor, provider):
        answer = visitor.get("/account/oidc/acm/login/callback/", {"code": "c", "state": "invented"})
        assert answer.status_code == 502

    def test_with_the_number_of_another_person_opens_no_session(self, visitor, provider):
        sign_in(visitor, provider)
        other = synthetic_insz(NOW.date() - timedelta(days=9000), 113)
        a_person(now=NOW, national_number=other)
        provider.told["rrn"] = other
        assert sign_in(Client(headers={"host": HOST}), provider)[1].status_code == 409

    def test_of_somebody_who_stopped_is_no_error(self, visitor, provider):
        away = visitor.get("/account/aanmelden/", headers=BY_HAND)
        state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
        answer = visitor.get("/account/oidc/acm/login/callback/", {"error": "access_denied", "state": state})
        assert answer.status_code == 200


class TestAsking:
    """A session begins by a click here or by an address that was opened, never by what another page does."""

    @pytest.mark.parametrize("said", [
        BY_HAND,
        {"sec-fetch-site": "none", "sec-fetch-user": "?1"},
        {"referer": f"http://{HOST}:8000/loket/"},
    ])
    def test_of_a_person_goes_to_the_provider_at_once(self, visitor, provider, said):
        away = visitor.get("/account/aanmelden/", headers=said)
        assert away.status_code == 302 and away["Location"].startswith(f"{ISSUER}/authorize?")

    @pytest.mark.parametrize("said", [
        {"sec-fetch-site": "cross-site", "sec-fetch-user": "?1"},
        {"sec-fetch-site": "same-site", "sec-fetch-user": "?1"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site", "referer": f"http://{HOST}:8000/"},
        {"referer": "https://elsewhere.example/"},
        {},
    ])
    def test_of_a_page_alone_leads_to_a_button(self, visitor, provider, said):
        asked = visitor.get("/account/aanmelden/", {"next": "/who"}, headers=said)
        assert asked.status_code == 200
        assert 'href="/account/aanmelden/?next=%2Fwho"' in asked.content.decode()
        assert Session.objects.count() == 0

    def test_by_that_button_goes_on_to_what_was_wanted(self, visitor, provider):
        visitor.get("/account/aanmelden/", {"next": "/who"})
        _sent, back = sign_in(visitor, provider)
        assert back["Location"] == "/who"


class TestMetadata:
    """What a provider says about itself counts for the issuer that was configured, and for no other."""

    def asked(self, visitor, monkeypatch, issuer):
        class Told:
            status_code = 200

            def raise_for_status(self):
                return None

            def json(self):
                return {**CONFIG, "issuer": issuer}

        class Asking(contextlib.nullcontext):
            def get(self, _url):
                return Told()

        adapter = type(get_adapter())
        monkeypatch.setattr(
            adapter, "get_requests_session", lambda _self: contextlib.nullcontext(Asking())
        )
        return visitor.get("/account/aanmelden/", headers=BY_HAND)

    @pytest.mark.parametrize("issuer", [
        "https://elsewhere.example/idp", f"{ISSUER}/more", "http://localhost:8000", "", None,
    ])
    def test_of_another_issuer_is_not_followed(self, visitor, monkeypatch, issuer):
        assert self.asked(visitor, monkeypatch, issuer).status_code == 502

    def test_of_the_configured_issuer_is_followed(self, visitor, monkeypatch):
        answer = self.asked(visitor, monkeypatch, ISSUER)
        assert answer["Location"].startswith(f"{ISSUER}/authorize?")


class TestLines:
    """Of each sign-in, and of each that was refused, a line is left; without names or numbers."""

    def told(self, caplog):
        return [
            (record.getMessage(), record.reason) for record in caplog.records
            if record.name == "ocapi.sign_in"
        ]

    def test_tell_how_somebody_signed_in(self, visitor, provider, caplog):
        caplog.set_level("INFO", logger="ocapi")
        sign_in(visitor, provider)
        assert self.told(caplog) == [("signed in", "citizen at level high")]
        assert INSZ not in caplog.text and "Peeters" not in caplog.text
        (line,) = (record for record in caplog.records if record.name == "ocapi.sign_in")
        assert line.actor == who(visitor)["person"]

    def test_tell_what_was_refused_and_why(self, visitor, provider, caplog):
        provider.overrides = {"nonce": "of-another-browser"}
        sign_in(visitor, provider)
        assert self.told(caplog) == [("sign-in refused", "ClaimsRefused")]


class TestStaff:
    def staff(self, provider, **changes):
        provider.told |= {
            "vo_doelgroepcode": "LB",
            "vo_orgcode": "alpha",
            "ocapi_rol_3d": ["clerk:alpha"],
            **changes,
        }

    def test_sign_in_with_the_roles_the_provider_grants(self, visitor, provider):
        self.staff(provider)
        sign_in(visitor, provider)
        assert (who(visitor)["capacity"], who(visitor)["roles"]) == ("staff", ["clerk"])

    def test_lose_a_role_the_provider_no_longer_grants(self, visitor, provider):
        self.staff(provider)
        sign_in(visitor, provider)
        self.staff(provider, ocapi_rol_3d=["dpo:alpha"])
        later = Client(headers={"host": HOST})
        sign_in(later, provider)
        assert who(later)["roles"] == ["dpo"]
        assert who(visitor)["ended"] == "revoked"

    def test_stay_citizens_on_a_low_level(self, visitor, provider):
        self.staff(provider, acr="low")
        sign_in(visitor, provider)
        assert who(visitor)["capacity"] == "citizen"

    def test_of_another_organization_are_citizens_here(self, visitor, provider):
        self.staff(provider, vo_orgcode="0697608063", ocapi_rol_3d=["clerk:0697608063"])
        sign_in(visitor, provider)
        assert (who(visitor)["capacity"], who(visitor)["roles"]) == ("citizen", [])


class TestEnterprise:
    def test_acts_for_the_company_of_its_claim(self, visitor, provider):
        provider.told |= {
            "vo_doelgroepcode": "EA",
            "vo_orgcode": "0123456749",
            "vo_orgnaam": "Bakkerij Peeters",
        }
        sign_in(visitor, provider)
        assert (who(visitor)["capacity"], who(visitor)["represents"]) == ("enterprise", "Bakkerij Peeters")


class TestSession:
    def test_ends_at_the_next_request_after_a_role_change(self, visitor):
        person = a_colleague("clerk")
        signed_in(visitor, person=person, capacity=Capacity.STAFF)
        assert who(visitor)["roles"] == ["clerk"]
        api.grant_role(person=person, code="dpo", actor=ACTOR, now=NOW)
        assert (who(visitor)["capacity"], Session.objects.count()) == ("anonymous", 0)

    def test_of_a_suspended_person_has_no_other_role(self, visitor):
        person = a_colleague("clerk")
        api.suspend(person=person, actor=ACTOR, now=NOW)
        signed_in(visitor, person=person, capacity=Capacity.STAFF)
        assert who(visitor)["roles"] == [SUSPENDED]
        api.resume(person=person, actor=ACTOR, now=clock.now())
        signed_in(visitor, person=person, capacity=Capacity.STAFF)
        assert who(visitor)["roles"] == ["clerk"]

    def test_ends_after_30_idle_minutes_and_says_why(self, visitor):
        signed_in(visitor, person=a_colleague("clerk"), capacity=Capacity.STAFF, now=NOW)
        with clock.Travelling(NOW + timedelta(minutes=29)):
            assert who(visitor)["capacity"] == "staff"
        with clock.Travelling(NOW + timedelta(minutes=60)):
            assert who(visitor)["ended"] == "idle"

    def test_is_extended_by_a_post(self, visitor):
        signed_in(visitor, person=a_colleague("clerk"), now=NOW)
        with clock.Travelling(NOW + timedelta(minutes=28)):
            answer = visitor.post("/account/sessie/verlengen/")
        assert answer["Ocapi-Session-Seconds"] == "1800"
        with clock.Travelling(NOW + timedelta(hours=8)):
            assert visitor.post("/account/sessie/verlengen/").status_code == 401

    def test_is_gone_after_signing_out(self, visitor):
        signed_in(visitor, person=a_colleague())
        assert visitor.get("/account/afmelden/").status_code == 405
        answer = visitor.post("/account/afmelden/")
        assert (answer["Location"], answer["Clear-Site-Data"]) == ("/", '"cache", "storage"')
        assert who(visitor)["capacity"] == "anonymous"

    def test_of_a_browser_without_cookie_asks_for_no_session_and_no_person(self, visitor):
        with CaptureQueriesContext(connection) as captured:
            assert who(visitor)["capacity"] == "anonymous"
        asked = [query["sql"] for query in captured]
        assert not [sql for sql in asked if "accounts_" in sql or "session" in sql]

    def test_under_the_inside_cookie_name_is_not_taken(self, visitor):
        session = signed_in(visitor, person=a_colleague())
        stranger = Client(headers={"host": HOST})
        stranger.cookies["ocapi-session"] = session.session_key
        assert who(stranger)["capacity"] == "anonymous"


class TestSwitch:
    def switch(self, visitor, code):
        return visitor.post("/account/wisselen/", {"capacity": code, "next": "/who"})

    def test_goes_from_citizen_to_staff_and_back_in_new_sessions(self, visitor):
        session = signed_in(visitor, person=a_colleague("clerk"))
        assert self.switch(visitor, "staff")["Location"] == "/who"
        assert who(visitor)["capacity"] == "staff"
        assert visitor.cookies["ocapi-session-alpha"].value != session.session_key
        self.switch(visitor, "citizen")
        assert (who(visitor)["capacity"], who(visitor)["roles"]) == ("citizen", [])

    def test_refuses_staff_without_a_role(self, visitor):
        signed_in(visitor, person=a_colleague())
        assert self.switch(visitor, "staff").status_code == 403

    def test_sends_a_low_level_to_a_stronger_means_first(self, visitor):
        signed_in(visitor, person=a_colleague("clerk"), assurance=Assurance.LOW)
        assert "level=substantial" in self.switch(visitor, "staff")["Location"]
        assert who(visitor)["capacity"] == "citizen"

    def test_lets_act_for_a_company_until_the_power_is_revoked(self, visitor):
        company = api.create_organization(
            kind=OrganizationKind.ENTERPRISE,
            identifiers=(Identifier(scheme="name", value="Bakkerij"),),
            actor=ACTOR,
            now=NOW,
        )
        person = a_person(now=NOW).uuid
        power = api.grant_power_of_attorney(
            grantor=Subject(kind="organization", uuid=company.uuid),
            services=("permit",),
            actor=ACTOR,
            now=NOW,
            representative=Subject(kind="person", uuid=person),
            expires_at=clock.now() + timedelta(days=1),
        )
        signed_in(visitor, person=person)
        self.switch(visitor, str(power.uuid))
        assert (who(visitor)["capacity"], who(visitor)["represents"]) == ("enterprise", "Bakkerij")
        api.revoke_power_of_attorney(power=power.uuid, actor=ACTOR, now=clock.now())
        assert who(visitor)["capacity"] == "anonymous"

    def test_lists_what_can_be_chosen(self, visitor):
        signed_in(visitor, person=a_colleague("clerk"))
        page = visitor.get("/account/wisselen/").content.decode()
        assert 'value="citizen"' in page and 'value="staff"' in page

    def test_asks_an_anonymous_visitor_to_sign_in(self, visitor):
        assert visitor.get("/account/wisselen/")["Location"].startswith("/account/aanmelden/?next=")


class TestRepresentation:
    def test_covers_the_services_of_the_power_alone(self):
        by_power = a_citizen(scopes=frozenset({"permit"}))
        assert api.represents_for(by_power, "permit")
        assert not api.represents_for(by_power, "tax")
        assert api.represents_for(a_citizen(), "tax")


class TestOwnProvider:
    def test_keeps_its_secret_encrypted(self, tenant):
        api.configure_identity_provider(
            issuer="https://idp.example", client_id="x", secret="very secret", scopes=("openid",)
        )
        assert "very secret" not in str(list(SocialApp.objects.values()))
        assert get_adapter().get_app(None, provider="acm").secret == "very secret"

    @pytest.mark.parametrize("issuer", ["http://idp.example", "idp.example", "ftp://idp.example"])
    def test_is_refused_when_its_answers_can_be_changed_on_the_way(self, tenant, issuer):
        with pytest.raises(ValueError, match="https://"):
            api.configure_identity_provider(issuer=issuer, client_id="x", secret="s", scopes=("openid",))
