"""A citizen's powers of attorney. Not covered: what a representative may then do (policy table, accounts)."""

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import a_person, signed_in
from ocapi.lib import clock, written
from ocapi.lib.actor import Subject

SYNTHETIC = "67.62.15-467.51"


def typed(**changes):
    values = {"given_name": "Bram", "family_name": "Claes", "national_number": SYNTHETIC, "services": ["*"],
              "expires_on": written.in_digits(clock.local_day(clock.now()))}
    return values | changes


def granted_by(person):
    return accounts.list_powers_granted(Subject(kind="person", uuid=person.uuid))


class TestGrant:
    def test_lasts_until_the_end_of_the_last_day(self, visitor, citizen):
        assert visitor.post("/mijn/volmachten/nieuw", typed()).status_code == 302
        power = granted_by(citizen)[0]
        assert power.is_valid_at(clock.now())
        assert clock.local_day(power.expires_at) > clock.local_day(clock.now())

    def test_is_offered_to_the_representative(self, visitor, citizen):
        visitor.post("/mijn/volmachten/nieuw", typed())
        helper = accounts.find_person_by_national_number(SYNTHETIC)
        signed_in(visitor, person=helper.uuid)
        text = visitor.get("/account/wisselen/").content.decode()
        assert "Fien Boomgaard" in text
        assert "Fien Boomgaard" in visitor.get("/mijn/volmachten").content.decode()

    def test_is_refused_without_a_service(self, visitor, citizen):
        assert visitor.post("/mijn/volmachten/nieuw", typed(services=[])).status_code == 422
        assert granted_by(citizen) == ()

    def test_is_refused_for_more_than_five_years_or_a_day_gone_by(self, visitor, citizen):
        for day in ("31/12/2099", "01/01/2020", "31/02/2027", ""):
            answer = visitor.post("/mijn/volmachten/nieuw", typed(expires_on=day))
            assert answer.status_code == 422
            assert "Claes" in answer.content.decode()

    def test_is_refused_to_oneself(self, visitor):
        person = a_person(now=clock.now(), family_name="Claes", national_number=SYNTHETIC)
        signed_in(visitor, person=person.uuid)
        answer = visitor.post("/mijn/volmachten/nieuw", typed())
        assert answer.status_code == 422
        assert granted_by(person) == ()

    def test_asks_a_visitor_to_sign_in(self, visitor):
        assert visitor.get("/mijn/volmachten/nieuw").status_code == 302


class TestRevoke:
    def test_ends_the_power_at_once(self, visitor, citizen):
        visitor.post("/mijn/volmachten/nieuw", typed())
        power = granted_by(citizen)[0]
        path = f"/mijn/volmachten/{power.uuid}/intrekken"
        assert visitor.get(path).status_code == 200
        assert visitor.post(path).status_code == 302
        assert not granted_by(citizen)[0].is_valid_at(clock.now())
        assert "Ingetrokken" in visitor.get("/mijn/volmachten").content.decode()

    def test_knows_no_power_of_somebody_else(self, visitor, citizen):
        visitor.post("/mijn/volmachten/nieuw", typed())
        power = granted_by(citizen)[0]
        signed_in(visitor, person=a_person(now=clock.now()).uuid)
        assert visitor.post(f"/mijn/volmachten/{power.uuid}/intrekken").status_code == 404
        assert granted_by(citizen)[0].is_valid_at(clock.now())


class TestHandingOn:
    def test_is_refused_to_a_representative(self, visitor, citizen):
        visitor.post("/mijn/volmachten/nieuw", typed())
        power = granted_by(citizen)[0]
        helper = accounts.find_person_by_national_number(SYNTHETIC)
        signed_in(visitor, person=helper.uuid, power=power.uuid)
        answer = visitor.post(
            "/mijn/volmachten/nieuw", typed(national_number="80.72.05-123.45", family_name="Ander")
        )
        assert answer.status_code in (403, 422)
        assert len(granted_by(citizen)) == 1

    def test_and_taking_back_is_refused_to_a_representative(self, visitor, citizen):
        visitor.post("/mijn/volmachten/nieuw", typed())
        power = granted_by(citizen)[0]
        helper = accounts.find_person_by_national_number(SYNTHETIC)
        signed_in(visitor, person=helper.uuid, power=power.uuid)
        assert visitor.post(f"/mijn/volmachten/{power.uuid}/intrekken").status_code == 403
        assert granted_by(citizen)[0].is_valid_at(clock.now())
