"""Packages of CKAN out of datasets, and datasets out of packages (CKAN action API 3, read side)."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from ocapi.lib import stem
from ocapi.lib.dcat import lists
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import Agent, Contact, Dataset, Distribution, text_of
from ocapi.lib.dcat.reading import MAX_TEXT, MAX_TITLE, NotADataset, is_address, read_moment

Package: TypeAlias = dict[str, Any]
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}\Z")


def name_of(text: str) -> str:
    """Give a name as CKAN asks it: lower-case letters, digits and dashes, 2 to 100 of them."""
    made = _NOT_IN_NAME.sub("-", stem.fold(text).lower()).strip("-")[:100].strip("-")
    return made if len(made) > 1 else f"{made or 'x'}-x"


def organization_of(dataset: Dataset) -> Package:
    """Give the publisher of a dataset as an organization."""
    title = text_of(dataset.publisher.name) if dataset.publisher else ""
    title = title or (dataset.publisher.iri if dataset.publisher else "") or "onbekend"
    return {
        "id": name_of(title),
        "name": name_of(title),
        "title": title,
        "type": "organization",
        "description": "",
        "image_url": "",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def group_of(theme: str) -> Package:
    """Give a theme as a group."""
    known = lists.entry(theme)
    name = name_of(known.code if known else lists.label(theme))
    title = lists.label(theme)
    return {
        "id": name,
        "name": name,
        "title": title,
        "display_name": title,
        "description": "",
        "image_display_url": "",
    }


def license_of(dataset: Dataset) -> str:
    """Give the license of a dataset, which CKAN keeps for the whole, as a name (IRI)."""
    return next((each.license for each in dataset.distributions if each.license), "")


def package(dataset: Dataset, *, id: str, name: str, landing_page: str) -> Package:
    """Give a dataset as a package. id: its uuid."""
    organization = organization_of(dataset)
    terms = license_of(dataset)
    known = lists.entry(terms) if terms else None
    contact = dataset.contact or Contact()
    extras = {
        "uri": dataset.iri,
        "identifier": dataset.identifier,
        "frequency": dataset.frequency,
        "access_rights": dataset.access_rights,
        "language": " ".join(dataset.language),
        "theme": " ".join(dataset.themes),
        "hvd_category": " ".join(dataset.hvd_categories),
        "applicable_legislation": " ".join(dataset.applicable_legislation),
        "spatial_uri": " ".join(dataset.spatial),
        "provenance": text_of(dataset.provenance),
        "temporal_start": _day(dataset.temporal.start if dataset.temporal else None),
        "temporal_end": _day(dataset.temporal.end if dataset.temporal else None),
        "spatial": _geojson(dataset),
        "contact_url": contact.url,
    }
    return {
        "id": id,
        "name": name,
        "title": text_of(dataset.title),
        "notes": text_of(dataset.description),
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": lists.is_open_license(terms),
        "url": landing_page,
        "version": dataset.version or None,
        "author": None,
        "author_email": None,
        "maintainer": contact.name or None,
        "maintainer_email": contact.email or None,
        "creator_user_id": None,
        "license_id": known.code if known else terms or "notspecified",
        "license_title": lists.label(terms) if terms else "",
        "license_url": terms,
        "metadata_created": _instant(dataset.issued or dataset.modified),
        "metadata_modified": _instant(dataset.modified or dataset.issued),
        "organization": organization,
        "owner_org": organization["id"],
        "groups": [group_of(each) for each in dataset.themes],
        "tags": [_tag(text) for _language, text in dataset.keywords],
        "num_tags": len(dataset.keywords),
        "resources": [
            resource(each, package_id=id, position=place) for place, each in enumerate(dataset.distributions)
        ],
        "num_resources": len(dataset.distributions),
        "extras": [{"key": key, "value": value} for key, value in extras.items() if value],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def resource(of: Distribution, *, package_id: str, position: int) -> Package:
    """Give a distribution as a resource; its id is made of the package and its place."""
    code = lists.format_of(format=of.format, media_type=of.media_type)
    return {
        "id": f"{package_id}-{position + 1}",
        "package_id": package_id,
        "position": position,
        "name": text_of(of.title) or code,
        "description": text_of(of.description),
        "format": code,
        "mimetype": of.media_type or None,
        "url": of.download_url or of.access_url,
        "url_type": None,
        "access_url": of.access_url,
        "download_url": of.download_url,
        "uri": of.iri,
        "license": of.license,
        "size": of.size_bytes,
        "hash": of.sha256,
        "state": "active",
        "resource_type": None,
        "created": _instant(of.issued),
        "last_modified": _instant(of.modified),
        "metadata_modified": _instant(of.modified),
        "datastore_active": False,
        "cache_url": None,
    }


def _tag(text: str) -> Package:
    return {"id": name_of(text), "name": text, "display_name": text, "state": "active", "vocabulary_id": None}


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def _instant(at: Any) -> str | None:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") if at else None


def _geojson(dataset: Dataset) -> str:
    if dataset.box is None:
        return ""
    w, s, e, n = dataset.box.west, dataset.box.south, dataset.box.east, dataset.box.north
    ring = f"[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]"
    return f'{{"type":"Polygon","coordinates":[{ring}]}}'


def dataset(package: Mapping[str, Any], *, site: str) -> Dataset:
    """Read a package of another catalogue; site: its address, from which a name follows when it has none.

    Raises NotADataset.
    """
    extras = _extras(package)
    own = _text(package.get("id"), 200) or _text(package.get("name"), 200)
    iri = next((each for each in (extras.get("uri", ""), extras.get("guid", "")) if is_address(each)), "")
    if not iri and not own:
        raise NotADataset("noAddress")
    iri = iri or f"{site.rstrip('/')}/dataset/{name_of(own)}"
    title = _text(package.get("title"), MAX_TITLE) or _text(package.get("name"), MAX_TITLE)
    if not title:
        raise NotADataset("noTitle")
    if len(iri) > 400:
        raise NotADataset("addressTooLong")
    terms = _license(package)
    page = f"{site.rstrip('/')}/dataset/{_text(package.get('name'), 200) or own}"
    described = _text(package.get("notes"), MAX_TEXT)
    tags = [_text(each.get("name"), 100) for each in _maps(package.get("tags"))]
    return Dataset(
        iri=iri,
        title=(("", title),),
        description=(("", described),) if described else (),
        identifier=extras.get("identifier", "") or own,
        publisher=_publisher(package),
        contact=_contact(package),
        access_rights=extras.get("access_rights", "") or v.PUBLIC,
        keywords=tuple(dict.fromkeys(("", each) for each in tags if each)),
        themes=_themes(package, extras),
        frequency=extras.get("frequency", "") if is_address(extras.get("frequency", "")) else "",
        spatial=tuple(each for each in extras.get("spatial_uri", "").split() if is_address(each)),
        issued=read_moment(_text(package.get("metadata_created"), 40)),
        modified=read_moment(_text(package.get("metadata_modified"), 40)),
        landing_page=page if is_address(page) else "",
        hvd_categories=tuple(e for e in extras.get("hvd_category", "").split() if is_address(e)),
        applicable_legislation=tuple(
            e for e in extras.get("applicable_legislation", "").split() if is_address(e)
        ),
        version=_text(package.get("version"), 100),
        distributions=tuple(
            found
            for place, each in enumerate(_maps(package.get("resources")))
            if (found := _distribution(each, of=iri, number=place, terms=terms))
        ),
    )


def _distribution(each: Mapping[str, Any], *, of: str, number: int, terms: str) -> Distribution | None:
    url = _text(each.get("url"), 2000)
    if not is_address(url):
        return None
    title = _text(each.get("name"), MAX_TITLE)
    described = _text(each.get("description"), MAX_TEXT)
    size = each.get("size")
    return Distribution(
        iri=f"{of}#resource-{_text(each.get('id'), 80) or number + 1}",
        identifier=_text(each.get("id"), 80),
        access_url=url,
        download_url=url if each.get("url_type") == "upload" else "",
        title=(("", title),) if title else (),
        description=(("", described),) if described else (),
        format=_text(each.get("format"), 40),
        media_type=_text(each.get("mimetype"), 100),
        license=terms,
        size_bytes=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
        modified=read_moment(_text(each.get("last_modified"), 40)),
    )


def _license(package: Mapping[str, Any]) -> str:
    url = _text(package.get("license_url"), 400)
    if is_address(url):
        return url
    code = _text(package.get("license_id"), 80).lower()
    return next((e.iri for e in (*lists.LICENSES, *lists.FOREIGN_LICENSES) if e.code == code), "")


def _publisher(package: Mapping[str, Any]) -> Agent | None:
    organization = package.get("organization")
    if not isinstance(organization, Mapping):
        return None
    name = _text(organization.get("title"), MAX_TITLE) or _text(organization.get("name"), MAX_TITLE)
    return Agent(name=(("", name),)) if name else None


def _contact(package: Mapping[str, Any]) -> Contact | None:
    mail = _text(package.get("maintainer_email"), 254) or _text(package.get("author_email"), 254)
    if not _MAIL.match(mail):  # a name without an address is a person's more often than a service's
        return None
    return Contact(email=mail)


def _themes(package: Mapping[str, Any], extras: Mapping[str, str]) -> tuple[str, ...]:
    groups = {_text(each.get("name"), 100).lower() for each in _maps(package.get("groups"))}
    named = tuple(each for each in extras.get("theme", "").split() if is_address(each))
    return named or tuple(each.iri for each in lists.THEMES if each.code.lower() in groups)


def _extras(package: Mapping[str, Any]) -> dict[str, str]:
    return {
        _text(each.get("key"), 100): _text(each.get("value"), MAX_TEXT)
        for each in _maps(package.get("extras"))
    }


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value[:500] if isinstance(each, Mapping)] if isinstance(value, list) else []


def _text(value: Any, limit: int) -> str:
    return value.strip()[:limit] if isinstance(value, str) else ""
