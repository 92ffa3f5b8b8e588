"""What a topic may say and how it is filled. Not covered: storing, access, channels."""

from pathlib import Path

import pytest

from ocapi.lib.codec import MalformedInput
from ocapi.modules.notify import services, topics
from ocapi.modules.notify.data import LinkRefused, PlaceholderMissing

PACK = Path(__file__).resolve().parents[5] / "content" / "notifications" / "topics.yaml"
VALUES = {
    "reference": "VLA-2026-000001-1",
    "title": "Kapvergunning",
    "due_on": "22 januari 2027",
    "outcome": "Vergund",
}
SHIPPED = {topic.code: topic for topic in topics.read_topics(PACK.read_bytes())}


def refusal(old: str, new: str) -> MalformedInput:
    text = PACK.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(MalformedInput) as raised:
        topics.read_topics(text.replace(old, new, 1).encode())
    return raised.value


class TestReadTopics:
    def test_reads_the_topics_we_ship(self):
        assert set(SHIPPED) == {
            "form_asked",
            "form_withdrawn",
            "case_received",
            "information_requested",
            "case_decided",
            "case_closed",
            "document_ready",
        }

    def test_refuses_a_name_outside_the_list(self):
        assert (
            "surname"
            in refusal("placeholders: [reference, title]", "placeholders: [reference, surname]").detail
        )

    def test_refuses_a_name_the_topic_does_not_list(self):
        assert (
            refusal("Antwoord ten laatste op {due_on}.", "Antwoord over {outcome}.").path
            == "$.topics[1].body[1]"
        )

    def test_refuses_a_brace_that_is_no_placeholder(self):
        assert (
            "brace"
            in refusal("title: Er staat een nieuw document klaar", 'title: "Er staat {Iets} klaar"').detail
        )

    def test_refuses_a_code_that_stands_twice(self):
        assert refusal("code: case_closed", "code: case_decided").path == "$.topics[3].code"

    def test_refuses_a_member_nobody_knows(self):
        assert refusal("code: case_closed", "html: yes\n  code: case_closed").path == "$.topics[3].html"


class TestFill:
    @pytest.mark.parametrize("code", sorted(SHIPPED))
    @pytest.mark.parametrize("address_form", ["formal", "informal"])
    def test_speaks_in_one_address_form_only(self, code: str, address_form: str):
        filled = topics.fill(SHIPPED[code], VALUES, address_form=address_form)
        words = " ".join((filled.title, filled.body, filled.email_subject, filled.email_body)).lower()
        words = words.replace(".", " ").split()
        others = {"je", "jouw", "jij"} if address_form == "formal" else {"u", "uw"}
        assert not others & set(words)
        assert "{" not in " ".join(words)

    @pytest.mark.parametrize("code", sorted(SHIPPED))
    def test_names_the_title_in_the_inbox_and_not_in_the_email(self, code: str):
        filled = topics.fill(SHIPPED[code], VALUES, address_form="formal")
        assert "Kapvergunning" in filled.body
        assert "Kapvergunning" not in filled.email_subject + filled.email_body

    def test_names_every_missing_value(self):
        with pytest.raises(PlaceholderMissing) as raised:
            topics.fill(SHIPPED["case_received"], {"reference": "x"}, address_form="formal")
        assert raised.value.names == ("due_on", "title")

    def test_leaves_out_a_paragraph_whose_value_is_empty(self):
        filled = topics.fill(SHIPPED["case_received"], VALUES | {"due_on": " "}, address_form="informal")
        assert filled.body.count("\n\n") == 0
        assert "ten laatste" not in filled.body + filled.email_body

    def test_does_not_fill_braces_inside_a_value(self):
        filled = topics.fill(
            SHIPPED["case_received"], VALUES | {"title": "{reference} {x}"}, address_form="formal"
        )
        assert "{reference} {x}" in filled.body

    def test_lets_no_value_start_a_header(self):
        hostile = VALUES | {"reference": "1\r\nBcc: x@example.org\u2028\x00\x1b"}
        filled = topics.fill(SHIPPED["case_received"], hostile, address_form="formal")
        assert filled.email_subject == "Wij hebben uw aanvraag 1 Bcc: x@example.org ontvangen"


class TestCheckLink:
    def test_takes_a_path(self):
        services.check_link("/mijn/zaken/1?tab=brieven#top")

    @pytest.mark.parametrize(
        "link", ["", "https://example.org", "//example.org", "/\\example.org", "/a b", "/a\n", "x"]
    )
    def test_refuses_what_leaves_the_site(self, link: str):
        with pytest.raises(LinkRefused):
            services.check_link(link)
