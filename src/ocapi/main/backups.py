"""`ocapi backup`, `restore` and `drill`: the words of an operator around records on a target."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ocapi.main.carrying import OF_BACKUPS, guarded, refuse, sentence, tell

if TYPE_CHECKING:
    from ocapi.kernel.registry.backups.data import BackedUp, Restored
    from ocapi.kernel.registry.backups.records import Kept
    from ocapi.kernel.registry.extensions import BackupTarget

RPO = timedelta(minutes=5)  # reliability.md 5.1
RTO = timedelta(minutes=30)
FAILED = 1


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the three commands; `ocapi --tenant KEY …` limits each to one organization."""
    backup = groups.add_parser("backup", help="add the present state of organizations to a backup")
    backup.add_argument("--to", required=True, type=Path, metavar="DIR", help="where we may add, not change")
    backup.add_argument("--every", type=int, default=0, metavar="SECONDS", help="go on until Ctrl-C")
    backup.set_defaults(handler=guarded(_backup))
    restore = groups.add_parser("restore", help="put organizations back from a backup")
    _add_source(restore)
    restore.add_argument("--at", metavar="INSTANT", help="as it was then, such as 2026-11-23T09:30:00Z")
    restore.add_argument("--replace", action="store_true", help="take what is here away first")
    restore.add_argument("--json", action="store_true", help="print one JSON object per organization")
    restore.set_defaults(handler=guarded(_restore, OF_BACKUPS))
    drill = groups.add_parser("drill", help="restore a backup into a scratch folder and prove it")
    _add_source(drill)
    drill.add_argument("--scratch", type=Path, metavar="DIR", help="where there is room; removed afterwards")
    drill.set_defaults(handler=guarded(_drill, OF_BACKUPS))


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", required=True, type=Path, metavar="DIR", dest="source")
    parser.add_argument("--signed-by", default="", metavar="FINGERPRINT", help="a signer from elsewhere")


def _target(path: Path) -> "BackupTarget":
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason

    target = FolderTarget(path.absolute())
    if wrong := target.check_config():
        raise ArchiveRefused(Reason.NO_BACKUP, place=str(path), detail=wrong)
    return target


def _backup(options: argparse.Namespace) -> int:
    from ocapi.lib import clock

    target = _target(options.to)
    if not target.is_append_only():
        print(
            f"warning: what this account adds to {options.to} it can also take away. Who breaks in here "
            "destroys the backup too: see docs/operations/backup.md",
            file=sys.stderr,
        )
    is_first = True
    while True:
        began = clock.monotonic()
        code = _pass(options.tenant, target, is_first=is_first)
        if not options.every:
            return code
        is_first = False
        clock.sleep(max(0.0, options.every - (clock.monotonic() - began)))


