"""The main path without scripts, and with a keyboard only."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.journeys.people import ANSWERS, CITIZEN, PNG, Visitor

Visit = Callable[..., Visitor]
STEPS = 80  # most presses of Tab from the top of a page to what one looks for


class TestWithoutScripts:
    def test_a_request_goes_from_search_to_receipt(self, visit: Visit) -> None:
        fien = visit(CITIZEN, java_script_enabled=False)
        fien.goes_to("/zoeken?q=kapverguning")
        fien.page.locator(".ocapi-results a").first.click()
        fien.follows("Vraag uw kapvergunning aan")
        fien.goes_to("/")
        fien.sends_request()
        assert fien.heading == "Uw aanvraag is ontvangen"

    def test_dependent_questions_say_when_they_count(self, visit: Visit) -> None:
        noor = visit("noor-waterval.citizen", java_script_enabled=False)
        noor.starts_form()
        noor.fills_in(**ANSWERS["applicant"])
        noor.goes_on()
        assert "Alleen als u “Nee” kiest" in noor.reads()

    def test_a_clerk_decides(self, visit: Visit) -> None:
        case = visit(CITIZEN).files_request()
        lotte = visit("lotte-kasseide.clerk", java_script_enabled=False)
        lotte.goes_to(case.replace("/mijn/", "/desk/") + "/beslissen")
        lotte.page.locator('[name="outcome"]').first.check()
        lotte.fills_in(motivation="De boom is ziek.")
        lotte.presses("Beslis en verstuur")
        assert "Vergund" in lotte.reads()


def tabs_to(page: Page, condition: str) -> None:
    """Press Tab until the focused element fulfils a condition in script; the focus must be visible."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.evaluate(f"(node => {condition})(document.activeElement)"):
            assert page.evaluate(VISIBLE), "the focus cannot be seen"
            return
    raise AssertionError(f"not reached by keyboard: {condition}")


VISIBLE = """() => {
  const style = getComputedStyle(document.activeElement);
  const box = document.activeElement.getBoundingClientRect();
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0
    && box.top < innerHeight;
}"""


class TestWithTheKeyboard:
    def test_the_first_stop_skips_to_the_content(self, visit: Visit) -> None:
        nobody = visit()
        nobody.goes_to("/")
        nobody.page.keyboard.press("Tab")
        nobody.page.keyboard.press("Enter")
        assert nobody.page.evaluate("document.activeElement.id") == "inhoud"

    def test_a_request_goes_from_home_to_receipt(self, visit: Visit) -> None:
        fien = visit(CITIZEN)
        page, keys = fien.page, fien.page.keyboard
        fien.starts_form()  # throws an older draft away
        fien.goes_to("/")
        tabs_to(page, "node.name === 'q'")
        keys.type("kapvergunning")
        fien.hits_enter()
        tabs_to(page, "node.closest('.ocapi-results')")
        fien.hits_enter()
        tabs_to(page, "node.matches('main a.ocapi-button--primary')")
        fien.hits_enter()
        tabs_to(page, "node.matches('main button.ocapi-button--primary')")
        fien.hits_enter()
        for section in ("applicant", "trees", "reason"):
            self.fills_in(fien, ANSWERS[section])
        tabs_to(page, "node.type === 'file'")
        fien.control("photo").set_input_files(PNG)  # the file chooser belongs to the system
        self.leaves(fien)
        if fien.control("photo").count():
            self.leaves(fien)
        tabs_to(page, "node.type === 'checkbox'")
        keys.press("Space")
        self.leaves(fien)
        self.leaves(fien)
        assert fien.heading == "Uw aanvraag is ontvangen"

    def fills_in(self, visitor: Visitor, values: dict[str, str]) -> None:
        page = visitor.page
        order = page.evaluate("[...new Set([...document.querySelectorAll('main [name]')].map(n => n.name))]")
        for name in sorted(values, key=order.index):
            tabs_to(page, f"node.name === '{name}'")
            if page.evaluate("document.activeElement.type") == "radio":
                self.chooses(page, values[name])
            else:
                page.keyboard.press("Control+A")
                page.keyboard.type(values[name])
        self.leaves(visitor)

    def chooses(self, page: Page, value: str) -> None:
        page.keyboard.press("Space")
        for _ in range(10):
            if page.evaluate("document.activeElement.value") == value:
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"no choice {value}")

    def leaves(self, visitor: Visitor) -> None:
        tabs_to(visitor.page, "node.matches('main button.ocapi-button--primary')")
        visitor.hits_enter()
