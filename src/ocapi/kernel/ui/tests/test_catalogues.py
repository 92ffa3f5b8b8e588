"""Dutch catalogues are complete and address the reader in one form; does not judge how well a text reads."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

HOME = Path(__file__).parent.parent
FORMAL = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
INFORMAL = re.compile(r"\b(je|jij|jou|jouw|jezelf)\b", re.IGNORECASE)
ADDRESSES = re.compile(r"\b(you|your)\b", re.IGNORECASE)


def catalogue(locale: str) -> Catalog:
    with (HOME / "locale" / locale / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def used_ids() -> set[str]:
    found: set[str] = set()
    for file in (HOME / "templates" / "ui").glob("*.html"):
        text = file.read_text()
        found |= {
            one or other for one, other in re.findall(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')", text)
        }
        for body in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", text, re.DOTALL):
            first = re.split(r"{%\s*plural\s*%}", body)[0]
            found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", first).strip())
    for _, _, ids, *_ in extract_from_dir(str(HOME), method_map=[("*.py", "python")]):
        found.add(ids[0] if isinstance(ids, tuple) else ids)
    return found


def written(locale: str) -> dict[str, str]:
    return {_first(message.id): _first(message.string) for message in catalogue(locale) if message.id}


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


class TestDutch:
    def test_says_every_text_that_is_used_and_no_other(self) -> None:
        assert used_ids() == set(written("nl"))

    def test_is_complete(self) -> None:
        assert all(written("nl").values())

    def test_addresses_nobody(self) -> None:
        assert not [text for text in written("nl").values() if FORMAL.search(text) or INFORMAL.search(text)]

    def test_keeps_the_placeholders(self) -> None:
        for locale in ("nl", "nl_BE-x-formal", "nl_BE-x-informal"):
            for source, text in written(locale).items():
                assert sorted(re.findall(r"%\(\w+\)s", source)) == sorted(re.findall(r"%\(\w+\)s", text))


class TestOverlays:
    def test_hold_the_same_texts_and_each_that_addresses_the_reader(self) -> None:
        formal, informal = set(written("nl_BE-x-formal")), set(written("nl_BE-x-informal"))
        assert formal == informal <= set(written("nl"))
        assert {text for text in used_ids() if ADDRESSES.search(text)} <= formal

    @pytest.mark.parametrize(
        ("locale", "other"), [("nl_BE-x-formal", INFORMAL), ("nl_BE-x-informal", FORMAL)]
    )
    def test_never_mix_the_forms(self, locale: str, other: re.Pattern[str]) -> None:
        assert not [text for text in written(locale).values() if other.search(text)]
