"""Briefings and pictures, printed in a process of their own. Not covered: a validator's verdict."""

import io

import pypdf
import pytest

from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.documents.adapters import printing
from ocapi.modules.documents.adapters.printing import NullPrinter, TypstPrinter
from ocapi.modules.documents.data import Briefing, BriefingChart, BriefingFigure, PdfRefused

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{}"><text x="9" y="40">Hoi</text></svg>'
)


def a_briefing(**changes) -> Briefing:
    """Make the fullest briefing there may be."""
    line = "Een lange regel over geld "
    values = {
        "title": "Nota #panic()",
        "lead": (line * 19)[:480],
        "sender": "Gemeente Vlavirgem",
        "color": "#124a63",
        "date": "1 maart 2026",
        "figures": (BriefingFigure(label=(line * 7)[:160], value="€ 6.398.095", note=(line * 7)[:160]),) * 8,
        "charts": tuple(
            BriefingChart(title=f"Grafiek {at}", svg=DRAWING.format(height), description="Stijgt van 1 tot 2")
            for at, height in enumerate((300, 900, 3000, 500))
        ),
        "sources_title": "Bronnen",
        "sources": ((line * 7)[:160],) * 8,
        "rest": (line * 7)[:160],
        "link": "http://example.org/" + "a" * 140,
    }
    return Briefing(**{**values, **changes})


class TestTypstPrinter:
    def test_prints_the_fullest_briefing_on_two_pages_and_any_emptier_one_too(self):
        full = TypstPrinter().briefing(briefing=a_briefing(), made_at=NOW)
        half = a_briefing(figures=a_briefing().figures[:4])
        bare = a_briefing(figures=(), charts=(), sources=(), rest="", lead="")
        others = (TypstPrinter().briefing(briefing=each, made_at=NOW) for each in (half, bare))
        for made in (full, *others):
            assert len(pypdf.PdfReader(io.BytesIO(made)).pages) == 2

    def test_tags_it_names_it_and_reads_no_value_as_markup(self):
        reader = pypdf.PdfReader(io.BytesIO(TypstPrinter().briefing(briefing=a_briefing(), made_at=NOW)))
        root = reader.trailer["/Root"]
        assert root["/Lang"] == "nl-BE"
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
        assert reader.metadata.title == "Nota #panic()"
        assert "#panic()" in reader.pages[0].extract_text()

    @pytest.mark.parametrize(
        "drawing", ["", "<svg", '<svg xmlns="x"><image href="file:///etc/passwd"/></svg>']
    )
    def test_refuses_what_is_no_drawing(self, drawing):
        with pytest.raises(PdfRefused):
            TypstPrinter().picture(svg=drawing)

    def test_ends_what_takes_too_long_and_refuses_what_is_too_much(self, monkeypatch):
        monkeypatch.setattr(printing, "SECONDS", 0.001)
        with pytest.raises(PdfRefused, match="too long"):
            TypstPrinter().picture(svg=DRAWING.format(9))
        with pytest.raises(PdfRefused, match="too much"):
            TypstPrinter().picture(svg=" " * (printing.LARGEST + 1))

    def test_prints_nothing_when_it_is_switched_off(self):
        with pytest.raises(PdfRefused):
            NullPrinter().picture(svg=DRAWING.format(9))
        with pytest.raises(PdfRefused):
            NullPrinter().briefing(briefing=a_briefing(), made_at=NOW)


class TestABriefing:
    @pytest.mark.parametrize("wrong", [{"title": "x" * 161}, {"sources": ("a",) * 9}, {"lead": "x" * 481}])
    def test_holds_no_more_than_two_pages_do(self, wrong):
        with pytest.raises(ValueError, match="at most"):
            a_briefing(**wrong)
