"""Guards without a clock: what web loads while it serves, and how large pages are.

Not covered here: what the planes load at import (tests/architecture), statements per page (beside the code).
"""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.middleware import cookie_name
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import clock
from ocapi.lib.actor import Capacity

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = {"pandas", "polars", "pyarrow", "duckdb", "rdflib", "pyshacl", "pyoxigraph"}
PACKS = ("case-types", "letters", "forms", "public-services")
PUBLIC = ("/", "/diensten", "/dienst/kapvergunning", "/loket/kapvergunning/", "/loket/verhuizing/",
          "/loket/attest-van-woonst/", "/zoeken?q=boom", "/contact", "/privacy",
          "/toegankelijkheidsverklaring")
OWN = ("/mijn/", "/mijn/zaken", "/mijn/berichten", "/mijn/gegevens", "/mijn/raadplegingen")
DESK = ("/desk/", "/desk/zaken/", "/desk/diensten/", "/api/cases/v1/cases")
PAGE_BYTES = 100_000
SCRIPT_BYTES = 30_000
LEAST_PAGES = 50
IMPORT_CPU_S = 0.1
SERVE = """
import io, json, sys
import ocapi.main.wsgi as web
found = []
for path, cookie in json.load(sys.stdin):
    place, _, query = path.partition("?")
    told = {}
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": place, "QUERY_STRING": query, "HTTP_HOST": sys.argv[1],
        "HTTP_COOKIE": cookie, "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
    }
    body = web.application(environ, lambda status, headers, *rest: told.update(status=int(status[:3])))
    content = b"".join(body)
    getattr(body, "close", lambda: None)()
    found.append({"path": path, "status": told["status"], "size": len(content), "text": content.decode()})
print(json.dumps({"pages": found, "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


@pytest.fixture
def served(committed_tenant: Any) -> dict[str, Any]:
    """Serve some fifty pages to an inhabitant, a clerk and nobody in a fresh web process."""
    for name in PACKS:
        registry.load_pack(name=name, now=NOW)
    citizen, clerk = a_person(now=NOW), a_person(now=NOW, given_name="Bram")
    accounts.grant_role(person=clerk.uuid, code="clerk", actor=ACTOR, now=NOW)
    plan = [
        *((path, "") for path in PUBLIC * 3),
        *((path, _cookie(committed_tenant.key, citizen.uuid, Capacity.CITIZEN)) for path in (*PUBLIC, *OWN)),
        *((path, _cookie(committed_tenant.key, clerk.uuid, Capacity.STAFF)) for path in (*PUBLIC, *DESK)),
    ]
    done = subprocess.run(
        [sys.executable, "-c", SERVE, committed_tenant.hosts[0]], input=json.dumps(plan), text=True,
        capture_output=True, check=False, cwd=PROJECT, env={**os.environ},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _cookie(key: str, person: Any, capacity: Capacity) -> str:
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore

    session = signed_in(SessionStore(), person=person, capacity=capacity, now=clock.now())
    name = cookie_name(settings.SESSION_COOKIE_NAME, key=key, is_secure=False, is_path_prefixed=False)
    return f"{name}={session.session_key}"


class TestWeb:
    def test_fifty_pages_load_nothing_heavy_and_stay_small(self, served: dict[str, Any]) -> None:
        pages = served["pages"]
        assert len(pages) >= LEAST_PAGES
        assert {each["path"]: each["status"] for each in pages if each["status"] != 200} == {}
        assert not HEAVY & set(served["modules"])
        assert [each["path"] for each in pages if each["size"] > PAGE_BYTES] == []
        citizens = [each for each in pages if each["path"] in (*PUBLIC, *OWN)]
        scripts = {each["path"]: _scripts(each["text"]) for each in citizens}
        assert {path: size for path, size in scripts.items() if size > SCRIPT_BYTES} == {}


def _scripts(page: str) -> int:
    """Give the gzipped bytes of all scripts a page names; a script that is not there fails."""
    names = re.findall(r"<script[^>]*\ssrc=\"/static/([^\"?]+)", page)
    return sum(len(gzip.compress((PROJECT / "build" / "static" / name).read_bytes(), 6)) for name in names)


class TestPackage:
    def test_importing_it_costs_next_to_nothing(self) -> None:
        code = "import time; t = time.process_time(); import ocapi; print(time.process_time() - t)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert float(done.stdout) <= IMPORT_CPU_S
