"""Replacing OCAPI_SECRET: everything opens at each moment. Not covered: kills in between (crash proof)."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import a_person
from ocapi.kernel.audit.testing import operations_of
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.backups.targets import FolderTarget
from ocapi.kernel.registry.carrying.data import ArchiveRefused
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import WrongSecret
from ocapi.kernel.tenants.keyring import ring
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import actor
from ocapi.lib.identifiers import synthetic_insz
from ocapi.lib.mqtt import passwords
from ocapi.main import commands, environment

NUMBER = synthetic_insz(date(1985, 3, 7), 112)
SPEAKER = actor.system("test")
NEW = "another-secret-" + "y" * 40
Start = Callable[[str, str], None]


@pytest.fixture
def start(committed_tenant: object) -> Iterator[Start]:
    """Give a way to go on as a process that was started with other secrets; all is as before afterwards."""
    before = settings.OCAPI.secret

    def started(secret: str, also: str = "") -> None:
        settings.OCAPI.secret, settings.OCAPI.secret_also = secret, also
        for owner in (None, tenants.current().uuid):
            ring.forget(owner)
        connection.close()

    yield started
    started(before, NEW)
    tenants.replace_platform_secret(now=NOW)
    tenants.replace_secret(actor=SPEAKER, now=NOW)
    started(before)


def replaced() -> int:
    return tenants.replace_platform_secret(now=NOW) + tenants.replace_secret(actor=SPEAKER, now=NOW)


class TestReplacing:
    def test_seals_the_passwords_for_brokers_anew(self, start: Start) -> None:
        old, owner, capture = settings.OCAPI.secret, tenants.current().uuid, tenants.folder() / "capture"
        passwords.keep(capture, "parking", b"x", sealer=tenants.sealer(), owner=owner)
        start(NEW, old)
        before = tenants.keys_under_other_secret(tenants.current())
        replaced()
        assert (before > 0, tenants.keys_under_other_secret(tenants.current())) == (True, 0)
        start(NEW)
        assert passwords.read(capture, "parking", sealer=tenants.sealer(), owner=owner) == b"x"

    def test_leaves_everything_readable_at_each_moment(self, start: Start) -> None:
        old = settings.OCAPI.secret
        person, sealed = a_person(now=NOW, national_number=NUMBER), tenants.encrypt("x", context="test")
        signed = tenants.signer("test").sign("link")

        def all_opens() -> bool:
            found = accounts.find_person_by_national_number(NUMBER)
            return (found is not None and found.uuid == person.uuid
                    and tenants.decrypt(sealed, context="test") == "x"
                    and tenants.signing_key() is not None and tenants.platform_signing_key() is not None)

        start(old, NEW)  # on the first of two machines
        assert all_opens()
        start(NEW, old)
        assert all_opens()
        assert tenants.signer("test").unsign(signed) == "link"
        assert tenants.replace_platform_secret(now=NOW) >= 2  # its data and signing key, and retired ones
        assert tenants.replace_secret(actor=SPEAKER, now=NOW) == 2
        assert all_opens()
        start(old, NEW)  # a machine that is behind
        assert all_opens()
        start(NEW)
        assert all_opens()
        assert operations_of("tenants.secret.") == ["tenants.secret.replaced"]

    def test_again_changes_nothing(self, start: Start) -> None:
        start(NEW, settings.OCAPI.secret)
        assert (replaced() > 0, replaced()) == (True, 0)

    def test_without_the_old_one_says_which_setting_helps(self, start: Start) -> None:
        start(NEW)
        with pytest.raises(WrongSecret, match="OCAPI_SECRET_ALSO"):
            tenants.signing_key()

    def test_takes_keys_along_that_were_made_meanwhile_and_before(self, start: Start) -> None:
        old = settings.OCAPI.secret
        a_person(now=NOW, national_number=NUMBER)
        start(NEW, old)
        tenants.rotate_keys(actor=SPEAKER, now=NOW)  # the new ones are under the new secret at once
        assert tenants.keys_under_other_secret(tenants.current()) == 2
        assert accounts.find_person_by_national_number(NUMBER) is not None
        replaced()
        start(NEW)
        assert accounts.find_person_by_national_number(NUMBER) is not None
        assert len(tenants.own_keys(tenants.current().uuid).data) == 2

    def test_keeps_backups_of_before_readable_as_long_as_the_old_one_is_given(
        self, start: Start, tmp_path: object
    ) -> None:
        from pathlib import Path

        target, old = FolderTarget(Path(str(tmp_path))), settings.OCAPI.secret
        key = tenants.current().key
        with tenants.unbound():
            registry.back_up(key=key, target=target, now=NOW)
        start(NEW, old)
        assert registry.list_backups(target=target)[0].record.number == 1
        from ocapi.kernel.tenants.models import KeyRow  # an installation that never signed that record

        public = KeyRow.objects.using("platform").filter(tenant__isnull=True, purpose="signing")
        kept = list(public.values_list("id", "public"))
        public.update(public="")
        try:
            assert registry.list_backups(target=target)[0].record.number == 1
            start(NEW)
            with pytest.raises(ArchiveRefused, match="unknownSigner"):
                registry.list_backups(target=target)
        finally:
            for row, text in kept:
                KeyRow.objects.using("platform").filter(id=row).update(public=text)


class TestCommand:
    def test_tells_how_many_and_when_the_old_one_can_go(
        self, start: Start, capsys: pytest.CaptureFixture[str]
    ) -> None:
        key = tenants.current().key
        start(NEW, settings.OCAPI.secret)
        with tenants.unbound():
            assert commands.run(["--tenant", key, "keys", "status"]) == 0
            assert "under the other secret: 2 keys" in capsys.readouterr().out
            commands.run(["--tenant", key, "keys", "reseal"])
            assert f"{key}: 2 keys" in capsys.readouterr().out
            commands.run(["--tenant", key, "keys", "status"])
            assert "other secret" not in capsys.readouterr().out

    def test_refuses_a_short_one(self, tmp_path: object) -> None:
        with pytest.raises(environment.SettingRefused, match="OCAPI_SECRET_ALSO"):
            environment.read({"OCAPI_SECRET": NEW, "OCAPI_SECRET_ALSO": "short", "OCAPI_DATA": str(tmp_path)})
