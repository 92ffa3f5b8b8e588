"""The page of open sessions, and what is kept of ended ones. Not covered: signing in (test_sign_in)."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from ocapi.kernel.accounts import api, open_sessions
from ocapi.kernel.accounts.testing import a_person, signed_in
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import clock

HOST = "alpha.localhost"
PAGE = "/account/sessies/"


@pytest.fixture(autouse=True)
def addresses(tenant):
    with override_settings(ROOT_URLCONF="ocapi.kernel.accounts.tests.addresses"):
        yield


@pytest.fixture
def person():
    return a_person(now=NOW).uuid


def a_browser(person, *, ago=timedelta(0)):
    browser = Client(headers={"host": f"{HOST}:8000"})
    session = signed_in(browser, person=person, now=clock.now() - ago)
    return browser, session.session_key


def shown(browser):
    text = browser.get(PAGE).content.decode()
    return text, re.findall(r'name="session" value="(\w+)"', text)


def rows(browser) -> int:
    return shown(browser)[0].count("<tr>") - 1


def exists(key) -> bool:
    return Session.objects.filter(session_key=key).exists()


class TestPage:
    def test_asks_who_is_not_signed_in_to_sign_in(self):
        answer = Client(headers={"host": HOST}).get(PAGE)
        assert answer["Location"].startswith("/account/aanmelden/?next=")

    def test_shows_every_open_session_of_the_person_and_no_other(self, person):
        here, _own = a_browser(person)
        _there, _other = a_browser(person)
        a_browser(a_person(now=NOW, given_name="Els").uuid)
        a_browser(person, ago=timedelta(minutes=31))
        assert rows(here) == 2

    def test_names_no_key_of_a_session(self, person):
        here, own = a_browser(person)
        _there, other = a_browser(person)
        text, _handles = shown(here)
        assert own not in text and other not in text


class TestEnding:
    def test_ends_another_session_at_once_and_leaves_this_one(self, person):
        here, own = a_browser(person)
        there, other = a_browser(person)
        (handle,) = shown(here)[1]
        assert here.post(PAGE, {"session": handle}).status_code == 302
        assert exists(own) and not exists(other)
        assert there.get("/who").json()["capacity"] == "anonymous"
        assert here.get("/who").json()["person"] == str(person)

    def test_ends_all_others(self, person):
        here, _own = a_browser(person)
        others = [a_browser(person)[0] for _each in range(3)]
        assert here.post(PAGE, {"all": "1"}).status_code == 302
        assert {each.get("/who").json()["capacity"] for each in others} == {"anonymous"}
        assert here.get("/who").json()["person"] == str(person)
        assert rows(here) == 1

    def test_cannot_end_a_session_of_somebody_else(self, person):
        here, _own = a_browser(person)
        other = a_person(now=NOW, given_name="Els").uuid
        a_browser(other)
        theirs, key = a_browser(other)
        (handle,) = shown(theirs)[1]
        assert here.post(PAGE, {"session": handle}).status_code == 409
        assert exists(key) and theirs.get("/who").json()["person"] == str(other)

    @pytest.mark.parametrize("asked", [{"all": "1"}, {"session": "whatever"}])
    def test_asks_for_a_new_sign_in_after_ten_minutes(self, person, asked):
        here, _own = a_browser(person, ago=timedelta(minutes=11))
        _there, other = a_browser(person)
        answer = here.post(PAGE, asked)
        assert answer.status_code == 403 and exists(other)
        assert "level=high" in answer.content.decode(), "the provider is asked anew"

    def test_says_when_the_session_is_over_already(self, person):
        here, _own = a_browser(person)
        assert here.post(PAGE, {"session": "0" * 32}).status_code == 409

    def test_of_the_session_at_hand_is_signing_out(self, person):
        here, own = a_browser(person)
        handle = open_sessions.handle_of(own)
        assert here.post(PAGE, {"session": handle}).status_code == 409 and exists(own)


class TestRemoving:
    def test_takes_away_what_ended_and_nothing_else(self, person):
        _here, live = a_browser(person)
        _idle, idle = a_browser(person, ago=timedelta(minutes=31))
        _old, old = a_browser(person, ago=timedelta(hours=9))
        parked = SessionStore()
        parked["typed"] = "half a form"
        parked.save()
        Session.objects.filter(session_key=old).update(expire_date=clock.now() - timedelta(hours=1))
        assert api.remove_ended_sessions(now=clock.now()) == 2
        assert exists(live) and exists(parked.session_key) and not exists(idle) and not exists(old)
