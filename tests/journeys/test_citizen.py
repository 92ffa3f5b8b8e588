"""What a citizen does from a question to an answer. Not covered here: what clerks see (`test_clerk.py`)."""

from collections.abc import Callable

from tests.journeys import scene
from tests.journeys.people import ANSWERS, CITIZEN, PNG, Visitor

Visit = Callable[..., Visitor]
NOT_A_PHOTO = {"name": "boom.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00 no photo"}
SECOND_CITIZEN = "noor-waterval.citizen"


class TestSearch:
    def test_suggests_the_right_word_for_a_misspelled_one(self, visit: Visit) -> None:
        nobody = visit()
        nobody.goes_to("/")
        nobody.control("q").first.fill("kapverguning")
        nobody.presses("Zoek")
        assert nobody.page.locator("#suggestie").inner_text() == "Bedoelde u kapvergunning?"
        nobody.follows("kapvergunning")
        assert nobody.page.locator(".ocapi-results a").first.inner_text() == "Kapvergunning"

    def test_finds_moving_house_and_leads_to_its_page(self, visit: Visit) -> None:
        nobody = visit()
        nobody.goes_to("/zoeken?q=verhuizen")
        nobody.page.locator(".ocapi-results a").first.click()
        assert nobody.heading == "Verhuizing doorgeven"
        assert nobody.page.locator("main .ocapi-button--primary").count() == 1

    def test_leads_to_the_same_organization_below_a_path(self, visit: Visit) -> None:
        nobody = visit()
        nobody.goes_to(f"{nobody.city.under_path('aalter')}/zoeken?q=kapvergunning")
        nobody.page.locator(".ocapi-results a").first.click()
        assert (nobody.heading, nobody.path) == ("Kapvergunning", "/o/aalter/dienst/kapvergunning")

    def test_helps_on_when_nothing_is_found(self, visit: Visit) -> None:
        nobody = visit()
        nobody.goes_to("/zoeken?q=qqqxzw")
        assert "Niets gevonden" in nobody.reads() and nobody.page.locator("main a[href='/contact']").count()


