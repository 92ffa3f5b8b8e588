"""Print `area passed / total` for a folder with BPMN files: python -m tests.conformance.bpmn FOLDER."""

import argparse
import sys
from pathlib import Path

from ocapi.lib.codec import MalformedInput
from ocapi.modules.processes import api
from ocapi.modules.processes.data import told

AREAS = {"miwg": 21, "dimpact": 10, "gzac": 2}


def main(arguments: list[str]) -> int:
    """Exit code 0 when every file is read and every refusal has a reason."""
    parser = argparse.ArgumentParser(prog="tests.conformance.bpmn")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    failed = [line for area in AREAS for line in failures(options.folder / area)]
    for area, total in AREAS.items():
        found = len(files(options.folder / area))
        wrong = len(failures(options.folder / area))
        print(f"{area} {found - wrong} / {total}")
    for line in failed:
        print(line, file=sys.stderr)
    return 1 if failed else 0


def files(folder: Path) -> list[Path]:
    """Give the BPMN files of a folder."""
    return sorted(folder.glob("*.bpmn"))


def failures(folder: Path) -> list[str]:
    """Give the files that can't be read, or of which a process is refused without a reason."""
    wrong = []
    for path in files(folder):
        try:
            report = api.inspect_file(raw=path.read_bytes())
        except MalformedInput as refusal:
            wrong.append(f"{path.name}: {refusal}")
            continue
        if not report.processes:
            wrong.append(f"{path.name}: no process found")
        for process in report.processes:
            lines = [told(finding) for finding in process.reasons]
            if process.is_executable is bool(lines):
                wrong.append(f"{path.name}: {process.id} is neither executable nor refused with reasons")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
