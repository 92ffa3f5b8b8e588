"""`ocapi proof`: runs proofs by level. Exit: 0 pass, 1 fail, 2 blind, 3 set-up failed."""

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from tests.proofs import results
from tests.proofs.proof import LEVELS, PROJECT, STORES, Case, Plan, Proof, SetUpFailed

BUILT = {
    "tamper": "tests.proofs.tamper:Tamper",
    "leaf": "tests.proofs.leaf.proof:Leaf",
    "crash": "tests.proofs.crash.proof:Crash",
    "power": "tests.proofs.power.proof:Power",
    "isolation": "tests.proofs.isolation.proof:Isolation",
    "hostile": "tests.proofs.hostile.proof:Hostile",
    "supply": "tests.proofs.supply.proof:Supply",
    "clock": "tests.proofs.clock.proof:Clock",
    "load": "tests.proofs.load.proof:Load",
    "restore": "tests.proofs.restore.proof:Restore",
    "faults": "tests.proofs.faults.proof:Faults",
    "shapes": "tests.proofs.shapes:Shapes",
    "services": "tests.proofs.services:Services",
    "spark": "tests.proofs.spark.proof:Spark",
    "exchange": "tests.proofs.exchange.proof:Exchange",
}
NOT_BUILT: tuple[str, ...] = ()
SEED = 20261
SHOWN = 20  # failures printed; the file holds all


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="ocapi proof", description="Prove what is promised, by faults.")
    made.add_argument("proof", nargs="?", default="all", choices=("all", "canaries", *BUILT, *NOT_BUILT),
                      metavar="|".join(("all", "canaries", *BUILT, *NOT_BUILT)))
    made.add_argument("--level", choices=LEVELS, default="commit")
    made.add_argument("--seed", default="", help="a number, or `random`; fixed at level commit when left out")
    made.add_argument("--store", choices=STORES, default="", help="the level decides when left out")
    made.add_argument("--replay", type=Path, metavar="FILE", help="only what failed in a result file")
    made.add_argument("--out", type=Path, metavar="FILE.json")
    return made


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    made = parser()
    options = made.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(results.SET_UP))  # so that what was started is ended
    try:
        seed = seed_of(options.seed, options.level)
        names = list(BUILT) if options.proof in ("all", "canaries") else [options.proof]
        missing = [name for name in names if name not in BUILT]
        if missing:
            print(f"{missing[0]}: not built", file=sys.stderr)
            return results.SET_UP
        return _run(names, options, seed)
    except (SetUpFailed, subprocess.CalledProcessError, OSError, ValueError) as failure:
        print(f"set-up failed: {failure}", file=sys.stderr)
        return results.SET_UP


def seed_of(given: str, level: str) -> int:
    """Give the run's seed: fixed for a commit, by chance at night, or as asked."""
    if given == "random" or (not given and level != "commit"):
        return random.SystemRandom().randrange(1 << 31)
    return int(given) if given else SEED


def _run(names: list[str], options: argparse.Namespace, seed: int) -> int:
    print(f"level {options.level}, seed {seed}")
    documents = []
    for name in names:
        replayed = results.failed_cases(options.replay, name) if options.replay else None
        if replayed == [] and len(names) > 1:
            continue
        found = _prove(name, options, seed, replayed)
        kept = _home() / f"{name}-{options.level}-{seed}.json" if found.failed else None
        documents.append(found.document(kept))
        if kept:
            results.write(documents[-1], kept)
        _show(documents[-1])
    not_built = list(NOT_BUILT) if options.proof == "all" else []
    for name in not_built:
        print(f"{name}: not built")
    if options.out:
        is_one = len(documents) == 1 and not not_built
        results.write(
            documents[0] if is_one
            else results.summed(documents, level=options.level, seed=seed, not_built=not_built), options.out
        )
    return max((results.CODES[each["verdict"]] for each in documents), default=results.SET_UP)


def _prove(name: str, options: argparse.Namespace, seed: int, replayed: list[Case] | None) -> results.Result:
    module, _, kind = BUILT[name].partition(":")
    made: type[Proof] = getattr(import_module(module), kind)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_home()))
    plan = Plan(level=options.level, seed=seed, store=options.store, folder=folder)
    found = results.Result(proof=name, level=options.level, seed=seed)
    began = time.monotonic()
    try:
        with made(plan) as proof:
            found.notes, found.blind_to = proof.told.notes, proof.told.blind_to
            try:
                if options.proof != "canaries":
                    _try_cases(proof, found, replayed)
                if replayed is None:
                    found.canaries = {canary: caught() for canary, caught in proof.canaries().items()}
            except SystemExit:  # asked to stop: what was seen until then is told, and is no pass
                found.blind_to.append(f"what comes after {found.cases} cases: it was stopped")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found.wall_s = time.monotonic() - began
    return found


def _try_cases(proof: Proof, found: results.Result, replayed: list[Case] | None) -> None:
    for case in proof.cases() if replayed is None else replayed:
        fault = proof.check(case)
        found.cases += 1
        if fault is not None:
            found.failed.append((case, fault))
    if replayed is None:
        found.failed += proof.conclude()


def _home() -> Path:
    home = PROJECT / "build" / "proofs"  # not the folder for temporary files: that may be memory
    home.mkdir(parents=True, exist_ok=True)
    return home


def _show(document: results.Document) -> None:
    caught = sum(each["failed"] for each in document["canaries"])
    print(f"{document['proof']:10} {document['verdict']:6} {document['cases']} cases, "
          f"{len(document['failed'])} failed, {caught} of {len(document['canaries'])} canaries caught, "
          f"{document['wall_s']} s")
    for each in document["canaries"]:
        if not each["failed"]:
            print(f"  NOT CAUGHT: {each['name']}")
    for text in [*(f"blind to {each}" for each in document["blind_to"]), *document["notes"]]:
        print(f"  {text}")
    for each in document["failed"][:SHOWN]:
        print(f"  FAILED {each['id']} seed {each['seed']} {each['crashpoint']}: "
              f"expected {each['expected']}, got {each['got']}\n    replay: {each['replay']}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
