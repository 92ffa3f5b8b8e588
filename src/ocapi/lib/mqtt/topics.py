"""Names and filters of topics (MQTT 5 clause 4.7)."""

LONGEST = 1_000  # characters; MQTT allows 65,535 bytes
DEEPEST = 20


def is_name(text: str) -> bool:
    """Tell whether a text names a topic: no wildcard, not empty, within our bounds."""
    return _is_bounded(text) and not any(sign in text for sign in "+#\x00")


def is_filter(text: str) -> bool:
    """Tell whether a text is a filter: `+` is any level, `#` all that follow, each alone in its level."""
    if not _is_bounded(text) or "\x00" in text or text.startswith("$share/"):
        return False
    levels = text.split("/")
    return all(level in ("+", "#") or not set(level) & {"+", "#"} for level in levels) and (
        "#" not in levels[:-1]
    )


def matched(wanted: str, topic: str) -> tuple[str, ...] | None:
    """Give what the wildcards of a filter stand for in a topic, `#` as one text; None when it does not match.

    A wildcard in the first level leaves topics that begin with `$` out.
    """
    levels, names = wanted.split("/"), topic.split("/")
    if names[0].startswith("$") and levels[0] in ("+", "#"):
        return None
    found: list[str] = []
    for place, level in enumerate(levels):
        if level == "#":
            return (*found, "/".join(names[place:]))
        if place >= len(names) or (level != "+" and level != names[place]):
            return None
        if level == "+":
            found.append(names[place])
    return tuple(found) if len(levels) == len(names) else None


def _is_bounded(text: str) -> bool:
    return 0 < len(text) <= LONGEST and text.count("/") < DEEPEST
