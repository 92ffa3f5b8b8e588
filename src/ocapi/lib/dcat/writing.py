"""Writing of a catalogue as a graph: DCAT-AP 3 with what DCAT-AP-VL and the HVD rules ask beside it.

Every name of a list is given its class and label, so that a reader that fetches nothing can judge and show.
"""

from collections.abc import Iterable
from datetime import date, datetime

from ocapi.lib.dcat import lists
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import (
    Agent,
    Box,
    Catalog,
    CatalogRecord,
    Contact,
    DataService,
    Dataset,
    Distribution,
    Period,
    Texts,
)
from ocapi.lib.rdf.graph import LANG_STRING, TYPE, XSD, Graph, Lexical, Value
from ocapi.lib.rdf.writing import is_writable

MEDIA_TYPE = f"{v.DCT}MediaType"
RESOURCE = "http://www.w3.org/2000/01/rdf-schema#Resource"


def dataset_graph(dataset: Dataset) -> Graph:
    """Give a dataset with its distributions and services as a graph of its own."""
    graph = Graph()
    _Writing(graph).dataset(dataset)
    return graph


def catalog_graph(
    catalog: Catalog,
    described: Iterable[tuple[Dataset, CatalogRecord]],
    *,
    page: str = "",
    first: str = "",
    following: str = "",
    previous: str = "",
    total: int = 0,
) -> Graph:
    """Give a page of a catalogue; page, first, following, previous: addresses of pages, for Hydra paging.

    Two vocabularies of paging are written, because harvesters read either: `hydra:next` with the older
    `hydra:nextPage` and `hydra:PagedCollection`.
    """
    graph = Graph()
    writing = _Writing(graph)
    writing.catalog(catalog)
    for dataset, record in described:
        writing.record(catalog, record)
        writing.add(catalog.iri, f"{v.DCAT}{'resource' if dataset.is_series else 'dataset'}", dataset.iri)
        writing.dataset(dataset)
        for service in dataset.services:
            writing.add(catalog.iri, f"{v.DCAT}service", service.iri)
    if page:
        graph.add(page, TYPE, f"{v.HYDRA}PartialCollectionView")
        graph.add(page, TYPE, f"{v.HYDRA}PagedCollection")
        graph.add(page, f"{v.HYDRA}totalItems", Lexical(str(total), f"{XSD}integer"))
        graph.add(catalog.iri, f"{v.HYDRA}view", page)
        for names, address in (
            (("first", "firstPage"), first),
            (("next", "nextPage"), following),
            (("previous", "previousPage"), previous),
        ):
            for name in names if address else ():
                graph.add(page, f"{v.HYDRA}{name}", address)
    return graph