def _pass(key: str | None, target: "BackupTarget", *, is_first: bool) -> int:
    """Back up every organization, or the one; what is refused is named and the others go on."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.carrying.data import ArchiveRefused
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import NotThisRelease, State, UnknownTenant
    from ocapi.lib import clock

    tenants.forget()
    keys = [key] if key else [each.key for each in tenants.list_tenants() if each.state is not State.BUILDING]
    code = 0
    for each in keys:
        began = clock.monotonic()
        try:
            made = registry.back_up(key=each, target=target, now=clock.now(), is_first=is_first, tell=tell)
        except ArchiveRefused as refusal:
            code = refuse(f"{each}: {sentence(refusal)}")
        except (NotThisRelease, UnknownTenant) as refusal:
            code = refuse(f"{each}: {refusal}")
        else:
            print(_line(made, clock.monotonic() - began), flush=True)
    return code


def _line(made: "BackedUp", seconds: float) -> str:
    added = f"{made.pieces} new pieces, {made.bytes / 1e6:.1f} MB"
    return f"{made.key}: record {made.number}, {added}, {seconds:.1f} s"


def _chosen(options: argparse.Namespace, target: "BackupTarget") -> "tuple[list[Kept], list[str]]":
    """Give the newest states asked for, and a line for each organization whose newest record is no good.

    Raises ArchiveRefused when nothing is left.
    """
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason

    refused: dict[str, ArchiveRefused] = {}
    found = list(registry.list_backups(
        target=target, trusted=options.signed_by, refused=refused.__setitem__
    ))
    if options.tenant:
        found = [each for each in found if each.record.manifest.organization.key == options.tenant]
    if not found:
        for refusal in refused.values():
            raise refusal
        wanted = options.tenant or "any organization"
        raise ArchiveRefused(Reason.NO_BACKUP, place=str(options.source), detail=f"nothing of {wanted}")
    lines = [f"{uuid}: {sentence(refusal, OF_BACKUPS)}" for uuid, refusal in refused.items()]
    return found, [] if options.tenant else lines


def _restore(options: argparse.Namespace) -> int:
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.carrying.data import ArchiveRefused
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import AlreadyHere, KeyTaken
    from ocapi.lib import clock, codec

    target = _target(options.source)
    at = None
    if options.at:
        try:
            at = datetime.fromisoformat(options.at)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            return refuse(f"--at {options.at!r} is no instant: write it as 2026-11-23T09:30:00Z")
    tenants.prepare_platform(now=clock.now())
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    chosen, no_good = _chosen(options, target)
    code = max((refuse(line) for line in no_good), default=0)
    for kept in chosen:
        organization = kept.record.manifest.organization
        try:
            made = registry.restore(
                target=target, uuid=organization.uuid, at=at, replace=options.replace, now=clock.now(),
                trusted=options.signed_by, tell=tell,
            )
        except ArchiveRefused as refusal:
            code = refuse(f"{organization.key}: {sentence(refusal, OF_BACKUPS)}")
        except (KeyTaken, AlreadyHere) as refusal:
            code = refuse(f"{organization.key}: {refusal}; nothing changed. --replace takes it away first")
        else:
            print(codec.encode_json(made).decode() if options.json else _told(made), flush=True)
            code = max(code, FAILED if made.findings else 0)
    return code


def _told(made: "Restored") -> str:
    state = f"state of {made.taken_at:%Y-%m-%dT%H:%M:%SZ}"
    lines = [
        f"{made.key}: {state}, record {made.number}, {made.rows} rows, log of {made.leaves} leaves with root "
        f"{made.root}, {made.erased} ties of erased persons cut again"
    ]
    return "\n".join([*lines, *(f"  DOES NOT HOLD: {each}" for each in made.findings)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What a drill saw. rpo: age of the oldest newest state, of those that came back as promised; None when
    one did not: a state that can't be restored counts for nothing. rto: from an empty folder to the last
    proof.
    """

    organizations: int
    rows: int
    rpo: timedelta | None
    rto: timedelta
    wrong: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Tell whether all is there, proved and in time."""
        return not self.wrong and self.rpo is not None and self.rpo <= RPO and self.rto <= RTO


def _drill(options: argparse.Namespace) -> int:
    from ocapi.lib import clock

    chosen, no_good = _chosen(options, _target(options.source))
    now, began = clock.now(), clock.monotonic()
    only = ["--tenant", options.tenant] if options.tenant else []
    command = [
        sys.executable, "-m", "ocapi.main.cli", *only, "restore", "--from", str(options.source.absolute()),
        "--json", "--signed-by", options.signed_by,
    ]
    with _empty_machine(options.scratch) as environment:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    rto = timedelta(seconds=clock.monotonic() - began)
    drilled = _judge(chosen, done.stdout, done.stderr, no_good=no_good, now=now, rto=rto)
    for each in drilled.wrong:
        print(f"WRONG: {each}")
    print(f"{drilled.organizations} organizations, {drilled.rows} rows, counts and roots as signed")
    rpo = drilled.rpo
    age = "none: not every state can be restored" if rpo is None else f"{rpo.total_seconds():.0f} s"
    print(f"RPO {age} (at most {RPO.total_seconds():.0f})")
    print(f"RTO {drilled.rto.total_seconds():.0f} s (at most {RTO.total_seconds():.0f})")
    print(f"verdict: {'pass' if drilled.is_passed else 'FAIL'}")
    return 0 if drilled.is_passed else FAILED


@contextmanager
def _empty_machine(scratch: Path | None) -> Iterator[dict[str, str]]:
    """Give the environment of an installation with nothing in it but the secret."""
    from django.conf import settings

    with tempfile.TemporaryDirectory(prefix="drill-", dir=scratch or settings.OCAPI.data) as folder:
        kept = {name: value for name, value in os.environ.items() if name != "OCAPI_DATABASE_URL"}
        yield {**kept, "OCAPI_DATA": folder, "OCAPI_STORE": "sqlite", "OCAPI_SECRET": settings.OCAPI.secret}


def _judge(
    chosen: "list[Kept]", told: str, errors: str, *, no_good: list[str], now: datetime, rto: timedelta
) -> Drilled:
    """Compare what was restored with what each newest record promises."""
    from ocapi.kernel.registry.backups.data import Restored
    from ocapi.lib import codec

    lines = [line.encode() for line in told.splitlines() if line.startswith("{")]
    restored = {each.key: each for each in (codec.decode_json(line, Restored) for line in lines)}
    wrong = list(no_good)
    for kept in chosen:
        manifest = kept.record.manifest
        key, made = manifest.organization.key, restored.get(manifest.organization.key)
        if made is None:
            wrong.append(f"{key}: not restored")
            continue
        promised = (kept.record.number, sum(manifest.rows.values()), manifest.audit.root)
        if (made.number, made.rows, made.root) != promised:
            wrong.append(f"{key}: {made.rows} rows and root {made.root}, the record promises {promised}")
        wrong.extend(f"{key}: {each}" for each in made.findings)
    if len(restored) < len(chosen):
        wrong.extend(line for line in errors.splitlines() if line and not line.startswith("  "))
    return Drilled(
        organizations=len(restored), rows=sum(each.rows for each in restored.values()), rto=rto,
        rpo=None if wrong else now - min(each.taken_at for each in chosen), wrong=tuple(wrong),
    )
