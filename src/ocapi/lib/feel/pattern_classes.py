"""Character classes of XPath patterns, with subtraction: [a-z-[aeiou]] becomes the ranges that are left."""

from dataclasses import dataclass

from ocapi.lib.feel.errors import Fault

LAST = "\U0010ffff"
ESCAPABLE = {**{letter: letter for letter in "\\\\|.?*+(){}$-[]^"}, "n": "\n", "r": "\r", "t": "\t"}
BLOCKS = {
    "IsBasicLatin": ("\0", "\x7f"), "IsLatin-1Supplement": ("\x80", "\xff"),
    "IsLatinExtended-A": ("\u0100", "\u017f"), "IsLatinExtended-B": ("\u0180", "\u024f"),
    "IsGreek": ("\u0370", "\u03ff"), "IsGreekandCoptic": ("\u0370", "\u03ff"),
    "IsCyrillic": ("\u0400", "\u04ff"),
    "IsHebrew": ("\u0590", "\u05ff"), "IsArabic": ("\u0600", "\u06ff"),
    "IsGeneralPunctuation": ("\u2000", "\u206f"), "IsCurrencySymbols": ("\u20a0", "\u20cf"),
}
_SETS = {
    "d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"\p{L}\p{M}\p{N}\p{S}", "W": r"\p{P}\p{Z}\p{C}", "i": r"\p{L}_:",
    "c": r"\p{L}\p{N}_:.\-",
}
_SPACES = [("\t", "\n"), ("\r", "\r"), (" ", " ")]
Ranges = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """Ranges of characters and sets RE2 knows by name; is_negated: everything but these."""

    ranges: tuple[tuple[int, int], ...]
    sets: str
    is_negated: bool

    def written(self) -> str:
        """Give the class as RE2 reads it."""
        inside = self.sets + "".join(f"{single(chr(low))}-{single(chr(high))}" for low, high in self.ranges)
        if not inside:
            return rf"[^\x{{0}}-{single(LAST)}]" if not self.is_negated else r"(?s:.)"
        return f"[{'^' if self.is_negated else ''}{inside}]"

    def without(self, other: "CharacterClass") -> "CharacterClass":
        """Give the characters of this class that are not in the other; sets by name can't be taken apart."""
        if self.sets or other.sets:
            raise Fault("patternNotSupported", "subtraction of named classes")
        left = _complement(list(self.ranges)) if self.is_negated else _merged(list(self.ranges))
        right = _complement(list(other.ranges)) if other.is_negated else _merged(list(other.ranges))
        return CharacterClass(tuple(_common(left, _complement(right))), "", False)


def single(character: str) -> str:
    """Give one character, written so that it means nothing else."""
    return f"\\x{{{ord(character):x}}}"


def character_class(pattern: str, start: int, depth: int = 0) -> tuple[CharacterClass, int]:
    """Read the class that opens at a place; gives it and the place behind. Raises Fault."""
    if depth > 8:
        raise Fault("patternNotSupported", "subtraction within subtraction")
    place = start + 1
    is_negated = pattern.startswith("^", place)
    place += is_negated
    ranges: Ranges = []
    sets = ""
    first = place
    while place < len(pattern):
        if pattern[place] == "]" and place > first:
            return CharacterClass(tuple(ranges), sets, is_negated), place + 1
        if pattern.startswith("-[", place) and place > first:
            inner, place = character_class(pattern, place + 1, depth + 1)
            if not pattern.startswith("]", place):
                raise Fault("invalidPattern", pattern[start:start + 20])
            return CharacterClass(tuple(ranges), sets, is_negated).without(inner), place + 1
        low, name, place = _member(pattern, place, ranges)
        sets += name
        if low is None:
            continue
        high = low
        if pattern.startswith("-", place) and pattern[place + 1:place + 2] not in ("", "]", "["):
            end, name, after = _member(pattern, place + 1, [])
            if end is not None and end >= low and not name:
                high, place = end, after
        ranges.append((low, high))
    raise Fault("invalidPattern", pattern[start:start + 20])


def _member(pattern: str, place: int, ranges: Ranges) -> tuple[int | None, str, int]:
    """Read one member: a character, or a named set (then the character is None)."""
    character = pattern[place]
    if character == "[":
        raise Fault("invalidPattern", pattern[place:place + 20])
    if character != "\\":
        return ord(character), "", place + 1
    letter = pattern[place + 1:place + 2]
    if letter in ESCAPABLE:
        return ord(ESCAPABLE[letter]), "", place + 2
    if letter in ("s", "S"):
        spaces = [(ord(low), ord(high)) for low, high in _SPACES]
        ranges += spaces if letter == "s" else _complement(spaces)
        return None, "", place + 2
    if letter in _SETS:
        return None, _SETS[letter], place + 2
    end = pattern.find("}", place)
    name = pattern[place + 3:end]
    if letter not in ("p", "P") or pattern[place + 2:place + 3] != "{" or end < 0:
        raise Fault("patternNotSupported" if letter.isdigit() else "invalidPattern", pattern[place:place + 2])
    if name in BLOCKS:
        block = [(ord(BLOCKS[name][0]), ord(BLOCKS[name][1]))]
        ranges += block if letter == "p" else _complement(block)
        return None, "", end + 1
    if not (name.isalpha() and len(name) <= 2):
        raise Fault("patternNotSupported", pattern[place:place + 20])
    return None, f"\\{letter}{{{name}}}", end + 1


def _merged(ranges: Ranges) -> Ranges:
    made: Ranges = []
    for low, high in sorted(ranges):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(high, made[-1][1]))
        else:
            made.append((low, high))
    return made


def _complement(ranges: Ranges) -> Ranges:
    made: Ranges = []
    place = 0
    for low, high in _merged(ranges):
        if low > place:
            made.append((place, low - 1))
        place = high + 1
    return [*made, (place, ord(LAST))] if place <= ord(LAST) else made


def _common(left: Ranges, right: Ranges) -> Ranges:
    pairs = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return [(low, high) for low, high in pairs if low <= high]
