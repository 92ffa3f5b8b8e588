"""Makes, by using the site, what pages need before they can be looked at."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from allauth.mfa.totp.internal import auth as totp
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import flow
from tests.journeys.people import ADMINISTRATOR, CITIZEN, CLERK, INTEGRATOR, OFFICER, POLICY_MAKER, Visitor
from tests.journeys.screens import Scene

Visit = Callable[..., Visitor]
QUESTION = "Waar staat de boom precies?"
STUCK = process(
    '<startEvent id="s"/><exclusiveGateway id="g" name="Kan niet"/><endEvent id="e"/>'
    + flow("s>g", "g>e?false"), key="vast")
"""A process that can't go on after its first step."""
DRAWN = (Path(__file__).parent / "drawn.bpmn").read_bytes()
"""Three steps with a picture, as the modeller saves them."""
UNREADY = DRAWN.replace(b'implementation="urn:ocapi:connector:mock"', b"")
MOTIVATION = "De stam is hol. Een arborist bevestigt dat de boom gevaarlijk is."


def set_up(visit: Visit) -> Scene:
    """Send requests, handle them, register an application and a webhook; gives where everything stands."""
    fien, lotte, sam = visit(CITIZEN), visit(CLERK), visit(INTEGRATOR)
    new, asked, decided = (fien.files_request() for _ in range(3))
    receipt = new.replace("mijn/zaken", "loket/ontvangst")
    places = {"new": new, "asked": asked, "decided": decided, "receipt": receipt}
    for name in ("new", "asked", "decided"):
        places[f"desk_{name}"] = desk_place(places[name])
    asks(lotte, asked)
    decides(lotte, decided)
    fien.goes_to(decided)
    places["letter"] = _last(fien, "/brief/")
    lotte.goes_to(places["desk_decided"])
    places["desk_letter"] = _last(lotte, "/brieven/")
    places["draft"] = _draft(fien, is_whole=True)
    noor = visit("noor-waterval.citizen")
    places["other_draft"] = _draft(noor, is_whole=False)
    places["application"] = registers_application(sam)
    places["subscription"] = _subscribes(sam)
    places["stream"] = _first_of(visit(POLICY_MAKER), "/desk/sensoren/", "main a[href*='/desk/sensoren/']")
    places["power"] = _gives_power(fien)
    hilde = visit(ADMINISTRATOR)
    lottes_page = "main tbody tr:has-text('Kasseide') a"
    places["member"] = _first_of(hilde, "/desk/medewerkers/", lottes_page)
    places["entry"] = _first_of(hilde, "/desk/diensten/", "main tbody a")
    places["design"] = begins_form(hilde)
    sets_second_factor_up(visit(OFFICER))
    places |= _runs_workflow(hilde, lotte)
    places |= _designs(hilde)
    places["end_role"] = _first_of(hilde, places["member"], "main a[href$='/beeindigen']")
    places["public_body"] = _first_of(hilde, "/data/bestuurseenheden/Bestuurseenheid/", "main tbody a")
    places["merged_body"] = _first_of(
        hilde, "/data/bestuurseenheden/Bestuurseenheid/", "main tbody tr:has-text('Knesselare') a"
    )
    places |= _shares(visit(POLICY_MAKER), hilde)
    places |= _council(lotte)
    hilde.goes_to(places["entry"])
    hilde.presses("Maak een eigen versie")
    places["own_version"] = urlsplit(hilde.page.url).path
    hilde.goes_to(f"{places['own_version']}tekst")
    for each in hilde.page.locator("main form input[type=text], main form textarea").all()[:4]:
        each.fill("Speelstraat aanvragen")
    hilde.page.locator("main form button[type=submit]").last.click()
    hilde.goes_to(places["own_version"])
    hilde.page.locator("main button[value='publish']").click()
    hilde.page.wait_for_selector("main a[href^='/dienst/']")
    places["service_version"] = f"/versies/diensten/{places['own_version'].rstrip('/').rpartition('/')[2]}/1"
    return Scene(places=places)


def _shares(maker: Visitor, administrator: Visitor) -> dict[str, str]:
    """Find what furnishing shared, proposed and withdrew, and an offer that is still open."""
    here, row = "/desk/open-data/", "main tbody tr:has-text('{}') a"
    return {
        "offer": _first_of(maker, here, row.format("Dienstverlening")),
        "shared": _first_of(maker, here, row.format("Fietstellers")),
        "proposed": _first_of(maker, here, row.format("Wacht op")),
        "source": _first_of(administrator, f"{here}bronnen/", "main tbody a"),
        "faulty": _first_of(administrator, "/open-data/?q=mager", "main ol h2 a"),
    }


