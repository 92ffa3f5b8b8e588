"""XPath regular expressions, run by RE2: time is linear in the text whatever the pattern.

What RE2 can't express (back references, subtraction of character classes, named blocks) is refused by name.
"""

import re2

from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import BudgetExceeded, Fault

MAX_PATTERN = 4_096
MAX_WORK = 10_000_000  # instructions times characters; 0.2 s on a busy machine, measured
_MEMORY = 8 << 20  # bytes RE2 may use for one pattern
_PLAIN = frozenset("\\|.?*+(){}$-[]^/,:;=!<>@#%&~'\"` ")
_CONTROLS = {"n": r"\n", "r": r"\r", "t": r"\t"}
_OUTSIDE = {
    "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]", "i": r"[\p{L}_:]", "I": r"[^\p{L}_:]", "c": r"[\p{L}\p{N}_:.\-]",
    "C": r"[^\p{L}\p{N}_:.\-]",
}
_INSIDE = {
    "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r" \t\n\r",
    "S": r"\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{21}-\x{10FFFF}",
    "w": r"\p{L}\p{M}\p{N}\p{S}", "W": r"\p{P}\p{Z}\p{C}", "i": r"\p{L}_:", "c": r"\p{L}\p{N}_:.\-",
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
    made = ["(?m)"] if "m" in flags else []
    any_character = r"(?s:.)" if "s" in flags else r"[^\n\r]"
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            text, place = _escape(pattern, place, inside=False)
            made.append(text)
            continue
        if character == "[":
            text, place = _class(pattern, place, skips_space="x" in flags)
            made.append(text)
            continue
        if pattern.startswith("(?", place) and not pattern.startswith("(?:", place):
            raise Fault("patternNotSupported", pattern[place:place + 4])
        if character == ".":
            made.append(any_character)
        elif not ("x" in flags and character in " \t\n\r"):
            made.append(character)
        place += 1
    return "".join(made)


def _escape(pattern: str, place: int, *, inside: bool) -> tuple[str, int]:
    letter = pattern[place + 1:place + 2]
    known = _INSIDE if inside else _OUTSIDE
    if letter in known:
        return known[letter], place + 2
    if letter in _CONTROLS:
        return _CONTROLS[letter], place + 2
    if letter in ("p", "P"):
        end = pattern.find("}", place)
        name = pattern[place + 3:end]
        if pattern[place + 2:place + 3] != "{" or end < 0 or not (name.isalpha() and len(name) <= 2):
            raise Fault("patternNotSupported", pattern[place:place + 20])
        return f"\\{letter}{{{name}}}", end + 1
    if letter and letter in _PLAIN:
        return (f"\\{letter}" if letter not in " '\"`,:;=!<>@#%&~/" else letter), place + 2
    raise Fault("patternNotSupported" if letter.isdigit() else "invalidPattern", pattern[place:place + 2])


def _class(pattern: str, start: int, *, skips_space: bool) -> tuple[str, int]:
    made = ["["]
    place = start + 1
    if pattern.startswith("^", place):
        made.append("^")
        place += 1
    while place < len(pattern):
        character = pattern[place]
        if character == "]" and len(made) > 1 + (made[1:2] == ["^"]):
            return "".join(made) + "]", place + 1
        if character == "\\":
            text, place = _escape(pattern, place, inside=True)
            made.append(text)
            continue
        if character == "[":
            raise Fault("patternNotSupported", "subtraction of classes")
        if not (skips_space and character in " \t\n\r"):
            made.append("\\]" if character == "]" else character)
        place += 1
    raise Fault("invalidPattern", pattern[start:start + 20])


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
