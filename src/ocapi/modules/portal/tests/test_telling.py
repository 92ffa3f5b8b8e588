"""The words of the log: a citizen never reads the code of a field."""

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.utils import translation

from ocapi.kernel.audit.data import Kind, Line
from ocapi.kernel.tenants.testing import a_citizen
from ocapi.lib import clock
from ocapi.lib.actor import Capacity
from ocapi.modules.cases import api as cases
from ocapi.modules.notify.data import Message
from ocapi.modules.portal.views import own, telling

CODE = re.compile(r"[a-z][A-Z]|_|\.")
OF_OTHERS = (
    "title", "body", "email", "read_at", "draft", "submission", "services", "expires_at", "consultations",
    "birth_date", "telephone",
)


def line_about(*fields: str) -> Line:
    return Line(**{
        **dict.fromkeys(Line.__dataclass_fields__, ""), "kind": Kind.CONSULTATION, "at": clock.now(),
        "fields": fields, "person": None, "capacity": Capacity.STAFF, "is_intact": True,
    })


class TestConsultation:
    @pytest.mark.parametrize("field", [*cases.DETAIL_FIELDS, *own.REGISTER_FIELDS, *OF_OTHERS])
    def test_names_each_field_in_words(self, field: str) -> None:
        data = telling.consultation(line_about(field), a_citizen())[3]
        assert data != "andere gegevens" and not CODE.search(data)

    def test_warns_of_a_line_that_was_altered(self) -> None:
        altered = replace(line_about("answers"), is_intact=False)
        assert "achteraf gewijzigd" in telling.consultation(altered, a_citizen())[2]

    def test_names_what_it_does_not_know_without_its_code(self) -> None:
        assert telling.consultation(line_about("brandNewField"), a_citizen())[3] == "andere gegevens"


class TestMessage:
    @pytest.mark.parametrize(("link", "words"), [
        ("/mijn/zaken/1", "Open het dossier"), ("/desk/beleid/indicatoren/no2-month/", "Open als medewerker"),
        ("/loket/aanvulling/", "Open de pagina"),
    ])
    def test_says_where_it_leads(self, link: str, words: str) -> None:
        told = Message(
            uuid=UUID(int=1), topic="x", title="x", body="x", link=link, reference="", sent_at=clock.now(),
            read_at=None,
        )
        with translation.override("nl"):
            assert telling.message(told)["link_text"] == words


class TestCard:
    @pytest.mark.parametrize(("facts", "words"), [
        ({}, "Beslissing ten laatste op 28 januari 2027"),
        ({"outcome": "granted", "outcome_label": "Vergund"}, "Vergund"),
        ({"is_paused": True}, "De termijn staat stil tot we het antwoord hebben."),
        ({"is_open": False}, ""),
    ])
    def test_says_what_was_decided_or_else_until_when_that_can_take(self, facts, words):
        case = SimpleNamespace(**{
            "outcome": "", "outcome_label": "", "is_open": True, "is_paused": False,
            "due_on": date(2027, 1, 28), **facts,
        })
        with translation.override("nl"):
            assert own._standing(case) == words
