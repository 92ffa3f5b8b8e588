"""Files of readings on their way in: checked as a whole in a process of its own, then added up.

A check writes nothing that counts. Accepting is one row that changes: from then on the log of the load is as
good as the inbox, and is added up like it. What is cancelled before leaves no reading behind.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, confined, crashpoint, durable, handed, units
from ocapi.modules.capture.data import (
    BadUpload,
    LoadChoice,
    LoadMoved,
    LoadNotFound,
    LoadRefused,
    LoadReport,
    LoadState,
    Look,
)
from ocapi.modules.capture.models import LoadRow, StreamRow
from ocapi.modules.capture.services import checking, rolling, uploads

CHECKER = "ocapi.modules.capture.services.checking"
LOOK_S = 20.0  # of the clock; of a processor it has less
MOST_STARTS = 3
LARGEST_REPORT = 16 << 20
ABANDONED = timedelta(days=2)
OF_NO_USE = (None, LoadState.REFUSED.value, LoadState.CANCELLED.value, LoadState.CHECKED.value)


def capture() -> Path:
    """Give the folder of the bound organization's capture."""
    return tenants.folder() / "capture"


def look(upload: UUID) -> Look:
    """Give the beginning of a file that came; raises LoadNotFound."""
    folder = handed.folder_of(capture(), upload)
    if handed.find_about(folder) is None:
        raise LoadNotFound(str(upload))
    try:
        done = confined.run(
            CHECKER, asked=b"", wall_seconds=LOOK_S, arguments=("look", str(folder / handed.DATA))
        )
    except confined.TooLong:
        return Look(code="broken")
    if done.code:
        return Look(code="broken")
    return codec.convert(codec.decode_untyped(done.said), Look)


def begin(*, upload: UUID, choice: LoadChoice, about_rows: int) -> None:
    """Have a file checked by what was chosen, also again by another choice. Raises LoadNotFound, LoadRefused,
    LoadMoved.
    """
    folder = handed.folder_of(capture(), upload)
    about = handed.find_about(folder)
    if about is None:
        raise LoadNotFound(str(upload))
    _require_sound(choice)
    row = LoadRow.objects.select_for_update().filter(uuid=upload).first()
    if row is None:
        row = LoadRow(uuid=upload)
    elif LoadState(row.state) not in (LoadState.CHECKED, LoadState.REFUSED):
        raise LoadMoved(LoadState(row.state))
    row.name, row.size_bytes, row.sha256 = about.name, about.size_bytes, about.sha256
    row.arrived_at, row.about_rows = about.arrived_at, about_rows
    row.state, row.choice, row.report = LoadState.CHECKING.value, asdict(choice), {}
    row.read, row.starts, row.ended_at = 0, 0, None
    row.save()


def _require_sound(choice: LoadChoice) -> None:
    problems: dict[str, str] = {}
    for name in ("time", "value"):
        if not getattr(choice.columns, name):
            problems[name] = "required"
    if not choice.sensor and not choice.columns.sensor:
        problems["sensor"] = "required"
    if choice.sensor and not StreamRow.objects.filter(code=choice.sensor).exists():
        problems["sensor"] = "unknownSensor"
    try:
        uploads.zone_of(choice.zone)
    except BadUpload:
        problems["zone"] = "zone"
    try:
        units.read(choice.unit or "1")
    except units.UnknownUnit:
        problems["unit"] = "unknownUnit"
    if problems:
        raise LoadRefused(problems)


def accept(upload: UUID) -> None:
    """Let what was checked count; raises LoadNotFound, LoadMoved."""
    row = _locked(upload, LoadState.CHECKED)
    row.state = LoadState.LOADING.value
    row.save(update_fields=["state"])


def cancel(upload: UUID, *, now: datetime) -> None:
    """Give a file up before any of it counts; raises LoadNotFound, LoadMoved."""
    found = LoadRow.objects.select_for_update().filter(uuid=upload).first()
    if found is None:
        about = handed.find_about(handed.folder_of(capture(), upload))
        if about is None:
            raise LoadNotFound(str(upload))
        found = LoadRow(
            uuid=upload, name=about.name, size_bytes=about.size_bytes, sha256=about.sha256,
            arrived_at=about.arrived_at, choice=asdict(LoadChoice()), about_rows=0,
        )
    elif LoadState(found.state) in (LoadState.LOADING, LoadState.LOADED, LoadState.CANCELLED):
        raise LoadMoved(LoadState(found.state))
    found.state, found.ended_at = LoadState.CANCELLED.value, now
    found.save()


def _locked(upload: UUID, *states: LoadState) -> LoadRow:
    row = LoadRow.objects.select_for_update().filter(uuid=upload).first()
    if row is None:
        raise LoadNotFound(str(upload))
    if LoadState(row.state) not in states:
        raise LoadMoved(LoadState(row.state))
    return row


