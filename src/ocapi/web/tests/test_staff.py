"""The desk pages of roles. Not covered: what a role permits (policy table), the sign-in itself (accounts)."""

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person
from ocapi.kernel.audit.testing import leaves_of, persons_of
from ocapi.lib import clock

SYNTHETIC = "67.62.15-467.51"
TYPED = {"given_name": "Lotte", "family_name": "Kasseide", "national_number": SYNTHETIC, "role": "clerk",
         "unit": "Burgerzaken", "valid_to": ""}


def held(person):
    return {role.code for role in accounts.list_running_roles(now=clock.now()) if role.person == person}


class TestOverview:
    def test_lists_who_holds_which_role_and_leaves_a_trace(self, visitor, administrator):
        answer = visitor.get("/desk/medewerkers/")
        assert "Ada Beheerder" in answer.content.decode()
        assert len(leaves_of("accounts.role_read")) == 1

    def test_is_not_for_citizens(self, visitor, citizen):
        assert visitor.get("/desk/medewerkers/").status_code == 403

    def test_asks_anonymous_visitors_to_sign_in(self, visitor):
        answer = visitor.get("/desk/medewerkers/")
        assert answer.status_code == 302
        assert "aanmelden" in answer["Location"]


class TestGrant:
    def test_gives_a_person_nobody_knew_a_role(self, visitor, administrator):
        answer = visitor.post("/desk/medewerkers/rol-geven", TYPED)
        assert answer.status_code == 302
        person = accounts.find_person_by_national_number(SYNTHETIC)
        assert held(person.uuid) == {"clerk"}

    def test_keeps_what_was_typed_and_says_what_is_wrong(self, visitor, administrator):
        wrong = TYPED | {"national_number": "67.62.15-467.52", "valid_to": "31/02/2027"}
        answer = visitor.post("/desk/medewerkers/rol-geven", wrong)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Kasseide" in text
        assert "dd/mm/jjjj" in text
        assert accounts.find_person_by_national_number(SYNTHETIC) is None

    def test_refuses_a_wrong_national_number(self, visitor, administrator):
        answer = visitor.post("/desk/medewerkers/rol-geven", TYPED | {"national_number": "67.62.15-467.52"})
        assert "geen rijksregisternummer" in answer.content.decode()

    def test_refuses_a_number_that_belongs_to_somebody_else(self, visitor, administrator):
        peeters = a_person(now=clock.now(), family_name="Peeters", national_number=SYNTHETIC)
        answer = visitor.post("/desk/medewerkers/rol-geven", TYPED)
        assert answer.status_code == 422
        assert "Peeters" not in answer.content.decode()
        (asked,) = leaves_of("accounts.person.not_recognized")
        assert (asked.kind, persons_of(asked)) == ("consultation", [peeters.uuid])

    def test_refuses_a_role_nobody_knows(self, visitor, administrator):
        answer = visitor.post("/desk/medewerkers/rol-geven", TYPED | {"role": "mayor"})
        assert answer.status_code == 422


class TestEnd:
    def test_ends_a_role_after_asking(self, visitor, administrator):
        person = a_person(now=clock.now()).uuid
        role = accounts.grant_role(person=person, code="clerk", actor=ACTOR, now=clock.now())
        path = f"/desk/medewerkers/{person}/rol/{role.uuid}/beeindigen"
        assert visitor.get(path).status_code == 200
        assert held(person) == {"clerk"}
        assert visitor.post(path).status_code == 302
        assert held(person) == set()

    def test_leaves_the_last_administrator(self, visitor, administrator):
        role = accounts.list_roles(person=administrator.uuid)[0]
        answer = visitor.post(f"/desk/medewerkers/{administrator.uuid}/rol/{role.uuid}/beeindigen")
        assert answer.status_code == 409
        assert held(administrator.uuid) == {"tenant_admin"}

    def test_knows_no_role_of_another_person(self, visitor, administrator):
        role = accounts.list_roles(person=administrator.uuid)[0]
        other = a_person(now=clock.now()).uuid
        assert visitor.get(f"/desk/medewerkers/{other}/rol/{role.uuid}/beeindigen").status_code == 404


class TestSuspend:
    def test_takes_every_right_away_and_gives_it_back(self, visitor, administrator):
        person = a_person(now=clock.now()).uuid
        accounts.grant_role(person=person, code="clerk", actor=ACTOR, now=clock.now())
        path = f"/desk/medewerkers/{person}/schorsen"
        visitor.post(f"{path}?wanted=suspend")
        assert "suspended" in held(person)
        visitor.post(f"{path}?wanted=resume")
        assert held(person) == {"clerk"}

    def test_refuses_the_administrator_itself(self, visitor, administrator):
        answer = visitor.post(f"/desk/medewerkers/{administrator.uuid}/schorsen?wanted=suspend")
        assert answer.status_code == 409
        assert held(administrator.uuid) == {"tenant_admin"}
