"""What a clerk does with a request, and what the citizen sees of it."""

import io
from collections.abc import Callable

from playwright.sync_api import Locator
from pypdf import PdfReader

from tests.journeys import scene
from tests.journeys.people import CITIZEN, CLERK, Visitor

Visit = Callable[..., Visitor]
PATIENCE = 60  # times half a second: the worker makes the PDF beside everything else


def rows(visitor: Visitor) -> Locator:
    """Give the rows of cases: only they have a term, the tasks above them have none."""
    return visitor.page.locator("tbody tr:has(td[data-label=Termijn])")


def reference_of(visitor: Visitor, case: str) -> str:
    visitor.goes_to(case)
    return visitor.page.locator("main .ocapi-nowrap").first.inner_text()


def pdf(visitor: Visitor, address: str) -> PdfReader:
    """Wait until the worker made the letter, and read it."""
    for _ in range(PATIENCE):
        found = visitor.page.evaluate(FETCH, address)
        if found["type"] == "application/pdf":
            return PdfReader(io.BytesIO(bytes(found["bytes"])))
        visitor.page.wait_for_timeout(500)
    raise AssertionError(f"no PDF at {address}")


FETCH = """async (address) => {
  const answer = await fetch(address);
  return {type: answer.headers.get("content-type"), bytes: [...new Uint8Array(await answer.arrayBuffer())]};
}"""


class TestWorklist:
    def test_shows_each_case_with_its_term_the_nearest_first(self, visit: Visit) -> None:
        lotte = visit(CLERK)
        lotte.goes_to("/desk/zaken/")
        days = lotte.page.locator("tbody td[data-label=Termijn]").all_inner_texts()
        assert days and days == sorted(days, key=lambda day: day.split("/")[::-1])
        assert "dag" in rows(lotte).first.inner_text()
        lotte.page.get_by_role("link", name="Ontvangen").click()
        assert "sort=receivedOn" in lotte.page.url

    def test_narrows_by_filters_that_stand_in_the_address(self, visit: Visit) -> None:
        lotte = visit(CLERK)
        lotte.goes_to("/desk/zaken/")
        lotte.page.get_by_label("Soort").select_option("verhuizing")
        lotte.presses("Filter")
        assert "type=verhuizing" in lotte.page.url
        assert all("Verhuizing" in text for text in rows(lotte).all_inner_texts())

    def test_finds_a_name_that_never_stands_in_the_address(self, visit: Visit) -> None:
        visit(CITIZEN).files_request()
        lotte = visit(CLERK)
        lotte.goes_to("/desk/zaken/")
        lotte.page.get_by_label("Naam van de aanvrager").fill("Boomgaard")
        lotte.page.locator("form[action$='op-naam'] button").click()
        assert rows(lotte).count() >= 1 and "Boomgaard" not in lotte.page.url

    def test_is_a_list_of_cards_on_a_phone(self, visit: Visit) -> None:
        lotte = visit(CLERK, phone=True)
        lotte.goes_to("/desk/zaken/")
        box = rows(lotte).first.bounding_box()
        assert box is not None and box["width"] <= 300 and box["height"] > 120
        frame = lotte.page.locator(".ocapi-table-frame").first
        assert frame.evaluate("node => node.scrollWidth <= node.clientWidth")

    def test_gives_the_same_list_as_a_file(self, visit: Visit) -> None:
        lotte = visit(CLERK)
        lotte.goes_to("/desk/zaken/")
        with lotte.page.expect_download() as given:
            lotte.page.get_by_role("link", name="Download als CSV").click()
        assert given.value.suggested_filename == "werklijst.csv"


class TestCase:
    def test_goes_from_question_to_answer_to_decision(self, visit: Visit) -> None:
        fien, lotte = visit(CITIZEN), visit(CLERK)
        case = fien.files_request()
        scene.asks(lotte, case, "Is de boom gezond?")
        assert "Wacht op aanvrager" in lotte.reads()
        fien.goes_to("/mijn/berichten")
        assert "nog iets van u nodig" in fien.reads()
        fien.goes_to(case)
        assert "Is de boom gezond?" in fien.reads()
        fien.fills_in(text="Nee, de stam is hol.")
        fien.presses("Stuur het antwoord")
        lotte.goes_to(scene.desk_place(case))
        assert "Nee, de stam is hol." in lotte.reads() and "In behandeling" in lotte.reads()

    def test_shows_the_letter_before_it_is_sent(self, visit: Visit) -> None:
        lotte = visit(CLERK)
        case = visit(CITIZEN).files_request()
        lotte.goes_to(f"{scene.desk_place(case)}/beslissen")
        lotte.page.locator('[name="outcome"]').first.check()
        lotte.fills_in(motivation=scene.MOTIVATION)
        lotte.presses("Bekijk de brief")
        assert scene.MOTIVATION in lotte.reads() and "Er is nog niets verstuurd" in lotte.reads()
        lotte.presses("Beslis en verstuur")
        assert "Vergund" in lotte.reads()

    def test_ends_in_a_letter_that_everybody_can_read(self, visit: Visit) -> None:
        fien, lotte = visit(CITIZEN), visit(CLERK)
        case = fien.files_request()
        scene.decides(lotte, case)
        fien.goes_to(case)
        address = fien.page.locator("main a[href$='/pdf']").last.get_attribute("href")
        letter = pdf(fien, str(address))
        root = letter.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] and str(root["/Lang"]).startswith("nl")  # type: ignore[index]
        assert letter.metadata is not None and letter.metadata.title
        assert "hol" in "".join(page.extract_text() for page in letter.pages)

    def test_is_closed_after_a_question_and_stays_readable(self, visit: Visit) -> None:
        fien, lotte = visit(CITIZEN), visit(CLERK)
        case = fien.files_request()
        scene.decides(lotte, case)
        lotte.follows("Dossier afsluiten")
        assert lotte.heading == "Dit dossier afsluiten?"
        lotte.presses("Ja, sluit")
        assert "Afgesloten" in lotte.reads()
        fien.goes_to(case)
        assert "Afgesloten" in fien.reads() and scene.MOTIVATION in fien.reads()

    def test_names_the_source_of_an_answer_in_words(self, visit: Visit) -> None:
        lotte = visit(CLERK)
        lotte.goes_to(scene.desk_place(visit(CITIZEN).files_request()))
        assert "bron: Rijksregister" in lotte.reads() and "national-register" not in lotte.reads()


class TestTwoClerks:
    def test_who_edit_one_case_get_both_versions(self, visit: Visit) -> None:
        lotte, wout = visit(CLERK), visit("wout-zandweg.clerk")
        desk = scene.desk_place(visit(CITIZEN).files_request())
        lotte.goes_to(f"{desk}/vraag")
        wout.goes_to(desk)
        wout.presses("Aan mij toewijzen")
        lotte.fills_in(text="Wanneer is de boom geplant?")
        with lotte.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            lotte.presses("Stuur de vraag")
        assert answered.value.status == 409
        assert "Wout Zandweg" in lotte.reads() and "Wanneer is de boom geplant?" in lotte.reads()
        lotte.presses("Toch versturen")
        assert "Wacht op aanvrager" in lotte.reads()