class _Writing:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.blanks = 0

    def add(self, subject: str, predicate: str, value: Value) -> None:
        """Say something; what others said and no format can write is left out, or one would stop all."""
        if is_writable(subject) and is_writable(value):
            self.graph.add(subject, predicate, value)

    def blank(self) -> str:
        self.blanks += 1
        return f"_:b{self.blanks}"

    def texts(self, subject: str, predicate: str, texts: Texts) -> None:
        for language, text in texts:
            said = Lexical(text, LANG_STRING if language else f"{XSD}string", language)
            self.add(subject, predicate, said if is_writable(said) else Lexical(text))

    def text(self, subject: str, predicate: str, text: str) -> None:
        if text:
            self.add(subject, predicate, Lexical(text))

    def link(self, subject: str, predicate: str, to: str, of: str = "") -> None:
        if to:
            self.add(subject, predicate, to)
            if of:
                self.add(to, TYPE, of)

    def moment(self, subject: str, predicate: str, at: date | datetime | None) -> None:
        if at is None:
            return
        kind = "dateTime" if isinstance(at, datetime) else "date"
        self.add(subject, predicate, Lexical(at.isoformat().replace("+00:00", "Z"), f"{XSD}{kind}"))

    def concept(self, subject: str, predicate: str, iri: str, *also: str) -> None:
        """Name a code; it is given a label in Dutch, and the classes the property asks."""
        if not iri or not is_writable(iri):
            return
        self.add(subject, predicate, iri)
        for each in (f"{v.SKOS}Concept", *also):
            self.add(iri, TYPE, each)
        self.add(iri, f"{v.SKOS}prefLabel", Lexical(lists.label(iri), LANG_STRING, "nl"))

    def catalog(self, catalog: Catalog) -> None:
        self.add(catalog.iri, TYPE, f"{v.DCAT}Catalog")
        self.texts(catalog.iri, f"{v.DCT}title", catalog.title)
        self.texts(catalog.iri, f"{v.DCT}description", catalog.description)
        self.text(catalog.iri, f"{v.DCT}identifier", catalog.identifier)
        self.agent(catalog.iri, f"{v.DCT}publisher", catalog.publisher)
        self.contact(catalog.iri, catalog.contact)
        self.license(catalog.iri, catalog.license)
        self.link(catalog.iri, f"{v.FOAF}homepage", catalog.homepage, f"{v.FOAF}Document")
        self.moment(catalog.iri, f"{v.DCT}modified", catalog.modified)
        self.link(catalog.iri, f"{v.DCT}language", v.DUTCH, f"{v.DCT}LinguisticSystem")
        themes = f"{v.EU}data-theme"
        self.link(catalog.iri, f"{v.DCAT}themeTaxonomy", themes, f"{v.SKOS}ConceptScheme")
        self.add(themes, f"{v.DCT}title", Lexical("Thema's van data", LANG_STRING, "nl"))
        for each in catalog.spatial:
            self.link(catalog.iri, f"{v.DCT}spatial", each, f"{v.DCT}Location")

    def record(self, catalog: Catalog, record: CatalogRecord) -> None:
        self.add(catalog.iri, f"{v.DCAT}record", record.iri)
        self.add(record.iri, TYPE, f"{v.DCAT}CatalogRecord")
        self.text(record.iri, f"{v.DCT}identifier", record.identifier)
        self.link(record.iri, f"{v.FOAF}primaryTopic", record.topic, f"{v.DCAT}Resource")
        self.moment(record.iri, f"{v.DCT}modified", record.modified)
        self.moment(record.iri, f"{v.DCT}issued", record.issued)
        self.link(record.iri, f"{v.DCT}conformsTo", record.conforms_to, f"{v.DCT}Standard")
        if record.source:
            self.add(record.iri, f"{v.DCT}source", record.source)

    def dataset(self, of: Dataset) -> None:
        me = of.iri
        self.add(me, TYPE, f"{v.DCAT}DatasetSeries" if of.is_series else f"{v.DCAT}Dataset")
        self.texts(me, f"{v.DCT}title", of.title)
        self.texts(me, f"{v.DCT}description", of.description)
        self.text(me, f"{v.DCT}identifier", of.identifier)
        if of.is_series:  # DCAT-AP-VL asks the identifier of a series as adms:Identifier too
            name = self.blank()
            self.add(me, f"{v.ADMS}identifier", name)
            self.add(name, TYPE, f"{v.ADMS}Identifier")
            self.text(name, f"{v.SKOS}notation", of.identifier or me)
        if of.publisher:
            self.agent(me, f"{v.DCT}publisher", of.publisher)
        if of.contact:
            self.contact(me, of.contact)
        self.concept(me, f"{v.DCT}accessRights", of.access_rights, f"{v.DCT}RightsStatement")
        self.texts(me, f"{v.DCAT}keyword", of.keywords)
        for theme in of.themes:
            self.concept(me, f"{v.DCAT}theme", theme)
        self.concept(me, f"{v.DCT}accrualPeriodicity", of.frequency, f"{v.DCT}Frequency")
        for place in of.spatial:
            self.link(me, f"{v.DCT}spatial", place, f"{v.DCT}Location")
        self.box(me, of.box)
        self.period(me, of.temporal)
        for language in of.language:
            self.link(me, f"{v.DCT}language", language, f"{v.DCT}LinguisticSystem")
        self.moment(me, f"{v.DCT}issued", of.issued)
        self.moment(me, f"{v.DCT}modified", of.modified)
        self.link(me, f"{v.DCAT}landingPage", of.landing_page, f"{v.FOAF}Document")
        for page in of.documentation:
            self.link(me, f"{v.FOAF}page", page, f"{v.FOAF}Document")
        for standard in of.conforms_to:
            self.link(me, f"{v.DCT}conformsTo", standard, f"{v.DCT}Standard")
        self.legal(me, of.applicable_legislation, of.hvd_categories)
        for series in of.in_series:
            self.add(me, f"{v.DCAT}inSeries", series)
        self.said(me, f"{v.DCT}provenance", of.provenance, f"{v.DCT}ProvenanceStatement")
        self.quality(me, of.quality)
        self.text(me, f"{v.DCAT}version", of.version)
        for distribution in of.distributions:
            self.distribution(distribution, dataset=me)
        for service in of.services:
            self.service(service, serves=me)

    def distribution(self, of: Distribution, *, dataset: str) -> None:
        me = of.iri if is_writable(of.iri) else self.blank()
        self.add(dataset, f"{v.DCAT}distribution", me)
        self.add(me, TYPE, f"{v.DCAT}Distribution")
        self.text(me, f"{v.DCT}identifier", of.identifier)
        self.texts(me, f"{v.DCT}title", of.title)
        self.texts(me, f"{v.DCT}description", of.description)
        self.link(me, f"{v.DCAT}accessURL", of.access_url, RESOURCE)
        self.link(me, f"{v.DCAT}downloadURL", of.download_url, RESOURCE)
        self.file_type(me, of.format)
        if of.media_type:
            iri = of.media_type if ":" in of.media_type else f"{v.IANA}{of.media_type}"
            self.link(me, f"{v.DCAT}mediaType", iri, MEDIA_TYPE)
        self.license(me, of.license)
        if of.size_bytes is not None:
            self.add(me, f"{v.DCAT}byteSize", Lexical(str(of.size_bytes), f"{XSD}nonNegativeInteger"))
        if of.sha256:
            checksum = self.blank()
            self.add(me, f"{v.SPDX}checksum", checksum)
            self.add(checksum, TYPE, f"{v.SPDX}Checksum")
            self.link(
                checksum,
                f"{v.SPDX}algorithm",
                f"{v.SPDX}checksumAlgorithm_sha256",
                f"{v.SPDX}ChecksumAlgorithm",
            )
            self.add(checksum, f"{v.SPDX}checksumValue", Lexical(of.sha256, f"{XSD}hexBinary"))
        self.moment(me, f"{v.DCT}issued", of.issued)
        self.moment(me, f"{v.DCT}modified", of.modified)
        self.concept(me, f"{v.DCATAP}availability", of.availability)
        self.legal(me, of.applicable_legislation, ())

    def file_type(self, me: str, said: str) -> None:
        """Name a file type; others often say it in a word, `CSV`, which may be in the list by its code."""
        kind = f"{v.DCT}MediaTypeOrExtent"
        iri = said if ":" in said else f"{v.EU}file-type/{said.upper()}"
        if ":" in said or lists.entry(iri) is not None:
            self.concept(me, f"{v.DCT}format", iri, kind)
        elif said:
            self.said(me, f"{v.DCT}format", (("", said),), kind)

    def service(self, of: DataService, *, serves: str) -> None:
        me = of.iri
        self.add(me, TYPE, f"{v.DCAT}DataService")
        self.add(me, f"{v.DCAT}servesDataset", serves)
        self.text(me, f"{v.DCT}identifier", of.identifier)
        self.texts(me, f"{v.DCT}title", of.title)
        self.texts(me, f"{v.DCT}description", of.description)
        self.link(me, f"{v.DCAT}endpointURL", of.endpoint_url, RESOURCE)
        self.link(me, f"{v.DCAT}endpointDescription", of.endpoint_description, RESOURCE)
        self.link(me, f"{v.FOAF}page", of.documentation, f"{v.FOAF}Document")
        self.license(me, of.license)
        self.concept(me, f"{v.DCT}accessRights", of.access_rights, f"{v.DCT}RightsStatement")
        for standard in of.conforms_to:
            self.link(me, f"{v.DCT}conformsTo", standard, f"{v.DCT}Standard")
        if of.contact:
            self.contact(me, of.contact)
        if of.publisher:
            self.agent(me, f"{v.DCT}publisher", of.publisher)
        self.legal(me, of.applicable_legislation, of.hvd_categories)

    def legal(self, me: str, legislation: Iterable[str], categories: Iterable[str]) -> None:
        for each in legislation:
            self.link(
                me,
                f"{v.DCATAP}applicableLegislation",
                each,
                "http://data.europa.eu/eli/ontology#LegalResource",
            )
        for each in categories:
            self.concept(me, f"{v.DCATAP}hvdCategory", each)

    def license(self, me: str, iri: str) -> None:
        self.link(me, f"{v.DCT}license", iri, f"{v.DCT}LicenseDocument")

    def agent(self, me: str, predicate: str, of: Agent) -> None:
        name = of.iri if of.iri and is_writable(of.iri) else self.blank()
        self.add(me, predicate, name)
        self.add(name, TYPE, f"{v.FOAF}Agent")
        self.texts(name, f"{v.FOAF}name", of.name)
        self.link(name, f"{v.FOAF}homepage", of.homepage, f"{v.FOAF}Document")
        if of.email:
            self.add(name, f"{v.FOAF}mbox", f"mailto:{of.email}")
        self.concept(name, f"{v.DCT}type", of.kind)

    def contact(self, me: str, of: Contact) -> None:
        name = self.blank()
        self.add(me, f"{v.DCAT}contactPoint", name)
        self.add(name, TYPE, f"{v.VCARD}Kind")
        self.add(name, TYPE, f"{v.VCARD}Organization")
        self.text(name, f"{v.VCARD}fn", of.name)
        if of.email:
            self.add(name, f"{v.VCARD}hasEmail", f"mailto:{of.email}")
        self.link(name, f"{v.VCARD}hasURL", of.url)

    def period(self, me: str, of: Period | None) -> None:
        if of is None or (of.start is None and of.end is None):
            return
        name = self.blank()
        self.add(me, f"{v.DCT}temporal", name)
        self.add(name, TYPE, f"{v.DCT}PeriodOfTime")
        self.moment(name, f"{v.DCAT}startDate", of.start)
        self.moment(name, f"{v.DCAT}endDate", of.end)

    def box(self, me: str, of: Box | None) -> None:
        if of is None:
            return
        name = self.blank()
        self.add(me, f"{v.DCT}spatial", name)
        self.add(name, TYPE, f"{v.DCT}Location")
        self.add(name, f"{v.DCAT}bbox", Lexical(of.wkt, f"{v.GSP}wktLiteral"))

    def said(self, me: str, predicate: str, texts: Texts, of: str) -> None:
        if texts:
            name = self.blank()
            self.add(me, predicate, name)
            self.add(name, TYPE, of)
            self.texts(name, "http://www.w3.org/2000/01/rdf-schema#label", texts)

    def quality(self, me: str, texts: Texts) -> None:
        if texts:
            name, body = self.blank(), self.blank()
            self.add(me, f"{v.DQV}hasQualityAnnotation", name)
            self.add(name, TYPE, f"{v.DQV}QualityAnnotation")
            self.add(name, f"{v.OA}motivatedBy", f"{v.DQV}qualityAssessment")
            self.add(name, f"{v.OA}hasBody", body)
            self.texts(body, "http://www.w3.org/1999/02/22-rdf-syntax-ns#value", texts)
