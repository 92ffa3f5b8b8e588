"""Letter templates, pure: read strictly from a pack, checked against their names, filled with values."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ocapi.lib import codec
from ocapi.lib.codec import MalformedInput, Reason
from ocapi.modules.documents.data import Block, BlockType, FactLine, LetterKind, PlaceholderMissing

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
DEEPEST_HEADING = 3

MEMBERS: dict[BlockType, frozenset[str]] = {
    BlockType.HEADING: frozenset({"level", "text"}),
    BlockType.PARAGRAPH: frozenset({"text"}),
    BlockType.LIST: frozenset({"items", "ordered"}),
    BlockType.FACTS: frozenset({"rows"}),
    BlockType.APPEAL: frozenset({"title", "text", "days", "body"}),
    BlockType.SIGNATURE: frozenset({"name", "role"}),
}
OPTIONAL = frozenset({"ordered", "role"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in both address forms."""

    formal: str
    informal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """One row of a facts block."""

    label: str | Wording
    value: str | Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateBlock:
    """One block as a pack writes it; which members it has depends on its type (`MEMBERS`)."""

    type: BlockType
    level: int | None = None
    text: str | Wording | None = None
    title: str | Wording | None = None
    items: tuple[str | Wording, ...] | None = None
    ordered: bool | None = None
    rows: tuple[TemplateRow, ...] | None = None
    days: int | None = None
    body: str | None = None
    name: str | Wording | None = None
    role: str | Wording | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A letter as a pack writes it (content/README.md)."""

    code: str
    version: str
    kind: LetterKind
    title: str
    language: str
    subject: str | Wording
    placeholders: tuple[str, ...]
    blocks: tuple[TemplateBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A name letters may use between braces, with its Dutch label and an example."""

    name: str
    label: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderFile:
    """The file that lists every placeholder."""

    placeholders: tuple[Placeholder, ...]


def read_template(raw: bytes) -> Template:
    """Read a letter file and check it by itself; raises MalformedInput with the place."""
    template = codec.decode_yaml(raw, Template)
    check(template)
    return template


def read_placeholders(raw: bytes) -> tuple[Placeholder, ...]:
    """Read the placeholder file; raises MalformedInput, also for a name that stands twice or is no name."""
    listed = codec.decode_yaml(raw, PlaceholderFile).placeholders
    names = [each.name for each in listed]
    for position, name in enumerate(names):
        if not NAME.fullmatch(f"{{{name}}}") or names.index(name) != position:
            raise MalformedInput(
                Reason.INVALID_VALUE, path=f"$.placeholders[{position}].name",
                detail=f"{name!r} stands twice or is no name of lower-case letters and underscores",
            )
    return listed


def check(template: Template) -> None:
    """Refuse a template whose blocks lack a member, have one too many, or use a name it does not list."""
    if not LANGUAGE.fullmatch(template.language):
        raise MalformedInput(Reason.INVALID_VALUE, path="$.language", detail="use a language code such as nl-BE")
    for position, block in enumerate(template.blocks):
        _check_members(block, f"$.blocks[{position}]")
    _check_headings(template.blocks)
    listed = set(template.placeholders)
    for path, text in _texts(template):
        for name in NAME.findall(text):
            if name not in listed:
                raise MalformedInput(Reason.INVALID_VALUE, path=path, detail=f"{name!r} is not in placeholders")
        if "{" in NAME.sub("", text) or "}" in NAME.sub("", text):
            raise MalformedInput(Reason.INVALID_VALUE, path=path, detail="a brace without a placeholder name")


def _check_members(block: TemplateBlock, path: str) -> None:
    wanted = MEMBERS[block.type]
    given = {name for name in TemplateBlock.__slots__ if name != "type" and getattr(block, name) is not None}
    for name in sorted(given - wanted):
        raise MalformedInput(Reason.UNKNOWN_MEMBER, path=f"{path}.{name}", detail=f"{block.type} has no {name}")
    for name in sorted(wanted - OPTIONAL - given):
        raise MalformedInput(Reason.MISSING_MEMBER, path=f"{path}.{name}", detail=f"{block.type} needs {name}")


