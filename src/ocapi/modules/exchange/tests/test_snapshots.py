"""What the data plane is told of organizations. Not covered: signing and reading it (lib, dataplane)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import DatabaseError

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind, Succession
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import codec, ids
from ocapi.lib.snapshot import TenantEntry
from ocapi.modules.exchange.services import snapshots


class TestEntry:
    def test_tells_from_when_and_by_whom_an_organization_is_replaced(self, tenant):
        heir = Succession(
            uuid=ids.new_uuid(NOW), old=tenant.uuid, new=ids.new_uuid(NOW), new_name="Pajottegem",
            new_base_iri="https://pajottegem.example", on=date(2027, 1, 1), planned_at=NOW,
            planned_by="uid 1", confirmed_at=NOW, confirmed_by="uid 2",
        )
        entry = snapshots._entry(replace(tenant, succession=heir))
        assert (entry.successor, entry.is_replaced(NOW)) == (heir.new_base_iri, False)
        assert entry.replaced_at == datetime(2026, 12, 31, 23, tzinfo=UTC)
        assert codec.decode_json(codec.encode_json(entry), TenantEntry) == entry


@pytest.fixture
def two(installation):
    """Two organizations, as the policy of both is written."""
    for key in ("sound", "touched"):
        tenants.create(key=key, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    written(by="sound")
    yield
    for key in ("sound", "touched"):
        tenants.delete(key=key)


def written(*, by):
    """Write the policy as the worker does while it has one organization bound; gives the states in it."""
    with tenants.bind(by):
        snapshots.publish(now=NOW)
        held, _is_own = snapshots._held(Path(settings.OCAPI.data) / "snapshot", NOW)
    return {key: part.tenant.state for key, part in held.parts.items() if key in ("sound", "touched")}


def forbidden():
    raise DatabaseError("database disk image is malformed")


class TestKey:
    def test_signs_anew_what_the_key_before_it_signed_and_is_shown_after_that(self, two, monkeypatch):
        old = tenants.platform_signing_key()
        new = type(old)(kid="new", private=ec.generate_private_key(ec.SECP256R1()))
        shown = []
        with tenants.bind("sound"), monkeypatch.context() as patch:
            assert not snapshots.publish(now=NOW)
            patch.setattr(tenants, "platform_signing_keys", lambda: (new, old))
            patch.setattr(tenants, "platform_signing_key", lambda: new)
            patch.setattr(snapshots, "_pin", lambda folder: shown.append(snapshots._held(folder, NOW)[1]))
            assert [snapshots.publish(now=NOW), snapshots.publish(now=NOW)] == [True, False]
        assert shown == [True, True]
        assert written(by="sound") == {"sound": "active", "touched": "active"}


class TestOneThatIsNotServed:
    def test_is_suspended_at_once_when_it_was_changed_by_hand_and_active_when_it_is_given_back(self, two):
        tenants.withhold(tenants.by_key("touched"), "database: the table x is gone")
        assert written(by="sound") == {"sound": "active", "touched": "suspended"}
        tenants.give_back(tenants.by_key("touched"))
        assert written(by="touched") == {"sound": "active", "touched": "active"}

    def test_is_written_when_there_is_no_other_and_its_database_is_not_read(self, two, monkeypatch):
        tenants.withhold(tenants.by_key("touched"), "x")
        monkeypatch.setattr(snapshots, "part", forbidden)
        assert written(by="touched") == {"sound": "active", "touched": "suspended"}

    def test_only_reads_while_it_is_parked(self, two):
        tenants.park(tenants.by_key("touched"), "a migration failed")
        assert written(by="sound") == {"sound": "active", "touched": "readOnly"}
        tenants.release(tenants.by_key("touched"))

    def test_does_not_keep_the_policy_of_others_from_being_written(self, two, monkeypatch):
        entry = replace(tenants.by_key("touched"), hosts=("moved.localhost",))
        monkeypatch.setattr(tenants, "list_tenants", lambda: (tenants.by_key("sound"), entry))
        mine = snapshots.part

        def part():
            return mine() if tenants.current().key == "sound" else forbidden()

        monkeypatch.setattr(snapshots, "part", part)
        assert written(by="sound") == {"sound": "active", "touched": "active"}
