"""A one-time code of one's own. Not covered: what the identity provider asks for."""

import base64
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth
from django.test import Client, override_settings

from ocapi.kernel.accounts.testing import signed_in
from ocapi.kernel.accounts.tests.test_sign_in import HOST, a_colleague, who
from ocapi.lib import clock
from ocapi.lib.actor import Assurance

SET_UP, STEP = "/account/tweede-stap/instellen/", "/account/tweede-stap/"
PERIOD_S = 30


@pytest.fixture(autouse=True)
def addresses(tenant):
    middle = clock.now().timestamp() // PERIOD_S * PERIOD_S + 10  # no code runs out meanwhile
    own = override_settings(ROOT_URLCONF="ocapi.kernel.accounts.tests.addresses")
    with time_machine.travel(middle, tick=False), own:
        yield


@pytest.fixture
def visitor():
    return Client(headers={"host": f"{HOST}:8000"})


def browser_of(person, **more) -> Client:
    made = Client(headers={"host": HOST})
    signed_in(made, person=person, **more)
    return made


def session_keys(visitor) -> set[str]:
    return {each.value for name, each in visitor.cookies.items() if "session" in name}


def secret_of(visitor) -> str:
    page = visitor.get(SET_UP).content.decode()
    return page.split("<code>")[1].split("</code>")[0].replace(" ", "")


def code_at(secret: str, moment: datetime) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, int(moment.timestamp()) // PERIOD_S))


def set_up(visitor) -> str:
    """Set a factor up and give its secret."""
    secret = secret_of(visitor)
    assert visitor.post(SET_UP, {"code": code_at(secret, clock.now())}).status_code == 302
    return secret


class TestSecondFactor:
    def test_raises_a_low_sign_in_to_staff(self, visitor):
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        code = code_at(set_up(visitor), clock.now())
        later = Client(headers={"host": HOST})
        signed_in(later, person=person, assurance=Assurance.LOW)
        assert later.post("/account/wisselen/", {"capacity": "staff"})["Location"].startswith(
            "/account/tweede-stap/"
        )
        assert later.post("/account/tweede-stap/", {"code": "000000", "next": "/who"}).status_code == 422
        assert later.post("/account/tweede-stap/", {"code": code, "next": "/who"})["Location"] == "/who"
        assert (who(later)["capacity"], who(later)["assurance"]) == ("staff", 2)

    def test_is_not_set_up_on_a_low_level(self, visitor):
        signed_in(visitor, person=a_colleague("clerk"), assurance=Assurance.LOW)
        assert "level=substantial" in visitor.get("/account/tweede-stap/instellen/")["Location"]

    def test_stops_guessing(self, visitor):
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        secret_of(visitor)
        answers = [
            visitor.post("/account/tweede-stap/instellen/", {"code": "x"}).status_code for _ in range(11)
        ]
        assert answers[-1] == 429

    def test_takes_a_code_once(self, visitor):
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        code = code_at(set_up(visitor), clock.now())
        answers = [
            browser_of(person, assurance=Assurance.LOW).post(STEP, {"code": code}).status_code
            for _ in range(2)
        ]
        assert answers == [302, 422]

    @pytest.mark.parametrize(("seconds", "status"), [(-PERIOD_S * 3, 422), (PERIOD_S * 3, 422), (0, 302)])
    def test_takes_a_code_of_this_half_minute_alone(self, visitor, seconds, status):
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        secret = set_up(visitor)
        later = browser_of(person, assurance=Assurance.LOW)
        code = code_at(secret, clock.now() + timedelta(seconds=seconds))
        assert later.post(STEP, {"code": code}).status_code == status

    def test_has_a_seed_nobody_guesses(self, visitor, monkeypatch):
        asked = []

        def random_bytes(size: int) -> bytes:
            asked.append(size)
            return bytes(range(size))

        monkeypatch.setattr("secrets.token_bytes", random_bytes)
        signed_in(visitor, person=a_colleague("clerk"))
        assert base64.b32decode(secret_of(visitor)) == bytes(range(20))  # of the system's source, 160 bits
        assert asked == [20]

    def test_ends_the_other_sessions_when_it_is_set_up(self, visitor):
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        other = browser_of(person)
        before = session_keys(visitor)
        set_up(visitor)
        assert (who(other)["capacity"], who(other)["ended"]) == ("anonymous", "")
        assert who(visitor)["person"] == str(person)
        assert before and not before & session_keys(visitor)

    def test_is_replaced_after_the_provider_vouched_again_when_it_is_lost(self, visitor):
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        lost = set_up(visitor)
        low = browser_of(person, assurance=Assurance.LOW)
        assert "level=substantial" in low.get(SET_UP)["Location"]
        assert "level=substantial" in low.get(STEP).content.decode()
        found = set_up(browser_of(person, assurance=Assurance.SUBSTANTIAL))
        again = browser_of(person, assurance=Assurance.LOW)
        codes = [code_at(each, clock.now()) for each in (lost, found)]
        answers = [again.post(STEP, {"code": code}).status_code for code in codes]
        assert answers == [422, 302]

    def test_leaves_a_line_of_each_try(self, visitor, caplog):
        caplog.set_level("INFO", logger="ocapi")
        person = a_colleague("clerk")
        signed_in(visitor, person=person)
        code = code_at(set_up(visitor), clock.now())
        later = browser_of(person, assurance=Assurance.LOW)
        for typed in ("000000", code):
            later.post(STEP, {"code": typed})
        told = [(each.getMessage(), each.actor) for each in caplog.records if each.name == "ocapi.sign_in"]
        assert told == [("second factor refused", str(person)), ("second factor taken", str(person))]
