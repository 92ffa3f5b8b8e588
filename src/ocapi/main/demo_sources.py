"""Real and derived data of an operator's folder as objects of official profiles; nothing of it is shipped.

Each reader gives what its profile asks, from files that lie in the folder as they were published. Where the
world publishes no such data (permits, occupations of the public domain), the invented objects of the demo are
told in the words of the official profile.
"""

import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ocapi.lib import codec
from ocapi.lib.rdf import rdfa, turtle
from ocapi.lib.rdf.graph import RDF, TYPE, XSD, Graph, Lexical, of_triples
from ocapi.main.demo_linked import COUNTER, DemoObject, DemoObjects

MAX_BYTES = 64 << 20
DCTERMS = "http://purl.org/dc/terms/"
ELI = "http://data.europa.eu/eli/ontology#"
BESLUIT = "http://data.vlaanderen.be/ns/besluit#"
LOCN = "http://www.w3.org/ns/locn#"
ADRES = "https://data.vlaanderen.be/ns/adres#"
WKT = "http://www.opengis.net/ont/geosparql#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
ORG = "http://www.w3.org/ns/org#"
SITE_PARTS = "https://data.vlaanderen.be/ns/organisatie#bestaatUit"
STATUS = "http://www.w3.org/ns/regorg#orgStatus"
SAME = "http://www.w3.org/2002/07/owl#sameAs"
LAMBERT_72 = "<http://www.opengis.net/def/crs/EPSG/0/31370>"
MIDDLE = "middelpunt van het postcodegebied"
CODES = "https://data.vlaanderen.be/id/concept"


