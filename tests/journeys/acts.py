"""What a visitor does on a page before it is looked at: the states of a screen that nobody sees at once."""

import re
from collections.abc import Callable

from tests.journeys.people import Visitor

Act = Callable[[Visitor], object]
READINGS = b"""Tijdstip;Meetpunt;Aantal
17/03/2025 08:00;fietstelpaal-coupure-links;41
17/03/2025 08:05;fietstelpaal-coupure-links;38
17/03/2025 08:10;fietstelpaal-coupure-links;veel
17/03/2025 08:10;zwembad;12
30/03/2025 02:30;fietstelpaal-coupure-links;3
"""


def press(name: str) -> Act:
    return lambda visitor: visitor.presses(name)


def type_in_two_windows(visitor: Visitor) -> None:
    other = visitor.context.new_page()
    other.goto(visitor.page.url)
    other.locator('[name="email"]').fill("ander@example.org")
    other.get_by_role("button", name="Volgende stap").click()
    other.wait_for_load_state()
    other.close()
    visitor.fills_in(email="deze@example.org")
    visitor.goes_on()


def decide(button: str) -> Act:
    def act(visitor: Visitor) -> None:
        visitor.page.locator('[name="outcome"]').first.check()
        visitor.fills_in(motivation="De boom is ziek. Een arborist bevestigt dat.")
        visitor.presses(button)

    return act


def be_late(visitor: Visitor) -> None:
    """Send a question on a version that is no longer the newest, because a colleague took the case."""
    other = visitor.context.new_page()
    other.goto(visitor.path.removesuffix("/vraag"))
    other.get_by_role("button", name="Aan mij toewijzen").click()
    other.wait_for_load_state()
    other.close()
    visitor.fills_in(text="Wanneer is de boom geplant?")
    visitor.presses("Stuur de vraag")


def search_by_name(visitor: Visitor) -> None:
    field = visitor.page.locator("form[action$='op-naam'] input:not([type=hidden])")
    field.fill("Boomgaard")
    visitor.page.locator("form[action$='op-naam'] button").click()


def refuse_answer(visitor: Visitor) -> None:
    visitor.presses("Stuur het antwoord")


def send_after_the_end(visitor: Visitor) -> None:
    visitor.presses("Start")
    visitor.context.clear_cookies(name=re.compile("session"))
    visitor.goes_on()


def warn_of_session(visitor: Visitor) -> None:
    visitor.page.locator("#sessie").evaluate("node => node.showModal()")


def type_wrong_code(visitor: Visitor) -> None:
    visitor.fills_in(code="000000")
    visitor.page.locator("main form button").click()


def be_led_to_sign_in_by_another_page(visitor: Visitor) -> None:
    address = visitor.page.evaluate("new URL('/account/aanmelden/', location).href")
    visitor.page.goto(f"data:text/html,<meta http-equiv='refresh' content='0;url={address}'>")
    visitor.page.wait_for_url(address)


def press_save_without_a_text(visitor: Visitor) -> None:
    visitor.fills_in(label_formal="")
    visitor.presses("Bewaar")


def design_in_two_windows(visitor: Visitor) -> None:
    other = visitor.context.new_page()
    other.goto(visitor.page.url)
    other.locator('[name="title_formal"]').fill("Titel van een collega")
    other.get_by_role("button", name="Bewaar").click()
    other.wait_for_load_state()
    other.close()
    visitor.fills_in(title_formal="Mijn titel")
    visitor.presses("Bewaar")


def name_an_unknown_question(visitor: Visitor) -> None:
    visitor.fills_in(visible_when="onbekend > 3")
    visitor.presses("Bewaar")


def go_to_rows(visitor: Visitor) -> None:
    visitor.presses("Start")
    visitor.fills_in(email="noor@example.org")
    visitor.goes_on()
    visitor.fills_in(association_name="Chiro", kind="youth", account="BE68 5390 0754 7034")
    visitor.goes_on()
    visitor.presses("Voeg toe")


def send_readings(visitor: Visitor) -> None:
    visitor.page.locator('[name="bestand"]').set_input_files(
        {"name": "tellingen-maart.csv", "mimeType": "text/csv", "buffer": READINGS}
    )
    visitor.presses("Verstuur het bestand")


def have_readings_checked(visitor: Visitor) -> None:
    send_readings(visitor)
    visitor.presses("Kijk het hele bestand na")
    accept = visitor.page.get_by_role("button", name="Tel deze metingen mee")
    while not accept.count():
        visitor.follows("Bekijk hoe ver het staat")


def throw_readings_away(visitor: Visitor) -> None:
    send_readings(visitor)
    visitor.follows("Gooi het bestand weg")


def report_nothing(visitor: Visitor) -> None:
    visitor.presses("Verder")
    visitor.presses("Melding versturen")


def report(visitor: Visitor) -> None:
    visitor.presses("Verder")
    visitor.fills_in(proposed="Aalter", explanation="Zo staat het op het gemeentehuis.")
    visitor.presses("Melding versturen")


def when_drawn(visitor: Visitor) -> None:
    visitor.page.wait_for_selector("[data-ready]")


def load_nothing(visitor: Visitor) -> None:
    when_drawn(visitor)
    visitor.page.locator("details summary").click()
    visitor.presses("Laad dit bestand")
