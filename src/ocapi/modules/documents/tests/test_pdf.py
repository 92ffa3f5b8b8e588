"""What stands in the PDF: tags, language, title, order, text. Not covered: a validator's full verdict."""

import io
from datetime import timedelta

import pypdf
import pytest

from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.documents.adapters.typst_pdf import FOLDER, NOTICE, NullPdf, TypstPdf
from ocapi.modules.documents.data import Letter, PdfRefused
from ocapi.modules.documents.tests.test_rules import CANARIES, a_letter, filled


def made(letter: Letter) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(TypstPdf().make(letter=letter, made_at=NOW)))


def text_of(reader: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def tags(node: object, found: list[str]) -> list[str]:
    held = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(held, pypdf.generic.ArrayObject):
        for child in held:
            tags(child, found)
    elif isinstance(held, pypdf.generic.DictionaryObject):
        if "/S" in held:
            found.append(str(held["/S"]))
        if "/K" in held:
            tags(held["/K"], found)
    return found


class TestTypstPdf:
    def test_says_it_is_pdf_ua_with_language_and_title(self):
        reader = made(a_letter(filled()))
        root = reader.trailer["/Root"]
        assert root["/Lang"] == "nl-BE"
        assert root["/MarkInfo"]["/Marked"]
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert (reader.metadata.title, reader.metadata.author) == ("Je brief", "Gemeente Vlavirgem")
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()

    def test_tags_every_kind_of_block_in_reading_order(self):
        found = tags(made(a_letter(filled())).trailer["/Root"]["/StructTreeRoot"], [])
        outline = [tag for tag in found if tag in ("/Document", "/P", "/H1", "/H2", "/L")]
        assert outline == [
            "/Document",
            "/P",
            "/P",
            "/P",
            "/H1",
            "/P",
            "/L",
            "/H2",
            "/P",
            "/H2",
            "/P",
            "/H2",
            "/L",
            "/L",
            "/H2",
            "/P",
            "/P",
        ]
        assert found.count("/LI") == 6
        assert found.count("/LBody") == 6

    def test_reads_from_sender_to_signature(self):
        text = text_of(made(a_letter(filled())))
        parts = (
            "Gemeente Vlavirgem",
            "Modellaan 1",
            "Noor Peeters",
            "24 november 2026",
            "Je beslissing",
            "Beste",
            "Uitkomst",
            "Vergund",
            "Waarom?",
            "De boom is ziek.",
            "Voorwaarden",
            "Lees deze brief.",
            "Bel ons.",
            "Niet akkoord?",
            "Lotte Voorbeeld",
            "Diensthoofd",
        )
        places = [text.find(part) for part in parts]
        assert -1 not in places
        assert places == sorted(places)

    @pytest.mark.parametrize("canary", CANARIES)
    def test_prints_markup_in_a_value_as_text(self, canary: str):
        changes = dict.fromkeys(("motivation", "outcome", "recipient_name"), canary)
        reader = made(a_letter(filled(**changes), title=canary, sender=canary))
        assert text_of(reader).count(canary) >= 4
        assert reader.metadata.title == canary

    def test_gives_the_same_bytes_for_the_same_letter(self):
        letter, engine = a_letter(filled()), TypstPdf()
        first = engine.make(letter=letter, made_at=NOW)
        assert engine.make(letter=letter, made_at=NOW) == first
        assert engine.make(letter=letter, made_at=NOW + timedelta(days=1)) != first

    def test_is_made_at_any_instant_also_between_two_seconds(self):
        assert TypstPdf().make(letter=a_letter(filled()), made_at=NOW + timedelta(microseconds=3))

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("漢字 1a", "?? 1a"),
            ("👩\u200d👧 20u", "? 20u"),
            ("Ж\U0010ffff9", "Ж?9"),
        ],
    )
    def test_puts_a_question_mark_where_no_font_has_the_character_and_says_so(self, name: str, shown: str):
        text = " ".join(text_of(made(a_letter(filled(recipient_name=name)))).split())
        assert shown in text
        assert "24 november 2026" in text
        assert NOTICE in text

    @pytest.mark.parametrize("name", ["Øystein Łącki", "Αθηνά", "Нина", "e\u0301\u0301", "שלום"])
    def test_prints_names_in_other_alphabets_without_a_notice(self, name: str):
        assert NOTICE not in " ".join(text_of(made(a_letter(filled(recipient_name=name)))).split())

    def test_numbers_the_pages_of_a_long_letter(self):
        reader = made(a_letter(filled(motivation="\n\n".join(["Een zin over de boom."] * 200))))
        assert len(reader.pages) > 2
        assert "2 / " in reader.pages[1].extract_text()

    def test_imports_no_package_and_reads_no_file(self):
        source = (FOLDER / "letter.typ").read_text(encoding="utf-8")
        assert not [
            word for word in ("#import", "@preview", "include", "read(", "eval(", "plugin(") if word in source
        ]

    def test_has_what_it_needs_here(self):
        assert TypstPdf().check_config() == ""


def test_the_null_engine_refuses():
    with pytest.raises(PdfRefused):
        NullPdf().make(letter=a_letter(()), made_at=NOW)