class TestForm:
    def test_begins_with_signing_in_and_comes_back_to_where_it_was(self, visit: Visit) -> None:
        fien = visit()
        fien.person = CITIZEN
        fien.goes_to("/dienst/kapvergunning")
        fien.follows("Vraag uw kapvergunning aan")
        fien.follows("Aanmelden en starten")
        fien.choose_identity()
        assert fien.path == "/loket/kapvergunning/"

    def test_is_filled_in_by_the_national_register_and_says_so(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        fien.starts_form()
        known = fien.control("family_name")
        assert (known.input_value(), known.get_attribute("readonly")) == ("Boomgaard", "")
        assert fien.reads().count("Bron: Rijksregister") == 4
        assert fien.page.get_by_role("link", name="Klopt dit niet?").count() == 4

    def test_lets_the_citizen_contradict_the_register(self, visit: Visit) -> None:
        noor = visit(SECOND_CITIZEN)
        noor.starts_form()
        noor.page.locator("#question-family_name").get_by_role("link", name="Klopt dit niet?").click()
        assert noor.heading == "Klopt dit niet: Familienaam?"
        noor.page.locator("main form button").first.click()
        noor.fills_in(family_name="Watervallen", **ANSWERS["applicant"])
        noor.goes_on()
        assert noor.path.endswith("/trees/")

    def test_shows_dependent_questions_only_while_they_count(self, visit: Visit) -> None:
        noor = visit(SECOND_CITIZEN)
        noor.starts_form()
        noor.fills_in(**ANSWERS["applicant"])
        noor.goes_on()
        place = noor.control("location-street_name")
        assert not place.is_visible()
        noor.fills_in(at_home="false")
        assert place.is_visible()
        noor.fills_in(at_home="true")
        assert not place.is_visible()

    def test_says_what_to_repair_and_leads_to_it(self, visit: Visit) -> None:
        noor = visit(SECOND_CITIZEN)
        noor.starts_form()
        noor.fills_in(email="noor")
        noor.goes_on()
        assert noor.page.title().startswith("Fout: ")
        assert noor.page.evaluate("document.activeElement.id") == "fouten"
        noor.page.locator("#fouten a").click()
        assert noor.page.evaluate("document.activeElement.name") == "email"
        assert noor.control("email").input_value() == "noor"

    def test_refuses_a_file_that_is_no_photo_and_keeps_what_was_typed(self, visit: Visit) -> None:
        noor = visit(SECOND_CITIZEN)
        noor.starts_form()
        noor.fills_in_until_files()
        noor.control("photo").set_input_files(NOT_A_PHOTO)  # type: ignore[arg-type]
        noor.goes_on()
        assert "Dit soort bestand kan niet" in noor.page.locator("#fouten").inner_text()
        noor.goes_to(noor.path.replace("attachments", "reason"))
        assert noor.control("reason_note").input_value() == ANSWERS["reason"]["reason_note"]

    def test_saves_by_itself_what_was_typed(self, visit: Visit) -> None:
        noor = visit(SECOND_CITIZEN)
        noor.starts_form()
        with noor.page.expect_response(lambda answer: answer.url.endswith("/bewaren/")) as saved:
            noor.fills_in(email="half@example.org")
        assert saved.value.status == 204
        noor.page.reload()
        assert noor.control("email").input_value() == "half@example.org"

    def test_gives_a_receipt_with_reference_and_term(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        case = fien.sends_request()
        assert fien.heading == "Uw aanvraag is ontvangen"
        reference = fien.page.locator("main strong").first.inner_text()
        assert reference.startswith("AAL-") and "We beslissen ten laatste op" in fien.reads()
        fien.goes_to("/mijn/zaken")
        assert reference in fien.reads()
        fien.goes_to(case)
        assert "tree.png" in fien.reads() and "Ontvangen" in fien.reads()

    def test_is_sent_once_however_often_one_goes_back(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        fien.sends_request()
        receipt = fien.path
        fien.page.go_back()
        fien.page.wait_for_load_state()
        if fien.page.get_by_role("button", name="Verstuur").count():
            fien.presses("Verstuur")
            assert fien.path == receipt


class TestMessages:
    def test_lead_to_the_case_also_below_a_path(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        case = fien.files_request()
        fien.goes_to("/mijn/berichten")
        assert fien.page.locator(f'main a[href="{case}"]').count() >= 1
        below = fien.city.under_path("aalter")
        fien.goes_to(f"{below}/mijn/berichten")
        fien.choose_identity_below()
        assert fien.page.locator(f'main a[href="/o/aalter{case}"]').count() >= 1


class TestOwnPages:
    def test_show_each_value_with_its_source(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        fien.goes_to("/mijn/gegevens")
        assert "Proefstraat" in fien.reads() and "Rijksregister" in fien.reads()

    def test_tell_who_looked(self, visit: Visit) -> None:
        fien, lotte = visit(CITIZEN), visit("lotte-kasseide.clerk")
        case = fien.files_request()
        fien.goes_to(case)
        reference = fien.page.locator("main strong").first.inner_text()
        lotte.goes_to(scene.desk_place(case))
        fien.goes_to("/mijn/raadplegingen")
        row = fien.page.locator("tbody tr", has_text=reference).filter(has_text="medewerker")
        assert row.filter(has_text="Ingekeken").count() or "Gekeken" in row.first.inner_text()

    def test_mark_only_the_page_one_is_on(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        fien.goes_to("/mijn/berichten")
        assert fien.page.locator("nav [aria-current=page]").first.inner_text() == "Berichten"
        assert fien.page.locator(".ocapi-menu [aria-current=page]").count() == 1


class TestUploadIsKept:
    def test_while_another_answer_on_the_page_is_repaired(self, visit: Visit) -> None:
        noor = visit(SECOND_CITIZEN)
        noor.starts_form()
        noor.fills_in_until_files()
        noor.control("photo").set_input_files(PNG)
        noor.control("site_plan").set_input_files(NOT_A_PHOTO)  # type: ignore[arg-type]
        noor.goes_on()
        assert "tree.png" in noor.page.locator("#question-photo").inner_text()
