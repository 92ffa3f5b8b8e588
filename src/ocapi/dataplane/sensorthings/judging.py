"""Judges an observation by what its datastream says is normal (`properties.quality`) and by its unit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ocapi.dataplane.context.entity import Entity, Instance
from ocapi.dataplane.context.watching import merged
from ocapi.dataplane.sensorthings.catalog import DETAILS
from ocapi.dataplane.sensorthings.model import RESULT, document_of, refuse
from ocapi.lib import quality, units

SAME_SINCE = "@sameSince"  # kept with an observation, shown to nobody
MOST_QUALITY = 50  # elements of a resultQuality
Judged = tuple[Any, dict[str, Any], bool]


def require_rules(document: Mapping[str, Any]) -> None:
    """Refuse a datastream whose rules can't be applied."""
    properties = document.get("properties")
    try:
        quality.read_rules(properties.get("quality") if isinstance(properties, dict) else None)
    except quality.BadRules as failure:
        refuse(str(failure))


def judged(
    stream: Entity, value: Any, details: Mapping[str, Any], *, observed: str, now: datetime,
    of_inventory: quality.Rules,
) -> Judged:
    """Give the value in the datastream's unit, details with flags, and whether it is ahead of time.

    of_inventory: rules of the organization's inventory, which count before those of the datastream.
    """
    document = document_of(stream)
    properties = document.get("properties")
    own, _problem = quality.sound_rules(properties.get("quality") if isinstance(properties, dict) else None)
    rules = merged(own, of_inventory)
    value, remarks = _in_unit(document, value, details.get("parameters"))
    verdict = quality.judge(
        value,
        at=datetime.fromisoformat(observed),
        rules=rules,
        known=_known(stream, now),
        now=now,
        is_number=str(document.get("observationType", "")).endswith("OM_Measurement"),
    )
    said = details.get("resultQuality")
    several = said if isinstance(said, list) else [said] if said is not None else []
    if len(several) > MOST_QUALITY:
        refuse(f"resultQuality: at most {MOST_QUALITY} elements")
    found = [*several, *(each.as_content() for each in (*remarks, *verdict.remarks))]
    told = {**details, SAME_SINCE: verdict.same_since.isoformat()}
    if found:
        told["resultQuality"] = found
    return value, told, verdict.is_ahead


def has_rules(stream: Entity) -> bool:
    """Tell whether a datastream says itself what is normal for it."""
    properties = document_of(stream).get("properties")
    return isinstance(properties, dict) and bool(properties.get("quality"))


def is_repeated(held: Instance | None, value: Any, observed: str) -> bool:
    """Tell whether an observation is the one that is held already."""
    if not held or type(held["value"]) is not type(value) or held["value"] != value:
        return False
    return datetime.fromisoformat(held["observedAt"]) == datetime.fromisoformat(observed)


def _in_unit(document: Mapping[str, Any], value: Any, parameters: object) -> tuple[Any, list[quality.Remark]]:
    given = parameters.get("unit") if isinstance(parameters, dict) else None
    if given is None or isinstance(value, bool) or not isinstance(value, int | float):
        return value, []
    if not isinstance(given, str):
        refuse("parameters.unit: give a UCUM code")
    said = document.get("unitOfMeasurement")
    texts = {name: str(each) for name, each in said.items()} if isinstance(said, dict) else {}
    wanted = units.code_of(definition=texts.get("definition", ""), symbol=texts.get("symbol", ""))
    if not wanted:
        detail = f"sent in {given[:40]!r}; the unit of the datastream is not known"
        return value, [quality.Remark(quality.Flag.UNIT, detail)]
    try:
        found = units.convert(value, given=given, wanted=wanted)
    except (units.UnknownUnit, units.OtherQuantity) as failure:
        refuse(f"parameters.unit: {failure}")
    except OverflowError:
        refuse("parameters.unit: the number is too large for the unit of the datastream")
    if given == wanted:
        return value, []
    detail = f"{value!r} {given} converted to {wanted}"
    return found, [quality.Remark(quality.Flag.CONVERTED, detail, is_fault=False)]


def is_of_a_moment_to_come(held: Instance | None, now: datetime) -> bool:
    """Tell whether what is held as the present state is none: our own clock was ahead when it was taken in.

    It gives way to the next reading, or it would hide all of them until its moment comes.
    """
    return held is not None and datetime.fromisoformat(held["observedAt"]) > now + quality.AHEAD


def _known(stream: Entity, now: datetime) -> quality.Known | None:
    held = stream.attributes.get(RESULT, {}).get("")
    if not held or is_of_a_moment_to_come(held, now):
        return None
    at = datetime.fromisoformat(held["observedAt"])
    since = held.get(DETAILS, {}).get("json", {}).get(SAME_SINCE)
    return quality.Known(
        value=held["value"], at=at, same_since=datetime.fromisoformat(since) if since else at
    )
