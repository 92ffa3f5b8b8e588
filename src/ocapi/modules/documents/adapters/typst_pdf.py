"""Makes the PDF of a letter with Typst; the library is loaded at the first letter, in the worker only."""

import re
from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ocapi.lib import codec
from ocapi.modules.documents.data import Block, BlockType, Letter, PdfRefused

if TYPE_CHECKING:
    import typst

FOLDER = Path(__file__).resolve().parents[1] / "typst"
NO_PACKAGES = (
    FOLDER / "packages"
)  # does not exist: the template imports none, and none can be put here from outside
UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")  # the engine writes what has no shape as \u{200b}
STAND_IN = "?"
NOTICE = "Dit document kan sommige tekens niet tonen. Daar staat een vraagteken. De webversie toont ze wel."


class TypstPdf:
    """Fills `pdf_engines`: PDF/UA-1, tagged, with the fonts of the library alone."""

    name = "typst"

    def make(self, *, letter: Letter, made_at: datetime) -> bytes:
        """Give the bytes of the PDF; a character no font has becomes a question mark, with a notice."""
        import typst

        try:
            return self._compile(letter, made_at)
        except typst.TypstError as failure:
            unshown = _unshown(failure.diagnostic)
            if not unshown:
                raise PdfRefused(_without_values(failure)) from None
        try:
            return self._compile(_shown(letter, unshown), made_at)
        except typst.TypstError as failure:
            raise PdfRefused(_without_values(failure)) from None

    def check_config(self) -> str:
        """Give an empty text when library and template are there, else what to repair."""
        if find_spec("typst") is None:
            return "the library typst is not installed: run `make setup`"
        if not (FOLDER / "letter.typ").exists():
            return "the template letter.typ is missing from the installation: install OCAPI again"
        return ""

    def _compile(self, letter: Letter, made_at: datetime) -> bytes:
        import typst

        return typst.compile(
            str(FOLDER / "letter.typ"),
            root=str(FOLDER),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"letter": codec.encode_json(letter).decode()},
            pdf_standards=["ua-1"],
            timestamp=made_at.replace(microsecond=0),  # the engine refuses parts of a second
            package_path=str(NO_PACKAGES),
            package_cache_path=str(NO_PACKAGES),
        )


class NullPdf:
    """Makes nothing: an installation without PDF shows the HTML version alone."""

    name = "null"

    def make(self, *, letter: Letter, made_at: datetime) -> bytes:
        """Refuse, so that the document stays without a PDF."""
        raise PdfRefused("no PDF engine is switched on")

    def check_config(self) -> str:
        """Give an empty text: there is nothing to configure."""
        return ""


def _without_values(failure: "typst.TypstError") -> str:
    """Give the first line of the complaint with every quoted text taken out: it may be personal."""
    return re.sub(r'["`].*["`]', "…", failure.message.splitlines()[0])


def _unshown(diagnostic: str) -> set[str]:
    """Give the characters the engine had no font for."""
    named = "".join(UNSHOWN.findall(diagnostic))
    return set(ESCAPE.sub(lambda found: chr(int(found[1], 16)), named))


def _shown(letter: Letter, unshown: set[str]) -> Letter:
    table = str.maketrans(dict.fromkeys(unshown, STAND_IN))

    def text(value: str) -> str:
        return value.translate(table)

    blocks = tuple(
        replace(
            block,
            text=text(block.text),
            title=text(block.title),
            items=tuple(map(text, block.items)),
            rows=tuple(replace(row, label=text(row.label), value=text(row.value)) for row in block.rows),
        )
        for block in letter.blocks
    )
    return replace(
        letter,
        title=text(letter.title),
        sender=text(letter.sender),
        sender_address=text(letter.sender_address),
        recipient=text(letter.recipient),
        recipient_address=text(letter.recipient_address),
        date=text(letter.date),
        reference=text(letter.reference),
        blocks=(*blocks, Block(type=BlockType.PARAGRAPH, text=NOTICE)),
    )
