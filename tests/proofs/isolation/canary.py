"""Random texts by which every organization and every owner is recognized, wherever they turn up."""

import random
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

LETTERS = "bcdfghjklmnpqrstvwxz"  # no vowels: no word of a page looks like one
OWNERS = ("first", "second", "inner", "public")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """The marks of one organization: `mark` is in each of its texts, followed by the owner's letters.

    tails: what stands behind, for who wants hostile texts.
    """

    key: str
    mark: str
    owners: dict[str, str]
    tails: tuple[str, ...] = ()

    def text(self, owner: str, words: str = "") -> str:
        """Give a text of this owner; words: what a person reads beside it."""
        tail = f" {self.tails[zlib.crc32(words.encode()) % len(self.tails)]}" if self.tails else ""
        return f"{words} {self.mark}{self.owners[owner]}".strip() + tail


def made(key: str, coin: random.Random, tails: tuple[str, ...] = ()) -> Canaries:
    """Make the marks of an organization by chance."""

    def letters(count: int) -> str:
        return "".join(coin.choice(LETTERS) for _ in range(count))

    return Canaries(
        key=key, mark=f"q{letters(7)}", owners={owner: letters(5) for owner in OWNERS}, tails=tails
    )


def found_in(raw: bytes, marks: Iterable[Canaries]) -> set[tuple[str, str]]:
    """Give (organization, owner) of each mark in these bytes; `?` where the owner's letters are cut off.

    PDF streams are unpacked; case does not matter, because indexes fold it.
    """
    texts = [raw.lower()]
    if raw.startswith(b"%PDF"):
        texts += [_unpacked(stream).lower() for stream in _STREAM.findall(raw)]
    found = set()
    for each in marks:
        for text in texts:
            place = text.find(each.mark.encode())
            while place >= 0:
                letters = text[place + len(each.mark) : place + len(each.mark) + 5].decode("latin-1")
                owner = next((name for name, own in each.owners.items() if own == letters), "?")
                found.add((each.key, owner))
                place = text.find(each.mark.encode(), place + 1)
    return found


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream
