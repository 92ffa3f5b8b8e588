"""Brokers as an operator writes them. Not here: what the data plane does with them."""

import argparse
import io
from pathlib import Path

import pytest

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import durable
from ocapi.lib.mqtt import passwords
from ocapi.lib.sealed import NotSealed, Sealer
from ocapi.lib.snapshot import Broker
from ocapi.modules.capture import api, commands

TEXT = "parking mqtts://broker.example account=parkings login=ocapi\nstad/+/vrij > p-{1} value=vrij\n"


def run(path: Path | None, password_for: str = "") -> int:
    return commands.brokers(argparse.Namespace(path=path, password_for=password_for))


def password(secret: str = "") -> bytes:
    sealer = Sealer((secret,)) if secret else tenants.sealer()
    capture, owner = tenants.folder() / "capture", tenants.current().uuid
    return passwords.read(capture, "parking", sealer=sealer, owner=owner)


class TestBrokers:
    def test_stand_in_the_policy_of_the_data_plane(self, tenant: object, tmp_path: Path) -> None:
        (tmp_path / "brokers").write_text(TEXT)
        assert run(tmp_path / "brokers") == 0
        found = [each for each in api.snapshot_part() if isinstance(each, Broker)]
        assert [(each.name, each.port, each.account) for each in found] == [("parking", 8883, "parkings")]

    def test_with_a_line_that_is_not_understood_change_nothing(
        self, tenant: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "brokers").write_text(TEXT)
        run(tmp_path / "brokers")
        (tmp_path / "brokers").write_text(TEXT + "nonsense\n")
        assert run(tmp_path / "brokers") == 1
        assert "line 3" in capsys.readouterr().err
        assert len(api.list_brokers()) == 1

    def test_have_their_password_beside_the_log_and_in_no_snapshot(
        self, tenant: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "brokers").write_text(TEXT)
        monkeypatch.setattr("sys.stdin", io.StringIO("geheim\n"))
        assert run(tmp_path / "brokers") == 0
        assert run(None, "parking") == 0
        kept = tenants.folder() / "capture" / "brokers" / "parking.sealed"
        assert (b"geheim" in kept.read_bytes(), kept.stat().st_mode & 0o007) == (False, 0)
        assert password() == b"geheim"
        assert "geheim" not in repr(api.snapshot_part())
        assert run(None, "../other") == 1

    def test_have_a_password_of_an_earlier_release_sealed_and_the_clear_one_removed(
        self, tenant: object
    ) -> None:
        folder = tenants.folder() / "capture" / "brokers"
        durable.remove_tree(folder)  # of other tests: files are not rolled back
        durable.make_directory(folder)
        durable.write_file(folder / "parking.secret", b"geheim\n")
        assert password() == b"geheim"
        assert (api.seal_passwords(), api.seal_passwords()) == (1, 0)
        assert durable.DISK.names(folder) == ["parking.sealed"]
        assert password() == b"geheim"

    def test_have_passwords_that_open_under_no_other_secret_and_for_no_other_broker(
        self, tenant: object
    ) -> None:
        capture, owner = tenants.folder() / "capture", tenants.current().uuid
        durable.remove_tree(capture / "brokers")
        passwords.keep(capture, "parking", b"geheim", sealer=Sealer(("old",)), owner=owner)
        with pytest.raises(NotSealed):
            password("new")
        both = Sealer(("new", "old"))
        assert passwords.left(capture, sealer=both, owner=owner) == ["parking"]
        assert passwords.seal_anew(capture, sealer=both, owner=owner) == 1
        assert password("new") == b"geheim"
        moved = capture / "brokers" / "other.sealed"
        moved.write_bytes((capture / "brokers" / "parking.sealed").read_bytes())
        with pytest.raises(NotSealed):
            passwords.read(capture, "other", sealer=both, owner=owner)
