"""What a dataset is counted under, by the names CKAN uses for values, so that one table serves both. Pure."""

from typing import NamedTuple

from ocapi.lib.dcat import ckan, lists
from ocapi.lib.dcat.model import Dataset

NAMES = ("theme", "format", "publisher", "license", "hvd", "origin", "keyword")
SERIES = "series"  # kept beside the facets to find the members of a series; its value is the name
MAX_KEYWORDS = 30


class Facet(NamedTuple):
    """A value under which a dataset is counted, and as people read it."""

    name: str
    value: str
    label: str


def of(dataset: Dataset, *, origin: str, origin_label: str) -> tuple[Facet, ...]:
    """Give the facets of a dataset, each value once. origin: code of where it comes from."""
    found: dict[tuple[str, str], Facet] = {}

    def add(name: str, value: str, label: str) -> None:
        if value and (name, value) not in found:
            found[name, value] = Facet(name, value[:400], label[:500])

    for theme in dataset.themes:
        group = ckan.group_of(theme)
        add("theme", str(group["name"]), str(group["title"]))
    for each in dataset.distributions:
        code = lists.format_of(format=each.format, media_type=each.media_type)
        add("format", code, _format_label(code))
        add("license", _license_code(each.license), lists.label(each.license) if each.license else "")
    for service in dataset.services:
        add("format", "API", "API")
        add(
            "license", _license_code(service.license), lists.label(service.license) if service.license else ""
        )
    organization = ckan.organization_of(dataset)
    add("publisher", str(organization["name"]), str(organization["title"]))
    for category in dataset.hvd_categories:
        known = lists.entry(category)
        add("hvd", known.code if known else ckan.name_of(lists.label(category)), lists.label(category))
    add("origin", origin, origin_label)
    for _language, text in dataset.keywords[:MAX_KEYWORDS]:
        add("keyword", text.lower(), text.lower())
    for series in dataset.in_series:
        add(SERIES, series, series)
    return tuple(found.values())


def _license_code(iri: str) -> str:
    known = lists.entry(iri) if iri else None
    return known.code if known else iri


def _format_label(code: str) -> str:
    return next((each.nl for each in lists.FORMATS if each.code == code), code.replace("_", " "))