def organizations(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give every administrative unit of Flanders with its kind, state and numbers."""
    kinds = {
        label: iri
        for iri, said in _graph(data / "oslo/codelists/bestuurseenheid-classificatie-code.ttl").things.items()
        for label in _texts(said, f"{SKOS}prefLabel")
    }
    sites = _graph(data / "addresses/municipal-sites-addresses-2022.ttl")
    for unit in _rows(data / "municipalities/administrative_units.csv"):
        says: dict[str, Any] = {
            "voorkeursnaam": unit["label"],
            SAME: {"@id": unit["uri"]},
            f"{DCTERMS}identifier": [unit[each] for each in ("kbo", "ovo", "nis") if unit[each]],
        }
        if unit["classification"] in kinds:
            says["classificatie"] = [kinds[unit["classification"]]]
        for name, predicate in (("status", STATUS), ("heeftPrimaireVestiging", f"{ORG}hasPrimarySite")):
            if found := [each for each in sites.values(unit["uri"], predicate) if isinstance(each, str)]:
                says[name] = found
        yield DemoObject(key=f"eenheid-{unit['uri'].rpartition('/')[2]}", term="Organisatie", says=says)


def addresses(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give the addresses of municipalities, OCMWs and provinces; each in the middle of its postal code."""
    sites = _graph(data / "addresses/municipal-sites-addresses-2022.ttl")
    middles = {
        each["postal"]: f"POINT({each['lng']} {each['lat']})"
        for each in _rows(data / "municipalities/postcode-city-latlon.csv")
    }
    names = {each["uri"]: each["label"] for each in _rows(data / "municipalities/administrative_units.csv")}
    owners = {
        address: names[unit]
        for unit in names
        for site in sites.values(unit, f"{ORG}hasPrimarySite")
        for address in (sites.values(site, SITE_PARTS) if isinstance(site, str) else ())
    }
    for iri, said in sites.things.items():
        if f"{LOCN}Address" not in said.get(TYPE, ()):
            continue
        told = {
            "naam": owners.get(iri, ""),
            "straatnaam": _text(said, f"{LOCN}thoroughfare"),
            "huisnummer": _text(said, f"{ADRES}Adresvoorstelling.huisnummer")[:11],
            "busnummer": _text(said, f"{ADRES}Adresvoorstelling.busnummer")[:10],
            "postcode": _text(said, f"{LOCN}postCode"),
            "gemeentenaam": _text(said, f"{ADRES}gemeentenaam"),
        }
        says: dict[str, Any] = {name: text for name, text in told.items() if text}
        if not (len(told["postcode"]) == 4 and told["postcode"].isdecimal() and told["gemeentenaam"]):
            continue
        if place := middles.get(told["postcode"]):
            says["positie"] = {"@type": "Positie", "wkt": place, "methode": MIDDLE}
        yield DemoObject(key=f"vestiging-{iri.rpartition('/')[2]}", term="Adres", says=says)


def public_services(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give the instances that municipalities published as examples, and the products of the reference."""
    graph = _graph(data / "services/lpdc/instances-integrating-municipality-examples.ttl")
    for iri, said in graph.things.items():
        title = _text(said, f"{DCTERMS}title")
        if title and "public-service-snapshot" in iri:
            says = {"naam": title, "beschrijving": _plain(_text(said, f"{DCTERMS}description"))}
            yield DemoObject(
                key=f"instantie-{iri.rpartition('/')[2]}",
                term="PubliekeDienstverlening",
                says={name: text for name, text in says.items() if text},
            )
    for path in sorted((content / "public-services" / "services").glob("*.yaml")):
        read: Any = codec.decode_yaml(path.read_bytes(), object)
        described = read["description"]
        yield DemoObject(
            key=f"dienst-{read['code']}",
            term="PubliekeDienstverlening",
            says={
                "naam": read["title"],
                "beschrijving": described["formal"] if isinstance(described, dict) else described,
                "trefwoord": list(read.get("themes", ())),
            },
        )


def occupations(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give the invented occupations of the public domain of the demo."""
    for each in _invented(content, "innames"):
        of = each.says
        yield DemoObject(
            key=each.key,
            term="Inname",
            says={
                "voorkeursNaam": of["titel"],
                "Inname.beschrijving": of["beschrijving"],
                "Inname.status": f"{CODES}/innamestatus/{of['status']}",
                "Inname.type": [f"{CODES}/innametype/{of['soort']}"],
                "Inname.tijdsinterval": [
                    {"@type": "Tijdsinterval", "begin": of["start"], "einde": of["einde"]}
                ],
                "zone": [{f"{WKT}asWKT": _wkt(of["zone"]["wkt"])}],
            },
        )


def observations(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give how many bicycles passed the counter beside the canal in Ghent, by day."""
    totals: dict[str, int] = {}
    path = data / "sensors/fietstelpaal-coupure-links-2022-gent.zip"
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
        header, rows = codec.stream_csv(file, delimiter=";")
        day, total = header.index("Datum"), header.index("Totaal")
        for row in rows:
            if len(row.cells) > total and row.cells[total].isdecimal():
                totals[row.cells[day]] = totals.get(row.cells[day], 0) + int(row.cells[total])
    counter = {"@type": "Geometrie", f"{WKT}asWKT": _wkt(f"{LAMBERT_72} POINT({COUNTER[0]} {COUNTER[1]})")}
    for each, count in sorted(totals.items()):
        after = (date.fromisoformat(each) + timedelta(days=1)).isoformat()
        yield DemoObject(
            key=f"fietsen-{each}",
            term="Observatie",
            says={
                f"{DCTERMS}title": {"@value": f"Fietsen Coupure Links op {each}", "@language": "nl"},
                f"{DCTERMS}date": {"@value": each, "@type": f"{XSD}date"},
                "Observatie.fenomeentijd": f"http://reference.data.gov.uk/id/day/{each}",
                "Observatie.resultaattijd": f"http://reference.data.gov.uk/id/day/{after}",
                "Observatie.geobserveerdKenmerk": f"{CODES}/Verkeerskenmerktype/aantal",
                "Observatie.geobserveerdObject": {"@type": "Object", f"{LOCN}geometry": counter},
                "Observatie.procedure": f"{CODES}/VkmObservatieProcedure/tellus",
                "Observatie.resultaat": {"@type": "Any", f"{RDF}value": count},
            },
        )


def decisions(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give the decisions in the pages that local authorities were given as examples, each once."""
    seen = set()
    for path in sorted((data / "decisions/lblod-vendor-spec").glob("*.html")):
        graph = rdfa.read(path.read_bytes(), base_iri="https://voorbeeld.be/").graph
        for iri, said in graph.things.items():
            title = _plain(_text(said, f"{ELI}title"))
            if f"{BESLUIT}Besluit" not in said.get(TYPE, ()) or not title or iri in seen:
                continue
            seen.add(iri)
            summary = _plain(_text(said, f"{ELI}description"))
            says = {
                "citeeropschrift": _plain(_text(said, f"{ELI}title_short")) or title,
                "Besluit.beschrijving": summary,
                "motivering": _plain(_text(said, f"{BESLUIT}motivering")) or summary or title,
                "publicatiedatum": _text(said, f"{ELI}date_publication"),
                "realiseert": f"{iri}#rechtsgrond",
                "volgtUit": f"{iri}#behandeling",
                SAME: {"@id": iri},
            }
            key = f"besluit-{iri.rpartition('/')[2]}"
            yield DemoObject(key=key, term="Besluit", says={k: v for k, v in says.items() if v})


def permits(data: Path, content: Path) -> Iterator[DemoObject]:
    """Give the invented environmental permits of the demo, each as the file it was decided in."""
    for each in _invented(content, "omgevingsvergunningen"):
        of = each.says
        yield DemoObject(
            key=each.key,
            term="Dossier",
            says={
                "Dossier.naam": of["titel"],
                f"{DCTERMS}identifier": of["projectnummer"],
                f"{DCTERMS}issued": {
                    "@value": of["beslistOp"],
                    "@type": f"{XSD}date",
                },
                f"{LOCN}geometry": {f"{WKT}asWKT": _wkt(of["perceel"]["wkt"])},
            },
        )


def _invented(content: Path, code: str) -> tuple[DemoObject, ...]:
    raw = (content / "demo" / "objects" / f"{code}.yaml").read_bytes()
    return codec.decode_yaml(raw, DemoObjects).objects


def _graph(path: Path) -> Graph:
    triples = turtle.parse(
        path.read_bytes(), format=turtle.Format.TURTLE, base_iri="urn:x:", max_bytes=MAX_BYTES
    )
    return of_triples(triples)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    header, rows = codec.decode_csv(path.read_bytes(), delimiter=",")
    for row in rows:
        yield dict(zip(header, row.cells, strict=False))


def _texts(said: dict[str, list[Any]], predicate: str) -> list[str]:
    return [each.text for each in said.get(predicate, ()) if isinstance(each, Lexical)]


def _text(said: dict[str, list[Any]], predicate: str) -> str:
    return next(iter(_texts(said, predicate)), "").strip()


def _plain(text: str) -> str:
    """Give a text without markup, its blanks as single spaces."""
    parts = text.split("<")
    bare = parts[0] + " ".join(part.partition(">")[2] for part in parts[1:])
    return " ".join(bare.split())[:4_000]


def _wkt(text: str) -> dict[str, str]:
    return {"@value": text, "@type": f"{WKT}wktLiteral"}
