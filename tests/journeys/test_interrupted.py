"""When the session ends, the address is wrong or a right is missing: nothing is lost, there is a way on."""

from collections.abc import Callable

from tests.journeys import scene
from tests.journeys.people import AALTER, CITIZEN, CLERK, Visitor
from tests.journeys.running import City

Visit = Callable[..., Visitor]


class TestExpiredSession:
    def test_keeps_what_was_typed_until_one_is_back(
        self, visit: Visit, city: City, kept_sign_ins: dict[str, object]
    ) -> None:
        staf = visit("staf-boomgaard.citizen")
        staf.starts_form("kapvergunning")
        staf.fills_in(email="staf@example.org", telephone="0470 12 34 56")
        staf.page.evaluate("document.querySelector('form[data-autosave]').removeAttribute('data-autosave')")
        city.let_sessions_age(AALTER, minutes=31)
        kept_sign_ins.clear()  # everybody's session has ended
        staf.goes_on()
        assert staf.heading == "De sessie is afgelopen"
        staf.follows("Aanmelden en verdergaan")
        staf.choose_identity()
        assert "Wat getypt is, staat er nog" in staf.reads()
        assert staf.control("email").input_value() == "staf@example.org"
        assert staf.control("telephone").input_value() == "0470 12 34 56"
        staf.goes_on()
        assert staf.path.endswith("/trees/")


    def test_keeps_a_decision_in_the_making_for_the_clerk_alone(
        self, visit: Visit, city: City, kept_sign_ins: dict[str, object]
    ) -> None:
        case = visit(CITIZEN).files_request()
        lotte = visit(CLERK, fresh=True)
        lotte.goes_to(f"{scene.desk_place(case)}/beslissen")
        lotte.fills_in(motivation="De boom is ziek. Een arborist bevestigt dat.")
        city.let_sessions_age(AALTER, minutes=31)
        kept_sign_ins.clear()
        lotte.presses("Beslis en verstuur")
        assert lotte.heading == "De sessie is afgelopen"
        lotte.follows("Aanmelden en verdergaan")
        lotte.choose_identity()
        assert "Wat getypt is voor de sessie afliep, staat er nog" in lotte.page.locator("body").inner_text()
        assert lotte.control("motivation").input_value() == "De boom is ziek. Een arborist bevestigt dat."


class TestCapacity:
    def test_changes_from_clerk_to_citizen_and_back(self, visit: Visit) -> None:
        lotte = visit(CLERK, fresh=True)
        lotte.goes_to("/account/wisselen/?next=/mijn/")
        lotte.page.get_by_role("button", name="als burger").click()
        assert lotte.path == "/mijn/"
        assert lotte.goes_to("/desk/zaken/") == 403
        lotte.goes_to("/account/wisselen/?next=/desk/zaken/")
        lotte.page.get_by_role("button", name="als medewerker").click()
        assert lotte.heading == "Werklijst"


class TestSignOut:
    def test_ends_the_session_and_asks_who_one_is_again(self, visit: Visit) -> None:
        karel = visit("karel-torenhof.dpo", fresh=True)
        karel.goes_to("/desk/")
        karel.presses("Afmelden")
        assert karel.path == "/" and karel.page.locator(".ocapi-actor__sign-in").count() == 1
        karel.goes_to("/desk/")
        assert "/idp/kies/" in karel.page.url


class TestRefusal:
    def test_of_a_desk_page_leaves_a_citizen_a_way_on(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        assert fien.goes_to("/desk/zaken/") == 403
        assert fien.heading == "Geen toegang tot deze pagina"
        assert fien.page.locator("main [name=q]").count() == 1 and "Referentienummer" in fien.reads()

    def test_of_an_unknown_page_offers_search(self, visit: Visit) -> None:
        nobody = visit()
        assert nobody.goes_to("/bestaat-niet") == 404
        nobody.page.locator("main [name=q]").fill("verhuizen")
        nobody.page.locator("main form button").click()
        assert nobody.path == "/zoeken"

    def test_of_an_unknown_host_is_421(self, visit: Visit, city: City) -> None:
        nobody = visit()
        assert nobody.goes_to(f"http://nergens.localhost:{city.port}/") == 421

    def test_of_somebody_elses_case_does_not_say_that_it_exists(self, visit: Visit) -> None:
        case = visit(CITIZEN).files_request()
        assert visit("noor-waterval.citizen").goes_to(case) == 404
