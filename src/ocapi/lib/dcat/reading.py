"""Reading of datasets out of a graph from elsewhere: lenient in form, and each dataset judged by itself.

What foreign catalogues do is expected: properties of schema.org beside DCT, mail addresses as texts, dates
without a time, publishers without a type, names with spaces. A dataset without an address of its own or
without a title can't be kept and says so; the rest is read as far as it goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import (
    Agent,
    Box,
    Contact,
    DataService,
    Dataset,
    Distribution,
    Period,
    Texts,
)
from ocapi.lib.rdf.graph import TYPE, Graph, Lexical, Value
from ocapi.lib.rdf.writing import is_writable

MAX_TEXT = 20_000  # characters of a description
MAX_TITLE = 500
MAX_VALUES = 200  # of one property
MAX_DISTRIBUTIONS = 500
KINDS = (f"{v.DCAT}Dataset", f"{v.DCAT}DatasetSeries")
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d+)?")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}\Z")


class NotADataset(ValueError):
    """The description can't be kept. reason: noAddress | noTitle | addressTooLong."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A dataset as it was read, or why it could not be. name: as it stood in the source."""

    name: str
    dataset: Dataset | None = None
    reason: str = ""


def datasets(graph: Graph) -> Iterator[Read]:
    """Give each dataset of a graph, one by one, in the order in which they stand there."""
    serving: dict[str, list[str]] = {}
    for each in graph.things:
        for served in graph.values(each, f"{v.DCAT}servesDataset"):
            if isinstance(served, str):
                serving.setdefault(served, []).append(each)
    for name, properties in graph.things.items():
        kinds = properties.get(TYPE, ())
        if not any(kind in kinds for kind in KINDS):
            continue
        try:
            yield Read(name=name, dataset=_Reading(graph, serving).dataset(name))
        except NotADataset as refused:
            titles = [each.text for each in properties.get(f"{v.DCT}title", ()) if isinstance(each, Lexical)]
            shown = name if not name.startswith("_:") else next(iter(titles), name)
            yield Read(name=shown[:MAX_TITLE], reason=refused.reason)


def next_page(graph: Graph, *, here: str) -> str:
    """Give the address of the next page, empty on the last: by Hydra, whichever of its words is used.

    here: the address this page came from; when several things say what follows, that of this page counts.
    """
    found: dict[str, str] = {}
    for name in ("next", "nextPage"):
        for subject, properties in graph.things.items():
            for value in properties.get(f"{v.HYDRA}{name}", ()):
                address = value.text if isinstance(value, Lexical) else value
                if not address.startswith("_:"):
                    found.setdefault(subject, address)
    return found.get(here) or next(iter(found.values()), "")


