"""Prints briefings and pictures with Typst in a process of its own: a web worker never loads the library, and
what takes too long or too much is ended.
"""

from datetime import datetime

import msgspec

from ocapi.lib import confined
from ocapi.modules.documents.data import Briefing, PdfRefused

SECONDS = 15.0  # wall clock, the start of the process in it
LARGEST = 4 << 20  # bytes of a request


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked: a briefing with its instant (ISO 8601), or a drawing."""

    briefing: Briefing | None = None
    made_at: str = ""
    svg: str = ""


class TypstPrinter:
    """Fills `printers` with Typst."""

    name = "typst"

    def briefing(self, *, briefing: Briefing, made_at: datetime) -> bytes:
        """Give the PDF of a briefing; raises PdfRefused."""
        return _printed(Order(briefing=briefing, made_at=made_at.isoformat()))

    def picture(self, *, svg: str) -> bytes:
        """Give the PNG of a drawing, two pixels for each unit; raises PdfRefused."""
        return _printed(Order(svg=svg))


class NullPrinter:
    """Prints nothing: an installation without PDF has the screens alone."""

    name = "null"

    def briefing(self, *, briefing: Briefing, made_at: datetime) -> bytes:
        """Refuse."""
        raise PdfRefused("no PDF engine is switched on")

    def picture(self, *, svg: str) -> bytes:
        """Refuse."""
        raise PdfRefused("no PDF engine is switched on")


def _printed(order: Order) -> bytes:
    asked = msgspec.json.encode(order)
    if len(asked) > LARGEST:
        raise PdfRefused("there is too much to print")
    try:
        done = confined.run("ocapi.modules.documents.adapters.press", asked=asked, wall_seconds=SECONDS)
    except confined.TooLong:
        raise PdfRefused("printing took too long") from None
    if done.code:
        raise PdfRefused("printing broke off")
    return done.said
