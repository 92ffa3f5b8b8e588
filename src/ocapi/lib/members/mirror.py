"""Collects what members took in, and lets the entities of an organization change hands. Only the worker.

The log of entities is copied record by record with its sequences, so that what the worker makes of it stays
as it is with one process, and another member can go on where the log ends. Inboxes become one, in which a
record may stand twice after a crash: who adds it up knows each message once. A member lets go what the next
call says was collected.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from ocapi.lib import codec, durable, seglog, tiers
from ocapi.lib.members import places
from ocapi.lib.members.calling import Away, Calls, number
from ocapi.lib.members.places import Place

BASE = "/between/v1"
COLLECTED = "collected.json"
STATE = "state-"
MOST_TURNS = 1_000


class Incomplete(Exception):
    """A member gives records that do not follow on what was collected before; nothing was taken over."""


class Busy(Exception):
    """Another process is at work on the same log."""


class _Taken(msgspec.Struct):
    """How far each disk was collected, by its id."""

    upTo: dict[str, int]  # noqa: N815 - as the file has it
    disks: dict[str, str]  # by the name of the member that last had it


def collect_entities(calls: Calls, *, tenant: str, capture: Path) -> str:
    """Copy what the holder of an organization's entities has, and let another take over when it is due.

    Gives the name of the member the records came from; empty when nothing was collected. Raises Away, Busy,
    Incomplete, OSError.
    """
    wanted = calls.membership.owner_of_entities(tenant)
    with locked(capture / "log"):
        place = places.read(capture)
        if place is None:
            places.write(capture, Place(wanted, 1))
            return ""
        is_released = _copy(calls, tenant, place, capture / "log")
        if wanted != place.member or is_released:
            _hand_over(calls, tenant, place, capture, wanted)
    return place.member


def take_over_without_disk(*, capture: Path, member: str, wanted: str) -> bool:
    """Let another epoch begin from what was collected: for a member whose disk is gone. Operator only."""
    with locked(capture / "log"):
        place = places.read(capture)
        if place is None or place.member != member:
            return False
        places.write(capture, Place(wanted, place.epoch + 1))
        return True


def let_go(capture: Path, upto: int) -> None:
    """Take away from the copy what stands in files and in a saved state; called with the lock not held."""
    log = capture / "log"
    with locked(log):
        seglog.remove_up_to(log, min(upto, _state_of(log)))


def collect_inbox(calls: Calls, *, tenant: str, folder: Path) -> int:
    """Add what every member's inbox has to the one inbox; gives how many records. Raises Busy, OSError.

    A member that is away is asked the next time.
    """
    count = 0
    with locked(folder):
        taken = _taken(folder)
        for member in calls.membership.addresses:
            try:
                count += _add(calls, tenant, member, folder, taken)
            except Away:
                continue
        upto = tiers.read(folder.parent / "capture")
        if upto:
            _let_go_of_inbox(folder, upto)
    return count


def _copy(calls: Calls, tenant: str, place: Place, log: Path) -> bool:
    """Copy until nothing is left; tells whether the holder has let go."""
    after = _collected(log)
    for _turn in range(MOST_TURNS):
        target = f"{BASE}/entities?tenant={quote(tenant)}&epoch={place.epoch:d}&after={after:d}"
        answer = calls.expect(place.member, target)
        if not answer.body:
            break
        after = _append(log, seglog.from_frames(answer.body, first=number(answer, "ocapi-first")))
    if number(answer, "ocapi-state") > _state_of(log):
        _copy_state(calls, tenant, place, log)
    return answer.headers.get("ocapi-released") == "1"


def _append(log: Path, records: Sequence[seglog.Record]) -> int:
    """Add records to the copy under their own sequences; gives the last one."""
    if not seglog.segment_names(log):
        seglog.begin_at(log, records[0].sequence)
    writer = seglog.Writer(log)
    try:
        fresh = [each for each in records if each.sequence > writer.last_sequence]
        if fresh and fresh[0].sequence != writer.last_sequence + 1:
            raise Incomplete(f"sequence {fresh[0].sequence} after {writer.last_sequence}")
        last = writer.append([each.payload for each in fresh])
    finally:
        writer.close()
    durable.write_file(log / COLLECTED, codec.encode_json(last))
    return last


def _copy_state(calls: Calls, tenant: str, place: Place, log: Path) -> None:
    answer = calls.expect(place.member, f"{BASE}/state?tenant={quote(tenant)}&epoch={place.epoch:d}")
    name = f"{STATE}{number(answer, 'ocapi-state'):020d}"
    durable.write_file(log / name, answer.body)
    for each in _states(log):
        if each < name:
            durable.remove_file(log / each)
    writer = seglog.Writer(log)
    writer.roll()  # so that what the state makes superfluous can go as a whole
    writer.close()


def _hand_over(calls: Calls, tenant: str, place: Place, capture: Path, wanted: str) -> None:
    """Let the holder stop, copy the rest, and only then name the next one."""
    target = f"{BASE}/release?tenant={quote(tenant)}&epoch={place.epoch:d}"
    last = number(calls.expect(place.member, target, method="POST"), "ocapi-last")
    _copy(calls, tenant, place, capture / "log")
    if last != _collected(capture / "log") and last:
        raise Incomplete(f"the holder has {last}, {_collected(capture / 'log')} were collected")
    places.write(capture, Place(wanted, place.epoch + 1))


def _collected(log: Path) -> int:
    """Give the sequence up to which there is a copy."""
    try:
        return int(codec.decode_json(durable.read_file(log / COLLECTED), int))
    except FileNotFoundError:
        if not seglog.segment_names(log):
            return 0
        writer = seglog.Writer(log)
        writer.close()
        return writer.last_sequence


def _states(log: Path) -> list[str]:
    return [name for name in durable.DISK.names(log) if name.startswith(STATE)]


def _state_of(log: Path) -> int:
    return max((int(name.removeprefix(STATE)) for name in _states(log)), default=0)


def _add(calls: Calls, tenant: str, member: str, folder: Path, taken: _Taken) -> int:
    """Add the inbox of one member to the one inbox."""
    count = 0
    for _turn in range(MOST_TURNS):
        disk = taken.disks.get(member, "")
        after = taken.upTo.get(disk, 0)
        target = f"{BASE}/inbox?tenant={quote(tenant)}&disk={quote(disk)}&after={after:d}"
        answer = calls.expect(member, target)
        if not answer.body:
            break
        disk = answer.headers.get("ocapi-disk", "")
        records = seglog.from_frames(answer.body, first=number(answer, "ocapi-first"))
        writer = seglog.Writer(folder)
        try:
            writer.append([each.payload for each in records])
        finally:
            writer.close()
        count += len(records)
        taken.disks[member], taken.upTo[disk] = disk, records[-1].sequence
        durable.write_file(folder / COLLECTED, codec.encode_json(taken))
    return count


def _taken(folder: Path) -> _Taken:
    try:
        return codec.decode_json(durable.read_file(folder / COLLECTED), _Taken)
    except FileNotFoundError:
        return _Taken({}, {})


def _let_go_of_inbox(folder: Path, upto: int) -> None:
    names = seglog.segment_names(folder)
    if not names or seglog.first_sequence(names[0]) > upto:
        return
    writer = seglog.Writer(folder)
    if upto >= writer.last_sequence:
        writer.roll()
    writer.close()
    seglog.remove_up_to(folder, upto)


@contextmanager
def locked(folder: Path, *, is_shared: bool = False) -> Iterator[None]:
    """Keep other processes away from a log of this installation; raises Busy. is_shared: to read it only."""
    if not is_shared:
        durable.make_directory(folder)
    how = os.O_RDONLY if is_shared else os.O_RDWR | os.O_CREAT
    handle = os.open(folder / "lock", how | os.O_CLOEXEC, durable.FILE_MODE)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Busy(str(folder)) from None
    finally:
        os.close(handle)


