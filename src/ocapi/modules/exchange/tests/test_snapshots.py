"""What the data plane is told of organizations. Not covered: signing and reading it (lib, dataplane)."""

from dataclasses import replace
from datetime import UTC, date, datetime

from ocapi.kernel.tenants.data import Succession
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
