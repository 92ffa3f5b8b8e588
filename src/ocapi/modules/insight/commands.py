"""Subcommands `ocapi insight …`."""

import argparse
from pathlib import Path

from ocapi.lib import clock
from ocapi.lib.codec import MalformedInput
from ocapi.modules.insight import api
from ocapi.modules.insight.api import outlines as api_outlines
from ocapi.modules.insight.data.indicators import DatasetNotFound, DatasetRefused
from ocapi.modules.insight.data.outlines import LARGEST_FILE, OutlinesNotTaken


def rebuild(options: argparse.Namespace) -> int:
    """Count the figures again from the facts in the outbox."""
    print(f"{api.rebuild(now=clock.now())} facts counted")
    return 0


def compute(options: argparse.Namespace) -> int:
    """Compute every indicator whose formula or data are new; 1 when one failed."""
    done = api.compute_indicators(now=clock.now())
    counts = f"{done.ready} computed, {done.same} unchanged, {done.no_data} without data"
    print(f"{counts}, {len(done.failed)} failed")
    for each in done.failed:
        print(f"  {each}")
    return 1 if done.failed else 0


def load(options: argparse.Namespace) -> int:
    """Load a table in our own form as the newest version of a dataset, or beside its rows (--add)."""
    path: Path = options.path
    try:
        raw = path.read_bytes()
        take = api.extend_table if options.add else api.load_table
        rows = take(dataset=options.dataset, raw=raw, source_name=path.name, now=clock.now())
    except OSError as failure:
        print(f"{path} can't be read: {failure.strerror}")
        return 1
    except (DatasetRefused, DatasetNotFound, MalformedInput) as refusal:
        print(f"not loaded: {refusal}")
        return 1
    told = f"{rows} rows in" if rows else "nothing new in"
    print(f"{told} {options.dataset}")
    return 0


def outlines(options: argparse.Namespace) -> int:
    """Load the borders of municipalities, so that indicators by municipality become maps."""
    path: Path = options.path
    try:
        if path.stat().st_size > LARGEST_FILE:
            print(f"not loaded: {path} is larger than {LARGEST_FILE >> 20} MB")
            return 1
        done = api_outlines.load_outlines(raw=path.read_bytes(), source=options.source, now=clock.now())
    except OSError as failure:
        print(f"{path} can't be read: {failure.strerror}")
        return 1
    except OutlinesNotTaken as refusal:
        print(f"not loaded: {refusal}")
        return 1
    print(f"{done.count} outlines loaded, {done.others} areas left out")
    return 0


def outlines_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `outlines` is told."""
    parser.add_argument("path", type=Path, help="GeoJSON or TopoJSON file with a NIS code for each area")
    parser.add_argument("--source", required=True, help="whose borders these are, shown below every map")


def load_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `load` is told."""
    parser.add_argument("dataset", help="code of the dataset")
    parser.add_argument("path", type=Path, help="CSV file with the columns of the dataset")
    parser.add_argument("--add", action="store_true", help="keep the rows there are, these come beside them")
