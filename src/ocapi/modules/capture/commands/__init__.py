"""Subcommands `ocapi capture …`."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from ocapi.lib import actor, clock, codec
from ocapi.modules.capture import api
from ocapi.modules.capture.commands import uploading
from ocapi.modules.capture.commands.uploading import Service
from ocapi.modules.capture.data import (
    BadBrokers,
    BadUpload,
    SensorRefused,
    StreamNotFound,
    UnknownBroker,
    UnknownMember,
    UploadColumns,
)

LARGEST = 1 << 20  # bytes of a file with brokers


def brokers_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `brokers`."""
    parser.add_argument("path", nargs="?", type=Path, metavar="FILE", help="the brokers from now on")
    parser.add_argument(
        "--password-for",
        default="",
        metavar="NAME",
        help="keep the first line of the standard input as password",
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
        address = f"{scheme}://{each.host}:{each.port}"
        print(f"{each.name}  {address}  as {each.account}  {len(each.mappings)} mappings")
    if not found:
        print("no brokers")
    return 0


def tiers_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `tiers`."""
    parser.add_argument("sensor", metavar="CODE", help="a sensor of the inventory")
    for name, what in (("raw", "single readings"), ("hourly", "hours"), ("daily", "days")):
        parser.add_argument(f"--{name}", metavar="DAYS", help=f"keep {what} so long; `ever` for ever")


def tiers(options: argparse.Namespace) -> int:
    """Show how long what of a sensor is kept, or declare it; exit code 1 when it is refused."""
    given = {name: getattr(options, name) for name in ("raw", "hourly", "daily")}
    said = {name: value for name, value in given.items() if value is not None}
    try:
        if said:
            days = {name: "" if value == "ever" else value for name, value in said.items()}
            api.declare_tiers(sensor=options.sensor, days=days, actor=actor.system("cli"), now=clock.now())
        found = api.get_sensor(sensor=options.sensor, actor=actor.system("cli"), now=clock.now()).tiers
    except (StreamNotFound, SensorRefused) as refusal:
        print(f"refused: {refusal}; nothing was changed", file=sys.stderr)
        return 1
    for name, count in (("raw", found.raw_days), ("hourly", found.hourly_days), ("daily", found.daily_days)):
        print(f"{name}  {'ever' if count is None else f'{count} days'}")
    return 0


def replace_disk_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `replace-disk`."""
    parser.add_argument("member", metavar="NAME", help="the member whose disk is lost for good")
    parser.add_argument(
        "--lose-what-was-not-collected", dest="is_sure", action="store_true",
        help="needed: readings acknowledged since the last round of the worker are gone with the disk",
    )


def replace_disk(options: argparse.Namespace) -> int:
    """Go on without a disk; exit code 1 when nobody is of that name or it was not said for sure."""
    if not options.is_sure:
        print("refused: say --lose-what-was-not-collected, or attach the disk again", file=sys.stderr)
        return 1
    try:
        count = api.replace_disk(member=options.member)
    except UnknownMember as refusal:
        print(f"refused: {refusal} is no member in OCAPI_MEMBERS; nothing was changed", file=sys.stderr)
        return 1
    print(f"{count} organizations go on without the disk of {options.member}")
    if not api.is_drained(member=options.member):
        print(f"they wait for {options.member} on an empty disk; to have the others hold them instead,")
        print("add it to OCAPI_MEMBERS_DRAINED and give this command again")
    return 0


def simulate_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `simulate`; the token comes from a file, so no list of processes shows it."""
    parser.add_argument("--sensors", type=int, default=10_000, metavar="N", help="how many (10000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same city")
    parser.add_argument(
        "--from", dest="from_at", default="", metavar="INSTANT", help="the first moment (now)"
    )
    parser.add_argument("--minutes", type=int, default=60, help="how long it measures (60)")
    parser.add_argument(
        "--every", type=int, default=300, metavar="SECONDS", help="between two readings (300)"
    )
    parser.add_argument("--to", default="", metavar="URL", help="a service, as https://HOST/sta/v1.1")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the access token")


def simulate(options: argparse.Namespace) -> int:
    """Print the requests of a city a line each, or send them; exit code 1 when the service refuses one."""
    try:
        from_at = datetime.fromisoformat(options.from_at) if options.from_at else clock.now()
        token = options.token_file.read_text().strip() if options.token_file else ""
    except (ValueError, OSError) as failure:
        print(f"refused: {failure}", file=sys.stderr)
        return 1
    if (
        from_at.tzinfo is None
        or not 0 < options.sensors <= 100_000
        or options.every < 1
        or options.minutes < 0
    ):
        print(
            "give an instant with its zone, 1 to 100000 sensors and at least a second between",
            file=sys.stderr,
        )
        return 1
    requests = api.simulated_city(
        sensors=options.sensors,
        seed=options.seed,
        from_at=from_at.replace(microsecond=0),
        minutes=options.minutes,
        every_s=options.every,
    )
    service, sent = Service(address=options.to.rstrip("/"), token=token), 0
    for each in requests:
        if not options.to:
            print(codec.encode_json({"path": each.path, "body": each.body}).decode())
            continue
        if not _sent(service, each.path, codec.encode_json(each.body)):
            return 1
        sent += 1
    if options.to:
        print(f"{sent} requests sent")
    return 0


def _sent(service: Service, path: str, body: bytes) -> bool:
    """Send a request; tells whether it was taken. 409: an earlier run made it."""
    got = service.send("POST", path, body)
    if got is not None and got.status not in (201, 409):
        print(f"stopped: {path} answered {got.status}", file=sys.stderr)
    return got is not None and got.status in (201, 409)


def upload_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `upload`; the token comes from a file, so no list of processes shows it."""
    parser.add_argument(
        "path", type=Path, metavar="FILE", help="CSV or Parquet; with --undo, what to take back"
    )
    for name in ("time", "sensor", "value", "unit"):
        parser.add_argument(f"--{name}", default="", metavar="COLUMN", help="guessed when left out")
    parser.add_argument("--zone", default="", metavar="ZONE", help="of times without one, as Europe/Brussels")
    parser.add_argument(
        "--to", default="", metavar="URL", help="a service, as https://HOST/sta/v1.1; else preview"
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the access token")
    parser.add_argument("--undo", action="store_true", help="take back what the file of an upload lists")


def upload(options: argparse.Namespace) -> int:
    """Load a table of readings, or preview it without --to; exit code 1 when a row or the file is refused.

    Rows with a fault are told by line and reason, the rest loads. `FILE.loaded` lists what was loaded; with
    --undo that list is taken back (a value that was corrected by the upload does not come back).
    """
    try:
        token = options.token_file.read_text().strip() if options.token_file else ""
        service = Service(address=options.to.rstrip("/"), token=token)
        if options.undo:
            return uploading.take_back(options.path, service)
        wanted = UploadColumns(
            time=options.time, sensor=options.sensor, value=options.value, unit=options.unit
        )
        rows = api.readings_of(path=options.path, wanted=wanted, zone=options.zone)
        return uploading.load(rows, service, options.path) if options.to else uploading.preview(rows)
    except (BadUpload, OSError) as refusal:
        print(f"stopped: {refusal}", file=sys.stderr)
        return 1
