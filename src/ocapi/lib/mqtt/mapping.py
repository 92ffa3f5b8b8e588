"""Which topics of a broker are which datastreams: written as lines, and applied to messages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ocapi.lib.mqtt import topics
from ocapi.lib.snapshot import Broker, TopicMapping

MOST_BROKERS = 20
MOST_MAPPINGS = 500  # of one broker
LATEST_SECONDS = 100_000_000_000  # a larger number counts milliseconds
_ADDRESS = re.compile(r"(mqtts?)://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?")
_KEY = re.compile(r"[A-Za-z0-9._:{}-]{1,100}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class BadLine(ValueError):
    """A line that is not understood. line: counted from 1."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}")
        self.line = line


def read(text: str) -> tuple[Broker, ...]:
    """Read brokers and their mappings; raises BadLine.

    A broker is `NAME mqtts://HOST:PORT account=CLIENT [login=USER] [internal]`, below it a line for each
    mapping, `FILTER > DATASTREAM [value=MEMBER] [time=MEMBER]`. Lines with `#` and a blank are remarks.

        parking mqtts://broker.example:8883 account=parkings
        stad/parking/+/vrij > parking-{1} value=vrij time=tijd
    """
    found: list[tuple[Broker, list[TopicMapping]]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("# "):
            continue
        if "://" in line:
            broker = _broker(line.split(), number)
            if any(each.name == broker.name for each, _ in found):
                raise BadLine(number, f"{broker.name!r} stands twice")
            found.append((broker, []))
        elif not found:
            raise BadLine(number, "name a broker first, as `parking mqtts://host:8883 account=client`")
        else:
            found[-1][1].append(_mapping(line, number))
        if len(found) > MOST_BROKERS or len(found[-1][1]) > MOST_MAPPINGS:
            raise BadLine(number, f"at most {MOST_BROKERS} brokers with {MOST_MAPPINGS} mappings each")
    return tuple(_with(broker, mappings) for broker, mappings in found)


def _with(broker: Broker, mappings: list[TopicMapping]) -> Broker:
    names = {name: getattr(broker, name) for name in Broker.__dataclass_fields__}
    return Broker(**{**names, "mappings": tuple(mappings)})


def _broker(words: list[str], number: int) -> Broker:
    said = dict(each.partition("=")[::2] for each in words[2:])
    address = _ADDRESS.fullmatch(words[1]) if len(words) > 2 else None
    if address is None or not _NAME.fullmatch(words[0]):
        raise BadLine(number, "write NAME mqtts://HOST:PORT account=CLIENT")
    if set(said) - {"account", "login", "internal"} or not said.get("account"):
        raise BadLine(number, "say account=CLIENT, and login=USER or internal when needed")
    is_secure = address[1] == "mqtts"
    port = int(address[3] or (8883 if is_secure else 1883))
    if not 0 < port < 65536:
        raise BadLine(number, "a port is a number from 1 to 65535")
    if not is_secure and "internal" not in said:
        raise BadLine(number, "mqtt:// sends readable text: use mqtts://, or say it is internal")
    return Broker(
        name=words[0],
        host=address[2].lower(),
        port=port,
        account=said["account"],
        mappings=(),
        login=said.get("login", ""),
        is_secure=is_secure,
        is_internal="internal" in said,
    )


def _mapping(line: str, number: int) -> TopicMapping:
    wanted, arrow, rest = (each.strip() for each in line.partition(" > "))
    words = rest.split()
    if not arrow or not words:
        raise BadLine(number, "write FILTER > DATASTREAM, as `stad/+/vrij > parking-{1}`")
    if not topics.is_filter(wanted):
        raise BadLine(number, f"{wanted[:80]!r} is no filter of topics")
    said = dict(each.partition("=")[::2] for each in words[1:])
    if set(said) - {"value", "time"} or not all(said.values()):
        raise BadLine(number, "after the datastream stand only value=MEMBER and time=MEMBER")
    wildcards = sum(1 for level in wanted.split("/") if level in ("+", "#"))
    places = [int(each) for each in re.findall(r"\{([0-9]{1,3})\}", words[0])]
    if not _KEY.fullmatch(words[0]) or any(not 0 < place <= wildcards for place in places):
        raise BadLine(number, f"{words[0][:80]!r} names a wildcard that is not there, or is no key")
    return TopicMapping(
        wanted=wanted, datastream=words[0], value=said.get("value", ""), time=said.get("time", "")
    )


def datastream_of(mapping: TopicMapping, topic: str) -> str:
    """Give the key of the datastream a topic is mapped to; empty when the filter does not match it."""
    found = topics.matched(mapping.wanted, topic)
    if found is None:
        return ""
    key = mapping.datastream
    for place, text in enumerate(found, start=1):
        key = key.replace(f"{{{place}}}", re.sub(r"[^A-Za-z0-9._:-]", "-", text))
    return key


def observation_of(mapping: TopicMapping, payload: Any) -> dict[str, Any]:
    """Give the members of an observation; raises ValueError with what is missing in the payload.

    A payload that is an object with `result` is one already, when no member is named as the value.
    """
    if not mapping.value and isinstance(payload, dict) and "result" in payload:
        return dict(payload)
    found: dict[str, Any] = {"result": _member(payload, mapping.value) if mapping.value else payload}
    if mapping.time:
        found["phenomenonTime"] = _moment(_member(payload, mapping.time))
    return found


def _member(payload: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(payload, Mapping) or name not in payload:
            raise ValueError(f"the message has no member {path!r}")
        payload = payload[name]
    return payload


def _moment(raw: Any) -> Any:
    """Give a moment as text; a number counts seconds since 1970, a large one milliseconds."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return raw
    seconds = raw / 1000 if abs(raw) >= LATEST_SECONDS else raw
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        raise ValueError("the time is no moment") from None
