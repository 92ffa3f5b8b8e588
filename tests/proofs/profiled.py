"""A data service of every profile, step by step as a new user makes one: a program inside the product.

Two organizations: the service of a profile is made and read at the one, and its feed followed into a service
of the same profile at the other.
"""

import argparse
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import pyoxigraph
from django.conf import settings

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Capacity
from ocapi.lib.profile.model import Class, Profile, Property
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import XSD, of_triples

MAKER, READER = "maker", "reader"
SYSTEM = actors.system("proof")
ROOT = "/api/linkeddata/v1/services"
FORMATS = {
    "html": "text/html",
    "json-ld": "application/ld+json",
    "turtle": "text/turtle",
    "n-quads": "application/n-quads",
    "trig": "application/trig",
}
PARSERS = {
    "text/turtle": pyoxigraph.RdfFormat.TURTLE,
    "application/n-quads": pyoxigraph.RdfFormat.N_QUADS,
    "application/trig": pyoxigraph.RdfFormat.TRIG,
}
STEPS = ("created", "posted", *FORMATS, "replicated", "in the catalogue")
SAMPLES = {
    "date": "2025-03-01",
    "dateTime": "2025-03-01T10:00:00Z",
    "integer": 7,
    "nonNegativeInteger": 7,
    "positiveInteger": 7,
    "decimal": 1.5,
    "double": 1.5,
    "float": 1.5,
    "boolean": True,
    "anyURI": "https://voorbeeld.be",
    "duration": "P1D",
    "time": "10:00:00",
    "gYear": "2025",
}
MAX_DEPTH = 3
DONE = ""


class Answer(Protocol):
    """What the product answers to a request."""

    status_code: int
    content: bytes
    headers: Any


def build() -> None:
    """Make both organizations, one with what its catalogue says of itself."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants.data import Kind

    now = clock.now()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    for key in (MAKER, READER):
        tenants.create(key=key, kind=Kind.MUNICIPALITY, now=now)
    with tenants.bind(MAKER):
        for name, value in (
            ("organization.name", "Maker"), ("organization.contact", '{"email":"data@example.org"}')
        ):
            registry.save_setting(name=name, value=value, actor=SYSTEM, now=now)


def walk(*, folder: str) -> dict[str, str]:
    """Take a profile through every step; gives what went wrong at each, empty for nothing."""
    told = dict.fromkeys(STEPS, "not reached")
    told.pop("created")
    profile, code = Path(folder), Path(folder).name
    with tenants.bind(MAKER):
        said = {"created": _created(profile)} | told
        if said["created"]:
            return said
        said["posted"], path = _posted(code)
        if said["posted"]:
            return said
        for name, media_type in FORMATS.items():
            said[name] = _tried(_read, path, media_type)
        pages = _pages(code)
        said["in the catalogue"] = _tried(_in_catalogue, code)
    with tenants.bind(READER):
        said["replicated"] = _created(profile) or _tried(_followed, code, pages)
    return said


def _tried(step: Callable[..., str], *arguments: object) -> str:
    try:
        return step(*arguments)
    except Exception as failure:  # whatever it is, it is this step that failed, and the next is tried
        return f"{type(failure).__name__}: {str(failure)[:300]}"


def _created(folder: Path) -> str:
    from ocapi.modules.linkeddata import commands

    parser = argparse.ArgumentParser()
    commands.create_arguments(parser)
    told = argparse.Namespace()
    with contextlib.redirect_stderr(_Lines()) as lines:
        failed = commands.create(parser.parse_args(["--profile", str(folder)], namespace=told))
    return lines.text if failed else DONE


class _Lines:
    """A file that keeps what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


def _browser(role: str = "") -> Any:
    from django.test import Client

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in

    browser = Client(headers={"host": f"{MAKER}.localhost"})
    if role:
        person = a_person(now=clock.now())
        accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
        signed_in(browser, person=person.uuid, capacity=Capacity.STAFF)
    return browser


def _posted(code: str) -> tuple[str, str]:
    """Post an object of the first class that takes one; gives what was refused last, and the path."""
    from ocapi.modules.linkeddata import profiles, queries

    profile = profiles.of(queries.service_row(code))
    browser, told = _browser("clerk"), "no class has a property"
    for owner in profile.classes:
        for body in _bodies(profile, owner):
            answer = browser.post(
                f"{ROOT}/{code}/objects/{owner.term}", json.dumps(body), content_type="application/json"
            )
            if answer.status_code == 201:
                uuid = UUID(answer["Location"].rpartition("/")[2])
                return DONE, f"/doc/{owner.term}/{uuid}"
            told = f"{owner.term}: {answer.status_code} {answer.content.decode()[:300]}"
    return told, ""


