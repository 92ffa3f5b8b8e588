"""Fixtures of the case tests."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that asks `content` run in an organization that was filled once."""
    from ocapi.modules.cases.tests import factories  # models can be imported once Django is set up

    for item in items:
        if HERE in item.path.parents and "content" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stocked(by=factories.load_content))


@pytest.fixture
def content(tenant: object) -> object:
    """The bound organization with the case types and letters of the project."""
    return tenant
