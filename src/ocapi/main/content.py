"""Commands for content: load the product's packs, import files from outside."""

import argparse
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocapi.kernel.registry.extensions import BadRow


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `content load` and `content import` to the command line; both need `--tenant`."""
    content = groups.add_parser("content", help="load packs and import files").add_subparsers(required=True)
    load = content.add_parser("load", help="load the content packs of the mounted modules")
    load.set_defaults(handler=load_packs, needs_tenant=True)
    imported = content.add_parser("import", help="import a file from outside")
    imported.add_argument("path", type=Path)
    imported.add_argument("--as", dest="format_name", default="", metavar="FORMAT",
                          help="the format; recognized from the file when left out")
    imported.set_defaults(handler=import_file, needs_tenant=True)


def load_packs(options: argparse.Namespace) -> int:
    """Load every pack of the modules mounted on this organization, and say what each brought."""
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    failed = 0
    for name in registry.list_packs():
        done = registry.load_pack(name=name, now=clock.now())
        failed += len(done.refused)
        print(
            f"{name}: {done.written} written, {done.unchanged} files unchanged, {len(done.refused)} refused"
        )
        _print_rows(done.refused)
    return 1 if failed else 0


def import_file(options: argparse.Namespace) -> int:
    """Import one file; bad rows are printed by line and reason and the rest is loaded.
    Exit 1 when rows were bad.
    """
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.packs import UnknownFormat
    from ocapi.lib import clock, codec
    from ocapi.lib.rdf import turtle

    if not options.path.is_file():
        return _refuse(f"{options.path}: no such file")
    try:
        done = registry.import_file(path=options.path, format_name=options.format_name, now=clock.now())
    except UnknownFormat as refusal:
        return _refuse(str(refusal))
    except codec.MalformedInput as refusal:
        place = f" ({refusal.path})" if refusal.path else ""
        return _refuse(
            f"{options.path.name}{place}: {refusal.detail or refusal.reason.value}; nothing was imported"
        )
    except turtle.MalformedRdf as refusal:
        return _refuse(f"{options.path.name}: {refusal}; nothing was imported")
    _print_rows(done.warnings, label="warning")
    _print_rows(done.refused)
    print(f"{done.written} written, {done.unchanged} unchanged, {len(done.refused)} refused")
    return 1 if done.refused else 0


def _print_rows(rows: "tuple[BadRow, ...]", *, label: str = "refused") -> None:
    """Print each row by line and reason; neighbors with the same reason share a line."""
    for reason, first, last in _runs(rows):
        lines = "" if not first else f", line {first}" if first == last else f", lines {first} to {last}"
        print(f"  {label}{lines}: {reason}", file=sys.stderr)


def _runs(rows: "tuple[BadRow, ...]") -> Iterator[tuple[str, int, int]]:
    numbered = enumerate(rows)
    for (reason, _place), run in groupby(numbered, key=lambda each: (each[1].reason, each[1].line - each[0])):
        found = [row.line for _number, row in run]
        yield reason, found[0], found[-1]


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
