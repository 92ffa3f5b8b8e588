"""Official profiles of an operator's folder in the demo. Not covered: all of them at once, done by hand."""

from pathlib import Path

import pytest
from django.conf import settings

from ocapi.lib import clock
from ocapi.main import demo_official, demo_sources

CONTENT = Path(settings.OCAPI.project) / "content"
PLAN = {each.profile: each for each in demo_official.PLAN}


class TestSources:
    @pytest.mark.parametrize(
        ("read", "least"),
        [
            (demo_sources.organizations, 1296),
            (demo_sources.addresses, 500),
            (demo_sources.decisions, 8),
            (demo_sources.public_services, 20),
        ],
    )
    def test_tell_each_thing_once(self, shared, read, least):
        found = list(read(shared / "data", CONTENT))
        assert len(found) == len({each.key for each in found}) >= least


class TestFilling:
    def test_makes_a_service_of_an_official_profile_with_places(self, tenant, shared):
        planned = PLAN["omgevingsvergunning"]

        def fill():
            return demo_official.fill(
                planned, shared / "data/oslo/profiles", shared / "data", CONTENT, now=clock.now()
            )

        held = fill()
        assert (held.code, held.objects, held.changed, held.places) == ("omgevingsvergunning", 10, 10, 10)
        assert fill().changed == 0
        pages, root = demo_official._feed(held.code)
        assert len(pages) == 2
        assert root in pages

    def test_says_that_shapes_check_nothing_and_takes_our_own(self, tenant, shared, capsys):
        code = demo_official.make(
            PLAN["adresregister"],
            shared / "data/oslo/profiles",
            code="adresregister",
            title="Adressen",
            now=clock.now(),
        )
        assert code == "adressen"
        assert "its shapes check nothing (5 shapes" in capsys.readouterr().out

    def test_carries_several_services_by_one_profile_of_ours(self, tenant, shared):
        from ocapi.modules.linkeddata import api

        code = demo_official.make(
            PLAN["adresregister"],
            shared / "data/oslo/profiles",
            code="adressen-van-elders",
            title="Adressen van elders",
            now=clock.now(),
        )
        found = api.get_service(service=code, actor=api.LOADER)
        assert (found.code, found.title) == ("adressen-van-elders", "Adressen van elders")
