"""Topics, pure: read strictly from a pack, checked against the allowed names, filled with values."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ocapi.lib import codec
from ocapi.lib.codec import MalformedInput, Reason
from ocapi.modules.notify.data import PlaceholderMissing

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in both address forms."""

    formal: str
    informal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A name topics may use between braces."""

    name: str
    label: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailText:
    """What the e-mail says; it holds no more than is needed to know what it is about."""

    subject: str | Wording
    body: tuple[str | Wording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of message: title and paragraphs for the inbox, and the text of the e-mail."""

    code: str
    placeholders: tuple[str, ...]
    title: str | Wording
    body: tuple[str | Wording, ...]
    email: EmailText


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFile:
    """A file of topics with the only names they may use."""

    placeholders: tuple[Placeholder, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A message with its values: for the inbox, and for the e-mail."""

    title: str
    body: str
    email_subject: str
    email_body: str


def read_topics(raw: bytes) -> tuple[Topic, ...]:
    """Read a file of topics; raises MalformedInput with the place of what is wrong."""
    file = codec.decode_yaml(raw, TopicFile)
    allowed = {each.name for each in file.placeholders}
    codes: set[str] = set()
    for position, topic in enumerate(file.topics):
        path = f"$.topics[{position}]"
        if topic.code in codes:
            raise MalformedInput(Reason.INVALID_VALUE, path=f"{path}.code", detail=f"{topic.code!r} stands twice")
        codes.add(topic.code)
        for name in topic.placeholders:
            if name not in allowed:
                raise MalformedInput(Reason.INVALID_VALUE, path=f"{path}.placeholders",
                                     detail=f"{name!r} is not in the list of placeholders")
        _check_texts(topic, path)
    return file.topics


def _check_texts(topic: Topic, path: str) -> None:
    for place, text in _texts(topic):
        unknown = sorted(set(NAME.findall(text)) - set(topic.placeholders))
        if unknown:
            raise MalformedInput(Reason.INVALID_VALUE, path=f"{path}.{place}",
                                 detail=f"{', '.join(unknown)}: not in the topic's placeholders")
        if "{" in NAME.sub("", text) or "}" in NAME.sub("", text):
            raise MalformedInput(Reason.INVALID_VALUE, path=f"{path}.{place}",
                                 detail="a brace without a placeholder name")


def _texts(topic: Topic) -> Iterator[tuple[str, str]]:
    named = [("title", topic.title), ("email.subject", topic.email.subject)]
    named += [(f"body[{number}]", text) for number, text in enumerate(topic.body)]
    named += [(f"email.body[{number}]", text) for number, text in enumerate(topic.email.body)]
    for place, wording in named:
        if isinstance(wording, Wording):
            yield f"{place}.formal", wording.formal
            yield f"{place}.informal", wording.informal
        else:
            yield place, wording


def fill(topic: Topic, values: Mapping[str, str], *, address_form: str) -> Filled:
    """Give the message with its values as plain text; raises PlaceholderMissing.

    A value becomes one line, and braces inside it stay as they are. A paragraph with an empty value disappears.
    """
    missing = set(topic.placeholders) - set(values)
    if missing:
        raise PlaceholderMissing(missing)
    lines = {name: one_line(values[name]) for name in topic.placeholders}
    is_formal = address_form == "formal"

    def text(wording: str | Wording) -> str:
        chosen = wording if isinstance(wording, str) else wording.formal if is_formal else wording.informal
        return NAME.sub(lambda found: lines[found[1]], chosen).strip()

    def paragraphs(wordings: tuple[str | Wording, ...]) -> str:
        return "\n\n".join(text(each) for each in wordings if not _is_empty(each, lines))

    return Filled(
        title=one_line(text(topic.title)), body=paragraphs(topic.body),
        email_subject=one_line(text(topic.email.subject)), email_body=paragraphs(topic.email.body),
    )


def _is_empty(wording: str | Wording, values: Mapping[str, str]) -> bool:
    text = wording if isinstance(wording, str) else wording.formal + wording.informal
    return any(not values[name] for name in NAME.findall(text))


def one_line(value: str) -> str:
    """Give a value on one line without control characters: nothing in it can start a new e-mail header."""
    plain = "".join(" " if each.isspace() else each for each in value)
    return " ".join("".join(each for each in plain if unicodedata.category(each) not in ("Cc", "Cs")).split())
