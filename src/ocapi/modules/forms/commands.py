"""Subcommands `ocapi forms …`."""

import argparse
import sys
from pathlib import Path

from ocapi.lib.codec import MalformedInput
from ocapi.modules.forms import api


def lint_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `lint`."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a form in YAML or JSON")


def lint(options: argparse.Namespace) -> int:
    """Print each finding as `FILE: error|warning: CODE: what, and the repair`; exit code 1 on an error."""
    worst = 0
    for path in options.files:
        found = False
        for severity, said in _findings(path):
            found, worst = True, max(worst, int(severity == "error"))
            print(f"{path}: {severity}: {said}")
        if not found:
            print(f"{path}: nothing found")
    return worst


def _findings(path: Path) -> list[tuple[str, str]]:
    try:
        raw = path.read_bytes()
    except OSError as refused:
        print(f"{path}: {refused.strerror}", file=sys.stderr)
        return [("error", "this file can't be read")]
    if len(raw) > api.LARGEST_FILE:
        return [("error", "this file is larger than 1 MB; a form is not")]
    try:
        found = api.lint(raw=raw)
    except MalformedInput as refused:
        return [("error", f"this is no form: {refused}")]
    return [(each.severity.value, api.plainly(each)) for each in found]
