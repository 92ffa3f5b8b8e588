"""The commands an operator types. Not covered: what harvesting and renewing do (test_harvest, test_api)."""

import argparse

from ocapi.lib import clock
from ocapi.modules.opendata import api, commands
from ocapi.modules.opendata.data import SourceKind
from ocapi.modules.opendata.tests.factories import published, staff


class TestHarvest:
    def test_says_of_each_source_what_it_brought_and_fails_when_one_did_not_come(self, house, capsys):
        assert commands.harvest(argparse.Namespace()) == 0
        api.add_source(
            title="Binnen", address="https://10.0.0.8/catalog.ttl", kind=SourceKind.DCAT, now=clock.now(),
            actor=staff("tenant_admin"),
        )
        assert commands.harvest(argparse.Namespace()) == 2
        assert "Binnen: failed, 0 seen" in capsys.readouterr().out


class TestRenew:
    def test_says_how_much_changed(self, house, offered, capsys):
        published()
        assert commands.renew(argparse.Namespace()) == 0
        assert "0 renewed, 0 could not be renewed" in capsys.readouterr().out
