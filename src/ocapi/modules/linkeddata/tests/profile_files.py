"""A profile of our own for tests: organizations with sites, small enough to know by heart."""

from pathlib import Path

PROFILE = """
name: organisaties
title: Organisaties
version: "1"
source: OSLO Organisatie-basis, restated for tests
prefixes:
  org: "http://www.w3.org/ns/org#"
  skos: "http://www.w3.org/2004/02/skos/core#"
  xsd: "http://www.w3.org/2001/XMLSchema#"
  ex: "https://voorbeeld.be/ns#"
classes:
  - term: Organisatie
    iri: "org:Organization"
    label: Organisatie
    closed: true
    properties:
      - {term: naam, iri: "skos:prefLabel", count: "1", text: true, label: Naam}
      - {term: nummer, iri: "ex:number", pattern: "^[01][0-9]{9}$", label: Ondernemingsnummer}
      - {term: start, iri: "ex:start", datatype: "xsd:date", not_after: "ex:end"}
      - {term: einde, iri: "ex:end", datatype: "xsd:date"}
      - {term: deel, iri: "org:subOrganizationOf", of_class: "org:Organization", count: "0..n"}
      - {term: soort, iri: "org:classification", of_class: "skos:Concept", label: Soort}
      - {term: vestiging, iri: "org:hasSite", of_class: "org:Site", count: "0..n", label: Vestiging}
  - term: Vestiging
    iri: "org:Site"
    label: Vestiging
    properties:
      - {term: plaats, iri: "ex:place", count: "1", label: Plaats}
"""
CODES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://voorbeeld.be/soort/gemeente> a skos:Concept ; skos:prefLabel "Gemeente"@nl .
"""


def a_folder(at: Path) -> Path:
    """Write the profile to a folder of its own and give it."""
    folder = at / "organisaties"
    (folder / "codelists").mkdir(parents=True)
    (folder / "profile.yaml").write_text(PROFILE)
    (folder / "codelists" / "soorten.ttl").write_text(CODES)
    return folder


def an_organization(**changes: object) -> dict[str, object]:
    """Give an object that is what the profile asks."""
    return {
        "naam": "Hamme",
        "nummer": "0207446773",
        "soort": "https://voorbeeld.be/soort/gemeente",
        **changes,
    }
