"""Commands for content: load the product's packs, import files from outside."""

import argparse
import sys
from pathlib import Path


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


def _print_rows(rows: tuple, *, label: str = "refused") -> None:
    for row in rows:
        print(
            f"  {label}, line {row.line}: {row.reason}" if row.line else f"  {label}: {row.reason}",
            file=sys.stderr,
        )


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
