"""What may be wrong with a reading, told as flags that stay with it; a reading is never dropped for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

AHEAD = timedelta(minutes=5)  # a sensor's clock may be so much ahead of ours
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that lost its time says 1970, 1980 or 1999
LARGEST = 1e300  # of a rule; NaN and what no float holds are none
_NAMES = ("minimum", "maximum", "changePerSecond", "flatAfterSeconds", "gapAfterSeconds")


class Flag(StrEnum):
    """The checks (ISO 19157: each is a measure of quality)."""

    RANGE = "range"
    RATE = "rate"
    FLAT = "flat"
    GAP = "gap"
    DUPLICATE = "duplicate"
    LATE = "late"
    CLOCK = "clock"
    TYPE = "type"
    UNIT = "unit"
    CONVERTED = "converted"


FLAGS = frozenset(each.value for each in Flag)


@dataclass(frozen=True, slots=True)
class Remark:
    """One flag with what was seen. is_fault: False for what is only worth knowing."""

    flag: Flag
    detail: str
    is_fault: bool = True

    def as_content(self) -> dict[str, Any]:
        """Give it as a DQ_Element of a `resultQuality` (ISO 19157, OGC 18-088 table 12)."""
        return {
            "nameOfMeasure": self.flag.value,
            "result": {"explanation": self.detail, "pass": not self.is_fault},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is normal for a datastream, in its unit and seconds; None where nothing was said."""

    minimum: float | None = None
    maximum: float | None = None
    change_per_second: float | None = None
    flat_after_seconds: float | None = None
    gap_after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest reading before this one. same_since: from when on it had this value."""

    value: Any
    at: datetime
    same_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The remarks on a reading. is_ahead: its moment is still to come, so it is not the present state."""

    remarks: tuple[Remark, ...]
    same_since: datetime
    is_ahead: bool


class BadRules(ValueError):
    """Rules that can't be applied; the message says which member is wrong."""


def read_rules(raw: object) -> Rules:
    """Read the rules of a datastream, members by the names of `properties.quality`. Raises BadRules."""
    if raw is None:
        return Rules()
    if not isinstance(raw, Mapping):
        raise BadRules("quality: give an object")
    for name, value in raw.items():
        if name not in _NAMES:
            raise BadRules(f"quality: {str(name)[:40]!r} is not one of {', '.join(_NAMES)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise BadRules(f"quality: {name} is a number")
        if name not in ("minimum", "maximum") and value <= 0:
            raise BadRules(f"quality: {name} is above zero")
    found = Rules(
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        change_per_second=raw.get("changePerSecond"),
        flat_after_seconds=raw.get("flatAfterSeconds"),
        gap_after_seconds=raw.get("gapAfterSeconds"),
    )
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        raise BadRules("quality: minimum is above maximum")
    return found


def sound_rules(raw: object) -> tuple[Rules, str]:
    """Give rules and nothing, or no rules and what is wrong: for rules that were kept, perhaps elsewhere."""
    try:
        return read_rules(raw), ""
    except BadRules as failure:
        return Rules(), str(failure)


def judge(
    value: Any, *, at: datetime, rules: Rules, known: Known | None, now: datetime, is_number: bool = False
) -> Verdict:
    """Give the flags of a reading. is_number: the datastream holds numbers, so another type is a fault."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    remarks = list(_of_itself(number, at, rules, now, is_number))
    same_since = at
    if known is not None and at > known.at:
        remarks += _of_change(value, number, at, rules, known)
        same_since = known.same_since if value == known.value else at
        stood = (at - same_since).total_seconds()
        if rules.flat_after_seconds is not None and stood >= rules.flat_after_seconds:
            remarks.append(Remark(Flag.FLAT, f"the same value for {stood:g} s"))
    elif known is not None and at == known.at:
        same_since = known.same_since
        if value != known.value:
            remarks.append(Remark(Flag.DUPLICATE, "another value was sent for this moment before"))
    elif known is not None:
        remarks.append(Remark(Flag.LATE, "arrived after a newer one", is_fault=False))
    return Verdict(remarks=tuple(remarks), same_since=same_since, is_ahead=at - now > AHEAD)


def _of_itself(
    number: float | None, at: datetime, rules: Rules, now: datetime, is_number: bool
) -> list[Remark]:
    found = []
    if is_number and number is None:
        found.append(Remark(Flag.TYPE, "not a number"))
    if number is not None and rules.minimum is not None and number < rules.minimum:
        found.append(Remark(Flag.RANGE, f"below {rules.minimum:g}"))
    if number is not None and rules.maximum is not None and number > rules.maximum:
        found.append(Remark(Flag.RANGE, f"above {rules.maximum:g}"))
    if at - now > AHEAD:
        found.append(Remark(Flag.CLOCK, "the moment is still to come"))
    elif at < EARLIEST:
        found.append(Remark(Flag.CLOCK, "the moment is before 2000"))
    return found


def _of_change(value: Any, number: float | None, at: datetime, rules: Rules, known: Known) -> list[Remark]:
    found = []
    passed = (at - known.at).total_seconds()
    if rules.gap_after_seconds is not None and passed > rules.gap_after_seconds:
        found.append(Remark(Flag.GAP, f"{passed:g} s after the one before"))
    is_pair = (
        number is not None and isinstance(known.value, int | float) and not isinstance(known.value, bool)
    )
    if is_pair and number is not None and rules.change_per_second is not None:
        rate = abs(number - known.value) / passed
        if rate > rules.change_per_second:
            found.append(Remark(Flag.RATE, f"changed by {rate:.6g} a second"))
    return found
