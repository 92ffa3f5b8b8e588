"""Subcommands `ocapi capture …`."""

import argparse
import sys
from pathlib import Path

from ocapi.lib import clock
from ocapi.modules.capture import api
from ocapi.modules.capture.data import BadBrokers, UnknownBroker

LARGEST = 1 << 20  # bytes of a file with brokers


def brokers_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `brokers`."""
    parser.add_argument("path", nargs="?", type=Path, metavar="FILE", help="the brokers from now on")
    parser.add_argument(
        "--password-for", default="", metavar="NAME", help="keep the first line of the standard input as password"
    )


def brokers(options: argparse.Namespace) -> int:
    """Show the brokers that are read from, or replace them; exit code 1 when a line is not understood."""
    try:
        if options.password_for:
            api.keep_password(broker=options.password_for, password=sys.stdin.readline().rstrip("\r\n"))
        if options.path:
            with options.path.open("rb") as file:
                text = file.read(LARGEST + 1)
            if len(text) > LARGEST:
                print(f"{options.path} is longer than {LARGEST} bytes; nothing was changed", file=sys.stderr)
                return 1
            api.replace_brokers(text=text.decode(), now=clock.now())
        found = api.list_brokers()
    except (BadBrokers, UnknownBroker, OSError, UnicodeDecodeError) as refusal:
        print(f"refused: {refusal}; nothing was changed", file=sys.stderr)
        return 1
    for each in found:
        scheme = "mqtts" if each.is_secure else "mqtt"
        print(f"{each.name}  {scheme}://{each.host}:{each.port}  as {each.account}  {len(each.mappings)} mappings")
    if not found:
        print("no brokers")
    return 0
