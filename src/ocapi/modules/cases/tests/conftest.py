"""Fixtures of the case tests."""

import pytest


@pytest.fixture
def content(tenant: object) -> object:
    """The bound organization with the case types and letters of the project."""
    from ocapi.modules.cases.tests import factories  # models can be imported once Django is set up

    factories.load_content()
    return tenant
