"""What others may know of letters and documents: the block model, stored documents, and how it can fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class LetterKind(StrEnum):
    """What a letter is for."""

    RECEIPT = "receipt"
    INFORMATION_REQUEST = "informationRequest"
    DECISION = "decision"
    NOTICE = "notice"


class BlockType(StrEnum):
    """What a block of a letter is; `Block` says which members each type has."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    FACTS = "facts"
    APPEAL = "appeal"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """One row of a facts block: what it is, and its value as text."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a finished letter; texts are plain text, a line feed in them is a line break.

    heading: level 1 to 3, text. paragraph: text. list: is_ordered, items. facts: rows.
    appeal: title, text, days (calendar days), body (code of who hears it).
    signature: title (name), text (role).
    """

    type: BlockType
    level: int = 0
    text: str = ""
    title: str = ""
    items: tuple[str, ...] = ()
    is_ordered: bool = False
    rows: tuple[FactLine, ...] = ()
    days: int = 0
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A finished letter: frame and blocks, every placeholder filled; the one source of HTML and PDF.

    color: `#rrggbb` of the sender's brand. language: BCP 47. reference: of the case or empty.
    date: in words.
    """

    title: str
    language: str
    color: str
    sender: str
    sender_address: str
    recipient: str
    recipient_address: str
    date: str
    reference: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingFigure:
    """One key figure, written as it is shown; note: period, target, course, age in words."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingChart:
    """A drawing that stands alone (text of an SVG file) with its title, and in words what it shows."""

    title: str
    svg: str
    description: str


MOST_FIGURES, MOST_CHARTS, MOST_SOURCES = 8, 4, 8  # what two pages hold
LONGEST_LINE = 160  # characters of a text in a briefing, so that two pages always hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """Figures and charts on two pages A4, with their sources. All texts are plain.

    color: `#rrggbb` of the sender's brand. date: in words. rest: what stands online only, in words. link:
    where all of it stands.
    """

    title: str
    lead: str
    sender: str
    color: str
    date: str
    figures: tuple[BriefingFigure, ...]
    charts: tuple[BriefingChart, ...]
    sources_title: str
    sources: tuple[str, ...]
    rest: str
    link: str

    def __post_init__(self) -> None:
        texts = (*self.sources, *(text for each in self.figures for text in (each.label, each.note)))
        texts += (self.title, self.rest, self.link, *(each.title for each in self.charts))
        if any(len(each) > LONGEST_LINE for each in texts) or len(self.lead) > 3 * LONGEST_LINE:
            raise ValueError(f"texts of at most {LONGEST_LINE} characters, a lead of three times as much")
        held = ((self.figures, MOST_FIGURES), (self.charts, MOST_CHARTS), (self.sources, MOST_SOURCES))
        if any(len(found) > most for found, most in held):
            raise ValueError(f"at most {MOST_FIGURES} figures, {MOST_CHARTS} charts, {MOST_SOURCES} sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSummary:
    """A letter template that can be rendered, with the names its values must have."""

    code: str
    version: str
    kind: LetterKind
    title: str
    language: str
    placeholders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A rendered letter that is kept: its HTML is there at once; `pdf` is a file's uuid, None until made.

    kind: of the letter. template: its code. reference: of the case or empty.
    """

    uuid: UUID
    kind: LetterKind
    template: str
    title: str
    reference: str
    language: str
    created_at: datetime
    pdf: UUID | None = None


class LetterUnknown(LookupError):
    """No letter of that code is loaded in the bound organization; `known` lists those that are."""

    def __init__(self, code: str, known: Iterable[str]) -> None:
        self.code = code
        self.known = tuple(known)
        super().__init__(f"no letter {code!r}; known: {', '.join(self.known) or 'none'}")


class PlaceholderMissing(ValueError):
    """Values a letter needs were not handed in; `names` lists them. An empty text is a value."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(f"missing values: {', '.join(self.names)}")


class DocumentNotFound(LookupError):
    """No document of that uuid in the bound organization."""


class DocumentNotReady(RuntimeError):
    """The PDF is still being made; the HTML version is there."""


class PdfRefused(RuntimeError):
    """The PDF engine refused the letter; the message has its complaint, without values of the letter."""
