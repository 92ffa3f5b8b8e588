"""The rules of binding (house.md 6). Not covered here: carrying, merging and migrating organizations."""

import sqlite3
import threading
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.core.signing import BadSignature
from django.db import OperationalError, connection, connections, transaction

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants import binding, keys, provision
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import (
    InvalidKey,
    KeyTaken,
    Kind,
    TenantUnbound,
    UnknownTenant,
    WrongSecret,
    WrongTenant,
)
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import durable


class TestBinding:
    def test_refuses_a_query_while_nothing_is_bound(self, installation):
        with pytest.raises(TenantUnbound), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def test_answers_vendor_and_features_while_nothing_is_bound(self, installation):
        assert connection.vendor in ("sqlite", "postgresql")
        assert connection.features.uses_savepoints

    def test_makes_default_the_bound_organizations_database(self, tenant):
        assert connections["default"].alias == tenant.alias
        assert connections["default"] is connections[tenant.alias]

    def test_refuses_the_alias_of_another_organization(self, tenant, other_tenant):
        with pytest.raises(WrongTenant):
            connections[other_tenant.alias]

    def test_refuses_to_bind_another_organization_inside(self, tenant, other_tenant):
        with pytest.raises(WrongTenant), binding.bind(other_tenant):
            pass

    def test_lets_the_same_organization_nest(self, tenant):
        with binding.bind(tenant):
            assert binding.current() is tenant

    def test_starts_a_new_thread_unbound(self, tenant):
        seen = []
        thread = threading.Thread(target=lambda: seen.append(binding.find_current()))
        thread.start()
        thread.join()
        assert seen == [None]

    def test_iterates_over_default_and_platform_only(self, tenant):
        assert list(connections) == ["default", PLATFORM]

    def test_reaches_open_organizations_when_cleaning_up(self, tenant):
        connection.ensure_connection()
        assert tenant.alias in {found.alias for found in connections.all(initialized_only=True)}

    def test_gives_atomic_without_arguments_the_bound_database(self, tenant):
        with transaction.atomic():
            assert connections[tenant.alias].in_atomic_block

    def test_keeps_signed_values_apart(self, tenant, other_tenant):
        signed = tenants.signer("link").sign("x")
        with binding.unbound(), binding.bind(other_tenant), pytest.raises(BadSignature):
            tenants.signer("link").unsign(signed)

    def test_cannot_decrypt_the_column_of_another_organization(self, tenant, other_tenant):
        stored = tenants.encrypt("67.62.15-467.51", context="test")
        assert tenants.decrypt(stored, context="test") == "67.62.15-467.51"
        with binding.unbound(), binding.bind(other_tenant):
            pytest.raises(InvalidTag, tenants.decrypt, stored, context="test")

    def test_never_caches_content_types_under_the_literal_default(self, tenant):
        from django.contrib.contenttypes.models import ContentType

        ContentType.objects.get_for_model(ContentType)
        assert "default" not in ContentType.objects._cache


class TestCreate:
    def test_gives_an_organization_that_answers_under_its_host(self, committed_tenant):
        assert tenants.by_host(f"{committed_tenant.key}.localhost").uuid == committed_tenant.uuid

    def test_refuses_a_key_in_use(self, committed_tenant):
        with pytest.raises(KeyTaken):
            tenants.create(key=committed_tenant.key, kind=Kind.AGENCY, now=NOW)

    def test_refuses_a_host_in_use(self, committed_tenant):
        with pytest.raises(KeyTaken):
            tenants.create(key="another", kind=Kind.AGENCY, hosts=committed_tenant.hosts, now=NOW)

    @pytest.mark.parametrize("key", ["", "A", "a", "1a", "a_b", "a" * 32, "../x", "platform"])
    def test_refuses_what_is_not_a_key(self, installation, key):
        with pytest.raises(InvalidKey):
            tenants.create(key=key, kind=Kind.AGENCY, now=NOW)

    def test_leaves_nothing_after_deletion(self, installation):
        made = tenants.create(key="gone", kind=Kind.SUPPLIER, now=NOW)
        tenants.delete(key="gone")
        with pytest.raises(UnknownTenant):
            tenants.by_key("gone")
        assert not (installation / "tenants" / made.key).exists()

    def test_starts_over_from_what_a_crash_left(self, installation):
        (installation / "tenants" / "halfway" / "blobs").mkdir(parents=True)
        (installation / "tenants" / "halfway" / "blobs" / "stray").write_bytes(b"x")
        tenants.create(key="halfway", kind=Kind.AGENCY, now=NOW)
        assert not (installation / "tenants" / "halfway" / "blobs" / "stray").exists()
        tenants.delete(key="halfway")


    def test_refuses_a_second_process_that_makes_the_same_key(self, installation):
        with provision._alone("twice", ()), pytest.raises(KeyTaken):
            tenants.create(key="twice", kind=Kind.AGENCY, now=NOW)


class TestOpenConnections:
    def test_stay_within_their_limit_and_spare_a_transaction(self, installation, settings_of_platform):
        made = [tenants.create(key=f"lru-{n}", kind=Kind.AGENCY, now=NOW) for n in range(4)]
        settings_of_platform.open_tenants = 2
        for each in made:
            with binding.bind(each):
                connection.ensure_connection()
        opened = [
            found.alias for found in connections.all(initialized_only=True) if found.alias.startswith("t_lru")
        ]
        assert opened == ["t_lru-2", "t_lru-3"]
        for each in made:
            tenants.delete(key=each.key)


@pytest.fixture
def settings_of_platform():
    from django.conf import settings

    before = settings.OCAPI.open_tenants
    yield settings.OCAPI
    settings.OCAPI.open_tenants = before


class TestSecret:
    def test_of_another_installation_is_told_by_name(self, tenant, settings_secret):
        wrapped = keys.wrap(b"x", aad=b"owner")
        settings_secret("y" * 40)
        with pytest.raises(WrongSecret, match="OCAPI_SECRET"):
            keys.unwrap(wrapped, aad=b"owner")


@pytest.fixture
def settings_secret(monkeypatch):
    from dataclasses import replace

    from django.conf import settings

    return lambda value: monkeypatch.setattr(settings, "OCAPI", replace(settings.OCAPI, secret=value))


class TestSqliteErrors:
    @pytest.mark.parametrize(("name", "ends"), [
        ("SQLITE_IOERR_FSYNC", True), ("SQLITE_IOERR_DIR_FSYNC", True), ("SQLITE_FULL", False),
        ("SQLITE_BUSY", False),
    ])
    def test_end_the_process_when_the_disk_did_not_confirm(self, monkeypatch, name, ends):
        from ocapi.kernel.tenants import sqlite

        ended = []
        monkeypatch.setattr(sqlite.os, "_exit", ended.append)
        failure = sqlite3.OperationalError("disk I/O error")
        failure.sqlite_errorname = name
        wrapper = sqlite.SqliteWrapper(sqlite.database_settings(Path(":memory:")), alias="x")
        with pytest.raises(OperationalError), wrapper.wrap_database_errors:
            raise failure
        assert ended == ([durable.EXIT_AFTER_FAILED_SYNC] if ends else [])
