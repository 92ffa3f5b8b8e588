"""Every component on pages of each audience, with invented values: what tests check and people look at."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from django.http import HttpRequest
from django.template import Context, Engine
from django.test import RequestFactory

from ocapi.kernel.ui import data

HERE = Path(__file__).parent
ENGINE = Engine(
    dirs=[str(HERE / "pages"), str(HERE.parent / "templates")],
    libraries={
        "ui": "ocapi.kernel.ui.templatetags.ui",
        "static": "django.templatetags.static",
        "i18n": "django.templatetags.i18n",
    },
)

SHELL = data.ShellContext(
    organization="Gemeente Vlavirgem",
    tagline="Samen in het groen",
    search_href="/zoeken",
    help_href="/hulp",
    sign_in_href="/aanmelden",
    navigation=(
        data.NavigationItem(label="Producten en diensten", href="/diensten", current=True),
        data.NavigationItem(label="Nieuws", href="/nieuws"),
        data.NavigationItem(label="Bestuur", href="/bestuur"),
        data.NavigationItem(label="Contact", href="/contact"),
    ),
    contact=("Gemeentehuis Vlavirgem", "Marktplein 1", "9999 Vlavirgem"),
    contact_email="info@example.org",
    contact_phone="0470 00 00 12",
    contact_href="/contact",
    opening_hours=("Maandag tot vrijdag: 9 tot 12 uur", "Woensdag: ook 14 tot 19 uur"),
    opening_hours_href="/openingsuren",
)
ACTOR = data.ActorBox(
    name="Jan Peeters",
    represents="Bakkerij Peeters",
    represents_code="0123.456.749",
    switch_href="/wissel",
    sign_out_href="/afmelden",
)
CITIZEN = replace(
    SHELL,
    actor=ACTOR,
    sign_in_href="",
    navigation=(
        data.NavigationItem(label="Mijn dossiers", href="/mijn", current=True, count="2"),
        data.NavigationItem(label="Mijn gegevens", href="/mijn/gegevens"),
        data.NavigationItem(label="Wie bekeek mijn gegevens", href="/mijn/raadplegingen"),
        data.NavigationItem(label="Berichten", href="/mijn/berichten", count="1"),
    ),
    breadcrumb=(
        data.NavigationItem(label="Home", href="/"),
        data.NavigationItem(label="Mijn dossiers", href="/mijn"),
        data.NavigationItem(label="Kapvergunning", href=""),
    ),
    session=data.SessionLimit(seconds_left=1800, extend_href="/sessie"),
)
DESK = replace(
    CITIZEN,
    tagline="Werkplek",
    actor=data.ActorBox(
        name="An Claes", represents="Dienst Omgeving", switch_href="/wissel", sign_out_href="/afmelden"
    ),
    navigation=(
        data.NavigationItem(
            label="Mijn werklijst", href="/w", icon="list", current=True, count="14", group="Dossiers"
        ),
        data.NavigationItem(label="Alle dossiers", href="/w/alle", icon="folder", group="Dossiers"),
        data.NavigationItem(label="Afspraken", href="/w/afspraken", icon="calendar", group="Dossiers"),
        data.NavigationItem(label="Diensten", href="/w/diensten", icon="townhall", group="Inhoud"),
        data.NavigationItem(label="Formulieren", href="/w/formulieren", icon="document", group="Inhoud"),
        data.NavigationItem(label="Dashboard", href="/w/beleid", icon="chart", group="Beleid"),
        data.NavigationItem(label="Instellingen", href="/w/instellingen", icon="settings", group="Beheer"),
    ),
    breadcrumb=(
        data.NavigationItem(label="Werkplek", href="/w"),
        data.NavigationItem(label="Mijn werklijst", href=""),
    ),
)

TASKS = tuple(
    data.Card(title=title, href=f"/{icon}", text=text, icon=icon)
    for icon, title, text in (
        ("box", "Verhuizen", "Geef je nieuwe adres door"),
        ("card", "Identiteitskaart", "Vraag je kaart aan of verleng ze"),
        ("tree", "Boom kappen", "Vraag een kapvergunning aan"),
        ("recycle", "Afval", "Bekijk de ophaalkalender"),
        ("report", "Meld een probleem", "Put in de weg, lamp stuk, sluikstort"),
        ("calendar", "Maak een afspraak", "Kies zelf dag en uur"),
    )
)
NEWS = (
    data.Card(
        title="Nieuw fietspad in de Kerkstraat",
        href="/n/1",
        text="De werken starten in maart.",
        meta="13 februari 2027",
    ),
    data.Card(
        title="Loket open op woensdagavond",
        href="/n/2",
        text="Tot 19 uur, zonder afspraak.",
        meta="8 februari 2027",
    ),
    data.Card(
        title="Plant mee een boom",
        href="/n/3",
        text="Gratis plantgoed voor elke tuin.",
        meta="1 februari 2027",
    ),
)
FIELDS = (
    data.Field(
        name="naam",
        label="Naam",
        value="Jan Peeters",
        source="Rijksregister",
        source_date="3 februari 2027",
        report_href="/fout",
    ),
    data.Field(
        name="geboren",
        label="Geboortedatum",
        kind=data.FieldKind.DATE,
        value="7/3/85x",
        help="Bijvoorbeeld 07/03/1985.",
        error="Vul de geboortedatum in als dd/mm/jjjj, bijvoorbeeld 07/03/1985.",
        autocomplete="bday",
    ),
    data.Field(
        name="mail",
        label="E-mailadres",
        kind=data.FieldKind.EMAIL,
        autocomplete="email",
        required=False,
        help="Voor berichten over dit dossier.",
    ),
    data.Field(
        name="straat",
        label="Straat",
        source_problem="Het adressenregister antwoordt niet. Het adres wordt later nagekeken.",
    ),
    data.Field(
        name="reden",
        label="Waarom moet de boom weg?",
        kind=data.FieldKind.RADIO,
        error="Kies een reden.",
        options=(
            data.Option(value="ziek", label="De boom is ziek", help="Een foto helpt bij de beslissing."),
            data.Option(value="bouw", label="Er komt een gebouw"),
        ),
    ),
    data.Field(
        name="soort",
        label="Soorten bomen",
        kind=data.FieldKind.CHECKBOXES,
        values=("eik",),
        required=False,
        options=(data.Option(value="eik", label="Eik"), data.Option(value="beuk", label="Beuk")),
    ),
    data.Field(
        name="wijk",
        label="Wijk",
        kind=data.FieldKind.SELECT,
        options=(data.Option(value="c", label="Centrum"),),
        value="c",
        width="medium",
    ),
    data.Field(name="prijs", label="Geschatte kost", kind=data.FieldKind.AMOUNT, unit="€", required=False),
    data.Field(
        name="uitleg",
        label="Uitleg",
        kind=data.FieldKind.TEXTAREA,
        required=False,
        max_length=500,
        value="Eik <b>achteraan</b>",
    ),
    data.Field(
        name="foto",
        label="Foto's",
        kind=data.FieldKind.FILE,
        accepted_types=(".jpg", ".png", ".pdf"),
        max_size="10 MB",
        multiple=True,
        stored_files=(data.StoredFile(name="boom-voor.jpg", size="1,2 MB", remove_name="verwijder-1"),),
    ),
    data.Field(name="akkoord", label="De gegevens zijn juist", kind=data.FieldKind.CHECKBOX),
    data.Field(name="stap", label="", kind=data.FieldKind.HIDDEN, value="2"),
)
STEPS = (
    data.Step(label="Ontvangen", state=data.StepState.DONE, on="3 februari 2027", machine_on="2027-02-03"),
    data.Step(
        label="In behandeling",
        state=data.StepState.CURRENT,
        on="sinds 5 februari 2027",
        text="De groendienst komt kijken.",
    ),
    data.Step(label="Beslissing", state=data.StepState.TODO, on="ten laatste 4 april 2027"),
)
EVENTS = (
    data.TimelineEvent(
        title="Plaatsbezoek gepland",
        on="8 februari 2027, 14:30",
        by="An Claes",
        icon="calendar",
        text="Op 12 februari.",
    ),
    data.TimelineEvent(
        title="Aanvraag ontvangen",
        on="3 februari 2027, 9:12",
        by="Jan Peeters",
        icon="inbox",
        href="/ontvangst",
    ),
)
FACTS = (
    data.Definition(
        term="Adres",
        value="Marktplein 1 bus 3\n9999 Vlavirgem",
        source="Rijksregister",
        source_date="3 februari 2027",
        report_href="/fout",
    ),
    data.Definition(term="Telefoon", value="0470 00 00 34", change_href="/wijzig"),
    data.Definition(term="Document", value="Aanvraag.pdf", href="/document"),
)
COLUMNS = (
    data.Column(code="number", label="Nummer", sortable=True),
    data.Column(code="service", label="Dienst"),
    data.Column(code="person", label="Aanvrager", sortable=True),
    data.Column(code="state", label="Toestand"),
    data.Column(code="due", label="Termijn", kind=data.ColumnKind.DATE, sortable=True),
    data.Column(code="days", label="Dagen over", kind=data.ColumnKind.NUMBER),
)
SERVICES = (
    ("Kapvergunning", "Peeters Jan", "In behandeling", "info"),
    ("Adreswijziging", "De Smet Fatima", "Wacht op burger", "warning"),
    ("Parkeerkaart", "Wouters Lies", "Nieuw", "neutral"),
    ("Subsidie regenput", "Maes Tom", "Te laat", "error"),
    ("Standplaats markt", "Bakkerij Peeters", "Beslist", "success"),
)


def _row(place: int) -> data.Row:
    service, person, state, tone = SERVICES[place % len(SERVICES)]
    return data.Row(
        cells=(
            data.Cell(text=f"VLA-2027-{place + 101:06d}-{place % 9}", href=f"/w/{place}"),
            data.Cell(text=service),
            data.Cell(text=person),
            data.Cell(text=state, tone=tone),
            data.Cell(text=f"{place + 4:02d}/04/2027"),
            data.Cell(text=str(place * 3 - 4).replace("-", "−")),
        ),
        highlighted=tone == "error",
    )


WORKLIST = data.Table(
    caption="Open dossiers",
    columns=COLUMNS,
    page=data.PageOf(
        items=tuple(_row(place) for place in range(14)),
        next_cursor="bmV4dA",
        previous_cursor="cHJldg",
        total=48,
    ),
    sort="-due",
    export_href="?format=csv",
)
NOTHING = replace(
    WORKLIST,
    page=data.PageOf(items=()),
    empty_title="Geen dossiers",
    empty_text="Alles is behandeld.",
    empty_action="Bekijk alle dossiers",
    empty_href="/w/alle",
)
BARS = data.Chart(
    code="aanvragen",
    title="Aanvragen per domein",
    kind=data.ChartKind.BAR,
    category_label="Domein",
    categories=("Burgerzaken", "Omgeving", "Mobiliteit", "Vrije tijd"),
    series=(
        data.Series(name="2026", values=(12540, 830, None, None), suppressed=frozenset({3})),
        data.Series(name="2027", values=(9870, 1210, 415, 60)),
    ),
    unit="aanvragen",
    source="Dossiers van Vlavirgem",
    updated="13 februari 2027",
    method="Telling per indiendatum.",
)
LINE = data.Chart(
    code="fietsers",
    title="Fietsers per dag in de Kerkstraat",
    kind=data.ChartKind.LINE,
    category_label="Dag",
    categories=tuple(f"{day} maart" for day in range(1, 15)),
    series=(
        data.Series(
            name="Naar het centrum",
            values=(310, 402, 398, None, None, 120, 95, 420, 431, 440, 399, 380, 110, 101),
        ),
        data.Series(
            name="Naar buiten", values=(290, 350, 361, 342, 300, 101, 80, 377, 390, 402, 366, 340, 99, 90)
        ),
    ),
    unit="fietsers",
    decimals=0,
    source="Telpaal Kerkstraat",
    quality="Twee dagen zonder meting.",
    export_href="/csv",
)
RATIO = data.Chart(
    code="aandeel",
    title="Digitaal aandeel",
    kind=data.ChartKind.BAR,
    category_label="Kanaal",
    categories=("Online", "Loket"),
    series=(data.Series(name="Aandeel", values=(Decimal("62.5"), Decimal("37.5"))),),
    unit="%",
    decimals=1,
)
FIGURES = (
    data.Figure(label="Open dossiers", value="48", trend="6 meer dan vorige week", href="/w"),
    data.Figure(label="Doorlooptijd", value="11", unit="dagen", trend="2 dagen korter dan in 2026"),
    data.Figure(label="Binnen de termijn", value="94,2", unit="%", trend="Doel: 95 %"),
)
TABS = (
    data.NavigationItem(label="Overzicht", href="?t=1", current=True),
    data.NavigationItem(label="Documenten", href="?t=2", count="3"),
    data.NavigationItem(label="Geschiedenis", href="?t=3"),
)
EXAMPLES = (
    data.NavigationItem(label="verhuizen", href="/z?q=verhuizen"),
    data.NavigationItem(label="reispas", href="/z?q=reispas"),
)

PAGES = {
    "home": SHELL,
    "service": SHELL,
    "problem": SHELL,
    "form": CITIZEN,
    "case": CITIZEN,
    "confirm": CITIZEN,
    "worklist": DESK,
    "dashboard": DESK,
}


def draw(name: str, request: HttpRequest | None = None, **extra: object) -> str:
    """Draw one page of the gallery as HTML."""
    values = {
        "shell": PAGES[name],
        "request": request or RequestFactory().get("/w?state=open&cursor=abc"),
        "csrf_token": "t" * 32,
        "tasks": TASKS,
        "news": NEWS,
        "fields": FIELDS,
        "steps": STEPS,
        "events": EVENTS,
        "facts": FACTS,
        "table": WORKLIST,
        "nothing": NOTHING,
        "bars": BARS,
        "line": LINE,
        "ratio": RATIO,
        "figures": FIGURES,
        "tabs": TABS,
        "examples": EXAMPLES,
        "pages": WORKLIST.page,
        **extra,
    }
    return ENGINE.get_template(f"{name}.html").render(Context(values))