def is_address(text: str) -> bool:
    """Tell whether a text is an address on the web that may be linked to."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_clean = not any(each <= " " or each in '<>"{}|^`\\' for each in text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_clean and len(text) <= 2000


class _Reading:
    def __init__(self, graph: Graph, serving: dict[str, list[str]]) -> None:
        self.graph = graph
        self.serving = serving

    def dataset(self, me: str) -> Dataset:
        if not is_address(me) and not (me.startswith("urn:") and is_writable(me)):
            raise NotADataset("noAddress")
        if len(me) > 400:
            raise NotADataset("addressTooLong")
        title = self.texts(me, f"{v.DCT}title", limit=MAX_TITLE)
        if not title:
            raise NotADataset("noTitle")
        places = self.graph.values(me, f"{v.DCT}spatial")[:MAX_VALUES]
        publisher = self.graph.one(me, f"{v.DCT}publisher")
        contact = self.graph.one(me, f"{v.DCAT}contactPoint")
        held = self.graph.values(me, f"{v.DCAT}distribution")[:MAX_DISTRIBUTIONS]
        return Dataset(
            iri=me,
            title=title,
            description=self.texts(me, f"{v.DCT}description"),
            identifier=self.text(me, f"{v.DCT}identifier"),
            publisher=self.agent(publisher) if publisher else None,
            contact=self.contact(contact) if contact else None,
            access_rights=self.iri(me, f"{v.DCT}accessRights"),
            keywords=self.texts(me, f"{v.DCAT}keyword", limit=100, many=True),
            themes=self.iris(me, f"{v.DCAT}theme"),
            frequency=self.iri(me, f"{v.DCT}accrualPeriodicity"),
            spatial=tuple(each for each in places if isinstance(each, str) and is_address(each)),
            box=next((box for box in map(self.box, places) if box), None),
            temporal=self.period(self.graph.one(me, f"{v.DCT}temporal")),
            language=self.iris(me, f"{v.DCT}language"),
            issued=self.moment(me, f"{v.DCT}issued"),
            modified=self.moment(me, f"{v.DCT}modified"),
            landing_page=self.address(me, f"{v.DCAT}landingPage"),
            documentation=self.iris(me, f"{v.FOAF}page"),
            conforms_to=self.iris(me, f"{v.DCT}conformsTo"),
            applicable_legislation=self.iris(me, f"{v.DCATAP}applicableLegislation"),
            hvd_categories=self.iris(me, f"{v.DCATAP}hvdCategory"),
            in_series=self.iris(me, f"{v.DCAT}inSeries"),
            provenance=self.labels(me, f"{v.DCT}provenance"),
            version=self.text(me, f"{v.DCAT}version")[:100],
            is_series=KINDS[1] in self.graph.values(me, TYPE),
            distributions=tuple(
                found
                for number, each in enumerate(held)
                if isinstance(each, str) and (found := self.distribution(each, me, number))
            ),
            services=tuple(self.service(each) for each in self.serving.get(me, ())[:50] if is_address(each)),
        )

    def distribution(self, me: str, of: str, number: int) -> Distribution | None:
        access, download = self.address(me, f"{v.DCAT}accessURL"), self.address(me, f"{v.DCAT}downloadURL")
        if not access and not download:
            return None
        return Distribution(
            iri=me if is_address(me) else f"{of}#distribution-{number + 1}",
            access_url=access or download,
            download_url=download,
            identifier=self.text(me, f"{v.DCT}identifier")[:400],
            title=self.texts(me, f"{v.DCT}title", limit=MAX_TITLE),
            description=self.texts(me, f"{v.DCT}description"),
            format=self.iri(me, f"{v.DCT}format") or self.text(me, f"{v.DCT}format")[:80],
            media_type=(self.iri(me, f"{v.DCAT}mediaType") or self.text(me, f"{v.DCAT}mediaType"))[:200],
            license=self.iri(me, f"{v.DCT}license"),
            size_bytes=self.size(me),
            issued=self.moment(me, f"{v.DCT}issued"),
            modified=self.moment(me, f"{v.DCT}modified"),
            availability=self.iri(me, f"{v.DCATAP}availability"),
            applicable_legislation=self.iris(me, f"{v.DCATAP}applicableLegislation"),
        )

    def service(self, me: str) -> DataService:
        contact = self.graph.one(me, f"{v.DCAT}contactPoint")
        publisher = self.graph.one(me, f"{v.DCT}publisher")
        return DataService(
            iri=me,
            title=self.texts(me, f"{v.DCT}title", limit=MAX_TITLE),
            identifier=self.text(me, f"{v.DCT}identifier")[:400],
            description=self.texts(me, f"{v.DCT}description"),
            endpoint_url=self.address(me, f"{v.DCAT}endpointURL"),
            endpoint_description=self.address(me, f"{v.DCAT}endpointDescription"),
            documentation=self.address(me, f"{v.FOAF}page"),
            license=self.iri(me, f"{v.DCT}license"),
            access_rights=self.iri(me, f"{v.DCT}accessRights"),
            conforms_to=self.iris(me, f"{v.DCT}conformsTo"),
            hvd_categories=self.iris(me, f"{v.DCATAP}hvdCategory"),
            applicable_legislation=self.iris(me, f"{v.DCATAP}applicableLegislation"),
            contact=self.contact(contact) if contact else None,
            publisher=self.agent(publisher) if publisher else None,
        )

    def agent(self, of: Value) -> Agent | None:
        if isinstance(of, Lexical):
            return Agent(name=(("", of.text[:MAX_TITLE]),))
        name = self.texts(of, f"{v.FOAF}name", limit=MAX_TITLE) or self.texts(of, f"{v.SKOS}prefLabel")
        iri = of if is_address(of) else ""
        if not name and not iri:
            return None
        mail = self.mail(of, f"{v.FOAF}mbox")
        return Agent(name=name, iri=iri, homepage=self.address(of, f"{v.FOAF}homepage"), email=mail)

    def contact(self, of: Value) -> Contact | None:
        if isinstance(of, Lexical):
            return Contact(name=of.text[:MAX_TITLE])
        found = Contact(
            name=self.text(of, f"{v.VCARD}fn")[:MAX_TITLE],
            email=self.mail(of, f"{v.VCARD}hasEmail"),
            url=self.address(of, f"{v.VCARD}hasURL"),
        )
        return found if found.name or found.email or found.url else None

    def mail(self, of: str, predicate: str) -> str:
        for value in self.graph.values(of, predicate):
            text = (value.text if isinstance(value, Lexical) else value).removeprefix("mailto:")
            if _MAIL.match(text):
                return text
        return ""

    def texts(self, of: str, predicate: str, *, limit: int = MAX_TEXT, many: bool = False) -> Texts:
        """Give texts: one per language, or every one when many; empty ones are left out."""
        found: dict[tuple[str, str], None] = {}
        seen: set[str] = set()
        for value in self.graph.values(of, predicate)[:MAX_VALUES]:
            if not isinstance(value, Lexical) or not (text := " ".join(value.text.split())[:limit].strip()):
                continue
            if many or value.language not in seen:
                found[value.language, text if many else value.text.strip()[:limit]] = None
                seen.add(value.language)
        return tuple(found)

    def text(self, of: str, predicate: str) -> str:
        value = next((each for each in self.graph.values(of, predicate) if isinstance(each, Lexical)), None)
        return value.text.strip()[:MAX_TITLE] if value else ""

    def labels(self, of: str, predicate: str) -> Texts:
        value = self.graph.one(of, predicate)
        if isinstance(value, str):
            return self.texts(value, "http://www.w3.org/2000/01/rdf-schema#label")
        return ()

    def iris(self, of: str, predicate: str) -> tuple[str, ...]:
        found = (self._iri(each) for each in self.graph.values(of, predicate)[:MAX_VALUES])
        return tuple(dict.fromkeys(each for each in found if each))

    def iri(self, of: str, predicate: str) -> str:
        return next(iter(self.iris(of, predicate)), "")

    @staticmethod
    def _iri(value: Value) -> str:
        text = (value.text if isinstance(value, Lexical) else value).strip()
        return text if is_address(text) else ""

    def address(self, of: str, predicate: str) -> str:
        return self.iri(of, predicate)

    def size(self, of: str) -> int | None:
        text = self.text(of, f"{v.DCAT}byteSize")
        try:
            size = int(Decimal(text)) if text and len(text) < 20 else -1
        except (InvalidOperation, ValueError, OverflowError):
            return None
        return size if 0 <= size < 1 << 62 else None

    def moment(self, of: str, predicate: str) -> datetime | None:
        return read_moment(self.text(of, predicate))

    def period(self, of: Value | None) -> Period | None:
        if not isinstance(of, str):
            return None
        start, end = (
            self.moment(of, f"{v.DCAT}{name}") or self.moment(of, f"http://schema.org/{name}")
            for name in ("startDate", "endDate")
        )
        if not start and not end:
            return None
        return Period(start=start.date() if start else None, end=end.date() if end else None)

    def box(self, of: Value) -> Box | None:
        if not isinstance(of, str):
            return None
        for predicate in (f"{v.DCAT}bbox", f"{v.LOCN}geometry"):
            for value in self.graph.values(of, predicate):
                if isinstance(value, Lexical) and (box := read_box(value.text[:2000])):
                    return box
        return None


def read_box(text: str) -> Box | None:
    """Give the rectangle around a WKT or GeoJSON polygon in degrees; None when it is none."""
    numbers = [float(each) for each in _NUMBER.findall(text.rpartition(">")[2])]
    if len(numbers) < 8 or len(numbers) % 2 or "POLYGON" not in text.upper():
        return None
    longitudes, latitudes = numbers[::2], numbers[1::2]
    if max(map(abs, longitudes)) > 180 or max(map(abs, latitudes)) > 90:
        return None
    return Box(west=min(longitudes), south=min(latitudes), east=max(longitudes), north=max(latitudes))


def read_moment(text: str) -> datetime | None:
    """Give an instant out of a date, a date with time, or a year; UTC when no zone was written."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}", text):
            found = datetime(int(text), 1, 1, tzinfo=UTC)
        elif re.fullmatch(r"\d{4}-\d{2}", text):
            found = datetime.fromisoformat(f"{text}-01").replace(tzinfo=UTC)
        elif len(text) <= 10:
            found = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        else:
            found = datetime.fromisoformat(text[:40])
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
