"""Security headers on every page. Not covered: HSTS, which nginx adds, and static files (test_front)."""

import pytest
from django.test import Client

from ocapi.main.tests.addresses import addresses

WANTED = {
    "content-security-policy": (
        "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ),
    "x-content-type-options": ("nosniff",),
    "referrer-policy": ("same-origin",),
    "cross-origin-opener-policy": ("same-origin",),
}
OPEN = ("/geo", "/open-data/", "/api/3/", "/api/opendata/", "/catalog", "/sitemap.xml", "/feeds/",
        "/doc/instancesnapshot", "/ipdc-lpdc-im.jsonld", "/ldes.jsonld")
"""Below these stands open data: a program in any browser may read it, as without a browser."""


@pytest.fixture
def browser(tenant):
    return Client(headers={"host": f"{tenant.key}.localhost"}, raise_request_exception=False)


def lacking(response):
    return [
        f"{name}: {part}" for name, parts in WANTED.items() for part in parts
        if part not in response.headers.get(name, "")
    ]


def is_plain(kind):
    """Tell whether a content type says enough: JSON, XML and N-Quads say themselves what they are written in,
    by their own standards; text has to be told.
    """
    media, _, more = kind.partition(";")
    said = ("application/json", "application/xml", "application/n-quads")
    says_itself = media in said or media.endswith("+json")
    is_text = media.startswith(("text/", "application/yaml"))
    return says_itself or (is_text and "charset=utf-8" in more.lower())


class TestHeaders:
    def test_stand_on_every_page_also_where_there_is_none(self, browser):
        found = {path: lacking(browser.get(path)) for path in (*addresses(), "/is-er-niet")}
        assert {path: wrong for path, wrong in found.items() if wrong} == {}

    def test_keep_what_is_not_public_out_of_every_cache(self, browser):
        caches = {path: browser.get(path).headers["cache-control"] for path in addresses()}
        wrong = {
            path: told for path, told in caches.items()
            if "no-store" not in told and not told.startswith("public")
        }
        assert wrong == {}

    def test_allow_another_origin_only_what_everybody_may_read_and_without_who_asks(self, browser):
        answers = {
            path: browser.get(path, headers={"origin": "https://evil.example"}) for path in addresses()
        }
        shared = {
            path: each for path, each in answers.items() if "access-control-allow-origin" in each.headers
        }
        assert [path for path in shared if not path.startswith(OPEN)] == []
        assert {each["access-control-allow-origin"] for each in shared.values()} <= {"*"}
        assert [path for path, each in shared.items() if "access-control-allow-credentials" in each] == []

    def test_say_what_kind_of_content_it_is_and_in_which_encoding(self, browser):
        kinds = {path: browser.get(path) for path in addresses()}
        wrong = {
            path: page.headers.get("content-type", "") for path, page in kinds.items()
            if page.content and not is_plain(page.headers.get("content-type", ""))
        }
        assert wrong == {}

    def test_would_be_missed(self, browser):
        response = browser.get("/")
        del response.headers["x-content-type-options"]
        assert lacking(response) == ["x-content-type-options: nosniff"]
