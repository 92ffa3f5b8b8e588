"""The demo's data services: each shipped profile carries its objects. Not covered: pages (journeys)."""

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
