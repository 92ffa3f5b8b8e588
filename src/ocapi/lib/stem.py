"""Search tokens for Dutch texts: one way to cut, fold and stem, for both databases and every index."""

import re
import threading
import unicodedata
from collections.abc import Iterable
from typing import Protocol, cast

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019](?=s\b)")  # foto's is one word
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ĳ": "ij"})

_STOP_WORDS = (
    "aan al als bij dan dat de der des deze die dit door een en er hem het hij hoe hun ik in is je kan me "
    "men met mij mijn moet na naar niet nog nu of om onder ons ook op over te tot u uit uw van vanaf voor "
    "waar was wat we wel wij wil word worden wordt zal ze zich zij zijn zo zou"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
UNSTEMMED = frozenset({"ocmw"})


class _Stemmer(Protocol):
    def stemWord(self, word: str, /) -> str: ...


_local = threading.local()  # a stemmer keeps buffers of its own and serves one thread


def fold(text: str) -> str:
    """Give lower-case text without accents, `Café` as `cafe`."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def raw_tokens(text: str) -> list[str]:
    """Give the words of a text in order, folded but whole: for suggestions and exact matches."""
    return _WORD.findall(_POSSESSIVE.sub("", fold(text)))


def tokens(text: str) -> list[str]:
    """Give the search tokens of a text in order: folded, without stop words, stemmed in Dutch.

    `De kapvergunningen` gives `kapvergun`. Words with digits and the names in UNSTEMMED stay whole.
    """
    stemmer = _dutch()
    return [
        word if word in UNSTEMMED or not word.isalpha() else stemmer.stemWord(word)
        for word in raw_tokens(text)
        if word not in STOP_WORDS
    ]


def edit_distance(a: str, b: str, *, limit: int = 2) -> int | None:
    """Count the single-letter edits and swaps of neighbours between two words; None when above `limit`.

    Damerau-Levenshtein in the optimal string alignment form, computed in a band of `limit` around the
    diagonal, so that a long vocabulary is searched in linear time per word.
    """
    if abs(len(a) - len(b)) > limit:
        return None
    far = limit + 1
    before: list[int] = []
    previous = [min(column, far) for column in range(len(b) + 1)]
    for row in range(1, len(a) + 1):
        current = [far] * (len(b) + 1)
        current[0] = min(row, far)
        for column in range(max(1, row - limit), min(len(b), row + limit) + 1):
            is_other = a[row - 1] != b[column - 1]
            best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + is_other)
            if (
                is_other
                and row > 1
                and column > 1
                and a[row - 1] == b[column - 2]
                and a[row - 2] == b[column - 1]
            ):
                best = min(best, before[column - 2] + 1)
            current[column] = min(best, far)
        if min(current) > limit:
            return None
        before, previous = previous, current
    return previous[-1] if previous[-1] <= limit else None


def nearest(word: str, vocabulary: Iterable[str], *, limit: int = 2) -> list[tuple[str, int]]:
    """Give the words of a vocabulary within `limit` edits, with their distance, the nearest first."""
    found = ((known, edit_distance(word, known, limit=limit)) for known in set(vocabulary))
    near = [(known, distance) for known, distance in found if distance is not None]
    return sorted(near, key=lambda pair: (pair[1], pair[0]))


def _dutch() -> _Stemmer:
    stemmer = getattr(_local, "dutch", None)
    if stemmer is None:
        import Stemmer  # lazily: few processes search

        stemmer = _local.dutch = Stemmer.Stemmer("dutch")
    return cast(_Stemmer, stemmer)
