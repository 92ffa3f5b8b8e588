"""What crosses the door of the design system: plain values that components draw, free of Django."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)

_HEX = re.compile(r"^#[0-9a-f]{6}$")
_HTML_ID = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")


class InvalidToken(ValueError):
    """A design token is not of its form; `token` names it, `value` is what was given."""

    def __init__(self, token: str, value: str) -> None:
        super().__init__(f"{token}: {value!r}")
        self.token = token
        self.value = value


class FontStack(StrEnum):
    """Fonts a tenant may choose from; all are on the reader's own machine, none is fetched."""

    SANS = "sans"
    HUMANIST = "humanist"
    SERIF = "serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The brand of one tenant; colors as `#rrggbb` in lower case, the rest of the theme is derived.

    on_brand, on_accent: text upon those colors. surface: cards and bands. control: edges of fields.
    """

    brand: str = "#124a63"
    on_brand: str = "#ffffff"
    accent: str = "#a23b12"
    on_accent: str = "#ffffff"
    text: str = "#1b2126"
    muted: str = "#535e66"
    background: str = "#ffffff"
    surface: str = "#f5f3ee"
    link: str = "#0d5a86"
    control: str = "#6b757c"
    focus: str = "#1b2126"
    font: FontStack = FontStack.SANS
    radius_px: int = 6

    def __post_init__(self) -> None:
        for name in COLOR_TOKENS:
            value = getattr(self, name)
            if not _HEX.match(value):
                raise InvalidToken(name, value)
        if not 0 <= self.radius_px <= 24:
            raise InvalidToken("radius_px", str(self.radius_px))


COLOR_TOKENS = (
    "brand",
    "on_brand",
    "accent",
    "on_accent",
    "text",
    "muted",
    "background",
    "surface",
    "link",
    "control",
    "focus",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastProblem:
    """Two tokens too close to read; `proposal` is the nearest `foreground` that passes on `background`.

    foreground, background: token names. ratio: measured, 1 to 21. needed: 4.5 for text, 3 for components.
    Source: WCAG 2.2 success criteria 1.4.3 and 1.4.11.
    """

    foreground: str
    background: str
    ratio: float
    needed: float
    proposal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """One link in a menu, a row of tabs or the breadcrumb; `count` stands behind the label.

    hint: one line about what is there. code: the `url_name` the link was made of, where there is one.
    """

    label: str
    href: str
    current: bool = False
    icon: str = ""
    count: str = ""
    group: str = ""
    hint: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorBox:
    """For whom one acts, as the header shows it: the person, and whom that person represents."""

    name: str
    represents: str = ""
    represents_code: str = ""
    switch_href: str = ""
    sign_out_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A status message on top of the page; tone is info, success, warning or error."""

    text: str
    tone: str = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimit:
    """When the session ends, for the warning five minutes before; `extend_href` takes an empty POST."""

    seconds_left: int
    extend_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellContext:
    """Everything around the main part of a page; each field left out has a sensible default.

    brand_stylesheet: address of what `api.stylesheet_for` made. logo: address of an image on the own host.
    contact, opening_hours: lines of text. language: BCP 47 of the page. notice: one line on top of each page,
    notice_link: where it leads.
    alternatives: the page in other languages, `icon` holds their language code.
    """

    organization: str = ""
    tagline: str = ""
    home_href: str = "/"
    logo: str = ""
    brand_stylesheet: str = ""
    language: str = "nl-BE"
    navigation: tuple[NavigationItem, ...] = ()
    breadcrumb: tuple[NavigationItem, ...] = ()
    alternatives: tuple[NavigationItem, ...] = ()
    actor: ActorBox | None = None
    sign_in_href: str = ""
    search_href: str = ""
    help_href: str = ""
    messages: tuple[Message, ...] = ()
    session: SessionLimit | None = None
    contact: tuple[str, ...] = ()
    contact_email: str = ""
    contact_phone: str = ""
    contact_href: str = ""
    opening_hours: tuple[str, ...] = ()
    opening_hours_href: str = ""
    privacy_href: str = "/privacy"
    accessibility_href: str = "/toegankelijkheidsverklaring"
    disclosure_href: str = "/.well-known/security.txt"
    footer_links: tuple[NavigationItem, ...] = ()
    notice: str = ""
    notice_link: NavigationItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf(Generic[T]):
    """One page of a list; an empty cursor: no page that way; total None: not counted."""

    items: tuple[T, ...]
    page_size: int = 20
    next_cursor: str = ""
    previous_cursor: str = ""
    total: int | None = None


class ColumnKind(StrEnum):
    """How a column is aligned and set: numbers stand right; codes and dates are never broken over lines."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    DATE = "date"
    ACTIONS = "actions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table; `code` is the value of `sort` in the address when `sortable`."""

    code: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    sortable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: text, a link when `href` is set, a badge when `tone` is set, small text below in `note`."""

    text: str
    href: str = ""
    tone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, cells in the order of the columns; the first cell names the row to screen readers."""

    cells: tuple[Cell, ...]
    highlighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with caption, sorting, paging, export; the empty texts replace it when it has no rows.

    page: the rows and cursors. sort: the active sort as in the address, `-name` is descending.
    export_href: address of the CSV with the same filters, empty when there is none.
    """

    caption: str
    columns: tuple[Column, ...]
    page: PageOf[Row]
    sort: str = ""
    export_href: str = ""
    empty_title: str = ""
    empty_text: str = ""
    empty_href: str = ""
    empty_action: str = ""


class FieldKind(StrEnum):
    """Which control a field gets."""

    TEXT = "text"
    EMAIL = "email"
    TELEPHONE = "tel"
    NUMBER = "number"
    DATE = "date"
    AMOUNT = "amount"
    SEARCH = "search"
    PASSWORD = "password"
    TEXTAREA = "textarea"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOXES = "checkboxes"
    CHECKBOX = "checkbox"
    FILE = "file"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a field."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file already received for a field; `remove_name` is the name of the button that removes it."""

    name: str
    size: str = ""
    remove_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form as a component draws it.

    values: the choices made, for checkboxes; `value` for all other kinds. source, source_date: the field is
    filled from that source and read-only; report_href is where "Klopt dit niet?" leads.
    source_problem: the source did not answer, typing by hand is allowed and verified later.
    accepted_types: `.pdf`, `.jpg` …; max_size: in words, `10 MB`. suggestions: id of a `datalist`.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    value: str = ""
    values: tuple[str, ...] = ()
    help: str = ""
    error: str = ""
    required: bool = True
    options: tuple[Option, ...] = ()
    autocomplete: str = ""
    max_length: int = 0
    rows: int = 5
    width: str = ""
    unit: str = ""
    source: str = ""
    source_date: str = ""
    report_href: str = ""
    source_problem: str = ""
    accepted_types: tuple[str, ...] = ()
    max_size: str = ""
    multiple: bool = False
    stored_files: tuple[StoredFile, ...] = ()
    html_id: str = ""
    suggestions: str = ""

    @property
    def id(self) -> str:
        """Give the id of the control; the first choice of a group carries it, so that links land on it."""
        return self.html_id or f"id_{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One line of the error summary: the text and the id of the control it leads to."""

    text: str
    field_id: str = ""


class StepState(StrEnum):
    """Where a step of a case stands."""

    DONE = "done"
    CURRENT = "current"
    TODO = "todo"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One status step of a case; `on` is the day in words, `machine_on` the same as ISO date."""

    label: str
    state: StepState
    on: str = ""
    machine_on: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One event in a history; `by` is who did it, `href` what it leads to."""

    title: str
    on: str
    machine_on: str = ""
    text: str = ""
    by: str = ""
    href: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card of a grid: the title is the link; icon is a name of the sprite."""

    title: str
    href: str
    text: str = ""
    icon: str = ""
    meta: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskNote:
    """What waits behind a link of the desk, in a few words; tone is empty, warning or error."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One row of facts: term and value, where the value comes from, and how to correct or change it."""

    term: str
    value: str
    href: str = ""
    source: str = ""
    source_date: str = ""
    report_href: str = ""
    change_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One key figure of a dashboard; `trend` is in words, so that no arrow has to be read by color."""

    label: str
    value: str
    unit: str = ""
    trend: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers of one series, as long as the chart's categories; None is missing and drawn as missing.

    suppressed: positions whose number is withheld because the group is too small; their value must be None.
    withheld: the same for positions with which a suppressed one could be computed; nothing is said of them.
    """

    name: str
    values: tuple[Decimal | int | None, ...]
    suppressed: frozenset[int] = frozenset()
    withheld: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        wrong = [place for place in self.suppressed | self.withheld if self.values[place] is not None]
        if wrong:
            raise ValueError(f"suppressed places hold numbers: {sorted(wrong)}")


