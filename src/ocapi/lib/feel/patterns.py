"""XPath regular expressions, run by RE2: time is linear in the text whatever the pattern.

What RE2 can't express (back references) is refused by name.
"""

import re2

from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import BudgetExceeded, Fault
from ocapi.lib.feel.pattern_classes import BLOCKS, ESCAPABLE, character_class, single

MAX_PATTERN = 4_096
MAX_WORK = 10_000_000  # instructions times characters; 0.2 s on a busy machine, measured
_MEMORY = 8 << 20  # bytes RE2 may use for one pattern
_OUTSIDE = {
    "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]", "i": r"[\p{L}_:]", "I": r"[^\p{L}_:]", "c": r"[\p{L}\p{N}_:.\-]",
    "C": r"[^\p{L}\p{N}_:.\-]",
}


def compiled(run: Run, pattern: str, flags: str = "") -> "re2._Regexp[str]":
    """Give the pattern, made once per evaluation; raises Fault when it is wrong or can't be expressed."""
    key = (pattern, flags)
    found: re2._Regexp[str] | None = run.patterns.get(key)
    if found is None:
        if len(pattern) > MAX_PATTERN or set(flags) - set("smixq"):
            raise Fault("invalidPattern", pattern[:80])
        run.spend(1 + len(pattern))
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        options.case_sensitive = "i" not in flags
        options.literal = "q" in flags
        written = pattern if "q" in flags else _translated(pattern, flags)
        try:
            found = re2.compile(written, options)
        except re2.error:
            raise Fault("invalidPattern", pattern[:80]) from None
        run.patterns[key] = found
    return found


def require_affordable(run: Run, search: "re2._Regexp[str]", text: str) -> None:
    """Refuse a search that could take long: RE2 needs at most 20 ns per instruction and character."""
    if search.programsize * len(text) > MAX_WORK:
        raise BudgetExceeded("time", run.limits.milliseconds)


def _translated(pattern: str, flags: str) -> str:
    if "x" in flags:
        pattern = _without_space(pattern)
    made = ["(?m)"] if "m" in flags else []
    any_character = r"(?s:.)" if "s" in flags else r"[^\n\r]"
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            text, place = _escape(pattern, place, _OUTSIDE)
            made.append(text)
            continue
        if character == "[":
            found, place = character_class(pattern, place)
            made.append(found.written())
            continue
        if pattern.startswith("(?", place) and not pattern.startswith("(?:", place):
            raise Fault("patternNotSupported", pattern[place:place + 4])
        made.append(any_character if character == "." else character)
        place += 1
    return "".join(made)


def _without_space(pattern: str) -> str:
    """Take the white space out of a pattern, except in character classes."""
    made = []
    depth = 0
    for place, character in enumerate(pattern):
        if place and pattern[place - 1] == "\\" and character in "[]":
            made.append(character)
            continue
        depth += (character == "[") - (character == "]")
        if depth > 0 or character not in " \t\n\r":
            made.append(character)
    return "".join(made)


def _escape(pattern: str, place: int, known: dict[str, str]) -> tuple[str, int]:
    letter = pattern[place + 1:place + 2]
    if letter in known:
        return known[letter], place + 2
    if letter in ("p", "P"):
        return _category(pattern, place, letter)
    if letter and letter in ESCAPABLE:
        return single(ESCAPABLE[letter]), place + 2
    raise Fault("patternNotSupported" if letter.isdigit() else "invalidPattern", pattern[place:place + 2])


def _category(pattern: str, place: int, letter: str) -> tuple[str, int]:
    end = pattern.find("}", place)
    name = pattern[place + 3:end]
    if pattern[place + 2:place + 3] != "{" or end < 0:
        raise Fault("invalidPattern", pattern[place:place + 20])
    if name in BLOCKS:
        low, high = BLOCKS[name]
        return f"[{'^' if letter == 'P' else ''}{single(low)}-{single(high)}]", end + 1
    if not (name.isalpha() and len(name) <= 2):
        raise Fault("patternNotSupported", pattern[place:place + 20])
    return f"\\{letter}{{{name}}}", end + 1


def expansion(replacement: str) -> list[str | int]:
    """Give the parts of a replacement, groups as numbers: `a$1` is ["a", 1]; raises Fault."""
    parts: list[str | int] = []
    place = 0
    while place < len(replacement):
        character = replacement[place]
        following = replacement[place + 1:place + 2]
        if character == "\\":
            if following not in ("\\", "$"):
                raise Fault("invalidReplacement", replacement[:80])
            parts.append(following)
            place += 2
        elif character == "$":
            if not (following.isascii() and following.isdigit()):
                raise Fault("invalidReplacement", replacement[:80])
            parts.append(int(following))
            place += 2
        else:
            parts.append(character)
            place += 1
    return parts
