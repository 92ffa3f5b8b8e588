"""Desk pages of the catalogue. Not covered: looks and axe (the journeys do), menus (web fills them)."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.services import api
from ocapi.modules.services.data import EntryKind
from ocapi.modules.services.tests.test_api import CONCEPT
from ocapi.modules.services.views import catalog as views

pytestmark = pytest.mark.usefixtures("catalogue", "addresses")


def get(view, *args, actor=None, **query):
    request = RequestFactory().get("/desk/diensten/", query)
    request.actor, request.now, request.address_form = actor or a_staff_member(), NOW, "informal"
    with translation.override("nl-be-x-informal"):
        return view(request, *args)


@pytest.fixture
def imported(catalogue, tmp_path):
    path = tmp_path / "concepts.ttl"
    path.write_bytes(CONCEPT)
    api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=NOW)


@pytest.mark.usefixtures("imported")
class TestCatalog:
    def test_lists_own_services_and_imported_entries(self):
        page = get(views.catalog).content.decode()
        assert "Kapvergunning" in page
        assert "Fiets" in page

    def test_finds_by_words(self):
        page = get(views.catalog, q="boom").content.decode()
        assert "Boom" in page
        assert "Fiets" not in page

    def test_says_what_to_do_when_nothing_is_there(self):
        assert "--as lpdc-concepts" in get(views.catalog, soort="instance").content.decode()

    def test_asks_visitors_to_sign_in(self):
        with pytest.raises(PermissionError):
            get(views.catalog, actor=ANONYMOUS)

    def test_reads_in_two_statements(self):
        with CaptureQueriesContext(connection) as statements:
            get(views.catalog)
        assert len(statements) == 2

    def test_shows_an_entry_whole_with_markup_as_text(self):
        boom = api.list_catalog(actor=a_staff_member(), text="boom").items[0]
        page = get(views.entry, boom.uuid).content.decode()
        assert "Eigenaar" in page
        assert "unheard" in page
