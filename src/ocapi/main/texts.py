"""Message catalogs: compiled with Babel, and complete: every English message id has its Dutch text."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "translate": None,
}

# Who reads is addressed in the two overlays only; "with u", "u and je" and "je (informal)" name the words.
ADDRESSED = re.compile(r"\b(je|jij|jou|jouw|jullie|u|uw)\b(?! \()", re.IGNORECASE)
NAMED = re.compile(r"u (en|én) (met )?je|met (u|je)\b", re.IGNORECASE)


def catalogs(project: Path) -> Iterator[Path]:
    """Give every .po file of the source tree."""
    yield from sorted((project / "src" / "ocapi").rglob("locale/*/LC_MESSAGES/django.po"))


def compile_all(project: Path) -> int:
    """Write the .mo beside each .po; gives how many. They are build products, not files of record.

    An overlay is compiled with the neutral Dutch texts beneath it: gettext asks the overlay, then Django's
    own Dutch before ours, so that without this Django's words would win over ours.
    """
    count = 0
    for path in catalogs(project):
        catalog = _read(path)
        neutral = path.parents[2] / "nl" / "LC_MESSAGES" / "django.po"
        if path.parent.parent.name != "nl" and neutral.exists():
            for message in _read(neutral):
                if message.id and message.id not in catalog:
                    catalog.add(message.id, message.string, context=message.context)
        with path.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)
        count += 1
    return count


def _read(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source)


def problems(project: Path) -> Iterator[str]:
    """Give each message id without a Dutch text, and each overlay text that stands in one overlay only."""
    known = _known(project, "nl")
    for where, message in _used(project):
        if message not in known:
            yield f"{where}: no Dutch text for {message!r}"
    formal, informal = _known(project, "nl_BE-x-formal"), _known(project, "nl_BE-x-informal")
    for message in sorted(formal ^ informal):
        yield f"{message!r} stands in one of the overlays formal and informal only"
    yield from _addressing(project)
    yield from _in_two_words(project)


def _in_two_words(project: Path) -> Iterator[str]:
    """Give each message that two modules say in other words: Django knows one of them only, everywhere."""
    said: dict[tuple[str, str, object], dict[object, str]] = {}
    for path in catalogs(project):
        place = path.parents[3].relative_to(project / "src" / "ocapi")
        for message in _read(path):
            if message.id and message.string:
                key = (path.parent.parent.name, message.context or "", message.id)
                said.setdefault(key, {}).setdefault(message.string, str(place))
    for (locale, _context, message), texts in said.items():
        if len(texts) > 1:
            words = ", ".join(f"{text!r} in {place}" for text, place in texts.items())
            yield f"{message!r} stands in two words in {locale}: {words}"


def _addressing(project: Path) -> Iterator[str]:
    for path in catalogs(project):
        if path.parent.parent.name != "nl":
            continue
        for message in _read(path):
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            if any(addresses(text) for text in texts):
                yield f"{path.relative_to(project)}: {texts[0]!r} addresses the reader outside the overlays"


def addresses(text: str) -> bool:
    """Tell whether a Dutch text says u or je to who reads it."""
    return ADDRESSED.search(NAMED.sub("", text)) is not None


def _known(project: Path, locale: str) -> set[str]:
    found: set[str] = set()
    for path in catalogs(project):
        if path.parent.parent.name != locale:
            continue
        for message in _read(path):
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            if all(texts):
                found.update(ids)
    return found


def _used(project: Path) -> Iterator[tuple[str, str]]:
    root = project / "src" / "ocapi"
    for path in sorted(root.rglob("*.py")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for line, message, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
            for text in message if isinstance(message, tuple) else (message,):
                if text:
                    yield f"{path.relative_to(project)}:{line}", text
    for path in sorted(root.rglob("templates/**/*.html")):
        for line, text in _template_messages(path):
            yield f"{path.relative_to(project)}:{line}", text


def _template_messages(path: Path) -> Iterator[tuple[int, str]]:
    import io

    from django.utils.translation import template

    # Django turns a template into text that looks like gettext calls.
    source = template.templatize(path.read_text())
    pattern = re.compile(r"""(?:_|gettext|ngettext|pgettext)\((?:u?)(['"])(?P<text>(?:\\.|(?!\1).)*)\1""")
    for number, line in enumerate(io.StringIO(source), 1):
        for match in pattern.finditer(line):
            yield number, re.sub(r"\\(.)", r"\1", match["text"])
