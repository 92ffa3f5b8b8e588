"""A snapshot is whole, signed and fresh, or refused. Not covered: waking the data plane."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ocapi.lib import snapshot
from ocapi.lib.snapshot import ApplicationGrant, TenantEntry, TenantPart

KEY = ec.derive_private_key(7, ec.SECP256R1())
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)


def a_part(key: str = "aalter", *, scopes: tuple[str, ...] = ("cases.read",)) -> TenantPart:
    tenant = TenantEntry(uuid=UUID(int=1), key=key, hosts=(f"{key}.localhost",))
    return TenantPart(tenant=tenant, grants=(ApplicationGrant(client_id="app", tenant=key, scopes=scopes),))


def written(folder: Path, *parts: TenantPart, generation: int = 1) -> None:
    snapshot.write_index(folder, parts=parts, generation=generation, key=KEY, now=NOW)


def loaded(folder: Path, *, now: datetime = NOW, min_generation: int = 0) -> snapshot.Snapshot:
    return snapshot.load(folder, public_key=KEY.public_key(), now=now, min_generation=min_generation)


class TestSnapshot:
    def test_gives_back_what_was_written(self, tmp_path: Path) -> None:
        written(tmp_path, a_part(), a_part("ocmw-aalter"))
        found = loaded(tmp_path)
        assert found.parts == {"aalter": a_part(), "ocmw-aalter": a_part("ocmw-aalter")}
        assert found.hosts["aalter.localhost"] == "aalter"

    def test_replaces_changed_parts_and_removes_the_old(self, tmp_path: Path) -> None:
        written(tmp_path, a_part(), a_part("gone"))
        written(tmp_path, a_part(scopes=()), generation=2)
        assert loaded(tmp_path, min_generation=1).parts == {"aalter": a_part(scopes=())}
        assert len(list(tmp_path.iterdir())) == 2

    def test_refuses_when_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(snapshot.SnapshotMissing):
            loaded(tmp_path)

    def test_refuses_another_key(self, tmp_path: Path) -> None:
        snapshot.write_index(
            tmp_path, parts=[], generation=1, key=ec.generate_private_key(ec.SECP256R1()), now=NOW
        )
        with pytest.raises(snapshot.BadSnapshotSignature):
            loaded(tmp_path)

    @pytest.mark.parametrize("place", [5, 20, 60, -10])
    def test_refuses_a_changed_index(self, tmp_path: Path, place: int) -> None:
        written(tmp_path, a_part())
        raw = bytearray((tmp_path / "index.json").read_bytes())
        raw[place] = ord("A") if raw[place] != ord("A") else ord("B")
        (tmp_path / "index.json").write_bytes(raw)
        with pytest.raises(snapshot.BadSnapshotSignature):
            loaded(tmp_path)

    def test_refuses_a_lower_generation_and_accepts_the_same(self, tmp_path: Path) -> None:
        written(tmp_path, generation=4)
        assert loaded(tmp_path, min_generation=4).generation == 4
        with pytest.raises(snapshot.SnapshotTooOld):
            loaded(tmp_path, min_generation=5)

    def test_fails_closed_after_a_day(self, tmp_path: Path) -> None:
        written(tmp_path)
        assert loaded(tmp_path, now=NOW + timedelta(hours=23, minutes=59)).parts == {}
        with pytest.raises(snapshot.SnapshotExpired):
            loaded(tmp_path, now=NOW + timedelta(hours=24))

    @pytest.mark.parametrize("change", [lambda p: p.unlink(), lambda p: p.write_bytes(p.read_bytes() + b" ")])
    def test_refuses_a_part_that_is_not_the_named_one(self, tmp_path: Path, change: object) -> None:
        written(tmp_path, a_part())
        part = next(path for path in tmp_path.iterdir() if path.name != "index.json")
        change(part)  # type: ignore[operator]
        with pytest.raises(snapshot.PartMismatch):
            loaded(tmp_path)
