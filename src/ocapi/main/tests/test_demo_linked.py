"""The demo's data services: each shipped profile carries its objects and is open data. Not covered: pages."""

from pathlib import Path

import pytest
from django.conf import settings

from ocapi.lib import clock
from ocapi.lib.actor import Actor, Capacity


@pytest.fixture
def filled(tenant, monkeypatch):
    from ocapi.kernel.registry import api as registry
    from ocapi.main import demo_linked

    # that all public bodies are what the profile asks is tested in linkeddata
    monkeypatch.setattr("ocapi.modules.linkeddata.authorities.public_bodies", lambda: ())
    registry.load_pack(name="data-services", now=clock.now())
    return demo_linked.fill(Path(settings.OCAPI.project) / "content", now=clock.now())


class TestDemo:
    def test_fills_every_service_and_says_where_things_are(self, filled):
        from ocapi.main import demo_linked
        from ocapi.modules.linkeddata import api

        nobody = Actor(capacity=Capacity.ANONYMOUS)
        counts = {each.code: sum(c.count for c in each.classes) for each in api.list_services(actor=nobody)}
        assert counts.pop("bestuurseenheden") == 0
        assert set(counts) == set(demo_linked.SERVICES)
        assert min(counts.values()) >= 8
        places = {each.service: each.count for each in api.list_collections(actor=nobody)}
        assert places["adressen"] == counts["adressen"] == 279
        assert set(places) == {"adressen", "innames", "observaties", "omgevingsvergunningen"}
        assert demo_linked.fill(Path(settings.OCAPI.project) / "content", now=clock.now()) == 0
        self._is_shared_as_open_data_once()

    def _is_shared_as_open_data_once(self):
        from ocapi.kernel.registry import api as registry
        from ocapi.kernel.tenants.testing import a_staff_member
        from ocapi.main import demo_linked, demo_open
        from ocapi.modules.opendata import api

        now, admin = clock.now(), a_staff_member("tenant_admin")
        contact = '{"lines": ["Gemeente Test"], "email": "info@example.org"}'
        registry.save_setting(name="organization.contact", value=contact, actor=admin, now=now)
        assert demo_open.share(actor=admin, now=now) == len(demo_linked.SERVICES) + 1
        assert set(demo_linked.SERVICES) - set(api.list_codes(actor=admin)) == {"innames"}
        assert demo_open.share(actor=admin, now=now) == 0
