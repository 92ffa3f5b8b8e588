"""What an object of JSON-LD says under each of its names, plain: for features and for the rows of a table."""

from collections.abc import Iterator
from typing import Any

from ocapi.modules.linkeddata.data import Json


def said(content: Json) -> Iterator[tuple[str, Any]]:
    """Give each name with its value: plain, an object that holds more, or a list of those; never null."""
    for name, value in content.items():
        found = _opened(value)
        if isinstance(found, list):
            yield name, [each for each in map(plain, found) if each is not None]
        elif (one := plain(found)) is not None:
            yield name, one


def plain(value: Any) -> Any:
    """Give a value as its text or number, a mere name as its IRI, and any other object as it is."""
    if isinstance(value, dict):
        if "@value" in value:
            return value["@value"]
        if set(value) <= {"@id", "@type"} and "@id" in value:
            return value["@id"]
    return value


def short(name: str) -> str:
    """Give the last part of a name that is an IRI."""
    return name.rpartition("/")[2].rpartition("#")[2] if ":" in name else name


def _opened(value: Any) -> Any:
    if isinstance(value, dict) and ("@set" in value or "@list" in value):
        found = value.get("@set", value.get("@list"))
        return found if isinstance(found, list) else [found]
    return value
