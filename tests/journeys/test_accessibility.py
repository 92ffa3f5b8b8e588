"""Every page of the four audiences as axe, html-validate and a phone see it.

Not covered here: what a person hears with a screen reader, and pages that modules do not have yet.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser

from ocapi.kernel.registry import api as registry
from tests.journeys import looking, scene
from tests.journeys.looking import Sight
from tests.journeys.people import ADMINISTRATOR
from tests.journeys.running import PROJECT, City
from tests.journeys.screens import SCREENS, Scene, Screen

# Addresses that answer something else than a page: files, data, redirects, and forms that only post.
NO_PAGES = {
    "account_login", "account_reauthenticate", "accounts:extend", "accounts:sign-in", "accounts:sign-out",
    "accounts:step-up", "brand", "capture:load-accept", "capture:load-faults",
    "cases:assign", "cases:attachment", "cases:export", "cases:letter-pdf",
    "cases:start", "council-desk:cancel", "council-desk:move-item", "council-desk:prepare",
    "council-desk:publish", "council-desk:remove-item", "council-desk:take-back", "council-desk:withdraw",
    "council:feed", "council:feed-newest", "council:feed-page", "council:source", "council:strict-feed",
    "council:strict-feed-page", "exchange:api-catalog", "exchange:jwks",
    "exchange:metadata", "exchange:token", "figures:dashboard_briefing", "figures:indicator_export",
    "forms:file", "forms:schema", "identifier", "insight:dashboard_briefing", "insight:export",
    "insight:indicator_export", "linkeddata:context",
    "linkeddata:earlier-context", "linkeddata:feed", "linkeddata:feed-page", "linkeddata:geo",
    "linkeddata:geo-api", "linkeddata:geo-collections", "linkeddata:geo-conformance", "linkeddata:item",
    "linkeddata:items", "linkeddata:openapi", "linkeddata:queryables", "linkeddata:shapes",
    "linkeddata:version-identifier", "linkeddata:view", "linkeddata:view-page",
    "opendata:catalog-page", "opendata:ckan", "opendata:ckan-3",
    "opendata:download", "opendata:feed", "opendata:feed-page", "opendata:openapi", "opendata:rows",
    "opendata:shapes", "opendata:sitemap", "openid_connect_login", "portal:attachment", "portal:autosave",
    "portal:letter-pdf", "portal:read-message", "processes:check-drawing", "processes:draw-file",
    "processes:carry-out-migration", "processes:correction", "processes:drawing", "processes:relocation",
    "processes:test-connection", "robots", "rules:draft-file",
    "rules:export", "rules:publish-draft", "rules:save-cases", "rules:save-expression", "rules:save-sheet",
    "security-contact", "service-feed:feed-context",
    "service-feed:lpdc", "service-feed:model-context", "service-feed:newest-version", "service-feed:page",
    "service-feed:root",
    "service-feed:shape", "services:act-on-instance", "services:make-instance",
}
TITLE = re.compile(r"(Fout: )?.+ – (Gemeente Aalter|Koepel Slimme Gemeenten)")


@pytest.fixture(scope="session")
def made(city: City, chromium: Browser, kept_sign_ins: dict[str, object]) -> Scene:
    """What pages need before they can be looked at."""
    with looking.visitors(city, chromium, kept_sign_ins) as visit:
        return scene.set_up(visit)


@pytest.fixture(scope="class")
def sights(
    request: pytest.FixtureRequest, made: Scene, city: City, chromium: Browser,
    kept_sign_ins: dict[str, object],
) -> Iterator[dict[str, Sight]]:
    """Every screen of a class, seen once; what went wrong on the way there is part of the sight."""
    with looking.visitors(city, chromium, kept_sign_ins) as visit:
        yield {
            screen.name: looking.look_at(visit(screen.person, screen.key), screen, made)
            for screen in request.cls.screens
        }


class EveryScreen:
    """What holds for every screen; two classes share them, so that two processes can."""

    screens: tuple[Screen, ...]

    def test_is_reached_and_answers_with_its_status(self, sights: dict[str, Sight]) -> None:
        expected = {each.name: each.status for each in self.screens}
        assert {name: sight.trouble or sight.status for name, sight in sights.items()} == expected

    def test_has_no_violation_of_wcag_on_desktop_and_phone(self, sights: dict[str, Sight]) -> None:
        assert {name: sight.violations for name, sight in sights.items() if sight.violations} == {}

    def test_has_one_h1_and_skips_no_level(self, sights: dict[str, Sight]) -> None:
        assert {name: sight.levels for name, sight in sights.items() if not sight.has_good_headings} == {}

    def test_fits_a_phone_of_320_pixels(self, sights: dict[str, Sight]) -> None:
        assert {name: sight.wide for name, sight in sights.items() if sight.wide} == {}

    def test_has_targets_of_24_pixels(self, sights: dict[str, Sight]) -> None:
        assert {name: sight.small for name, sight in sights.items() if sight.small} == {}

    def test_leaves_the_first_screen_of_a_phone_to_its_content(self, sights: dict[str, Sight]) -> None:
        most = 90  # px of 640: a bar, its name on two lines at most
        assert {name: sight.head for name, sight in sights.items() if sight.head > most} == {}

    def test_is_valid_html(self, sights: dict[str, Sight], tmp_path: Path) -> None:
        pages = {name: sight.html for name, sight in sights.items()}
        assert looking.invalid_html(pages, tmp_path) == {}

    def test_is_in_dutch_of_belgium(self, sights: dict[str, Sight]) -> None:
        assert {sight.language for sight in sights.values()} == {"nl-BE"}

    def test_says_what_it_is_and_whose_and_when_something_is_wrong(self, sights: dict[str, Sight]) -> None:
        own = [each for each in self.screens if not each.template.startswith("demo_idp/")]
        titles = {each.name: sights[each.name].title for each in own}
        assert [title for title in titles.values() if not TITLE.fullmatch(title)] == []
        assert {each.name for each in own if each.status in (400, 409, 422)} == {
            name for name, title in titles.items() if title.startswith("Fout: ")
        }

    def test_begins_with_a_link_to_its_content(self, sights: dict[str, Sight]) -> None:
        own = {each.name for each in self.screens if not each.template.startswith("demo_idp/")}
        assert {name for name, sight in sights.items() if sight.skips_to == "#inhoud"} == own

    def test_asks_nothing_elsewhere_and_keeps_the_security_policy(self, sights: dict[str, Sight]) -> None:
        assert {name: sight.complaints for name, sight in sights.items() if sight.complaints} == {}

    def test_has_a_title_no_other_page_of_its_reader_has(self, sights: dict[str, Sight]) -> None:
        pages: dict[tuple[str, str], set[str]] = {}
        for screen in self.screens:
            pages.setdefault((screen.person, sights[screen.name].title), set()).add(screen.template)
        assert {title: found for title, found in pages.items() if len(found) > 1} == {}


class TestScreensOfTheAdministrator(EveryScreen):
    screens = tuple(each for each in SCREENS if each.person == ADMINISTRATOR)


class TestScreensOfTheOthers(EveryScreen):
    screens = tuple(each for each in SCREENS if each.person != ADMINISTRATOR)


class TestTheCheck:
    def test_finds_what_is_wrong(self, chromium: Browser) -> None:
        page = chromium.new_page()
        page.set_content("<title>x</title><main><img src='data:,'><input><p style='width:999px'>w</p></main>")
        found = looking.violations(page)
        assert any(line.startswith("image-alt") for line in found)
        assert any(line.startswith("label") for line in found)
        sight = looking.look(page, status=200)
        assert sight.wide and not sight.has_good_headings
        page.close()

    def test_finds_invalid_html(self, city: City, tmp_path: Path) -> None:
        text = "<!doctype html><html lang='nl'><head><title>x</title></head><p><div></div></p></html>"
        assert looking.invalid_html({"planted": text}, tmp_path)["planted"]


class TestTheList:
    def test_names_every_page_of_the_url_configuration(self) -> None:
        walked = {screen.route for screen in SCREENS if screen.route}
        missing = set(routes()) - NO_PAGES - walked
        assert missing == set(), "add a Screen in tests/journeys/screens.py"

    def test_names_only_pages_that_exist(self) -> None:
        known = set(routes())
        assert {screen.route for screen in SCREENS if screen.route} - known == set()
        assert NO_PAGES - known - {"account_login", "account_reauthenticate"} == set()

    def test_names_every_template_that_is_a_page(self) -> None:
        found = {
            str(path.relative_to(path.parents[1])) for path in (PROJECT / "src").rglob("templates/*/*.html")
            if '{% extends "ui/shell' in path.read_text() or "<!DOCTYPE html>" in path.read_text()
        }
        shells = {"ui/shell.html", "ui/shell_public.html", "ui/shell_citizen.html", "ui/shell_desk.html"}
        assert found - shells - {screen.template for screen in SCREENS} == set()

    def test_names_each_screen_once(self) -> None:
        assert len({each.name for each in SCREENS}) == len(SCREENS)


def routes() -> Iterator[str]:
    """Give the name of every address that is not an API."""
    assert registry.list_manifests()
    yield from _routes(get_resolver("ocapi.main.urls").url_patterns, "")


def _routes(patterns: list[object], namespace: str) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            if str(each.pattern).startswith("api/"):
                continue
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _routes(each.url_patterns, inner)
        elif isinstance(each, URLPattern) and each.name:
            yield f"{namespace}{each.name}"
