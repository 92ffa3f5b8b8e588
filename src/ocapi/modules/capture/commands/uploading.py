"""Sends what a command made to a SensorThings service, and takes it back."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ocapi.lib import clock, codec, egress
from ocapi.modules.capture.data import UploadRow

AT_ONCE = 1_000  # rows in a request
MOST_TOLD = 1_000  # faults that are printed; all are counted
SHOWN = 10  # rows of a preview
PREVIEWED = 10_000  # rows a preview looks at
MOST_TRIES = 20
LONGEST_PAUSE_S = 60
LARGEST_ANSWER = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A SensorThings service an operator named. address: without a slash at its end."""

    address: str
    token: str

    def send(self, method: str, path: str, body: bytes = b"") -> egress.Answer | None:
        """Send a request, again after a pause while the service asks for one; None when nobody answers."""
        url = f"{self.address}{path}"
        parts = urlsplit(url)
        port = parts.port or egress.DEFAULT_PORTS.get(parts.scheme, 443)
        destination = egress.Destination(
            host=parts.hostname or "", ports=frozenset({port}), plain=True, internal=True
        )
        headers = {"Authorization": f"Bearer {self.token}"}
        if body:
            headers["Content-Type"] = "application/json"
        got = None
        for _ in range(MOST_TRIES):
            try:
                got = egress.send(
                    method=method,
                    url=url,
                    body=body,
                    headers=headers,
                    allowed=egress.AllowedDestinations(destinations=(destination,)),
                    limits=egress.Limits(total_seconds=120.0, max_bytes=LARGEST_ANSWER),
                )
            except (egress.EgressFailed, egress.DestinationRefused) as failure:
                print(f"stopped: {failure}", file=sys.stderr)
                return None
            if got.status not in (429, 503):
                return got
            pause = got.headers.get("retry-after", "")
            clock.sleep(min(int(pause), LONGEST_PAUSE_S) if pause.isdecimal() else 5)
        return got


class Faults:
    """Tells of rows that were not loaded, the first ones by line, and counts them all."""

    def __init__(self) -> None:
        self.count = 0

    def tell(self, line: int, reason: str) -> None:
        self.count += 1
        if self.count <= MOST_TOLD:
            print(f"line {line}: {reason}", file=sys.stderr)


def preview(rows: Iterable[UploadRow]) -> int:
    """Show how the first rows are understood, without sending any; 1 when one has a fault."""
    faults, understood = Faults(), 0
    for row in islice(rows, PREVIEWED):
        if row.reason:
            faults.tell(row.line, row.reason)
            continue
        understood += 1
        if understood <= SHOWN:
            unit = row.observation.get("parameters", {})
            said = f" {unit['unit']}" if isinstance(unit, dict) and unit else ""
            at, result = row.observation["phenomenonTime"], row.observation["result"]
            print(f"line {row.line}: {row.datastream}  {at}  {result}{said}")
    print(f"{understood} rows understood, {faults.count} with a fault; nothing was sent")
    return 1 if faults.count else 0


def load(rows: Iterator[UploadRow], service: Service, path: Path) -> int:
    """Send rows in groups and list what was loaded beside the file; 1 when a row was refused."""
    faults, loaded = Faults(), 0
    with ExitStack() as stack:
        listed = stack.enter_context(path.with_name(f"{path.name}.loaded").open("a"))
        while group := list(islice(rows, AT_ONCE)):
            for row in group:
                if row.reason:
                    faults.tell(row.line, row.reason)
            sound = sorted((row for row in group if not row.reason), key=lambda row: row.datastream)
            if not sound:
                continue
            got = service.send("POST", "/CreateObservations", codec.encode_json(_body(sound)))
            if got is None or got.status != 201:
                print(
                    f"stopped before line {group[0].line}: {_reason(got)}; {loaded} loaded", file=sys.stderr
                )
                return 1
            told = codec.decode_untyped(got.body, max_bytes=LARGEST_ANSWER)
            for row, link in zip(sound, told if isinstance(told, list) else [], strict=True):
                if link == "error":
                    faults.tell(row.line, f"refused: is there a datastream {row.datastream!r}, in this unit?")
                    continue
                loaded += 1
                listed.write(f"/{str(link).rpartition('/')[2]}\n")
            listed.flush()
    print(f"{loaded} loaded, {faults.count} refused")
    return 1 if faults.count else 0


def take_back(path: Path, service: Service) -> int:
    """Take away the observations a list names; one that is gone already is no fault."""
    gone = 0
    with path.open() as file:
        for line in file:
            got = service.send("DELETE", line.strip())
            if got is None or got.status not in (200, 204, 404):
                print(f"stopped after {gone}: {_reason(got)}; run it again to go on", file=sys.stderr)
                return 1
            gone += 1
    print(f"{gone} taken back")
    return 0


def _reason(got: egress.Answer | None) -> str:
    return "the service can't be reached" if got is None else f"the service answered {got.status}"


def _body(rows: list[UploadRow]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    held: tuple[str, bool] | None = None
    for row in rows:
        has_unit = "parameters" in row.observation
        if held != (row.datastream, has_unit):
            held = (row.datastream, has_unit)
            components = ["phenomenonTime", "result", *(["parameters"] if has_unit else [])]
            key = int(row.datastream) if row.datastream.isdecimal() else row.datastream
            found.append({"Datastream": {"@iot.id": key}, "components": components, "dataArray": []})
        found[-1]["dataArray"].append([row.observation[each] for each in found[-1]["components"]])
    return found
