"""Subcommands `ocapi insight …`."""

import argparse
from pathlib import Path

from ocapi.lib import clock
from ocapi.lib.codec import MalformedInput
from ocapi.lib.foretelling import CannotForetell
from ocapi.modules.insight import api
from ocapi.modules.insight.api import forecasts as api_forecasts
from ocapi.modules.insight.api import outlines as api_outlines
from ocapi.modules.insight.data.indicators import DatasetNotFound, DatasetRefused, IndicatorNotFound
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


def forecast(options: argparse.Namespace) -> int:
    """Print what is foretold of an indicator, by the screens' way and by statsmodels; 1 when it can't be."""
    try:
        found = api_forecasts.foretell(code=options.code, area=options.area, now=clock.now())
    except IndicatorNotFound:
        print(f"there is no indicator {options.code}; the desk lists their codes")
        return 1
    except LookupError:
        whose = f"of {options.area}" if options.area else "yet; `ocapi insight compute` makes them"
        print(f"{options.code} has no numbers {whose}")
        return 1
    except CannotForetell as refusal:
        print(f"not foretold: {refusal}")
        return 1
    print("period      value (low to high) of the screens, and of statsmodels")
    for plain, smoothed in found:
        kept = f"{plain.value:.4g} ({plain.low:.4g} to {plain.high:.4g})"
        print(f"{plain.period}  {kept}, {smoothed.value:.4g} ({smoothed.low:.4g} to {smoothed.high:.4g})")
    return 0


def forecast_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `forecast` is told."""
    parser.add_argument("code", help="code of the indicator")
    parser.add_argument("--area", default="", help="NIS code; left out: the first series there is")


def outlines_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `outlines` is told."""
    parser.add_argument("path", type=Path, help="GeoJSON or TopoJSON file with a NIS code for each area")
    parser.add_argument("--source", required=True, help="whose borders these are, shown below every map")


def load_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `load` is told."""
    parser.add_argument("dataset", help="code of the dataset")
    parser.add_argument("path", type=Path, help="CSV file with the columns of the dataset")
    parser.add_argument("--add", action="store_true", help="keep the rows there are, these come beside them")