def carry_on(upload: UUID, *, now: datetime) -> bool:
    """Do the next step of a load; tells whether it goes on. Safe to repeat, also after a crash anywhere."""
    row = LoadRow.objects.filter(uuid=upload).first()
    if row is None:
        return False
    folder = handed.folder_of(capture(), upload)
    state = LoadState(row.state)
    if state is LoadState.CHECKING:
        return _watch(row, folder, now)
    if state is LoadState.LOADING:
        return _add_up(row, folder, now)
    if state is LoadState.CANCELLED:
        return _clear(folder)
    return False


def _watch(row: LoadRow, folder: Path, now: datetime) -> bool:
    """Start the process that checks, hear how far it is, and take its report in."""
    try:
        raw = durable.read_file(folder / checking.REPORT)
    except FileNotFoundError:
        if checking.is_under_way(folder):
            LoadRow.objects.filter(id=row.id, state=row.state).update(read=_read(folder))
            return True
        return _start(row, folder, now)
    found = codec.decode_untyped(raw, max_bytes=LARGEST_REPORT, max_keys=1_000_000)
    durable.remove_file(folder / checking.REPORT)  # first: a crash here has the file checked once more
    _end_check(row, codec.convert(found, LoadReport), now)
    return False


def _start(row: LoadRow, folder: Path, now: datetime) -> bool:
    if row.starts >= MOST_STARTS:
        _end_check(row, LoadReport(code="broken"), now)
        return False
    LoadRow.objects.filter(id=row.id).update(starts=row.starts + 1)
    choice = codec.convert(row.choice, LoadChoice)
    known = StreamRow.objects.filter(code=choice.sensor) if choice.sensor else StreamRow.objects.all()
    sensors = {each.code: checking.Known(unit=each.unit, rules=_rules(each.rules)) for each in known}
    asked = checking.Asked(choice=choice, sensors=sensors)
    durable.remove_file(folder / checking.STOP)
    durable.write_file(folder / checking.ASKED, codec.encode_json(asdict(asked)))
    confined.start(CHECKER, "check", str(folder))
    return True


def _rules(raw: object) -> dict[str, object]:
    return raw if isinstance(raw, dict) else {}


def _end_check(row: LoadRow, report: LoadReport, now: datetime) -> None:
    """Keep what a check found, unless the load was cancelled meanwhile."""
    is_good = not report.code and report.sound
    state = LoadState.CHECKED if is_good else LoadState.REFUSED
    LoadRow.objects.filter(id=row.id, state=LoadState.CHECKING.value).update(
        state=state.value, report=asdict(report), read=report.rows, ended_at=None if is_good else now
    )


def _read(folder: Path) -> int:
    try:
        return int(durable.read_file(folder / checking.READ))
    except (FileNotFoundError, ValueError):
        return 0


def _add_up(row: LoadRow, folder: Path, now: datetime) -> bool:
    """Add the next readings of an accepted load to the hours; the place moves in their transaction."""
    count = 0
    for batch in rolling.batches(folder / checking.LOG, after=row.added_up):
        with transaction.atomic():
            rolling.add(batch.readings)
            row.added_up = batch.last
            crashpoint.point("capture.load.before_commit")
            row.save(update_fields=["added_up"])
        crashpoint.point("capture.load.after_commit")
        count += len(batch.readings)
    if count >= rolling.MOST:
        return True
    LoadRow.objects.filter(id=row.id).update(state=LoadState.LOADED.value, ended_at=now)
    durable.remove_file(folder / handed.DATA)  # the log holds what was sound; the report tells the rest
    return False


def _clear(folder: Path) -> bool:
    """Take away what a cancelled load left, after its check ended; tells whether it has not."""
    if not folder.is_dir():
        return False
    if checking.is_under_way(folder):
        durable.write_file(folder / checking.STOP, b"")
        return True
    durable.remove_tree(folder)
    return False


def sweep(*, now: datetime) -> int:
    """Take away files nobody went on with for two days, and what of a load is of no use; gives how many."""
    place = capture() / "uploads"
    gone = 0
    held = dict(LoadRow.objects.values_list("uuid", "state"))
    for name in durable.DISK.names(place) if place.is_dir() else ():
        folder = place / name
        about = handed.find_about(folder)
        touched_at = datetime.fromtimestamp(folder.stat().st_mtime, tz=now.tzinfo)
        changed_at = about.arrived_at if about else touched_at
        state = held.get(_uuid(name))
        if now - changed_at > ABANDONED and state in OF_NO_USE:
            if state == LoadState.CHECKED.value:
                LoadRow.objects.filter(uuid=name, state=state).update(
                    state=LoadState.CANCELLED.value, ended_at=now
                )
            durable.remove_tree(folder)
            gone += 1
    return gone


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def unfinished() -> Sequence[UUID]:
    """Give the loads that have a next step."""
    going = (LoadState.CHECKING.value, LoadState.LOADING.value)
    return list(LoadRow.objects.filter(state__in=going).order_by("id").values_list("uuid", flat=True))
