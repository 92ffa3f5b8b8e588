"""Text into tokens. Names may hold spaces and symbols, so a name is put together later, from tokens."""

import re
from typing import NamedTuple

from ocapi.lib.feel.budget import MAX_TEXT
from ocapi.lib.feel.errors import FeelSyntaxError

NAME, NUMBER, STRING, SYMBOL, END = "name", "number", "string", "symbol", "end"

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<name>[{_START}][{_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]*)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<symbol>\*\*|\.\.|<=|>=|!=|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """One token. kind: name | number | string | symbol | end; text: as written; start, end: offsets."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> tuple[list[Token], dict[int, str]]:
    """Give the tokens of a text, an end token last, and what its strings hold by where they start.

    Raises FeelSyntaxError.
    """
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(f"longer than {MAX_TEXT} characters", text=text, position=MAX_TEXT)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as failure:
            raise FeelSyntaxError("half a character", text=text, position=failure.start) from None
    found: list[Token] = []
    strings: dict[int, str] = {}
    place = 0
    while place < len(text):
        place = _comment_end(text, place)
        if place >= len(text):
            break
        if text[place] == '"':
            end = _string_end(text, place)
            strings[place] = _unescaped(text, place + 1, end - 1)
            found.append(Token(STRING, text[place:end], place, end))
        else:
            match = _TOKEN.match(text, place)
            assert match is not None  # the last alternative takes any character
            end = match.end()
            if match.lastgroup != "space":
                found.append(Token(match.lastgroup or SYMBOL, match.group(), place, end))
        place = end
    found.append(Token(END, "", len(text), len(text)))
    return found, strings


def name_parts(name: str) -> tuple[str, ...]:
    """Give the texts of the tokens a name is made of; ("Teacher", "'", "s", "Evaluation")."""
    parts = []
    place = 0
    while place < len(name):
        match = _TOKEN.match(name, place)
        assert match is not None
        if match.lastgroup != "space":
            parts.append(match.group())
        place = match.end()
    return tuple(parts)


def _comment_end(text: str, place: int) -> int:
    while text.startswith(("//", "/*"), place):
        closing = "\n" if text[place + 1] == "/" else "*/"
        end = text.find(closing, place + 2)
        if end < 0:
            if closing == "*/":
                raise FeelSyntaxError("the comment is not closed", text=text, position=place)
            return len(text)
        place = end + len(closing)
    return place


def _string_end(text: str, start: int) -> int:
    place = start + 1
    while place < len(text):
        if text[place] == '"':
            return place + 1
        place += 2 if text[place] == "\\" else 1
    raise FeelSyntaxError("the string is not closed", text=text, position=start)


def _unescaped(text: str, start: int, end: int) -> str:
    raw = text[start:end]
    if "\\" not in raw:
        return raw

    def replaced(match: re.Match[str]) -> str:
        short, long, single = match.groups()
        if single is not None:  # unknown escapes stay as written: patterns such as "\s" are common
            return _SHORT.get(single, match.group())
        code = int(short or long, 16)
        if code > 0x10FFFF:
            raise FeelSyntaxError("no such character", text=text, position=start + match.start())
        return chr(code)

    made = _ESCAPE.sub(replaced, raw)
    if any("\ud800" <= character <= "\udfff" for character in made):
        try:  # a pair written as two escapes is one character
            return made.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise FeelSyntaxError("half a character", text=text, position=start) from None
    return made
