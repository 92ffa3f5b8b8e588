"""The worker brings together what members took in, and the manifest says who wrote what."""

import argparse
from pathlib import Path

import pytest
from django.conf import settings

from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.members import membership, mirror, places
from ocapi.modules.capture import api, commands
from ocapi.modules.capture.models import PartRow
from ocapi.modules.capture.tests.test_compaction import folder, put


@pytest.fixture
def two(monkeypatch):
    """Two members, of which `a` holds what the test put into the copy."""
    monkeypatch.setattr(settings.OCAPI, "membership", membership.read("a=http://h1:1 b=http://h2:1"))
    monkeypatch.setattr(mirror, "collect_entities", lambda calls, **_given: "a")
    return settings.OCAPI


def test_a_file_names_the_members_that_wrote_it(committed_tenant, two, monkeypatch):
    put(1, 2)
    api.compact(now=NOW)
    assert PartRow.objects.get().members == "a"
    put(3, day=2)
    monkeypatch.setattr(mirror, "collect_entities", lambda calls, **_given: "b")
    api.compact(now=NOW)
    assert PartRow.objects.get().members == "a b"


def test_a_disk_that_is_gone_is_gone_on_without_only_when_it_is_said_for_sure(committed_tenant, two, capsys):
    places.write(folder(), places.Place("b", 1))
    disk = Path(two.data) / "members" / "b.json"
    disk.parent.mkdir(parents=True, exist_ok=True)
    disk.write_text("{}")

    def said(name: str, is_sure: bool) -> int:
        return commands.replace_disk(argparse.Namespace(member=name, is_sure=is_sure))

    assert (said("b", False), said("z", True)) == (1, 1)
    assert places.read(folder()) == places.Place("b", 1) and disk.exists()
    assert said("b", True) == 0
    held = places.read(folder())
    assert held is not None and held.epoch == 2 and not disk.exists()
    told = capsys.readouterr().out
    assert "1 organizations go on without the disk of b" in told and "OCAPI_MEMBERS_DRAINED" in told


def test_others_hold_what_a_drained_member_held_once_its_disk_is_gone(
    committed_tenant, monkeypatch, capsys
):
    drained = membership.read("a=http://h1:1 b=http://h2:1", drained="b")
    monkeypatch.setattr(settings.OCAPI, "membership", drained)
    places.write(folder(), places.Place("b", 2))
    assert commands.replace_disk(argparse.Namespace(member="b", is_sure=True)) == 0
    assert places.read(folder()) == places.Place("a", 3)
    assert "OCAPI_MEMBERS_DRAINED" not in capsys.readouterr().out
