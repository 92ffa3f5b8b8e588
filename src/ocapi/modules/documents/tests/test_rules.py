"""What a template may hold and how it is filled. Not covered: storing, access, and how the PDF looks."""

from pathlib import Path

import pytest

from ocapi.lib import written
from ocapi.lib.codec import MalformedInput
from ocapi.modules.documents import html, letters
from ocapi.modules.documents.data import Block, BlockType, Letter, PlaceholderMissing
from ocapi.modules.documents.letters import Filler
from ocapi.modules.documents.tests import factories
from ocapi.modules.documents.tests.factories import EVERY_BLOCK, PACK, VALUES

CANARIES = (
    "#panic()",
    "<script>alert(1)</script>",
    "{outcome}",
    "$x$ *b* _i_ `c` \\n @ref",
    "=1+1",
    "\"'&amp;",
)


def filled(address_form: str = "informal", **changes: str) -> tuple[Block, ...]:
    return Filler(factories.template(), VALUES | changes, address_form).blocks()


def a_letter(blocks: tuple[Block, ...], **changes: str) -> Letter:
    frame = {
        "title": "Je brief",
        "language": "nl-BE",
        "color": "#124a63",
        "sender": "Gemeente Vlavirgem",
        "sender_address": "Modellaan 1\n9999 Vlavirgem",
        "recipient": "Noor Peeters",
        "recipient_address": "",
        "date": "24 november 2026",
        "reference": "VLA-2026-000001-1",
    }
    return Letter(**(frame | changes), blocks=blocks)


def refusal(old: str, new: str) -> MalformedInput:
    assert old in EVERY_BLOCK
    with pytest.raises(MalformedInput) as raised:
        factories.template(EVERY_BLOCK.replace(old, new, 1))
    return raised.value


class TestReadTemplate:
    @pytest.mark.parametrize(
        "path", sorted(PACK.glob("*-*.yaml")) + [PACK / "receipt.yaml"], ids=lambda p: p.stem
    )
    def test_reads_each_letter_we_ship(self, path: Path):
        listed = {each.name for each in letters.read_placeholders((PACK / "placeholders.yaml").read_bytes())}
        assert set(letters.read_template(path.read_bytes()).placeholders) <= listed

    def test_refuses_a_name_the_letter_does_not_list(self):
        assert refusal("Beste {recipient_name}", "Beste {surname}").path == "$.blocks[1].text"

    def test_refuses_a_brace_that_is_no_placeholder(self):
        assert "brace" in refusal("Beste {recipient_name}", "Beste {Naam}").detail

    def test_refuses_a_member_its_type_does_not_have(self):
        assert (
            refusal(
                "{type: heading, level: 2, text: Waarom?}",
                "{type: heading, level: 2, text: Waarom?, days: 3}",
            ).path
            == "$.blocks[3].days"
        )

    def test_refuses_a_member_nobody_knows(self):
        assert refusal("title: Elk blok", "title: Elk blok\nmarkup: yes").path == "$.markup"

    def test_refuses_a_block_that_lacks_a_member(self):
        assert refusal("days: 30, ", "").path == "$.blocks[10].days"

    def test_refuses_a_skipped_heading_level(self):
        assert refusal("level: 2, text: Waarom?", "level: 3, text: Waarom?").path == "$.blocks[3].level"

    def test_refuses_a_placeholder_that_stands_twice_in_the_list(self):
        with pytest.raises(MalformedInput):
            letters.read_placeholders(
                b"placeholders: [{name: a, label: A, example: a}, {name: a, label: A, example: b}]"
            )


class TestFill:
    def test_speaks_to_the_reader_in_the_address_form(self):
        assert filled("formal")[0].text == "Uw beslissing"
        assert filled("informal")[0].text == "Je beslissing"

    def test_names_every_missing_value(self):
        with pytest.raises(PlaceholderMissing) as raised:
            Filler(factories.template(), {"outcome": "Vergund"}, "formal")
        assert raised.value.names == tuple(sorted(set(VALUES) - {"outcome"}))

    def test_does_not_fill_braces_inside_a_value(self):
        assert filled(motivation="{outcome} {x}")[4].text == "{outcome} {x}"

    def test_leaves_out_an_empty_paragraph_with_its_heading(self):
        texts = [block.text for block in filled(conditions="  ")]
        assert "Voorwaarden" not in texts
        assert "Waarom?" in texts

    def test_leaves_out_a_fact_without_value(self):
        facts = next(block for block in filled(outcome="") if block.type is BlockType.FACTS)
        assert [row.label for row in facts.rows] == ["Datum"]

    def test_makes_paragraphs_of_blank_lines_and_keeps_line_breaks(self):
        texts = [block.text for block in filled(motivation="Een\r\ntwee\r\n\r\nDrie\x00\x07")]
        assert texts[4:6] == ["Een\ntwee", "Drie"]


class TestHtml:
    def test_shows_every_kind_of_block(self):
        shown = html.render(a_letter(filled()))
        for part in (
            '<article class="letter" lang="nl-BE">',
            "<h1>Je beslissing</h1>",
            "<p>Beste Noor Peeters</p>",
            "<dt>Uitkomst</dt><dd>Vergund</dd>",
            "<ol><li>Lees deze brief.</li>",
            "<ul><li>Een vraag?</li>",
            '<section class="letter-appeal"><h2>Niet akkoord?</h2>',
            "<strong>Lotte Voorbeeld</strong><br>",
            "Modellaan 1<br>9999 Vlavirgem",
        ):
            assert part in shown

    @pytest.mark.parametrize("canary", CANARIES)
    def test_prints_markup_in_a_value_as_text(self, canary: str):
        changes = dict.fromkeys(("motivation", "outcome", "recipient_name"), canary)
        shown = html.render(a_letter(filled(**changes), sender=canary))
        assert "<script" not in shown
        assert (
            shown.count(canary.translate({38: "&amp;", 60: "&lt;", 62: "&gt;", 34: "&quot;", 39: "&#x27;"}))
            == 4
        )


def test_writes_a_day_in_words():
    from datetime import date

    assert written.in_words(date(2026, 3, 1)) == "1 maart 2026"
