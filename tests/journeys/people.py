"""Visitors of the journeys: what people do in a browser, in words of their own."""

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

from tests.journeys.running import City

AALTER = "aalter"
CITIZEN, CLERK = "fien-boomgaard.citizen", "lotte-kasseide.clerk"
OFFICER = "karel-torenhof.dpo"
POLICY_MAKER, INTEGRATOR, ADMINISTRATOR = (
    "greet-lindendal.policy_maker", "sam-koppelveld.integrator", "hilde-broekakker.tenant_admin",
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
PNG = Path(__file__).parent / "tree.png"
TIMEOUT_MS = 20_000  # the first minute after a start is busy: roll-ups, PDFs and the log
TREES = {
    "tree_count": "1", "species": "Zomereik", "circumference_cm": "140",
    "location_note": "achteraan links, naast de haag",
}
ANSWERS: dict[str, dict[str, str]] = {
    "applicant": {"email": "fien@example.org"},
    "trees": {"at_home": "true", "owner": "owner", **TREES},
    "reason": {
        "reason": "sick", "reason_note": "De stam is hol en de kruin is dood.", "replant": "true",
        "replant_plan": "Een linde, volgend voorjaar.",
    },
    "attachments": {"photo": "tree.png"},
    "confirmation": {"statement": "on"},
}
POST = """async ({path, values}) => {
  const text = await (await fetch(path)).text();
  const form = new DOMParser().parseFromString(text, "text/html").querySelector("main form[method=post]");
  const data = new FormData(form);
  for (const [name, value] of Object.entries(values)) {
    const bytes = Uint8Array.from(atob("%s"), each => each.charCodeAt(0));
    data.set(name, name === "photo" ? new File([bytes], value, {type: "image/png"}) : value);
  }
  const answer = await fetch(path, {method: "POST", body: data});
  if (values.photo && answer.url.endsWith(path)) {
    const again = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = new FormData(again.querySelector("main form[method=post]"));
    return new URL((await fetch(path, {method: "POST", body: next})).url).pathname;
  }
  return new URL(answer.url).pathname;
}""" % base64.b64encode(PNG.read_bytes()).decode()  # noqa: UP031 (the script is full of braces)


@dataclass(kw_only=True)
class Visitor:
    """Somebody with a browser of their own at one organization.

    complaints: requests to another origin and violations of the content security policy, over all pages.
    """

    city: City
    context: BrowserContext
    page: Page
    key: str = AALTER
    person: str = ""
    complaints: list[str] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def arrive(
        cls, city: City, browser: Browser, *, person: str, kept: dict[str, Any], key: str = AALTER,
        phone: bool = False, fresh: bool = False, **settings: Any,
    ) -> Self:
        """Open a browser; with a person, signed in by the identity provider the first time, or when fresh."""
        name = f"{person}@{key}"
        known = None if fresh else kept.get(name)
        context = browser.new_context(
            base_url=city.at(key), locale="nl-BE", viewport=PHONE if phone else DESKTOP,
            storage_state=known, accept_downloads=True, **settings,
        )
        context.set_default_timeout(TIMEOUT_MS)
        made = cls(city=city, context=context, page=context.new_page(), key=key, person=person, kept=kept)
        context.on("request", made._requested)
        context.on("console", made._said)
        if person and known is None:
            made.sign_in()
            if not fresh:
                made.keeps_sign_in()
        return made

    def keeps_sign_in(self) -> None:
        """Let later visits of this person go on with the session of this one."""
        self.kept[f"{self.person}@{self.key}"] = self.context.storage_state()

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    def _requested(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if request.url.startswith("http") and not host.endswith("localhost"):
            self.complaints.append(f"asked {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        is_refusal = "status of" in message.text  # the browser notes each answer of 400 and above
        if "Content Security Policy" in message.text or (message.type == "error" and not is_refusal):
            self.complaints.append(message.text)

    # going around

    def goes_to(self, path: str) -> int:
        """Open an address of the site; gives the status."""
        answer = self.page.goto(path)
        return answer.status if answer else 0

    def follows(self, name: str) -> None:
        """Follow a link by its words and wait for its page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.get_by_role("link", name=name).first.click()

    def presses(self, name: str) -> None:
        """Press a button by its words and wait for the page it leads to."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.get_by_role("button", name=name).first.click()

    def hits_enter(self) -> None:
        """Press Enter on what has the focus and wait for the page it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")

    def reads(self) -> str:
        """Give the words of the page's main part."""
        return self.page.locator("main").inner_text()

    @property
    def heading(self) -> str:
        """The h1 of the page."""
        return self.page.locator("h1").inner_text()

    @property
    def path(self) -> str:
        """The path of the page's address."""
        return urlsplit(self.page.url).path

    def control(self, name: str) -> Locator:
        """Give the control that is sent under a name."""
        return self.page.locator(f'[name="{name}"]')

    # signing in

    def sign_in(self) -> None:
        """Sign in from the home page."""
        if not self.page.url.startswith(self.city.at(self.key)):
            self.goes_to("/")
        self.page.locator(".ocapi-actor__sign-in").click()
        self.choose_identity()

    def choose_identity_below(self) -> None:
        """Choose oneself where the organization stands under a path."""
        person, role = self.person.split(".")
        self.page.locator(f'button[name="choice"][value^="{person}.{self.key}.{role}|"]').first.click()
        self.page.wait_for_url(re.compile(rf"/o/{self.key}/(?!account)"))

    def choose_identity(self) -> None:
        """Choose oneself on the page of the demo's identity provider."""
        person, role = self.person.split(".")
        code = f"{person}.{self.key}.{role}|"
        self.page.locator(f'button[name="choice"][value^="{code}"]').first.click()
        self.page.wait_for_url(re.compile(rf"^{re.escape(self.city.at(self.key))}/(?!account)"))

    # a request

    def starts_form(self, form: str = "kapvergunning") -> None:
        """Begin a form, at its first step."""
        self.goes_to(f"/loket/{form}/")
        self.presses("Start")
        if self.control("revision").get_attribute("value") != "1":  # a draft that an earlier journey left
            self.follows("Stop en gooi weg")
            self.presses("Gooi")
            self.goes_to(f"/loket/{form}/")
            self.presses("Start")

    def fills_in(self, **values: str) -> None:
        """Fill in controls by the name they are sent under; choices by their value."""
        for name, value in values.items():
            found = self.control(name)
            if found.first.get_attribute("type") in ("radio", "checkbox"):
                self.page.locator(f'[name="{name}"][value="{value}"]').check()
            elif found.first.evaluate("node => node.tagName") == "SELECT":
                found.select_option(value)
            else:
                found.fill(value)

    def goes_on(self) -> None:
        """Press the button that leads to the next step."""
        self.presses("Volgende stap")

    def fills_in_until_files(self) -> None:
        """Fill in a felling permit as far as the step that asks for a photo."""
        for section in ("applicant", "trees", "reason"):
            self.fills_in(**ANSWERS[section])
            self.goes_on()

    def sends_request(self) -> str:
        """Fill in a whole felling permit and send it; gives the path of the case."""
        self.starts_form()
        self.fills_in_until_files()
        self.adds_photo()
        self.page.locator('[name="statement"]').check()
        self.goes_on()
        self.presses("Verstuur")
        return self.path.replace("/loket/ontvangst/", "/mijn/zaken/")

    def files_request(self, form: str = "kapvergunning") -> str:
        """Send a whole felling permit without drawing its pages, for tests of what comes after."""
        self.starts_form(form)
        place = self.path.removesuffix("applicant/")
        self.fills_in_form(place)
        sent = self._posts(f"{place}overzicht/", {})
        return sent.replace("/loket/ontvangst/", "/mijn/zaken/")

    def fills_in_form(self, place: str) -> None:
        """Fill in every step of a draft without drawing its pages."""
        for section, values in ANSWERS.items():
            self._posts(f"{place}{section}/", values)

    def _posts(self, path: str, values: dict[str, str]) -> str:
        """Send the form of a page as its script-free twin would; gives the path one is led to."""
        return str(self.page.evaluate(POST, {"path": path, "values": values}))

    def adds_photo(self) -> None:
        """Add a photo and leave the step with files: the first press keeps the file, the second goes on."""
        self.control("photo").set_input_files(PNG)
        self.goes_on()
        if self.control("photo").count():
            self.goes_on()