class ChartKind(StrEnum):
    """Bars compare categories, from zero; lines follow time."""

    BAR = "bar"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """The whole course below a chart, with the part that is shown; dragging over it chooses another part.

    form: html id of the form with the fields `van` and `tot`, which does the same without dragging.
    periods: what the form takes as first and last period of each place. values: one a place, None for a gap.
    first, last: the places shown. text: the shown part in words. all_href: the page with everything shown.
    """

    form: str
    periods: tuple[tuple[str, str], ...]
    values: tuple[Decimal | int | None, ...]
    first: int
    last: int
    text: str
    all_href: str = ""


MAX_SERIES = 6  # colors and marks that stay apart for color-blind readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart and its table twin: title, categories, up to six series, where the numbers come from.

    code: html id, unique on the page. decimals: digits after the comma, in picture and table alike.
    updated, method, quality: shown below the chart, empty when there is nothing to say.
    marks: places of categories with what somebody wrote there; numbered in a line, a column in the table.
    breaks: places from which on numbers are made in another way, and why; a line between both and no line
    over it, lettered, in the same column of the table.
    export_href, spreadsheet_href, picture_href: the same numbers as CSV and XLSX, the chart as PNG.
    """

    code: str
    title: str
    kind: ChartKind
    category_label: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    description: str = ""
    decimals: int = 0
    source: str = ""
    updated: str = ""
    method: str = ""
    quality: str = ""
    export_href: str = ""
    spreadsheet_href: str = ""
    picture_href: str = ""
    suppressed_below: int = field(default=5)
    marks: tuple[tuple[int, str], ...] = ()
    breaks: tuple[tuple[int, str], ...] = ()
    brush: Brush | None = None

    def __post_init__(self) -> None:
        if any(not 0 <= place < len(self.categories) for place, _text in (*self.marks, *self.breaks)):
            raise ValueError("a mark stands at no category")
        if not _HTML_ID.match(self.code):
            raise ValueError(f"chart code is not an html id: {self.code!r}")
        if not 1 <= len(self.series) <= MAX_SERIES:
            raise ValueError(f"a chart holds 1 to {MAX_SERIES} series, not {len(self.series)}")
        for series in self.series:
            if len(series.values) != len(self.categories):
                raise ValueError(
                    f"{series.name!r} has {len(series.values)} values for {len(self.categories)} categories"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An area of a map. path: of SVG. text: the number as people read it, or why there is none.

    href: where the area leads; empty for nowhere. box: left, top, right, bottom in the units of the path.
    """

    code: str
    name: str
    path: str
    box: tuple[int, int, int, int]
    value: Decimal | int | None
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Areas colored by the class of their number, and their table twin.

    code: html id, unique on the page. chosen: code of the area that is outlined, empty for none.
    near_href, all_href: the same page with the map around the chosen area, and whole. near: it is the first.
    notes: what a reader has to know about the numbers, a sentence each.
    """

    code: str
    title: str
    place_label: str
    value_label: str
    places: tuple[Place, ...]
    unit: str = ""
    decimals: int = 0
    chosen: str = ""
    near: bool = False
    near_href: str = ""
    all_href: str = ""
    source: str = ""
    updated: str = ""
    method: str = ""
    notes: tuple[str, ...] = ()
    export_href: str = ""
    spreadsheet_href: str = ""
    picture_href: str = ""

    def __post_init__(self) -> None:
        if not _HTML_ID.match(self.code):
            raise ValueError(f"map code is not an html id: {self.code!r}")
        if not self.places:
            raise ValueError("a map has at least one area")
