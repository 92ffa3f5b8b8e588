"""Subcommands of `ocapi opendata`; exit code 2 when something could not be brought up to date."""

import argparse

from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.modules.opendata import api
from ocapi.modules.opendata.data import RunOutcome


def harvest(arguments: argparse.Namespace) -> int:
    """Harvest every active source now, and say what each brought."""
    failed = 0
    for source in api.list_sources(actor=actors.system("opendata.harvest")):
        if not source.is_active:
            continue
        run = api.harvest(source=source.uuid, now=clock.now())
        failed += run.outcome is not RunOutcome.COMPLETE
        print(
            f"{source.title}: {run.outcome.value}, {run.seen} seen, {run.made} new, {run.changed} changed, "
            f"{run.same} same, {run.gone} gone, {run.refused} refused {run.problem} {run.detail}".rstrip()
        )
    return 2 if failed else 0


def renew(arguments: argparse.Namespace) -> int:
    """Renew the rows of our own datasets now."""
    changed, failed = api.renew(now=clock.now())
    print(f"{changed} renewed, {failed} could not be renewed")
    return 2 if failed else 0
