"""Subcommands `ocapi services …`."""

import argparse

from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.modules.services import api


def reindex(options: argparse.Namespace) -> int:
    """Put every service into search again, after the organization changed its address form."""
    print(f"{api.reindex(now=clock.now())} services indexed")
    return 0


def publish(options: argparse.Namespace) -> int:
    """Publish the product pages in the feed of services; again publishes only what changed."""
    done, stayed = api.publish_products(actor=actors.system("services.publish"), now=clock.now())
    print(f"{done} products published in the feed, {stayed} as they were")
    return 0
