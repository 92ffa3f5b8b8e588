"""Query options: `$filter $expand $select $orderby $top $skip $count $resultFormat`, nested in `$expand`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocapi.dataplane.sensorthings import filtering
from ocapi.dataplane.sensorthings.model import SETS, EntitySet, refuse

DEFAULT_TOP, LARGEST_TOP = 100, 1_000
DEEPEST = 5
MOST_EXPANDED = 20
_NAMES = frozenset(
    {"$filter", "$expand", "$select", "$orderby", "$top", "$skip", "$count", "$resultFormat", "$skiptoken"}
)


@dataclass(slots=True, kw_only=True)
class Options:
    """What is wanted of one set. expand: by name of navigation. token: where the page before ended."""

    filter_text: str = ""
    filter: Callable[[filtering.Record], bool] | None = None
    order_text: str = ""
    order: list[tuple[filtering.Expression, bool]] = field(default_factory=list)
    select: tuple[str, ...] = ()
    expand: dict[str, "Options"] = field(default_factory=dict)
    expand_text: str = ""
    top: int = DEFAULT_TOP
    skip: int = 0
    is_counted: bool = False
    is_array: bool = False
    is_table: bool = False
    token: str = ""

    @property
    def is_latest(self) -> bool:
        """Tell whether only the newest observation is wanted, which is held ready."""
        return (
            self.top == 1
            and not self.skip
            and not self.filter_text
            and self.order_text in ("phenomenonTime desc", "resultTime desc")
        )


def read(given: Mapping[str, str], target: EntitySet, *, depth: int = 0) -> Options:
    """Read options for a set; raises Refusal."""
    unknown = set(given) - _NAMES
    if unknown:
        refuse(f"unknown option {sorted(unknown)[0][:40]!r}")
    made = Options(
        top=min(_number(given, "$top", DEFAULT_TOP), LARGEST_TOP),
        skip=_number(given, "$skip", 0),
        is_counted=_boolean(given.get("$count", "false")),
        token=given.get("$skiptoken", ""),
    )
    if "$resultFormat" in given:
        form = given["$resultFormat"].lower()
        if form not in ("dataarray", "csv") or target.name != "Observations" or (depth and form == "csv"):
            refuse("$resultFormat: dataArray or CSV, for Observations")
        made.is_array, made.is_table = form == "dataarray", form == "csv"
    if given.get("$filter"):
        made.filter_text = given["$filter"].strip()
        made.filter = filtering.compile_filter(made.filter_text)
    if given.get("$orderby"):
        made.order_text = given["$orderby"].strip()
        made.order = filtering.compile_order(made.order_text)
    if given.get("$select"):
        made.select = tuple(each.strip() for each in given["$select"].split(","))
        known = {*target.members(), *target.one, *target.many, "id", "@iot.id", "@iot.selfLink"}
        for each in made.select:
            if each.partition("/")[0] not in known:
                refuse(f"$select: {each[:40]!r} is no member of {target.name}")
    if given.get("$expand"):
        made.expand_text = given["$expand"]
        made.expand = _expanded(made.expand_text, target, depth + 1)
    return made


def navigation(target: EntitySet, name: str) -> EntitySet:
    """Give the set a navigation leads to; raises Refusal."""
    if name not in target.one and name not in target.many:
        refuse(f"{target.name} have no {name[:40]!r}")
    return SETS[target.one[name] if name in target.one else target.many[name][0]]


def _expanded(text: str, target: EntitySet, depth: int) -> dict[str, Options]:
    if depth > DEEPEST:
        refuse(f"$expand: at most {DEEPEST} deep")
    found: dict[str, Options] = {}
    parts = _split(text, ",")
    if len(parts) > MOST_EXPANDED:
        refuse(f"$expand: at most {MOST_EXPANDED}")
    for part in parts:
        path, bracket, inner = part.strip().partition("(")
        if bracket and not inner.endswith(")"):
            refuse("$expand: a bracket is not closed")
        name, _, rest = path.partition("/")
        following = navigation(target, name)
        given: dict[str, str] = {}
        if rest:
            given["$expand"] = rest + (f"({inner}" if bracket else "")
        else:
            for each in _split(inner[:-1], ";") if bracket else ():
                key, _, value = each.strip().partition("=")
                given[key] = value
        made = read(given, following, depth=depth)
        if name in found:
            found[name].expand.update(made.expand)
        else:
            found[name] = made
    return found


def _split(text: str, sign: str) -> list[str]:
    """Cut a text at signs that stand in no bracket and no quote."""
    parts, start, depth, is_quoted = [], 0, 0, False
    for place, each in enumerate(text):
        if each == "'":
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif each == "(":
            depth += 1
        elif each == ")":
            depth -= 1
        elif each == sign and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _number(given: Mapping[str, Any], name: str, usual: int) -> int:
    raw = str(given.get(name, usual)).strip()
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 9):
        refuse(f"{name}: give a whole number from 0")
    return int(raw)


def _boolean(raw: str) -> bool:
    if raw not in ("true", "false"):
        refuse("$count: true or false")
    return raw == "true"
