"""`ocapi tenant export|import`: the words of an operator around the archive of an organization."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocapi.kernel.registry.carrying.data import ArchiveRefused, Manifest

REMEDIES = {
    "notAnArchive": "this is no archive: give the folder or the .tar that `ocapi tenant export` made",
    "newerFormat": "the archive was made by a newer OCAPI: upgrade this installation, then import again",
    "newerRelease": "the archive was made by a newer OCAPI: upgrade this installation, then import again",
    "olderRelease": "bring the organization up to this release first: `ocapi migrate`",
    "truncated": "the archive is not complete: copy it again from where it was made, and compare its size",
    "changed": "the file is not the one that was exported: copy the archive again, or ask for a new one",
    "missing": "a file of the archive is gone: copy the archive again, or ask for a new one",
    "unexpected": "a file stands in it that it does not list: do not use it, and ask for a new one",
    "badName": "a name in the archive leads out of it, or is none: do not use it, and ask who made it",
    "wrongSignature": "it was changed after it was signed: do not use it, and ask for a new one",
    "unknownSigner": "compare this fingerprint with what the sender tells you by another way; if it is the "
                     "same, repeat with --signed-by and the fingerprint",
    "codeNeeded": "it comes from another installation: ask the sender for the carrying code and repeat "
                  "with --code-file FILE",
    "codeWrong": "the carrying code is not the one that belongs to this archive: ask the sender for it again",
    "badRow": "a row does not fit its table, although the archive is whole: report it to the makers of OCAPI",
    "countDiffers": "the archive does not hold what it says: ask for a new one",
    "rootDiffers": "the log does not give the root that was signed: ask for a new one, tell the auditor",
    "noSpace": "the disk is too full: make room, or move the data folder, and repeat",
    "exists": "something of that name exists: choose another name, or move it away",
    "targetFull": "the backup target is full: make room there; the states that stand there are untouched",
    "targetLies": "do not trust this target: take a backup to another one now, and look at what changes it",
    "targetFails": "the target does not answer as a disk does: look at its mount, its rights and its disk",
    "noBackup": "give the folder that `ocapi backup --to` wrote to",
    "sourceDamaged": "a file of this organization is damaged on this disk: restore it from the backup first",
}
"""What to do about each reason that an archive, a backup or its target can be refused for."""

OF_BACKUPS = REMEDIES | dict.fromkeys(
    ("truncated", "changed", "missing", "unexpected", "wrongSignature"),
    "restore an earlier state with --at, or from another copy of the target; then take a new backup to "
    "another target, and look at what changes this one",
)
"""The same where a state of a backup is refused: nobody can be asked for a new one of that day."""


def add(tenant: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `export` and `import` to the commands of `ocapi tenant`."""
    export = tenant.add_parser("export", help="write everything of an organization into a signed archive")
    export.add_argument("key")
    export.add_argument("--to", required=True, type=Path, metavar="PATH", help="a folder, or a file NAME.tar")
    export.set_defaults(handler=guarded(_export))
    move = tenant.add_parser("move", help="move an organization to the other kind of database")
    move.add_argument("key")
    move.add_argument("--to", required=True, choices=("postgres", "sqlite"))
    move.set_defaults(handler=guarded(_move))
    verify = tenant.add_parser("verify", help="prove organizations as they stand on this disk")
    verify.add_argument("key", nargs="?", default="", help="one of them; all when left out")
    verify.set_defaults(handler=guarded(_verify))
    into = tenant.add_parser("import", help="make an organization from an archive")
    into.add_argument("path", type=Path)
    add_receiving(into)
    into.set_defaults(handler=guarded(_import))


def add_receiving(parser: argparse.ArgumentParser) -> None:
    """Add the options of whoever takes an organization in."""
    parser.add_argument("--key", default="", help="another local name than in the archive")
    parser.add_argument("--host", action="append", default=[], help="host names instead of the archive's")
    parser.add_argument("--code-file", type=Path, help="file with the carrying code; - is the input")
    parser.add_argument("--signed-by", default="", metavar="FINGERPRINT", help="the signer")


