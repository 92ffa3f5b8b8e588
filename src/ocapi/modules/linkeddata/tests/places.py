"""Objects with a place for tests, and a site that another program can read while the test waits.

The site answers in the thread of the test: whatever the test made is seen, without being committed.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

PROFILE = """
name: plaatsen
title: Plaatsen
version: "1"
source: OSLO Adres, restated for tests
prefixes:
  locn: "http://www.w3.org/ns/locn#"
  geo: "http://www.opengis.net/ont/geosparql#"
  skos: "http://www.w3.org/2004/02/skos/core#"
  schema: "http://schema.org/"
  xsd: "http://www.w3.org/2001/XMLSchema#"
  ex: "https://voorbeeld.be/ns#"
classes:
  - term: Plaats
    iri: "ex:Place"
    label: Plaats
    closed: true
    properties:
      - {term: naam, iri: "skos:prefLabel", count: "1", text: true, label: Naam}
      - {term: aantal, iri: "ex:count", datatype: "xsd:integer", label: Aantal}
      - {term: soort, iri: "ex:kind", count: "0..n", label: Soort}
      - {term: vanaf, iri: "schema:startDate", datatype: "xsd:date", label: Vanaf}
      - {term: tot, iri: "schema:endDate", datatype: "xsd:date", label: Tot}
      - {term: positie, iri: "locn:geometry", of_class: "ex:Position", label: Positie}
  - term: Positie
    iri: "ex:Position"
    label: Positie
    properties:
      - {term: wkt, iri: "geo:asWKT", datatype: "geo:wktLiteral", count: "1", label: Vorm}
      - {term: methode, iri: "ex:method", label: Methode}
"""


def a_folder(at: Path) -> Path:
    """Write the profile to a folder of its own and give it."""
    folder = at / "plaatsen"
    folder.mkdir()
    (folder / "profile.yaml").write_text(PROFILE)
    return folder


def a_place(wkt: str = "POINT(3.7 51)", **changes: object) -> dict[str, object]:
    """Give an object with a place."""
    position = {"@type": "Positie", "wkt": wkt, "methode": "gemeten"}
    return {"naam": "Markt", "positie": position, **changes}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def _site(host: str) -> Iterator[tuple[str, object, list[str]]]:
    from django.test import Client

    browser, asked = Client(), []

    def answer(environ: Mapping[str, object], start: object) -> list[bytes]:
        target = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        asked.append(target)
        headers = {"host": f"{host}:{server.server_port}"}
        if environ.get("HTTP_ACCEPT"):
            headers["accept"] = str(environ["HTTP_ACCEPT"])
        got = browser.get(target, headers=headers)
        start(f"{got.status_code} OK", [(k, v) for k, v in got.items() if k != "Content-Length"])  # type: ignore[operator]
        return [got.content]

    server = make_server("127.0.0.1", 0, answer, handler_class=_Quiet)
    server.timeout = 0.2
    try:
        yield f"http://{host}:{server.server_port}", server, asked
    finally:
        server.server_close()


def read_by(program: str, *, host: str, seconds: int = 60) -> tuple[str, list[str]]:
    """Run a program of Python against the site; give what it printed and what it asked for.

    In it `{site}` stands for the address of the site and `{port}` for its port.
    """
    with _site(host) as (site, server, asked):
        code = program.replace("{site}", site).replace("{port}", site.rpartition(":")[2])
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            turns = seconds * 5
            while child.poll() is None and turns:
                before = len(asked)
                server.handle_request()  # type: ignore[attr-defined]
                turns -= len(asked) == before
            printed, complaint = child.communicate(timeout=10)
        finally:
            child.kill()
    assert child.returncode == 0, complaint
    return printed, asked