def _council(clerk: Visitor) -> dict[str, str]:
    """Find the meetings of the demo: the newest is still to come, the one before was held."""
    desk, documents = "/desk/zittingen/", "main a[href*='/besluiten/documenten/']"
    coming = _first_of(clerk, desk, "main tbody a")
    held = _first_of(clerk, desk, "main tbody tr:nth-child(2) a")
    meeting = _first_of(clerk, "/besluiten/", "main li:nth-child(2) h2 a")
    document = _first_of(clerk, meeting, documents)
    source = _first_of(clerk, document, "main a[href$='/bron']")
    return {
        "desk_coming": coming, "desk_held": held, "council_meeting": meeting, "council_document": document,
        "council_version": source.removesuffix("/bron"),
        "desk_point": _first_of(clerk, coming, "main a[href$='/besluit']").removesuffix("/besluit"),
        "desk_vote": _first_of(clerk, held, "main a[href$='/stemming']"),
        "desk_release": _first_of(clerk, held, "main a[href*='/zittingen/documenten/']"),
        "add_term": _first_of(clerk, f"{desk}organen", "main a[href$='/periode']"),
        "add_holder": _first_of(clerk, f"{desk}organen", "main a[href$='/mandataris']"),
        "end_holder": _first_of(clerk, f"{desk}organen", "main a[href$='/einde']"),
    }


def begins_form(administrator: Visitor, code: str = "fiets-labelen") -> str:
    """Begin a form in the designer; gives its address."""
    administrator.goes_to("/desk/formulieren/nieuw/")
    administrator.fills_in(title_formal="Fiets labelen", code=code)
    administrator.presses("Bewaar")
    return administrator.path


def _runs_workflow(administrator: Visitor, clerk: Visitor) -> dict[str, str]:
    """Start the workflow that is shipped twice; of the second the first task is taken."""
    version = _first_of(administrator, "/desk/werkstromen/", "main tbody a:has-text('Woonstcontrole')")
    for about in ("AAL-2026-000001-1", "AAL-2026-000002-9"):
        clerk.goes_to(f"{version}starten/")
        clerk.fills_in(about=about)
        clerk.presses("Start")
    run = clerk.path
    task = _first_of(clerk, "/desk/werkstromen/taken/", "main tbody a")
    clerk.goes_to(task)
    clerk.presses("Neem deze taak")
    administrator.goes_to("/desk/werkstromen/inladen/")
    administrator.page.locator('[name="drawing"]').set_input_files(
        {"name": "vast.bpmn", "mimeType": "application/xml", "buffer": STUCK})
    administrator.presses("Kijk na")
    stuck = administrator.path
    clerk.goes_to(f"{stuck}starten/")
    clerk.fills_in(about="AAL-2026-000003-8")
    clerk.presses("Start")
    repair = _first_of(clerk, "/desk/werkstromen/storingen/", "main tbody a:has-text('Herstel')")
    return {"workflow": version, "run": run, "task": task, "repair": repair}


def _designs(administrator: Visitor) -> dict[str, str]:
    """Leave a drawing that can run, one that can't, two versions, a decision table and a connection."""
    drawing = new_drawing(administrator, "Straatfeest", DRAWN)
    administrator.goes_to(f"{drawing}publiceren/")
    administrator.presses("Publiceer deze tekening")
    first = administrator.path
    administrator.goes_to(drawing)
    administrator.page.locator("details summary").click()
    administrator.page.locator("form[data-upload] [name=drawing]").set_input_files(
        {"name": "x.bpmn", "mimeType": "application/xml", "buffer": DRAWN.replace(b"Kijk na", b"Lees na")})
    administrator.presses("Laad dit bestand")
    administrator.goes_to(f"{drawing}publiceren/")
    administrator.presses("Publiceer deze tekening")
    second = administrator.path
    before, after = (each.rstrip("/").rpartition("/")[2] for each in (first, second))
    migrations = f"{first}overstappen/"
    administrator.goes_to(f"{migrations}{after}/")
    administrator.presses("Kijk elk verloop na")
    migration = administrator.path
    unready = new_drawing(administrator, "Nog niet af", UNREADY)
    administrator.goes_to("/desk/werkstromen/verbindingen/nieuw/")
    administrator.fills_in(title="Proefsysteem", code="proefsysteem", base_url="https://proef.example.org/v1")
    administrator.presses("Bewaar")
    table = new_table(administrator, "Leges proef")
    administrator.presses("Publiceren")
    return {
        "drawing": drawing, "unready": unready, "difference": f"{second}verschil/{before}/", "table": table,
        "model": administrator.path, "migrations": migrations, "migrate": f"{migrations}{after}/",
        "migration": migration,
    }