def guarded(
    act: Callable[[argparse.Namespace], int], remedies: Mapping[str, str] = REMEDIES
) -> Callable[[argparse.Namespace], int]:
    """Turn what carrying refuses into one line on standard error and exit code 2."""
    def run(options: argparse.Namespace) -> int:
        from ocapi.kernel.registry.carrying.data import ArchiveRefused
        from ocapi.kernel.tenants.data import (
            AlreadyHere,
            AlreadyThere,
            InvalidKey,
            KeyTaken,
            NoServer,
            NotThisRelease,
        )

        try:
            return act(options)
        except ArchiveRefused as refusal:
            return refuse(sentence(refusal, remedies))
        except KeyTaken as refusal:
            return refuse(f"{refusal}: choose another with --key or --host, or remove that one")
        except AlreadyHere as refusal:
            return refuse(f"{refusal}; nothing was changed. To put an older state back use `ocapi restore`")
        except (InvalidKey, AlreadyThere, NoServer) as refusal:
            return refuse(str(refusal))
        except NotThisRelease as refusal:
            return refuse(f"{refusal}; {REMEDIES['olderRelease']}")

    return run


def sentence(refusal: "ArchiveRefused", remedies: Mapping[str, str] = REMEDIES) -> str:
    """Give what is wrong, where, and what to do."""
    facts = ": ".join(part for part in (refusal.reason.value, refusal.place, refusal.detail) if part)
    return f"{facts}\n{remedies[refusal.reason.value]}"


def refuse(message: str) -> int:
    """Print a refusal."""
    print(message, file=sys.stderr)
    return 2


def tell(words: str) -> None:
    """Print progress where it does not mix with results."""
    print(f"  {words}", file=sys.stderr, flush=True)


def _export(options: argparse.Namespace) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    made = registry.export_tenant(key=options.key, target=options.to.absolute(), now=clock.now(), tell=tell)
    print(f"{options.to}: {summary(made.manifest)}")
    print(f"signed by: {made.fingerprint}")
    print(f"carrying code: {made.code}")
    print("Another installation needs the code; hand it over by another way. It is kept nowhere.")
    return 0


def _move(options: argparse.Namespace) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants.data import Engine
    from ocapi.lib import clock

    moved = registry.move_tenant(key=options.key, engine=Engine(options.to), now=clock.now(), tell=tell)
    print(f"{moved.key}: now in {moved.engine}, with equal rows and log")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import State
    from ocapi.lib import clock
    from ocapi.modules.exchange import api as exchange

    here = [each.key for each in tenants.list_tenants() if each.state is not State.BUILDING]
    code = 0
    for key in [options.key] if options.key else here:
        was_withheld = key in here and tenants.is_withheld(tenants.by_key(key))
        found = registry.verify_tenant(key=key, now=clock.now(), tell=tell)
        if was_withheld and not found:
            with tenants.bind(key):
                exchange.ask_for_snapshot(now=clock.now())  # for the data plane
        for each in found:
            print(f"{key}: WRONG: {each}")
        print(f"{key}: {f'{len(found)} findings' if found else 'whole'}", flush=True)
        code = 1 if found else code
    return code


def summary(manifest: "Manifest") -> str:
    """Give what an archive holds, in a line."""
    return (
        f"{manifest.organization.key}, {sum(manifest.rows.values())} rows in {len(manifest.rows)} tables, "
        f"{manifest.blobs.count} blobs, {manifest.files.count} files, log of {manifest.audit.leaves} leaves "
        f"with root {manifest.audit.root}"
    )


def _import(options: argparse.Namespace) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    tenant = registry.import_tenant(
        source=options.path.absolute(), now=clock.now(), tell=tell, **received(options)
    )
    print(f"{tenant.key}: {tenant.kind}, {' '.join(tenant.hosts)}, uuid {tenant.uuid}, {tenant.base_iri}")
    return 0


def received(options: argparse.Namespace) -> dict[str, Any]:
    """Give the options of whoever takes an organization in."""
    code = ""
    if options.code_file is not None:
        is_input = str(options.code_file) == "-"
        code = sys.stdin.readline().strip() if is_input else options.code_file.read_text().strip()
    return {"code": code, "key": options.key, "hosts": tuple(options.host), "trusted": options.signed_by}
