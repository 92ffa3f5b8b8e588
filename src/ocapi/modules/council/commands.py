"""Subcommands `ocapi council …`."""

import argparse
import sys

from ocapi.lib import clock
from ocapi.modules.council import api
from ocapi.modules.council.data import Refused


def report_to(options: argparse.Namespace) -> int:
    """Read three lines, the endpoint, the IRI of the publisher and its key, and report there from now on.

    An empty first line switches it off. By standard input, so that the key is in no list of processes.
    """
    print("endpoint, publisher and key, a line each; an empty line switches reporting off", file=sys.stderr)
    endpoint, publisher, key = (sys.stdin.readline().strip() for _line in range(3))
    try:
        api.report_to(endpoint=endpoint, publisher=publisher, key=key, now=clock.now())
    except Refused as refused:
        print(f"refused: {refused}; nothing was changed", file=sys.stderr)
        return 1
    print("reports to the supervisor" if endpoint else "reporting is off")
    return 0
