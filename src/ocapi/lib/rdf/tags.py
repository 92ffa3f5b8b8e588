"""Which texts are language tags: well-formed by RFC 5646, as the parsers of RDF ask it.

Letters and dashes alone are not enough: `x`, `nl-a` and `de-419-DE` look like tags, and a parser that meets
one refuses the whole page of a feed it stands on.
"""

import re

_USUAL = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?").fullmatch
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  # language, extended or not
    r"(?:-[a-z]{4})?"  # script
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"  # region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"  # extensions
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"  # for private use
    r"|x(?:-[a-z0-9]{1,8})+",
    re.ASCII | re.IGNORECASE,
).fullmatch
_OLD = frozenset(
    {
        *("en-gb-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo"),
        *("i-navajo", "i-pwn", "i-tao", "i-tay", "i-tsu", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de"),
    }
)
"""Registered before the rules, and not by them (RFC 5646 section 2.2.8, irregular)."""
LONGEST = 60


def is_tag(text: str) -> bool:
    """Tell whether a text is a language tag of at most LONGEST characters, in any case of letters."""
    if _USUAL(text):
        return True
    return len(text) <= LONGEST and (_TAG(text) is not None or text.lower() in _OLD)
