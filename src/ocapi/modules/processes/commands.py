"""Subcommands `ocapi processes …`."""

import argparse
import sys
from pathlib import Path

from ocapi.lib.codec import MalformedInput
from ocapi.modules.processes import api
from ocapi.modules.processes.data import ProcessReport, Report, told


def inspect_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `inspect`."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="BPMN 2.0 files")
    parser.add_argument("--kept", action="store_true", help="also list what is kept but not used")


def inspect(options: argparse.Namespace) -> int:
    """Print per file which processes can be executed, with reasons; exit code 1 when one can't be read."""
    unread = 0
    for path in options.files:
        try:
            report = api.inspect_file(raw=path.read_bytes())
        except (OSError, MalformedInput) as refusal:
            unread += 1
            print(f"{path}: can't be read: {refusal}", file=sys.stderr)
            continue
        print(f"{path}: {len(report.executable)} of {len(report.processes)} executable")
        _print_file(report, with_kept=options.kept)
    return 1 if unread else 0


def _print_file(report: Report, *, with_kept: bool) -> None:
    for process in report.processes:
        _print_process(process, with_kept=with_kept)
    for finding in (*report.reasons, *(report.kept if with_kept else ())):
        print(f"  {told(finding)}")


def _print_process(process: ProcessReport, *, with_kept: bool) -> None:
    answer = "yes" if process.is_executable else "no"
    print(f"  process {process.id} {' '.join(process.name.split())}: {answer}")
    for finding in process.reasons:
        print(f"    {told(finding)}")
    if with_kept:
        for finding in process.kept:
            print(f"    kept: {told(finding)}")
    elif process.kept:
        print(f"    {len(process.kept)} settings and drawings are kept but not used (--kept lists them)")
