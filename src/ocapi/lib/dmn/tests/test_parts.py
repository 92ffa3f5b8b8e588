"""Parts of a DMN file, and expressions changed in place. Not covered: tables, the desk's pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.parts import read_parts, write_expression

FILE = """<?xml version='1.0' encoding="{encoding}" standalone='yes'?>
<!-- kept: &amp; <![CDATA[ -->
<d:definitions xmlns:d="https://www.omg.org/spec/DMN/20230324/MODEL/" xmlns:x='urn:x'
  name="Tarief" namespace="urn:t">
  <d:inputData id="i" name="leeftijd"/><d:decision id="a" name='Café' x:kept="a > b">
    <d:variable name="Café" typeRef="number"/>
    <d:informationRequirement><d:requiredInput href="#i"/></d:informationRequirement>
    <d:literalExpression><d:text x:note="a>b">{text}</d:text></d:literalExpression></d:decision>
  <d:businessKnowledgeModel id="f" name="korting"><d:encapsulatedLogic><d:formalParameter name="n"/>
    <d:literalExpression><d:text>n * 2</d:text></d:literalExpression></d:encapsulatedLogic>
  </d:businessKnowledgeModel>
  <d:decision id="c" name="Alles"><d:context><d:contextEntry><d:variable name="deel"/>
    <d:literalExpression><d:text>1 + 1</d:text></d:literalExpression></d:contextEntry></d:context>
  </d:decision>
</d:definitions>
<!-- the end -->"""


def file(text="1 &lt; 2", encoding="UTF-8"):
    return FILE.format(text=text, encoding=encoding).encode(encoding)


class TestReading:
    def test_names_every_part_with_what_it_uses_and_how_it_decides(self):
        found = read_parts(file())
        assert [(each.kind, each.name, each.is_editable) for each in found] == [
            ("inputData", "leeftijd", False), ("decision", "Café", True),
            ("businessKnowledgeModel", "korting", True), ("decision", "Alles", False),
        ]
        assert (found[1].needs, found[1].type, found[1].text) == (("leeftijd",), "number", "1 < 2")
        assert found[3].lines == ("{", "  deel: 1 + 1", "}")

    def test_names_the_import_of_what_stands_in_another_file_and_what_a_function_takes(self):
        imported = b'<d:import name="Tarieven" namespace="urn:l" importType="x"/><d:inputData'
        raw = file().replace(b"<d:inputData", imported, 1).replace(b'href="#i"', b'href="urn:l#i"', 1)
        found = {each.name: each for each in read_parts(raw)}
        assert found["Café"].needs == ("Tarieven",)
        assert found["korting"].parameters == ("n",)

    def test_ends_on_a_box_in_ten_thousand_boxes(self):
        with pytest.raises(ModelRefused):
            read_parts(file().replace(b"<d:context>", b"<d:list>" * 10_000 + b"<d:context>"))


class TestWriting:
    @pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252"])
    @pytest.mark.parametrize("before", ["1 &lt; 2", "<![CDATA[1 < 2]]>", "", "1<!-- x -->+ 1"])
    def test_keeps_every_other_byte(self, before, encoding):
        raw = file(before, encoding)
        made = write_expression(raw, 1, 'if "€" < ">" then 1 else 2')
        written = "utf-8" if encoding == "UTF-8" else "ascii"
        said = 'if "€" &lt; "&gt;" then 1 else 2'.encode(written, "xmlcharrefreplace")
        assert made == file("@@", encoding).replace(b"@@", said)
        assert read_parts(made)[1].text == 'if "€" < ">" then 1 else 2'

    def test_fills_an_empty_element_and_a_file_with_a_mark(self):
        raw = b"\xef\xbb\xbf" + file("@").replace(b">@</d:text>", b" />")
        assert write_expression(raw, 1, "7") == b"\xef\xbb\xbf" + file("7").replace(b'"a>b">7', b'"a>b" >7')

    @pytest.mark.parametrize(("place", "text", "refusal"), [
        (0, "1", IndexError), (3, "1", IndexError), (9, "1", IndexError), (1, "\x00", ModelRefused),
        (1, "x" * 10_001, ModelRefused), (1, "\ufffe", ModelRefused),
    ])
    def test_refuses_what_has_no_expression_or_can_not_stand_there(self, place, text, refusal):
        with pytest.raises(refusal):
            write_expression(file(), place, text)

    @settings(max_examples=40, deadline=None)
    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60))
    def test_reads_back_whatever_was_written(self, text):
        if "\ufffe" not in text and "\uffff" not in text:
            assert read_parts(write_expression(file(), 2, text))[2].text == text.strip()
