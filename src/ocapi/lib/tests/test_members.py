"""Tests of the ring, the names of members and the calls between them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ocapi.lib.members import membership, places, signing
from ocapi.lib.members.ring import Ring
from ocapi.lib.members.signing import Call, NotSigned, Signer

KEYS = [f"aalter/telraam-{number}" for number in range(6000)]
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
SECRET, LATER = "s" * 40, "t" * 40
CALL = Call(method="GET", target="/between/v1/log?tenant=aalter", body_sha256=signing.digest(b""))


def test_each_member_gets_about_its_share_and_every_key_has_one_owner() -> None:
    ring, shuffled = Ring("abc"), Ring("cab")
    shares = Counter(map(ring.owner, KEYS))
    assert set(shares) == set("abc")
    assert max(shares.values()) < 1.25 * len(KEYS) / 3
    assert min(shares.values()) > 0.75 * len(KEYS) / 3
    assert all(shuffled.owner(key) == ring.owner(key) for key in KEYS)


def test_who_joins_takes_its_share_and_nothing_else_moves() -> None:
    before, after = Ring("abc"), Ring("abcd")
    moved = [(before.owner(key), after.owner(key)) for key in KEYS if before.owner(key) != after.owner(key)]
    assert {to for _from, to in moved} == {"d"}
    assert len(KEYS) / 6 < len(moved) < len(KEYS) / 3


def test_a_drained_member_gets_nothing_and_the_others_keep_theirs() -> None:
    whole = membership.read("a=http://h1:1 b=http://h2:1 c=http://h3:1", own="a")
    less = membership.read("a=http://h1:1 b=http://h2:1 c=http://h3:1", own="a", drained="c")
    assert whole and less
    for key in KEYS[:500]:
        old, new = whole.owner_of_stream("aalter", key), less.owner_of_stream("aalter", key)
        assert new == old if old != "c" else new in "ab"
    assert less.others() == {"b": "http://h2:1", "c": "http://h3:1"}


@pytest.mark.parametrize(
    ("members", "own", "drained"),
    [
        ("", "a", ""), ("a=http://h:1", "b", ""), ("a=http://h:1 a=http://i:1", "a", ""),
        ("a=http://h:1 b=http://h:1", "a", ""), ("A=http://h:1", "A", ""), ("a=ftp://h:1", "a", ""),
        ("a=http://h:1/path", "a", ""), ("a=http://u@h:1", "a", ""), ("a=http://h:x", "a", ""),
        ("a=http://h:1", "a", "a"), ("a=http://h:1", "a", "z"), ("a", "a", ""),
    ],
)
def test_names_that_make_no_sense_are_refused(members: str, own: str, drained: str) -> None:
    with pytest.raises(membership.BadMembers):
        membership.read(members, own=own, drained=drained)


def test_one_process_is_no_membership() -> None:
    assert membership.read(" ") is None


def test_a_call_is_believed_by_the_member_it_is_for_and_with_the_secret_before() -> None:
    header = Signer("a", [SECRET]).sign(CALL, to="b", now=NOW)
    assert Signer("b", [SECRET]).verify(header, CALL, now=NOW + timedelta(seconds=20)) == "a"
    assert Signer("b", [LATER, SECRET]).verify(header, CALL, now=NOW) == "a"


def test_a_call_that_was_changed_kept_or_made_up_is_refused() -> None:
    header = Signer("a", [SECRET]).sign(CALL, to="b", now=NOW)
    other = Call(method="GET", target="/between/v1/log?tenant=gent", body_sha256=CALL.body_sha256)
    tries = [
        (Signer("b", [SECRET]), header, other, NOW), (Signer("c", [SECRET]), header, CALL, NOW),
        (Signer("b", [LATER]), header, CALL, NOW), (Signer("b", [SECRET]), "", CALL, NOW),
        (Signer("b", [SECRET]), header, CALL, NOW + timedelta(minutes=2)),
        (Signer("b", [SECRET]), header.replace("from=a", "from=c"), CALL, NOW),
        (Signer("b", [SECRET]), header, Call(method="POST", target=CALL.target, body_sha256=CALL.body_sha256),
         NOW),
    ]
    for signer, sent, call, now in tries:
        with pytest.raises(NotSigned):
            signer.verify(sent, call, now=now)
    with pytest.raises(ValueError):
        Signer("a", ["", ""])


def test_a_place_is_read_as_it_was_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert places.read(tmp_path) is None and places.held(tmp_path) is None
    places.write(tmp_path / "capture", places.Place("b", 3))
    places.hold(tmp_path, places.Held(epoch=2, isReleased=True))
    assert places.read(tmp_path / "capture") == places.Place("b", 3)
    assert places.held(tmp_path) == places.Held(epoch=2, isReleased=True)
