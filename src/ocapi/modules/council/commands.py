"""Subcommands `ocapi council …`."""

import argparse
import sys
from pathlib import Path

from ocapi.lib import clock
from ocapi.modules.council import api
from ocapi.modules.council.data import Refused


def report_to_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `report-to`; the key comes from a file, so no list of processes shows it."""
    parser.add_argument("endpoint", metavar="URL", help="where to report; `off` switches reporting off")
    parser.add_argument("--publisher", default="", metavar="IRI", help="as whom to report")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="holds the key of the publisher")


def report_to(options: argparse.Namespace) -> int:
    """Say where publications are reported from now on; exit code 1 when that can't be."""
    endpoint = "" if options.endpoint == "off" else options.endpoint
    try:
        key = options.key_file.read_text() if options.key_file else ""
        api.report_to(endpoint=endpoint, publisher=options.publisher, key=key, now=clock.now())
    except (Refused, OSError, UnicodeDecodeError) as refused:
        print(f"refused: {refused}; nothing was changed", file=sys.stderr)
        return 1
    print("reports to the supervisor" if endpoint else "reporting is off")
    return 0
