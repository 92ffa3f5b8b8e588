"""What a civil servant designs without a developer: a process, its table and its couplings; then it runs."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.journeys import scene
from tests.journeys.people import ADMINISTRATOR, CITIZEN, CLERK, INTEGRATOR, Visitor
from tests.journeys.test_integrator import Application

Visit = Callable[..., Visitor]
PATIENCE_S = 40.0
KEY = "straatfeest-op-proef"
SCOPES = ("cases:cases:read", "processes:instances:read", "processes:instances:write")


@dataclass(kw_only=True)
class Outside:
    """An application of somebody else: agrees to events, and takes requests by REST.

    events: of the city, by their type; asked: what the process asked of it, with its headers.
    """

    address: str = ""
    events: list[dict[str, object]] = field(default_factory=list)
    asked: list[tuple[dict[str, str], dict[str, object]]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Wait until something arrived."""
        with self.changed:
            assert self.changed.wait_for(ready, PATIENCE_S)

    def told(self, kind: str, about: str) -> bool:
        """Tell whether an event of a kind about something arrived."""
        return any(str(each["type"]).endswith(kind) and about in json.dumps(each) for each in self.events)


@pytest.fixture
def outside() -> Iterator[Outside]:
    kept = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:  # noqa: N802 (the name http.server calls)
            self.send_response(200)
            self.send_header("WebHook-Allowed-Origin", self.headers.get("WebHook-Request-Origin", ""))
            self.end_headers()

        def do_POST(self) -> None:  # noqa: N802 (the name http.server calls)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_event = self.path == "/in"
            with kept.changed:
                if is_event:
                    kept.events.append(body)
                else:
                    kept.asked.append(({name.lower(): text for name, text in self.headers.items()}, body))
                kept.changed.notify_all()
            answer = b"" if is_event else b'{"nummer": "POL-7"}'
            self.send_response(204 if is_event else 201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.address = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield kept
    server.shutdown()


class Modeller:
    """The page of a drawing, used by its panel and its list as somebody without a mouse does."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page
        self.page.wait_for_selector("[data-ready]")

    def append(self, after: str, kind: str, name: str) -> None:
        """Add an element after another and give it a name."""
        self.page.locator("[data-elements] button", has_text=re.compile(f"^{after}$")).click()
        self.page.locator("[data-add-type]").select_option(kind)
        self.page.locator("[data-act=append]").click()
        self.fill("name", name)
        self.page.locator("[data-elements] button", has_text=re.compile(f"^{name}$")).wait_for()

    def fill(self, name: str, value: str) -> None:
        """Fill in a property of the element that is chosen."""
        self._fill(f"[data-property={name}]", value)

    def give(self, name: str, value: str) -> None:
        """Fill in an input of a coupling."""
        self._fill(f"[data-input={name}]", value)

    def _fill(self, where: str, value: str) -> None:
        found = self.page.locator(where)
        if found.evaluate("node => node.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)
            found.press("Tab")

    def save(self) -> None:
        """Save, and wait until the server has it."""
        self.page.locator("[data-act=save]").click()
        self.page.locator("[data-state]", has_text=re.compile(r"^\s*Bewaard")).wait_for()


def makes_table(administrator: Visitor) -> None:
    """Make a table that decides by how many people come, with a test case, and publish it."""
    page = administrator.page
    scene.new_table(administrator, "Leges straatfeest")
    administrator.fills_in(**{"new-column": "aantal"})
    administrator.presses("Voeg toe als voorwaarde")
    page.locator('button[value="remove-column:0"]').click()
    page.wait_for_load_state()
    administrator.fills_in(**{"cell-0-0": "< 100", "cell-0-1": '"gratis"'})
    page.locator('button[value="add-line:0"]').click()
    page.wait_for_load_state()
    administrator.fills_in(**{"cell-1-0": ">= 100", "cell-1-1": '"betalend"'})
    page.get_by_role("button", name="Bewaar de tabel").click()
    page.wait_for_load_state()
    administrator.fills_in(**{
        "name-0": "klein feest", "facts-0": "aantal = 40", "expected-0": '"gratis"'})
    administrator.presses("Bewaar en probeer")
    assert "slaagt" in administrator.reads()
    administrator.presses("Publiceren")


def draws(administrator: Visitor) -> str:
    """Draw three steps: a task with a form, a decision, a call; gives the version's page."""
    administrator.goes_to("/desk/werkstromen/tekenen/nieuw/")
    administrator.fills_in(title="Straatfeest op proef")
    administrator.presses("Begin")
    place, modeller = administrator.path, Modeller(administrator)
    modeller.append("Start", "bpmn:UserTask", "Kijk het feest na")
    modeller.fill("formKey", "nazicht-straatfeest")
    modeller.append("Kijk het feest na", "bpmn:BusinessRuleTask", "Beslis over de leges")
    modeller.fill("decision", "Leges straatfeest")
    modeller.fill("resultVariable", "leges")
    modeller.append("Beslis over de leges", "bpmn:ServiceTask", "Meld aan de politie")
    assert "De diensttaak noemt geen koppeling." in administrator.page.locator("[data-findings]").inner_text()
    modeller.fill("connector", "rest")
    for name, value in (("connection", '"politie-proef"'), ("method", '"POST"'), ("path", '"feesten"'),
                        ("body", "{aantal: aantal, leges: leges}")):
        modeller.give(name, value)
    modeller.fill("outputs", "melding = body.nummer")
    modeller.append("Meld aan de politie", "bpmn:EndEvent", "Klaar")
    assert not modeller.page.locator("[data-act=append]").is_visible()  # nothing comes after an end
    administrator.page.locator("[data-findings]", has_text="Er is niets te herstellen.").wait_for()
    modeller.save()
    administrator.goes_to(f"{place}publiceren/")
    administrator.presses("Publiceer deze tekening")
    assert "In deze versie loopt niets" in administrator.reads(), administrator.reads()
    return administrator.path


class TestDesigner:
    def test_draws_couples_and_publishes_what_then_runs(self, visit: Visit, outside: Outside) -> None:
        hilde, sam, lotte = visit(ADMINISTRATOR), visit(INTEGRATOR), visit(CLERK)
        makes_table(hilde)
        hilde.goes_to("/desk/werkstromen/verbindingen/nieuw/")
        hilde.fills_in(
            title="Politie", code="politie-proef", base_url=f"{outside.address}/v1", header="X-Key",
            secret="geheim",
        )
        hilde.presses("Bewaar")
        version = draws(hilde)
        application = Application.register(sam, scopes=SCOPES)
        sam.goes_to("/desk/webhooks/nieuw/")
        sam.fills_in(
            url=f"{outside.address}/in", patterns="be.ocapi.cases.case.received.v1 be.ocapi.processes.*")
        sam.presses("Voeg het abonnement toe")
        for _ in range(int(PATIENCE_S)):
            if "Actief" in sam.page.locator("tbody tr", has_text=outside.address).inner_text():
                break
            sam.page.wait_for_timeout(1000)
            sam.page.reload()

        case = visit(CITIZEN).files_request().rpartition("/")[2]
        outside.wait_for(lambda: outside.told("cases.notify.received", case))
        reference = application.ask("GET", f"/api/cases/v1/cases/{case}")["body"]["reference"]
        begun = application.ask(
            "POST", f"/api/processes/v1/processDefinitions/{KEY}/instances",
            body={"businessKey": reference, "variables": {}})
        assert begun["status"] == 201, begun
        run = begun["body"]["id"]

        lotte.goes_to(f"/desk/werkstromen/taken/?q={reference}")
        own = lotte.page.locator("tbody tr", has_text=reference).filter(has_text="Kijk het feest na")
        own.get_by_role("link").first.click()
        lotte.presses("Neem deze taak")
        lotte.fills_in(aantal="250", veilig="true")
        lotte.presses("Deze taak is klaar")

        outside.wait_for(lambda: bool(outside.asked))
        headers, body = outside.asked[0]
        assert body == {"aantal": 250, "leges": "betalend"}
        assert headers["x-key"] == "geheim" and headers["idempotency-key"]
        outside.wait_for(lambda: outside.told("instances.notify.completed", run))
        assert application.ask("GET", f"/api/processes/v1/instances/{run}")["body"]["state"] == "completed"

        hilde.goes_to(f"{version}?warmte=ja")
        assert reference in hilde.reads() and "Kijk het feest na" in hilde.reads()
        assert hilde.page.locator('[data-tone^="heat"]').count() == 1
        hilde.follows(reference)
        assert "Meld aan de politie" in hilde.reads() and "Klaar" in hilde.reads()

    def test_draws_a_repetition_and_its_reminder_from_the_panel(self, visit: Visit) -> None:
        hilde = visit(ADMINISTRATOR)
        hilde.goes_to("/desk/werkstromen/tekenen/nieuw/")
        hilde.fills_in(title="Advies met herinnering")
        hilde.presses("Begin")
        place, modeller = hilde.path, Modeller(hilde)
        modeller.append("Start", "bpmn:ScriptTask", "Bepaal wie advies geeft")
        modeller.fill("script", '["Politie", "Brandweer"]')
        modeller.fill("resultVariable", "wie")
        modeller.append("Bepaal wie advies geeft", "bpmn:UserTask", "Geef advies")
        for name, value in (
            ("candidateGroups", "= adviseur"), ("loopKind", "parallel"), ("collection", "wie"),
            ("item", "adviseur"), ("results", "adviezen"), ("result", "advies"),
        ):
            modeller.fill(name, value)
        modeller.append("Geef advies", "bpmn:EndEvent", "Klaar")
        hilde.page.locator("[data-property=isTerminating]").check()
        modeller.append("Geef advies", "bpmn:BoundaryEvent|Timer", "Na 10 dagen")
        modeller.fill("timerValue", "P10D")
        hilde.page.locator("[data-property=isInterrupting]").uncheck()
        modeller.append("Na 10 dagen", "bpmn:UserTask", "Herinner")
        assert is_beside_the_palette(hilde.page), "the new step stands under the palette"
        modeller.append("Herinner", "bpmn:EndEvent", "Herinnerd")
        hilde.page.locator("[data-findings]", has_text="Er is niets te herstellen.").wait_for()
        modeller.save()
        hilde.goes_to(f"{place}proef/")
        hilde.presses("Start met Start")
        hilde.presses("Spring naar dat moment")
        assert all(each in hilde.reads() for each in ("aan Politie", "aan Brandweer", "Herinner: gevraagd"))
        for advice in ('advies = "gunstig"', 'advies = "ongunstig"'):
            hilde.page.locator("main textarea").fill(advice)
            hilde.presses("Doe deze taak")
        assert '["gunstig", "ongunstig"]' in hilde.reads()
        assert "Doe deze taak" not in hilde.reads() and "Alles beëindigd" in hilde.reads()


def is_beside_the_palette(page: Page) -> bool:
    """Tell whether the chosen element is seen whole, right of the modeller's own buttons."""
    chosen = page.locator(".djs-element.selected .djs-outline").first.bounding_box()
    palette = page.locator(".djs-palette").bounding_box()
    assert chosen and palette
    return chosen["x"] >= palette["x"] + palette["width"]
