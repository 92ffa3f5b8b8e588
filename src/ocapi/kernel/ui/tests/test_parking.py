"""What somebody typed when the session ended: kept for that person, that page and half an hour."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory

from ocapi.kernel.tenants.extensions import vaults
from ocapi.kernel.ui import parking
from ocapi.kernel.ui.data import Field, FieldKind
from ocapi.lib import clock

PAGE = "/desk/zaken/1/vraag"
SOMEBODY, SOMEBODY_ELSE = uuid4(), uuid4()

pytestmark = pytest.mark.usefixtures("tenant")


def asks(path: str = PAGE, *, session: dict[str, str]) -> HttpRequest:
    request = RequestFactory().get(path)
    request.session = session  # type: ignore[assignment]
    return request


def parked(*, person: UUID | None = SOMEBODY, text: str = "Wanneer is de boom geplant?") -> dict[str, str]:
    session: dict[str, str] = {}
    typed = {"text": [text]}
    parking.park(
        asks(session=session), parking.Parked(path=PAGE, at=clock.now(), typed=typed, person=person)
    )
    return session


class TestWhatWasTyped:
    def test_comes_back_once_to_the_person_who_typed_it(self) -> None:
        session = parked()
        typed = parking.take(asks(session=session), person=SOMEBODY, now=clock.now())
        assert typed == {"text": ["Wanneer is de boom geplant?"]}
        assert session == {}

    def test_never_comes_to_somebody_else_and_is_thrown_away(self) -> None:
        session = parked()
        assert parking.take(asks(session=session), person=SOMEBODY_ELSE, now=clock.now()) is None
        assert session == {}

    def test_waits_until_its_person_signs_in_and_opens_its_page(self) -> None:
        session = parked()
        assert parking.take(asks(session=session), person=None, now=clock.now()) is None
        assert parking.take(asks("/desk/", session=session), person=SOMEBODY, now=clock.now()) is None
        assert parking.take(asks(session=session), person=SOMEBODY, now=clock.now()) is not None

    def test_is_gone_after_half_an_hour(self) -> None:
        later = clock.now() + timedelta(minutes=31)
        assert parking.take(asks(session=parked()), person=SOMEBODY, now=later) is None

    def test_cannot_be_read_in_the_session(self) -> None:
        assert "boom" not in parked()[parking.SLOT]

    def test_is_refused_when_it_is_more_than_a_page_asks(self) -> None:
        assert parked(text="x" * parking.LARGEST) == {}

    def test_that_was_altered_counts_as_nothing(self) -> None:
        session = {parking.SLOT: "AAAA"}
        assert parking.take(asks(session=session), person=SOMEBODY, now=clock.now()) is None
        assert session == {}


class TestRestoring:
    def test_fills_fields_by_name_but_none_from_a_source(self) -> None:
        fields = (
            Field(name="text", label="Vraag"),
            Field(name="tags", label="Soort", kind=FieldKind.CHECKBOXES),
            Field(name="name", label="Naam", value="Fien", source="Rijksregister"),
            Field(name="other", label="Andere", value="blijft"),
        )
        typed = {"text": ["a", "b"], "tags": ["x", "y"], "name": ["vals"]}
        restored = parking.restore(fields, typed)
        assert [each.value for each in restored] == ["b", "", "Fien", "blijft"]
        assert restored[1].values == ("x", "y")


class TestKeyRotation:
    def test_seals_what_is_parked_in_a_session_anew_and_leaves_other_sessions_be(self) -> None:
        holding, other = SessionStore(), SessionStore()
        holding.update({**parked(), "cart": "kept"})
        other["cart"] = "kept"
        for session in (holding, other):
            session.save()
        before = holding[parking.SLOT]
        vault = vaults.get(parking.CONTEXT)
        assert vault.count_left(kid="another key") == 1
        vault.rewrap(kid="another key", after="", limit=1)
        session = dict(SessionStore(holding.session_key).load())
        assert session[parking.SLOT] != before
        assert parking.take(asks(session=session), person=SOMEBODY, now=clock.now()) is not None
        assert session == {"cart": "kept"}
        assert SessionStore(other.session_key).load() == {"cart": "kept"}
