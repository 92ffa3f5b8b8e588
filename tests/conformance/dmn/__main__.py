"""Print `area passed / total` for a folder with the kit: python -m tests.conformance.dmn FOLDER."""

import argparse
import sys
from pathlib import Path

from ocapi.lib import clock
from ocapi.modules.rules import api
from ocapi.modules.rules.data import KitMissing, KitReport

TOTALS = {"compliance-level-2": 116, "compliance-level-3": 2_410}
EXTERNAL = 18


def main(arguments: list[str]) -> int:
    """Exit code 0 when the run worked, 1 when an area stays below its minimum or a total is wrong."""
    parser = argparse.ArgumentParser(prog="tests.conformance.dmn")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--min", action="append", default=[], metavar="AREA=N")
    options = parser.parse_args(arguments)
    try:
        report = api.run_kit(folder=options.folder, now=clock.now())
    except KitMissing as missing:
        print(f"no test cases in {missing}", file=sys.stderr)
        return 2
    minimum = dict(each.partition("=")[::2] for each in options.min)
    wrong = wrong_totals(report)
    for level in report.levels:
        print(f"{level.level} {level.passed} / {level.total} (null baseline {level.null_baseline})")
        if level.passed < int(minimum.get(level.level, 0)):
            wrong.append(f"{level.level}: fewer than {minimum[level.level]}")
    print(f"sum {sum(each.passed for each in report.levels)} / {sum(each.total for each in report.levels)}")
    print(f"external {report.external}, outside the sum")
    for node in report.failed if options.verbose else ():
        print(f"{node.id}: expected {node.expected}, got {node.got}")
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


def wrong_totals(report: KitReport) -> list[str]:
    """Give what differs from the number of cases the kit holds: a runner that skips some is wrong."""
    found = {level.level: level.total for level in report.levels}
    wrong = [
        f"{area}: {found.get(area, 0)} cases found, {total} expected"
        for area, total in TOTALS.items() if found.get(area, 0) != total
    ]
    return wrong if report.external == EXTERNAL else [*wrong, f"external: {report.external} cases found"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
