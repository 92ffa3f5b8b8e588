"""Weights of an entry's parts, and how a misspelled text becomes a suggestion; pure."""

from collections.abc import Iterable

from ocapi.lib import stem

TITLE, KEYWORDS, SUMMARY, BODY = 8000, 6000, 2000, 1000
"""Weight in thousandths of a token by the part of the entry it stands in; the best part counts."""

SHORTEST_CORRECTED = 4  # shorter words have too many neighbors at distance 2
TOKEN_LENGTH = 60


def weighted_tokens(
    *, title: str, keywords: Iterable[str], summary: str, body: str, boost: float
) -> dict[str, int]:
    """Give each stemmed token of an entry with its weight: that of the best part it stands in,
    times boost.
    """
    weights: dict[str, int] = {}
    parts = ((BODY, body), (SUMMARY, summary), (KEYWORDS, " ".join(keywords)), (TITLE, title))
    for weight, text in parts:
        for token in stem.tokens(text):
            weights[token[:TOKEN_LENGTH]] = max(weights.get(token, 0), int(weight * boost))
    return weights


def corrected(text: str, *, vocabulary: dict[str, int]) -> str | None:
    """Give the text with each unknown word replaced by its nearest known one, or None when nothing changes.

    vocabulary: known words and in how many documents they stand; distance at most 2, the more common first.
    """
    words = stem.raw_tokens(text)
    if not words:
        return None
    replaced = [_nearest(word, vocabulary) for word in words]
    return " ".join(replaced) if replaced != words else None


def _nearest(word: str, vocabulary: dict[str, int]) -> str:
    if len(word) < SHORTEST_CORRECTED or word in vocabulary:
        return word
    # Longer by an ending, or shorter by one, is an inflection and no mistake.
    if any(known.startswith(word) or word.startswith(known) for known in vocabulary if len(known) > 3):
        return word
    limit = 1 if len(word) == SHORTEST_CORRECTED else 2
    close = [found for found in vocabulary if abs(len(found) - len(word)) <= limit]
    found = stem.nearest(word, close, limit=limit)
    if not found:
        return word
    return min(found, key=lambda pair: (pair[1], -vocabulary[pair[0]], pair[0]))[0]
