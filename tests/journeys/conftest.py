"""One installation and one browser for all journeys; each test gets visitors of its own."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from ocapi.kernel.tenants.testing import missing
from tests.journeys import running
from tests.journeys.people import Visitor
from tests.journeys.running import City

HERE = Path(__file__).parent
OF_PLAYWRIGHT = (
    "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay",
    "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)
"""What Playwright switches off; a browser listens to the last such list only."""
WITHOUT = (*OF_PLAYWRIGHT, "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
"""Each window would start a process for a bar that nobody sees, and one in case it is needed: half of what a
visitor costs.
"""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark journeys before `-m` chooses; run them last: the browser's driver keeps an event loop open, which
    other tests can't bear.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    yield
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; skipped without it, a failure when CI=true."""
    found = shutil.which("chromium")
    if found is None:
        missing("browser", "install chromium from Debian")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def city(chromium_path: str) -> Iterator[City]:
    """A running installation with the organizations that journeys visit."""
    with running.running(Path(tempfile.mkdtemp(prefix="ocapi-journeys-"))) as made:
        yield made


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """The driver of the browser."""
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="session")
def chromium(driver: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all tests."""
    made = driver.chromium.launch(
        executable_path=chromium_path,
        args=["--no-sandbox", "--lang=nl-BE", f"--disable-features={','.join(WITHOUT)}"],
        env={**os.environ, "LANGUAGE": "nl"},
    )
    yield made
    made.close()


@pytest.fixture(scope="session")
def kept_sign_ins() -> dict[str, object]:
    """Cookies of people who signed in once, so that not every test walks through the identity provider."""
    return {}


@pytest.fixture
def visit(
    city: City, chromium: Browser, kept_sign_ins: dict[str, object]
) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: `visit()` is nobody yet, `visit("fien-boomgaard.citizen")` has signed in; whatever they
    do, no page may ask another origin for something or break the content security policy.
    """
    made: list[Visitor] = []

    def make(person: str = "", **settings: object) -> Visitor:
        visitor = Visitor.arrive(city, chromium, person=person, kept=kept_sign_ins, **settings)
        made.append(visitor)
        return visitor

    yield make
    complaints = [line for each in made for line in each.complaints]
    for each in made:
        each.leave()
    assert complaints == []
