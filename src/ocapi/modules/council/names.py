"""The names of things on the web of data: IRIs of the organization, and of the vocabularies used."""

from dataclasses import dataclass
from uuid import UUID

from ocapi.modules.council.data import Body, Term

PREFIXES = {
    "besluit": "http://data.vlaanderen.be/ns/besluit#",
    "mandaat": "http://data.vlaanderen.be/ns/mandaat#",
    "persoon": "https://data.vlaanderen.be/ns/persoon#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "person": "http://www.w3.org/ns/person#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "lblodBesluit": "http://lblod.data.gift/vocabularies/besluit/",
    "ext": "http://mu.semte.ch/vocabularies/ext/",
}
"""Declared on every published document: a harvester need not know any by heart."""
RDFA_PREFIX = " ".join(f"{prefix}: {space}" for prefix, space in PREFIXES.items())
DUTCH = "http://publications.europa.eu/resource/authority/language/NLD"

KINDS = (
    "zitting",
    "agendapunt",
    "behandeling",
    "besluit",
    "publicatie",
    "publicatie-versie",
    "mandataris",
    "bestuursorgaan",
)
"""Kinds of things that have a page of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """IRIs below the one of the organization, which is fixed for life. unit: of the organization itself."""

    base: str
    unit: str

    def of(self, kind: str, uuid: UUID) -> str:
        """Give the IRI of a thing."""
        return f"{self.base}/id/{kind}/{uuid}"

    def body(self, body: Body) -> str:
        """Give the IRI of a body: of the Flemish register where it has one."""
        return body.iri or self.of("bestuursorgaan", body.uuid)

    def term(self, term: Term) -> str:
        """Give the IRI of a body in time."""
        return term.iri or self.of("bestuursorgaan-in-tijd", term.uuid)
