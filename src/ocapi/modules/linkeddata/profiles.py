"""The compiled profile of a service, made once per process and organization, and its public parts."""

import re

from ocapi.kernel.tenants import api as tenants
from ocapi.lib.profile import reader
from ocapi.lib.profile.model import Profile
from ocapi.modules.linkeddata.data import ClassNotFound
from ocapi.modules.linkeddata.models import ProfileRow, ServiceRow

_RESTATES = re.compile(r"^source: \"OSLO ([^(\n]{1,200}) \(", re.MULTILINE)
TITLES = (
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://purl.org/dc/terms/title",
    "http://xmlns.com/foaf/0.1/name",
    "http://schema.org/name",
    "https://schema.org/name",
    "http://www.w3.org/ns/regorg#legalName",
)
"""The properties by which a thing is called, the most usual first."""


def of(service: ServiceRow) -> Profile:
    """Give the compiled profile of a service; a pinned profile never changes, so it is kept by its digest."""
    pinned = service.profile
    return tenants.cached(
        f"linkeddata.profile.{service.code}",
        generation=int(pinned.digest[:15], 16),
        compute=lambda: _compiled(pinned),
    )


def of_version(service: ServiceRow, digest: str) -> Profile:
    """Give the compiled profile that a version was written by; digest: empty for that of the service."""
    if not digest or digest == service.profile.digest:
        return of(service)
    return tenants.cached(
        f"linkeddata.profile.{digest}",
        generation=0,
        compute=lambda: _compiled(ProfileRow.objects.get(digest=digest)),
    )


def _compiled(pinned: ProfileRow) -> Profile:
    return reader.read({name: text.encode() for name, text in pinned.files.items()}, name=pinned.name)


def class_iri(profile: Profile, term: str) -> str:
    """Give the IRI of a class of the profile; raises ClassNotFound."""
    found = profile.find_class(term)
    if found is None:
        raise ClassNotFound(term)
    return found.iri


def context_path(code: str, digest: str = "") -> str:
    """Give the path at which the context of a service is served; digest: of an earlier version of it."""
    return f"/data/{code}/profiel/{digest}/context.jsonld" if digest else f"/data/{code}/context.jsonld"


def standards_of(service: ServiceRow) -> frozenset[str]:
    """Give the names of the standards that the profile of a service is, or says that it restates.

    A profile in our own form names them in its source: `OSLO besluit-publicatie and organisatie-basis (…)`.
    """
    pinned = service.profile
    said = [match for text in pinned.files.values() for match in _RESTATES.findall(text)]
    named = (name for part in said for name in re.split(r",| and ", part))
    return frozenset({pinned.name.lower(), *(name.strip().lower() for name in named)})
