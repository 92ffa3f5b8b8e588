"""Packets of MQTT 3.1.1 and 5 as values, read from and written to bytes; both ends of a connection use them.

Why our own: a client library acknowledges by itself, while a reading of ours is acknowledged only when it
survives a power cut. Everything read is bounded by the length of its packet, which the caller bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NoReturn, TypeAlias

V311, V5 = 4, 5
LONGEST = 268_435_455  # what the length of a packet can say (MQTT 5 clause 1.5.5)


class Kind(IntEnum):
    """The types of packets (MQTT 5 clause 2.1.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Reason(IntEnum):
    """Reason codes of MQTT 5 that we give or understand (clause 2.4)."""

    SUCCESS = 0x00
    UNSPECIFIED = 0x80
    MALFORMED = 0x81
    PROTOCOL_ERROR = 0x82
    UNSUPPORTED_VERSION = 0x84
    BAD_CLIENT_ID = 0x85
    BAD_LOGIN = 0x86
    NOT_AUTHORIZED = 0x87
    BUSY = 0x89
    SHUTTING_DOWN = 0x8B
    KEEP_ALIVE_OVER = 0x8D
    TAKEN_OVER = 0x8E
    BAD_FILTER = 0x8F
    BAD_TOPIC = 0x90
    TOO_LARGE = 0x95
    QUOTA_EXCEEDED = 0x97
    BAD_PAYLOAD = 0x99
    BAD_QOS = 0x9B


class BadPacket(ValueError):
    """Bytes that are no packet, or one that breaks a rule. reason: what MQTT 5 calls it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Property(IntEnum):
    """Properties of MQTT 5 that we read or write (clause 2.2.2.2)."""

    SESSION_EXPIRY = 0x11
    ASSIGNED_ID = 0x12
    SERVER_KEEP_ALIVE = 0x13
    REASON_TEXT = 0x1F
    RECEIVE_MAXIMUM = 0x21
    TOPIC_ALIAS_MAXIMUM = 0x22
    TOPIC_ALIAS = 0x23
    MAXIMUM_QOS = 0x24
    RETAIN_AVAILABLE = 0x25
    USER = 0x26
    MAXIMUM_SIZE = 0x27
    SHARED_AVAILABLE = 0x2A


_FORMS: Mapping[int, str] = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), "byte"),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), "two"),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), "four"),
    0x0B: "length",
    **dict.fromkeys((0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x1F), "text"),
    **dict.fromkeys((0x09, 0x16), "bytes"),
    0x26: "pair",
}
_REPEATED = frozenset({0x0B, 0x26})
Properties: TypeAlias = dict[int, int | str | bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """The first packet of a client. keep_alive: seconds, 0 for none. A will is read and not kept."""

    version: int
    client_id: str
    username: str = ""
    password: bytes = b""
    keep_alive: int = 0
    is_clean: bool = True
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connack:
    """The answer to the first packet. code: a Reason, or the return code of MQTT 3.1.1."""

    code: int
    is_present: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A message. packet_id: 0 with QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0
    is_repeated: bool = False
    is_retained: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """PUBACK, PUBREC, PUBREL or PUBCOMP. code and text: MQTT 5 only."""

    kind: Kind
    packet_id: int
    code: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Wanted filters, each with the highest QoS. Without QoS (-1 each) it is UNSUBSCRIBE."""

    kind: Kind
    packet_id: int
    filters: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suback:
    """SUBACK or UNSUBACK with a code for each filter."""

    kind: Kind
    packet_id: int
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """PINGREQ, PINGRESP or DISCONNECT."""

    kind: Kind
    code: int = 0


Packet: TypeAlias = Connect | Connack | Publish | Reply | Subscribe | Suback | Signal


def _malformed(detail: str) -> NoReturn:
    raise BadPacket(Reason.MALFORMED, detail)


def _broken(detail: str) -> NoReturn:
    raise BadPacket(Reason.PROTOCOL_ERROR, detail)


class Cursor:
    """Reads the fields of one packet from its bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._raw)

    def take(self, size: int) -> bytes:
        """Give the next bytes."""
        found = self._raw[self._at : self._at + size]
        if len(found) < size:
            _malformed("the packet ends within a field")
        self._at += size
        return found

    def number(self, size: int) -> int:
        """Give a number, most significant byte first."""
        return int.from_bytes(self.take(size), "big")

    def binary(self) -> bytes:
        """Give bytes with their length before them."""
        return self.take(self.number(2))

    def text(self) -> str:
        """Give a text; a NUL, a surrogate or bytes that are no UTF-8 are refused (clause 1.5.4)."""
        try:
            found = self.binary().decode()
        except UnicodeDecodeError:
            _malformed("a text is no UTF-8")
        if "\x00" in found:
            _malformed("a text holds a NUL")
        return found

    def length(self) -> int:
        """Give a variable length number."""
        found = 0
        for place in range(4):
            byte = self.number(1)
            found |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                if place and byte == 0:
                    _malformed("a length is longer than it needs to be")
                return found
        _malformed("a length has more than four bytes")

    def rest(self) -> bytes:
        """Give what is left."""
        return self.take(len(self._raw) - self._at)

    def properties(self) -> Properties:
        """Give the properties of MQTT 5; of one that may be repeated, the last."""
        inner = Cursor(self.take(self.length()))
        found: Properties = {}
        while inner:
            key = inner.length()
            if key in found and key not in _REPEATED:
                _broken("a property stands twice")
            found[key] = inner.property(_FORMS.get(key, ""))
        return found

    def property(self, form: str) -> int | str | bytes:
        """Give the value of a property by its form."""
        if form in ("byte", "two", "four"):
            return self.number({"byte": 1, "two": 2, "four": 4}[form])
        if form == "length":
            return self.length()
        if form == "text":
            return self.text()
        if form == "bytes":
            return self.binary()
        if form == "pair":
            return f"{self.text()}={self.text()}"
        _malformed("a property is unknown")


def decode(first: int, body: bytes, *, version: int) -> Packet:
    """Read one packet. first: its first byte. version: of the connection; CONNECT brings its own.

    Raises BadPacket.
    """
    kind, flags = first >> 4, first & 0x0F
    if kind == 0 or kind == Kind.AUTH:
        _broken("a type of packet that is not used here")
    wanted = 2 if kind in (Kind.PUBREL, Kind.SUBSCRIBE, Kind.UNSUBSCRIBE) else 0
    if kind != Kind.PUBLISH and flags != wanted:
        _malformed("reserved flags are set")
    cursor = Cursor(body)
    packet = _decoded(Kind(kind), flags, cursor, version)
    if cursor:
        _malformed("the packet has bytes too many")
    return packet


def _decoded(kind: Kind, flags: int, cursor: Cursor, version: int) -> Packet:
    if kind is Kind.CONNECT:
        return _connect(cursor)
    if kind is Kind.CONNACK:
        is_present, code = cursor.number(1), cursor.number(1)
        held = cursor.properties() if version == V5 and cursor else {}
        return Connack(code=code, is_present=bool(is_present & 1), properties=held)
    if kind is Kind.PUBLISH:
        return _publish(flags, cursor, version)
    if kind in (Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP):
        return _reply(kind, cursor, version)
    if kind in (Kind.SUBSCRIBE, Kind.UNSUBSCRIBE):
        return _subscribe(kind, cursor, version)
    if kind in (Kind.SUBACK, Kind.UNSUBACK):
        packet_id = _packet_id(cursor)
        if version == V5:
            cursor.properties()
        return Suback(kind=kind, packet_id=packet_id, codes=tuple(cursor.rest()))
    code = 0
    if kind is Kind.DISCONNECT and version == V5 and cursor:
        code = cursor.number(1)
        if cursor:
            cursor.properties()
    return Signal(kind=kind, code=code)


def _connect(cursor: Cursor) -> Connect:
    if cursor.text() != "MQTT":
        raise BadPacket(Reason.UNSUPPORTED_VERSION, "not MQTT 3.1.1 or 5")
    version = cursor.number(1)
    if version not in (V311, V5):
        raise BadPacket(Reason.UNSUPPORTED_VERSION, "not MQTT 3.1.1 or 5")
    flags, keep_alive = cursor.number(1), cursor.number(2)
    has_will = bool(flags & 0x04)
    if flags & 0x01 or (flags >> 3 & 3) == 3 or (not has_will and flags & 0x38):
        _malformed("the flags of CONNECT contradict each other")
    if version == V311 and flags & 0x40 and not flags & 0x80:
        _malformed("a password without a user name")
    properties = cursor.properties() if version == V5 else {}
    client_id = cursor.text()
    if has_will:
        if version == V5:
            cursor.properties()
        cursor.text()
        cursor.binary()
    return Connect(
        version=version,
        client_id=client_id,
        username=cursor.text() if flags & 0x80 else "",
        password=cursor.binary() if flags & 0x40 else b"",
        keep_alive=keep_alive,
        is_clean=bool(flags & 0x02),
        properties=properties,
    )


def _publish(flags: int, cursor: Cursor, version: int) -> Publish:
    qos = flags >> 1 & 3
    if qos == 3 or (qos == 0 and flags & 0x08):
        _malformed("the flags of PUBLISH contradict each other")
    topic = cursor.text()
    packet_id = _packet_id(cursor) if qos else 0
    properties = cursor.properties() if version == V5 else {}
    return Publish(
        topic=topic,
        payload=cursor.rest(),
        qos=qos,
        packet_id=packet_id,
        is_repeated=bool(flags & 0x08),
        is_retained=bool(flags & 0x01),
        properties=properties,
    )


def _reply(kind: Kind, cursor: Cursor, version: int) -> Reply:
    packet_id, code, text = _packet_id(cursor), 0, ""
    if version == V5 and cursor:
        code = cursor.number(1)
        if cursor:
            text = str(cursor.properties().get(Property.REASON_TEXT, ""))
    return Reply(kind=kind, packet_id=packet_id, code=code, text=text)


def _subscribe(kind: Kind, cursor: Cursor, version: int) -> Subscribe:
    packet_id = _packet_id(cursor)
    if version == V5:
        cursor.properties()
    filters: list[tuple[str, int]] = []
    while cursor:
        wanted = cursor.text()
        options = cursor.number(1) if kind is Kind.SUBSCRIBE else -1
        if options >= 0 and (options & 3 == 3 or options & (0xFC if version == V311 else 0xC0)):
            _malformed("the options of a subscription are wrong")
        filters.append((wanted, options & 3 if options >= 0 else -1))
    if not filters:
        _broken("a subscription without a filter")
    return Subscribe(kind=kind, packet_id=packet_id, filters=tuple(filters))


def _packet_id(cursor: Cursor) -> int:
    found = cursor.number(2)
    if found == 0:
        _broken("a packet identifier of 0")
    return found


def encode(packet: Packet, *, version: int) -> bytes:
    """Write one packet. Raises BadPacket for one that is longer than a packet may be."""
    first, body = _encoded(packet, version)
    if len(body) > LONGEST:
        raise BadPacket(Reason.TOO_LARGE, "the packet is too long")
    return bytes([first]) + _length(len(body)) + body


def _encoded(packet: Packet, version: int) -> tuple[int, bytes]:
    if isinstance(packet, Connect):
        return Kind.CONNECT << 4, _connect_body(packet)
    if isinstance(packet, Connack):
        held = _properties(packet.properties) if version == V5 else b""
        return Kind.CONNACK << 4, bytes([packet.is_present, packet.code]) + held
    if isinstance(packet, Publish):
        flags = packet.is_repeated << 3 | packet.qos << 1 | packet.is_retained
        held = _properties(packet.properties) if version == V5 else b""
        number = packet.packet_id.to_bytes(2, "big") if packet.qos else b""
        return Kind.PUBLISH << 4 | flags, _text(packet.topic) + number + held + packet.payload
    if isinstance(packet, Reply):
        flags = 2 if packet.kind is Kind.PUBREL else 0
        body = packet.packet_id.to_bytes(2, "big")
        if version == V5 and (packet.code or packet.text):
            body += bytes([packet.code])
            body += _properties({Property.REASON_TEXT: packet.text}) if packet.text else b""
        return packet.kind << 4 | flags, body
    if isinstance(packet, Signal):
        has_code = version == V5 and packet.kind is Kind.DISCONNECT and packet.code
        return packet.kind << 4, bytes([packet.code]) if has_code else b""
    body = packet.packet_id.to_bytes(2, "big") + (b"\x00" if version == V5 else b"")
    if isinstance(packet, Subscribe):
        for wanted, qos in packet.filters:
            body += _text(wanted) + (bytes([qos]) if packet.kind is Kind.SUBSCRIBE else b"")
        return packet.kind << 4 | 2, body
    is_bare = version == V311 and packet.kind is Kind.UNSUBACK
    return packet.kind << 4, body + (b"" if is_bare else bytes(packet.codes))


def _connect_body(packet: Connect) -> bytes:
    flags = packet.is_clean << 1
    flags |= 0x80 if packet.username else 0
    flags |= 0x40 if packet.password else 0
    body = _text("MQTT") + bytes([packet.version, flags]) + packet.keep_alive.to_bytes(2, "big")
    body += _properties(packet.properties) if packet.version == V5 else b""
    body += _text(packet.client_id)
    body += _text(packet.username) if packet.username else b""
    return body + (_binary(packet.password) if packet.password else b"")


def _properties(held: Properties) -> bytes:
    body = b"".join(_length(key) + _property(_FORMS[key], value) for key, value in held.items())
    return _length(len(body)) + body


def _property(form: str, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return (
            _length(value)
            if form == "length"
            else value.to_bytes({"byte": 1, "two": 2, "four": 4}[form], "big")
        )
    if isinstance(value, bytes):
        return _binary(value)
    if form == "pair":
        name, _, rest = value.partition("=")
        return _text(name) + _text(rest)
    return _text(value)


def _text(value: str) -> bytes:
    return _binary(value.encode())


def _binary(value: bytes) -> bytes:
    if len(value) > 65_535:
        raise BadPacket(Reason.TOO_LARGE, "a field is longer than 65535 bytes")
    return len(value).to_bytes(2, "big") + value


def _length(value: int) -> bytes:
    found = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        found.append(low | (0x80 if value else 0))
        if not value:
            return bytes(found)