def _bodies(profile: Profile, owner: Class) -> Iterator[dict[str, Any]]:
    """Give objects that should be sound: with a few properties more than it needs, then with none more."""
    for extra in (2, 0):
        made = {each.terms[0]: _value(profile, each, 0) for each in _needed(owner, extra=extra)}
        if made:
            yield made


def _needed(owner: Class, *, extra: int) -> list[Property]:
    known = [each for each in owner.properties if each.terms]
    optional = [each for each in known if not each.minimum]
    texts = [each for each in optional if each.is_text or each.datatype.removeprefix(XSD) in SAMPLES]
    return [each for each in known if each.minimum] + (texts or optional)[:extra]


def _value(profile: Profile, of: Property, depth: int) -> Any:
    if of.allowed:
        first = of.allowed[0]
        return first if isinstance(first, str) else first.text
    if of.of_class:
        owner = next((each for each in profile.classes if each.iri == of.of_class), None)
        if owner is None or depth >= MAX_DEPTH:
            return {"@id": "https://voorbeeld.be/id/ding"}
        inner = {each.terms[0]: _value(profile, each, depth + 1) for each in _needed(owner, extra=0)}
        return {"@type": owner.term, **inner}
    if not of.is_text and not of.datatype:
        return {"@id": "https://voorbeeld.be/id/ding"}
    if of.is_text:
        return "Tekst"
    return SAMPLES.get(of.datatype.removeprefix(XSD), "Tekst")


def _read(path: str, media_type: str) -> str:
    answer = _browser().get(path, headers={"accept": media_type})
    if answer.status_code != 200 or not answer["Content-Type"].startswith(media_type):
        return f"{answer.status_code} {answer['Content-Type']}"
    if media_type == FORMATS["html"]:
        return DONE if b"<h1" in answer.content else "no heading"
    if media_type == FORMATS["json-ld"]:
        said = json.loads(answer.content)
        context = _browser().get(urlsplit(said["@context"]).path)
        return DONE if "@id" in said and "@context" in json.loads(context.content) else "no object or context"
    parsed = pyoxigraph.parse(answer.content, format=PARSERS[media_type])
    return DONE if list(parsed) else "no statements"


def _pages(code: str) -> dict[str, Answer]:
    from ocapi.modules.linkeddata import api

    browser = _browser()
    here = f"/data/{code}/feed"
    return {
        f"{api.base()}{path}": browser.get(path, headers={"accept": "text/turtle"})
        for path in (here, f"{here}/1")
    }


def _followed(code: str, pages: dict[str, Answer]) -> str:
    from ocapi.lib.ldes.following import Fetched
    from ocapi.modules.linkeddata import api

    def fetch(address: str, tag: str) -> Fetched:
        parsed = turtle.parse(pages[address].content, format=turtle.Format.TURTLE, base_iri=address)
        return Fetched(graph=of_triples(parsed))

    done = api.follow_feed(
        service=code, address=next(iter(pages)), fetch=fetch, actor=SYSTEM, now=clock.now()
    )
    count = sum(each.count for each in api.get_service(service=code, actor=SYSTEM).classes)
    return DONE if (done.taken, count, done.refused) == (1, 1, ()) else f"{done.taken} taken, {done.refused}"


def _in_catalogue(code: str) -> str:
    from ocapi.modules.opendata import api as opendata
    from ocapi.modules.opendata.data import Ground
    from ocapi.modules.opendata.tests.factories import an_about

    dataset, decided = opendata.propose(
        source="linkeddata", code=code, about=an_about(title=f"Dienst {code}"), ground=Ground.REUSE,
        motive="Op vraag", actor=SYSTEM, now=clock.now(),
    )
    answer = _browser().get(f"/open-data/{dataset}")
    listed = _browser().get("/open-data/catalog.ttl")
    if answer.status_code != 200 or listed.status_code != 200:
        return f"{decided} {answer.status_code} {listed.status_code}"
    return DONE if f"/data/{code}/feed" in listed.content.decode() else "not in catalog.ttl"


OPERATIONS: dict[str, Callable[..., Any]] = {"build": build, "walk": walk}
