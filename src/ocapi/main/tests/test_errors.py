"""What a request is told that ended outside a view. Not covered: looks (journeys), full disks (proofs)."""

import sqlite3

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

pytestmark = pytest.mark.usefixtures("tenant")


def keeping(request: HttpRequest) -> HttpResponse:
    """Change something of the session, as a view does that notes where somebody was."""
    request.session["seen"] = "yes"
    return HttpResponse(b"ok")


def answered(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> HttpResponse:
    """Ask a page whose session meets a failure of the database when it is kept."""
    def fail(*given: object, **named: object) -> None:
        raise failure

    monkeypatch.setattr(SessionStore, "create_model_instance", lambda store, data: store.model())
    monkeypatch.setattr(SessionStore.get_model_class(), "save", fail)
    monkeypatch.setattr(SessionStore, "session_key", "k")
    return convert_exception_to_response(SessionMiddleware(keeping))(RequestFactory().get("/zoeken"))


class TestSession:
    def test_a_database_that_is_locked_when_it_is_kept_is_an_outage(self, monkeypatch: pytest.MonkeyPatch):
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorname = "SQLITE_BUSY"
        failure = OperationalError("locked")
        failure.__cause__ = cause
        answer = answered(failure, monkeypatch)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")

    def test_one_that_ended_meanwhile_is_a_bad_request(self, monkeypatch: pytest.MonkeyPatch):
        assert answered(DatabaseError("gone"), monkeypatch).status_code == 400
