"""Print `passed / total` of the protocol tests: python -m tests.conformance.sparql FOLDER [--verbose]."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.conformance.sparql import kit


def main(arguments: list[str]) -> int:
    """Exit code 0 when the run worked, 2 without tests."""
    parser = argparse.ArgumentParser(prog="tests.conformance.sparql")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args(arguments)
    if not (options.folder / "manifest.ttl").exists():
        print(f"no tests in {options.folder}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        found = kit.run(Path(place), options.folder)
    print(f"sparql-protocol {sum(not each for each in found.values())} / {len(found)} (null baseline 14)")
    for name, wrong in found.items():
        if wrong and options.verbose:
            print(f"{name}: {wrong}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
