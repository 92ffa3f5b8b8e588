"""What documents lets others fill: engines that make a PDF of a letter, and printers of figures."""

from datetime import datetime
from typing import Protocol

from ocapi.lib.registry import Registry
from ocapi.modules.documents.data import Briefing, Letter


class PdfEngine(Protocol):
    """Makes a tagged PDF (PDF/UA-1) of a letter; the same letter and instant give the same bytes."""

    name: str

    def make(self, *, letter: Letter, made_at: datetime) -> bytes:
        """Give the bytes of the PDF, or raise PdfRefused."""

    def check_config(self) -> str:
        """Give an empty text when the engine can work here, else what is missing and how to repair it."""


pdf_engines: Registry[PdfEngine] = Registry(PdfEngine)


class Printer(Protocol):
    """Prints what is kept nowhere: a briefing as tagged PDF (PDF/UA-1), a drawing as PNG."""

    name: str

    def briefing(self, *, briefing: Briefing, made_at: datetime) -> bytes:
        """Give the bytes of the PDF, or raise PdfRefused."""

    def picture(self, *, svg: str) -> bytes:
        """Give the bytes of the PNG, or raise PdfRefused."""


printers: Registry[Printer] = Registry(Printer)
