"""The members of every published fact as they were first published; a change of one breaks `ocapi check`."""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ocapi.kernel.outbox.data import ChangeRecorded
from ocapi.lib.envelope import Fact

FILE = "event-schemas.json"
Schemas = dict[str, dict[str, str]]


def declared() -> Schemas:
    """Give the members and their types of every fact that is declared, by event type."""
    from ocapi.kernel.registry import api as registry

    facts: list[type[Fact]] = [ChangeRecorded]
    facts += (fact for manifest in registry.list_manifests() for fact in manifest.events_out)
    return {fact.event_type: members(fact) for fact in sorted(facts, key=lambda fact: fact.event_type)}


def members(fact: type[Fact]) -> dict[str, str]:
    """Give the members of one fact with their types as text, nested records as `{name: type, …}`."""
    hints = get_type_hints(fact)
    return {each.name: _text(hints[each.name]) for each in dataclasses.fields(fact)}  # type: ignore[arg-type]


def _text(kind: Any) -> str:
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        inside = ", ".join(f"{each.name}: {_text(hints[each.name])}" for each in dataclasses.fields(kind))
        return f"{{{inside}}}"
    if isinstance(kind, UnionType):
        return " | ".join(_text(each) for each in get_args(kind))
    if get_origin(kind) is not None and get_args(kind):
        return f"{get_origin(kind).__name__}[{', '.join(_text(each) for each in get_args(kind))}]"
    return getattr(kind, "__name__", str(kind))


def problems(published: Schemas, now: Schemas) -> Iterable[str]:
    """Say which facts differ from what was published, and what to do about it."""
    for name in sorted(published.keys() | now.keys()):
        if name not in published:
            yield f"{name} is new: run `make docs` to publish its members"
        elif name not in now:
            yield f"{name} was published and is gone: subscribers still wait for it"
        elif published[name] != now[name]:
            yield f"{name} changed: a published fact keeps its members, declare the next version beside it"


def read(folder: Path) -> Schemas:
    """Read what was published; nothing when the file is not there yet."""
    path = folder / FILE
    schemas: Schemas = json.loads(path.read_text()) if path.exists() else {}
    return schemas


def extended(folder: Path) -> str:
    """Give the text of the file with new facts added; published ones stay as they are."""
    return json.dumps(dict(sorted((declared() | read(folder)).items())), indent=1) + "\n"
