"""What members took in is brought together, changes hands, and is gone on with when a disk is lost.

The members are played by files: what they answer is what `dataplane/members` does, which its own tests show.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ocapi.lib import egress, seglog
from ocapi.lib.members import membership, mirror, places
from ocapi.lib.members.calling import Away
from ocapi.lib.members.places import Place


@dataclass
class Played:
    """The answers of members. entities: the holder's records; inboxes: by member; away: who is silent."""

    entities: list[bytes] = field(default_factory=list)
    inboxes: dict[str, list[bytes]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    disk: str = "disk1"
    is_released: bool = False
    asked: list[str] = field(default_factory=list)
    membership: Any = membership.read("a=http://h1:1 b=http://h2:1")

    def expect(self, member: str, target: str, *, method: str = "GET") -> egress.Answer:
        if member in self.away:
            raise Away(member)
        self.asked.append(f"{member} {target}")
        parts = urlsplit(target)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers, body = {"ocapi-state": "0", "ocapi-disk": f"{member}-{self.disk}"}, b""
        if parts.path.endswith("/release"):
            self.is_released = True
        else:
            is_inbox = parts.path.endswith("/inbox")
            every = self.inboxes.get(member, []) if is_inbox else self.entities
            is_known = not is_inbox or given.get("disk") == headers["ocapi-disk"]
            after = int(given["after"]) if is_known else 0
            records = [
                seglog.Record(place, each) for place, each in enumerate(every, start=1) if place > after
            ]
            body = seglog.as_frames(records)
            headers["ocapi-first"] = str(after + 1)
        headers |= {"ocapi-last": str(len(self.entities)), "ocapi-released": str(int(self.is_released))}
        return egress.Answer(status=200, headers=headers, body=body, url=target)


def payloads(folder: Path) -> list[bytes]:
    return [each.payload for each in seglog.read(folder)]


def collect(played: Played, capture: Path) -> str:
    return mirror.collect_entities(played, tenant="aalter", capture=capture)  # type: ignore[arg-type]


def test_the_log_of_entities_is_copied_once_with_its_sequences(tmp_path: Path) -> None:
    played = Played(entities=[b"1", b"2"])
    assert collect(played, tmp_path) == ""  # the first round gives it a place
    holder = places.read(tmp_path)
    assert holder == Place(played.membership.owner_of_entities("aalter"), 1)
    assert collect(played, tmp_path) == holder.member
    played.entities.append(b"3")
    (tmp_path / "log" / mirror.COLLECTED).unlink()  # as after a crash between two writes
    collect(played, tmp_path)
    assert [(each.sequence, each.payload) for each in seglog.read(tmp_path / "log")] == [
        (1, b"1"), (2, b"2"), (3, b"3")
    ]


def test_a_gap_is_refused_and_a_silent_holder_changes_nothing(tmp_path: Path) -> None:
    played = Played(entities=[b"1"])
    collect(played, tmp_path)
    collect(played, tmp_path)
    with pytest.raises(mirror.Incomplete):
        mirror._append(tmp_path / "log", [seglog.Record(3, b"3")])
    played.away = {"a", "b"}
    with pytest.raises(Away):
        collect(played, tmp_path)
    assert payloads(tmp_path / "log") == [b"1"]


def test_a_drained_holder_lets_go_and_all_of_it_is_there_before_the_next_is_named(tmp_path: Path) -> None:
    played = Played(entities=[b"1"])
    collect(played, tmp_path)
    holder = played.membership.owner_of_entities("aalter")
    other = "b" if holder == "a" else "a"
    played.entities += [b"2", b"3"]
    played.membership = membership.read("a=http://h1:1 b=http://h2:1", drained=holder)
    collect(played, tmp_path)
    assert played.is_released
    assert payloads(tmp_path / "log") == [b"1", b"2", b"3"]
    assert places.read(tmp_path) == Place(other, 2)


def test_a_holder_that_let_go_gets_it_back_in_another_epoch(tmp_path: Path) -> None:
    played = Played(entities=[b"1"])
    collect(played, tmp_path)
    played.is_released = True  # the worker ended in between, and the operator thought better of it
    collect(played, tmp_path)
    assert places.read(tmp_path) == Place(played.membership.owner_of_entities("aalter"), 2)


def test_inboxes_become_one_and_a_new_disk_is_read_from_its_start(tmp_path: Path) -> None:
    played = Played(inboxes={"a": [b"a1"], "b": [b"b1"]}, away={"b"})
    folder = tmp_path / "inbox"

    def collected() -> int:
        return mirror.collect_inbox(played, tenant="aalter", folder=folder)  # type: ignore[arg-type]

    assert collected() == 1
    played.away = set()
    played.inboxes["a"].append(b"a2")
    assert (collected(), collected()) == (2, 0)
    assert payloads(folder) == [b"a1", b"a2", b"b1"]
    played.disk, played.inboxes = "disk2", {"a": [b"a3"]}
    assert collected() == 1
    assert payloads(folder)[-1] == b"a3"


def test_two_workers_do_not_collect_at_once(tmp_path: Path) -> None:
    with mirror.locked(tmp_path / "log"), pytest.raises(mirror.Busy):
        collect(Played(), tmp_path)


def test_the_copy_lets_go_what_stands_in_files_and_in_a_state(tmp_path: Path) -> None:
    log = tmp_path / "log"
    writer = seglog.Writer(log, segment_bytes=1)
    for each in (b"1", b"2", b"3"):
        writer.append([each])
    writer.close()
    mirror.let_go(tmp_path, 2)
    assert payloads(log) == [b"1", b"2", b"3"]  # without a state the log is all there is
    (log / f"{mirror.STATE}{2:020d}").write_bytes(b"")
    mirror.let_go(tmp_path, 3)
    assert payloads(log) == [b"3"]


def test_without_the_disk_of_a_member_another_epoch_begins(tmp_path: Path) -> None:
    assert not mirror.take_over_without_disk(capture=tmp_path, member="a", wanted="b")
    places.write(tmp_path, Place("a", 4))
    assert not mirror.take_over_without_disk(capture=tmp_path, member="b", wanted="b")
    assert mirror.take_over_without_disk(capture=tmp_path, member="a", wanted="b")
    assert places.read(tmp_path) == Place("b", 5)
