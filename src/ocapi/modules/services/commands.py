"""Subcommands `ocapi services …`."""

import argparse

from ocapi.lib import clock
from ocapi.modules.services import api


def reindex(options: argparse.Namespace) -> int:
    """Put every service into search again, after the organization changed its address form."""
    print(f"{api.reindex(now=clock.now())} services indexed")
    return 0