def _check_headings(blocks: tuple[TemplateBlock, ...]) -> None:
    """Refuse a level that skips one: readers of screen readers go by them, and so does PDF/UA."""
    level = 0
    for position, block in enumerate(blocks):
        if block.type is BlockType.APPEAL and level == 0:
            raise MalformedInput(
                Reason.INVALID_VALUE, path=f"$.blocks[{position}]", detail="an appeal needs a heading before it"
            )
        if block.level is None:
            continue
        if not 1 <= block.level <= min(level + 1, DEEPEST_HEADING):
            raise MalformedInput(
                Reason.INVALID_VALUE, path=f"$.blocks[{position}].level", detail="a heading level is skipped"
            )
        level = block.level


def _texts(template: Template) -> Iterator[tuple[str, str]]:
    yield from _variants("$.subject", template.subject)
    for position, block in enumerate(template.blocks):
        path = f"$.blocks[{position}]"
        for name in ("text", "title", "name", "role"):
            yield from _variants(f"{path}.{name}", getattr(block, name))
        for number, item in enumerate(block.items or ()):
            yield from _variants(f"{path}.items[{number}]", item)
        for number, row in enumerate(block.rows or ()):
            yield from _variants(f"{path}.rows[{number}].label", row.label)
            yield from _variants(f"{path}.rows[{number}].value", row.value)


def _variants(path: str, text: str | Wording | None) -> Iterator[tuple[str, str]]:
    if isinstance(text, Wording):
        yield f"{path}.formal", text.formal
        yield f"{path}.informal", text.informal
    elif text is not None:
        yield path, text


def clean(value: str) -> str:
    """Give a value with line feeds only as line ends, and without control characters that no page can show."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = (each for each in lines if each == "\n" or unicodedata.category(each) not in ("Cc", "Cs"))
    return "".join(kept).replace("\t", " ").strip()


class Filler:
    """Fills texts of one template with one set of values, in one address form."""

    def __init__(self, template: Template, values: Mapping[str, str], address_form: str) -> None:
        """Take values by name; raises PlaceholderMissing for each listed name without one, ignores others."""
        missing = set(template.placeholders) - set(values)
        if missing:
            raise PlaceholderMissing(missing)
        self._template = template
        self._values = {name: clean(values[name]) for name in template.placeholders}
        self._is_formal = address_form == "formal"

    def text(self, wording: str | Wording | None) -> str:
        """Give a text in the address form with its values; braces inside a value stay as they are."""
        if wording is None:
            return ""
        if isinstance(wording, Wording):
            wording = wording.formal if self._is_formal else wording.informal
        return NAME.sub(lambda found: self._values[found[1]], wording).strip()

    def value(self, name: str) -> str:
        """Give a value of the frame, empty when the letter does not use it."""
        return self._values.get(name, "")

    def subject(self) -> str:
        """Give the subject of the letter on one line."""
        return " ".join(self.text(self._template.subject).split())

    def blocks(self) -> tuple[Block, ...]:
        """Give the filled blocks; what has nothing to say is left out, and so is a heading over nothing."""
        filled = [block for template in self._template.blocks for block in self._block(template)]
        kept: list[Block] = []
        for block in reversed(filled):
            is_over_nothing = not kept or (
                kept[-1].type is BlockType.HEADING and kept[-1].level <= block.level
            )
            # the first heading is the title of the letter, it stands even when another one follows
            if block.type is BlockType.HEADING and block.level > 1 and is_over_nothing:
                continue
            kept.append(block)
        return tuple(reversed(kept))

    def _block(self, block: TemplateBlock) -> Iterator[Block]:
        if block.type is BlockType.HEADING:
            yield Block(type=block.type, level=block.level or 1, text=self.text(block.text))
        elif block.type is BlockType.PARAGRAPH:
            for paragraph in re.split(r"\n\s*\n", self.text(block.text)):
                if paragraph.strip():
                    yield Block(type=block.type, text=paragraph.strip())
        elif block.type is BlockType.LIST:
            items = tuple(filter(None, (self.text(item) for item in block.items or ())))
            if items:
                yield Block(type=block.type, items=items, is_ordered=bool(block.ordered))
        elif block.type is BlockType.FACTS:
            yield from self._facts(block)
        elif block.type is BlockType.APPEAL:
            yield Block(
                type=block.type, title=self.text(block.title), text=self.text(block.text),
                days=block.days or 0, body=block.body or "",
            )
        elif self.text(block.name):
            yield Block(type=block.type, title=self.text(block.name), text=self.text(block.role))

    def _facts(self, block: TemplateBlock) -> Iterator[Block]:
        rows = tuple(
            FactLine(label=self.text(row.label), value=self.text(row.value))
            for row in block.rows or () if self.text(row.value)
        )
        if rows:
            yield Block(type=block.type, rows=rows)
