"""Retakes the pictures of docs/images from a demo of its own: `tools/screenshots.py [NAME...]`.

Which pages, and who looks at them, stands in tests/journeys/screens.py (`image`). Each gives NAME-desktop.png
(1280 pixels wide) and NAME-320.png. Needs Chromium from Debian and `make dev`.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ.update(OCAPI_DEMO="1", DJANGO_SETTINGS_MODULE="ocapi.main.settings")

import django  # noqa: E402 (after the settings are named)

django.setup()  # the scene makes one-time codes with the library that checks them

from playwright.sync_api import Browser, sync_playwright  # noqa: E402 (after the path is known)
from tests.journeys import looking, scene  # noqa: E402
from tests.journeys.people import Visitor  # noqa: E402
from tests.journeys.running import City, running  # noqa: E402
from tests.journeys.screens import SCREENS  # noqa: E402

FOLDER = PROJECT / "docs" / "images"
SIZES = {"desktop": {"width": 1280, "height": 900}, "320": {"width": 320, "height": 1300}}


def main(names: list[str]) -> int:
    """Take every picture, or those named; gives the exit code."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is missing: install it from Debian", file=sys.stderr)
        return 2
    data = Path(tempfile.mkdtemp(prefix="ocapi-pictures-"))
    with running(data, months=0) as city, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--lang=nl-BE"],
            env={**os.environ, "LANGUAGE": "nl"},
        )
        _take(city, browser, names)
        browser.close()
    return 0


def _take(city: City, browser: Browser, names: list[str]) -> None:
    visitors: dict[tuple[str, str], Visitor] = {}

    def visit(person: str = "", key: str = "aalter") -> Visitor:
        if (person, key) not in visitors:
            visitors[person, key] = Visitor.arrive(city, browser, person=person, kept={}, key=key)
        return visitors[person, key]

    made = scene.set_up(visit)
    for screen in SCREENS:
        if screen.image and (not names or screen.image in names):
            visitor = visit(screen.person, screen.key)
            looking.visit_screen(visitor, screen, made)
            for suffix, size in SIZES.items():
                visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
                visitor.page.screenshot(path=FOLDER / f"{screen.image}-{suffix}.png")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