def new_drawing(administrator: Visitor, title: str, raw: bytes) -> str:
    """Begin a drawing from a file; gives its page."""
    administrator.goes_to("/desk/werkstromen/tekenen/nieuw/")
    administrator.fills_in(title=title)
    administrator.page.locator('[name="drawing"]').set_input_files(
        {"name": "x.bpmn", "mimeType": "application/xml", "buffer": raw})
    administrator.presses("Begin")
    return administrator.path


def new_table(administrator: Visitor, title: str) -> str:
    """Begin a decision table; gives its page."""
    administrator.goes_to("/desk/beslistabellen/nieuw/")
    administrator.fills_in(title=title)
    administrator.presses("Begin")
    return administrator.path


def desk_place(case: str) -> str:
    """Give the clerk's address of a citizen's case."""
    return case.replace("/mijn/zaken/", "/desk/zaken/")


def asks(clerk: Visitor, case: str, question: str = QUESTION) -> None:
    """Take a case in hand and ask for more information."""
    clerk.goes_to(desk_place(case))
    clerk.presses("In behandeling nemen")
    clerk.follows("Informatie vragen")
    clerk.fills_in(text=question)
    clerk.presses("Stuur de vraag")


def decides(clerk: Visitor, case: str) -> None:
    """Take a case in hand and grant what it asks."""
    clerk.goes_to(desk_place(case))
    clerk.presses("In behandeling nemen")
    clerk.follows("Beslissen")
    clerk.page.locator('[name="outcome"]').first.check()
    clerk.fills_in(motivation=MOTIVATION)
    clerk.presses("Beslis en verstuur")


def sets_second_factor_up(officer: Visitor) -> None:
    """Set a one-time code up as an app on a telephone does."""
    officer.goes_to("/account/tweede-stap/instellen/")
    secret = officer.page.locator("main code").first.inner_text().replace(" ", "")
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    officer.fills_in(code=code)
    officer.page.locator("main form button").first.click()
    officer.page.wait_for_load_state()
    officer.keeps_sign_in()  # all other sessions of this person ended


def registers_application(integrator: Visitor, *, name: str = "Ploegplanning", scopes: tuple[str, ...] = (
        "cases:cases:read",), public: str = "") -> str:
    """Register a machine account at the desk; gives its page."""
    integrator.goes_to("/desk/koppelingen/nieuw/")
    integrator.fills_in(name=name, keys=public or json.dumps(new_key().as_dict(private=False)))
    for scope in scopes:
        integrator.page.locator(f'[name="scopes"][value="{scope}"]').check()
    integrator.presses("Registreer")
    integrator.page.wait_for_url(re.compile(r"/desk/koppelingen/[0-9a-f-]{36}/"))
    return integrator.path


def new_key() -> ECKey:
    """Make a P-256 key pair as an application's owner does."""
    return ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))


def _subscribes(integrator: Visitor) -> str:
    integrator.goes_to("/desk/webhooks/nieuw/")
    integrator.fills_in(url="https://ontvanger.example.org/in", patterns="be.ocapi.cases.*")
    integrator.presses("Voeg")
    return _first(integrator, "/stoppen/")


def _gives_power(citizen: Visitor) -> str:
    """Let another invented person act for a citizen; gives where that is revoked."""
    citizen.goes_to("/mijn/volmachten/nieuw")
    citizen.fills_in(given_name="Noor", family_name="Waterval", national_number="02651423862")
    citizen.presses("Geef de volmacht")
    return _first(citizen, "/intrekken")


def _draft(citizen: Visitor, *, is_whole: bool) -> str:
    citizen.starts_form()
    place = citizen.path.removesuffix("applicant/")
    if is_whole:
        citizen.fills_in_form(place)
    return place


def _first(visitor: Visitor, part: str) -> str:
    return str(visitor.page.locator(f"main a[href*='{part}']").first.get_attribute("href"))


def _last(visitor: Visitor, part: str) -> str:
    links = visitor.page.locator(f"main a[href*='{part}']:not([href$='/pdf'])")
    return str(links.last.get_attribute("href"))


def _first_of(visitor: Visitor, path: str, selector: str) -> str:
    visitor.goes_to(path)
    return str(visitor.page.locator(selector).first.get_attribute("href"))
