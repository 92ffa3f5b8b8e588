"""Subcommands `ocapi processes …`."""

import argparse
import sys
from pathlib import Path

from ocapi.lib.codec import MalformedInput
from ocapi.modules.processes import api
from ocapi.modules.processes.data import ProcessReport, Report, told

LONGEST_NAME = 80  # characters of an id or a name on a line
_UNREAD = {
    "notXml": "this is not correct XML; save it again with a drawing program",
    "doctypeRefused": "it holds a document type (DTD); save it without one",
    "encodingRefused": "this is no text in UTF-8; save it again in UTF-8",
    "tooLarge": "the file is too large",
    "tooDeep": "it has too many levels inside each other",
}


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
            print(f"{path}: can't be read: {_unread(refusal)}", file=sys.stderr)
            continue
        print(f"{path}: {len(report.executable)} of {len(report.processes)} executable")
        _print_file(report, with_kept=options.kept)
    return 1 if unread else 0


def _unread(refusal: OSError | MalformedInput) -> str:
    """Say why a file can't be read, and what to do where that is known."""
    said = _UNREAD.get(refusal.detail) if isinstance(refusal, MalformedInput) else None
    return f"{said} ({refusal.path})" if said and isinstance(refusal, MalformedInput) else str(refusal)


def _print_file(report: Report, *, with_kept: bool) -> None:
    for process in report.processes:
        _print_process(process, with_kept=with_kept)
    if not report.processes and not report.reasons:
        print("  it holds no process")
    for finding in (*report.reasons, *(report.kept if with_kept else ())):
        print(f"  {told(finding)}")


def _print_process(process: ProcessReport, *, with_kept: bool) -> None:
    answer = "yes" if process.is_executable else "no"
    name = " ".join(process.name.split())[:LONGEST_NAME]
    print(f"  process {process.id[:LONGEST_NAME]} {name}: {answer}")
    for finding in process.reasons:
        print(f"    {told(finding)}")
    if with_kept:
        for finding in process.kept:
            print(f"    kept: {told(finding)}")
    elif process.kept:
        print(f"    {len(process.kept)} settings and drawings are kept but not used (--kept lists them)")
