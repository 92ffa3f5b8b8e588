"""What operators are told by `ocapi tenant export|import`, `backup`, `restore` and `drill`.

Not covered: what these do, which the tests of `kernel.registry` and `ocapi proof restore` show.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.backups.data import Restored
from ocapi.kernel.registry.backups.records import Kept
from ocapi.kernel.registry.backups.targets import FolderTarget
from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import codec
from ocapi.main import backups, carrying, commands

KEY = "told"


@pytest.fixture
def organization(installation: Path) -> Iterator[str]:
    tenants.create(key=KEY, kind=Kind.AGENCY, now=NOW)
    yield KEY
    if KEY in [each.key for each in tenants.list_tenants()]:
        tenants.delete(key=KEY)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


class TestRefusals:
    @pytest.mark.parametrize("reason", list(Reason))
    def test_say_what_to_do(self, reason: Reason) -> None:
        told = carrying.sentence(ArchiveRefused(reason, place="there", detail="so"))
        assert told.startswith(f"{reason.value}: there: so\n")
        assert len(told.splitlines()[1]) > 20

    @pytest.mark.parametrize("reason", [Reason.CHANGED, Reason.MISSING, Reason.TRUNCATED])
    def test_of_a_backup_name_another_state_and_no_new_archive(self, reason: Reason) -> None:
        refusal = ArchiveRefused(reason, place="objects/aa")
        assert "--at" in carrying.sentence(refusal, carrying.OF_BACKUPS)
        assert "archive" not in carrying.sentence(refusal, carrying.OF_BACKUPS)

    def test_end_with_code_2_and_change_nothing(
        self, organization: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        archive = tmp_path / "told.tar"
        assert commands.run(["tenant", "export", KEY, "--to", str(archive)]) == 0
        told = capsys.readouterr().out
        assert "carrying code: " in told
        assert "signed by: " in told
        assert commands.run(["tenant", "export", KEY, "--to", str(archive)]) == 2
        assert "choose another name" in capsys.readouterr().err
        assert commands.run(["tenant", "import", str(archive)]) == 2
        assert "--key" in capsys.readouterr().err
        assert commands.run(["tenant", "import", str(tmp_path / "absent")]) == 2
        assert "no archive" in capsys.readouterr().err
        tenants.delete(key=KEY)
        assert commands.run(["tenant", "import", str(archive)]) == 0
        assert f"{KEY}: agency, {KEY}.localhost" in capsys.readouterr().out


class TestBackupAndRestore:
    def test_warn_of_a_target_that_can_be_deleted_from_and_bring_one_back(
        self, organization: str, target: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert commands.run(["--tenant", KEY, "backup", "--to", str(target)]) == 0
        told = capsys.readouterr()
        assert "it can also take away" in told.err
        assert told.out.startswith(f"{KEY}: record 1, ")
        assert commands.run(["--tenant", KEY, "restore", "--from", str(target)]) == 2
        assert "--replace" in capsys.readouterr().err
        assert commands.run(["--tenant", KEY, "restore", "--from", str(target), "--replace"]) == 0
        assert f"{KEY}: state of " in capsys.readouterr().out

    def test_refuse_what_they_can_not_read(self, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for words, hint in (
            (["backup", "--to", str(target / "absent")], "is no folder"),
            (["restore", "--from", str(target)], "nothing of any organization"),
            (["--tenant", "nobody", "restore", "--from", str(target)], "nothing of nobody"),
            (["restore", "--from", str(target), "--at", "yesterday"], "is no instant"),
            (["drill", "--from", str(target)], "nothing of any organization"),
        ):
            assert commands.run(words) == 2
            assert hint in capsys.readouterr().err

    def test_say_so_when_an_organization_is_unknown(
        self, installation: Path, target: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert commands.run(["--tenant", "nobody", "backup", "--to", str(target)]) == 2
        assert "nobody" in capsys.readouterr().err


    def test_say_which_state_to_take_when_a_piece_of_a_backup_has_changed(
        self, organization: str, target: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert commands.run(["--tenant", KEY, "backup", "--to", str(target)]) == 0
        piece = max((each for each in (target / "objects").rglob("*") if each.is_file()),
                    key=lambda each: each.stat().st_size)
        piece.chmod(0o600)
        piece.write_bytes(piece.read_bytes()[:-1] + b"?")
        capsys.readouterr()
        assert commands.run(["--tenant", KEY, "restore", "--from", str(target), "--replace"]) == 2
        told = capsys.readouterr().err
        assert f"changed: objects/{piece.parent.name}/{piece.name}" in told
        assert "restore an earlier state with --at" in told


class TestVerify:
    def test_says_whole_or_names_what_is_wrong(
        self, organization: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert commands.run(["tenant", "verify", KEY]) == 0
        assert f"{KEY}: whole" in capsys.readouterr().out
        with tenants.bind(KEY):
            (tenants.folder() / "notes.txt").write_text("extra")
        assert commands.run(["tenant", "verify", KEY]) == 1
        assert f"{KEY}: WRONG: notes.txt: does not belong here" in capsys.readouterr().out


class TestVerdict:
    """Of a drill: the judge is fed what a restore could tell, and must not call it good."""

    @pytest.fixture
    def kept(self, organization: str, target: Path) -> Kept:
        registry.back_up(key=KEY, target=FolderTarget(target), now=NOW)
        (found,) = registry.list_backups(target=FolderTarget(target))
        return found

    def judged(
        self, kept: Kept, *, rpo: int = 10, rto: int = 10, told: bool = True, no_good: tuple[str, ...] = (),
        **changes: object,
    ) -> backups.Drilled:
        manifest = kept.record.manifest
        values: dict[str, object] = {
            "key": KEY, "number": 1, "taken_at": datetime(2026, 11, 23, tzinfo=UTC),
            "rows": sum(manifest.rows.values()), "leaves": manifest.audit.leaves, "root": manifest.audit.root,
            "erased": 0, "findings": (), **changes,
        }
        line = codec.encode_json(Restored(**values)).decode() if told else ""  # type: ignore[arg-type]
        now = kept.taken_at + timedelta(seconds=rpo)
        return backups._judge([kept], line, "told: missing: objects/aa\n", no_good=list(no_good), now=now,
                              rto=timedelta(seconds=rto))

    def test_is_pass_when_all_is_there_and_in_time(self, kept: Kept) -> None:
        assert self.judged(kept).is_passed

    @pytest.mark.parametrize("fault", [
        {"rows": 1}, {"root": "0" * 64}, {"number": 2}, {"findings": ("invariant",)}, {"rpo": 301},
        {"rto": 1801}, {"told": False}, {"no_good": ("a record is no good",)},
    ])
    def test_is_fail_for(self, kept: Kept, fault: dict[str, object]) -> None:
        assert not self.judged(kept, **fault).is_passed  # type: ignore[arg-type]

    @pytest.mark.parametrize("fault", [{"rows": 1}, {"told": False}, {"no_good": ("a record is no good",)}])
    def test_counts_a_state_that_does_not_come_back_for_nothing(
        self, kept: Kept, fault: dict[str, object]
    ) -> None:
        assert self.judged(kept).rpo == timedelta(seconds=10)
        assert self.judged(kept, **fault).rpo is None  # type: ignore[arg-type]

    def test_names_what_was_not_restored_and_why(self, kept: Kept) -> None:
        assert self.judged(kept, told=False).wrong == (f"{KEY}: not restored", "told: missing: objects/aa")
