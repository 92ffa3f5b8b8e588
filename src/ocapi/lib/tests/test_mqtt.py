"""Packets and topics of MQTT as bytes and texts. Not here: connections, which the data plane's tests have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.mqtt import packets, topics
from ocapi.lib.mqtt.packets import (
    V5,
    V311,
    BadPacket,
    Connack,
    Connect,
    Kind,
    Packet,
    Property,
    Publish,
    Reply,
    Signal,
    Suback,
    Subscribe,
)

SAMPLES: tuple[Packet, ...] = (
    Connect(version=V311, client_id="a", username="b", password=b"c", keep_alive=60),
    Connect(version=V5, client_id="", is_clean=False, properties={Property.RECEIVE_MAXIMUM: 9}),
    Connack(code=5),
    Publish(topic="a/b", payload=b"1"),
    Publish(topic="a/é", payload=b"", qos=2, packet_id=65_535, is_repeated=True, is_retained=True),
    Reply(kind=Kind.PUBACK, packet_id=7),
    Reply(kind=Kind.PUBREL, packet_id=7),
    Subscribe(kind=Kind.SUBSCRIBE, packet_id=3, filters=(("a/#", 1), ("+/b", 0))),
    Subscribe(kind=Kind.UNSUBSCRIBE, packet_id=3, filters=(("a/#", -1),)),
    Suback(kind=Kind.SUBACK, packet_id=3, codes=(1, 0x80)),
    Signal(kind=Kind.PINGREQ),
    Signal(kind=Kind.DISCONNECT),
)


def split(raw: bytes) -> tuple[int, bytes]:
    """Give the first byte and the body of a packet."""
    cursor = packets.Cursor(raw[1:])
    assert cursor.length() == len(raw) - 1 - (1 if len(raw) < 130 else 2)
    return raw[0], cursor.rest()


class TestPackets:
    @pytest.mark.parametrize("packet", SAMPLES, ids=lambda each: type(each).__name__)
    @pytest.mark.parametrize("version", [V311, V5])
    def test_come_back_as_they_were(self, packet: Packet, version: int) -> None:
        if isinstance(packet, Connect) and packet.version != version:
            version = packet.version
        first, body = split(packets.encode(packet, version=version))
        assert packets.decode(first, body, version=version) == packet

    def test_have_the_bytes_of_the_standard(self) -> None:
        assert packets.encode(Publish(topic="a/b", payload=b"hi", qos=1, packet_id=10), version=V311) == (
            b"\x32\x09\x00\x03a/b\x00\x0ahi"
        )
        wanted = Reply(kind=Kind.PUBACK, packet_id=1, code=0x99, text="no")
        assert packets.encode(wanted, version=V5) == b"\x40\x09\x00\x01\x99\x05\x1f\x00\x02no"

    @given(first=st.integers(0, 255), body=st.binary(max_size=60), version=st.sampled_from([V311, V5]))
    @settings(max_examples=300, deadline=None)
    def test_of_nonsense_are_refused_with_a_reason(self, first: int, body: bytes, version: int) -> None:
        try:
            packets.decode(first, body, version=version)
        except BadPacket as refusal:
            assert refusal.reason >= 0x80

    @given(place=st.integers(0, 40), byte=st.integers(0, 255), which=st.integers(0, len(SAMPLES) - 1))
    @settings(max_examples=300, deadline=None)
    def test_that_were_damaged_are_read_or_refused(self, place: int, byte: int, which: int) -> None:
        raw = bytearray(packets.encode(SAMPLES[which], version=V5))
        first, body = split(bytes(raw))
        damaged = bytearray(body)
        if damaged:
            damaged[place % len(damaged)] = byte
        try:
            packets.decode(first, bytes(damaged), version=V5)
        except BadPacket as refusal:
            assert refusal.reason >= 0x80

    @pytest.mark.parametrize(
        "body",
        [
            b"\x00\x04MQIs\x04\x02\x00\x00\x00\x00",
            b"\x00\x04MQTT\x03\x02\x00\x00\x00\x00",
            b"\x00\x04MQTT\x04\x03\x00\x00\x00\x00",
            b"\x00\x04MQTT\x04\x42\x00\x00\x00\x00\x00\x01a",
            b"\x00\x04MQTT\x04\x02\x00\x00\x00\x00more",
            b"\x00\x04MQTT\x04\x02\x00\x00\x00\x02a\x00",
        ],
    )
    def test_that_break_a_rule_of_connecting_are_refused(self, body: bytes) -> None:
        with pytest.raises(BadPacket):
            packets.decode(0x10, body, version=V311)


class TestTopics:
    @pytest.mark.parametrize(
        ("wanted", "topic", "found"),
        [
            ("a/+/c", "a/b/c", ("b",)),
            ("a/#", "a/b/c", ("b/c",)),
            ("a/#", "a", ("",)),
            ("#", "a/b", ("a/b",)),
            ("+/+", "/a", ("", "a")),
            ("a", "a", ()),
            ("a/+", "a", None),
            ("a/+", "a/b/c", None),
            ("#", "$SYS/uptime", None),
            ("+/uptime", "$SYS/uptime", None),
            ("$SYS/#", "$SYS/uptime", ("uptime",)),
        ],
    )
    def test_match_as_the_standard_says(self, wanted: str, topic: str, found: tuple[str, ...] | None) -> None:
        assert topics.matched(wanted, topic) == found

    @pytest.mark.parametrize("text", ["", "a#", "a/#/b", "+a", "a\x00", "$share/g/a", "a/" * 30, "a" * 2_000])
    def test_that_are_no_filter_are_refused(self, text: str) -> None:
        assert not topics.is_filter(text)

    def test_with_a_wildcard_name_nothing(self) -> None:
        assert topics.is_name("a/b")
        assert not topics.is_name("a/+")
