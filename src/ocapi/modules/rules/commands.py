"""Subcommands `ocapi rules …`."""

import argparse
import sys
from pathlib import Path

from ocapi.lib import clock
from ocapi.modules.rules import api
from ocapi.modules.rules.data import KitMissing, KitReport


def tck_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `tck`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that holds compliance-level-…")
    parser.add_argument("--failing", action="store_true", help="print each failing result, expected and got")
    parser.add_argument("--passing", action="store_true", help="print the ids that pass, as a pass list")
    parser.add_argument("--list", type=Path, metavar="FILE", help="fail when an id in this file fails")


def tck(options: argparse.Namespace) -> int:
    """Print `passed / total` per compliance level; exit code 1 when an id of the pass list fails."""
    try:
        report = api.run_kit(folder=options.folder, now=clock.now())
    except KitMissing as missing:
        print(f"no test cases in {missing}", file=sys.stderr)
        return 2
    if options.passing:
        print(*sorted(report.passed), sep="\n")
        return 0
    _print(report, with_reasons=options.failing)
    if options.list is None:
        return 0
    lost = sorted(listed(options.list) - set(report.passed))
    for identity in lost:
        print(f"no longer passes: {identity}", file=sys.stderr)
    return 1 if lost else 0


def listed(path: Path) -> set[str]:
    """Give the ids of a pass list: one a line, # starts a remark."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return {line for line in lines if line}


def _print(report: KitReport, *, with_reasons: bool) -> None:
    for level in report.levels:
        print(
            f"{level.level} {level.passed} / {level.total}"
            f" (directories {level.directories_passed} / {level.directories},"
            f" null baseline {level.null_baseline})"
        )
    print(f"external {report.external} never run")
    for node in report.failed:
        print(f"{node.id}: expected {node.expected}, got {node.got}" if with_reasons else node.id)
