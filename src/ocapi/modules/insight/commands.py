"""Subcommands `ocapi insight …`."""

import argparse

from ocapi.lib import clock
from ocapi.modules.insight import api


def rebuild(options: argparse.Namespace) -> int:
    """Count the figures again from the facts in the outbox."""
    print(f"{api.rebuild(now=clock.now())} facts counted")
    return 0
