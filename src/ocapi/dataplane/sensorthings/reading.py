"""Answers with members and sets: chosen, ordered, paged, with what hangs on them (OGC 18-088 clause 9)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from ocapi.dataplane.context.attributes import written
from ocapi.dataplane.context.history import MOST, Histories, Span
from ocapi.dataplane.sensorthings import filtering, options
from ocapi.dataplane.sensorthings.catalog import Catalog, Record, moment_of, observation_of
from ocapi.dataplane.sensorthings.model import (
    OBSERVATIONS,
    RESULT,
    SETS,
    EntitySet,
    entity_id,
    quoted,
    refuse,
    shown_key,
)
from ocapi.dataplane.sensorthings.options import Options
from ocapi.lib import codec

MICROSECOND = timedelta(microseconds=1)
MOST_STREAMS = 1_000


class Reading:
    """Reads for one request. base: address of the service."""

    def __init__(self, *, catalog: Catalog, histories: Histories, base: str) -> None:
        self.catalog = catalog
        self._histories = histories
        self._base = base

    async def listed(
        self, target: EntitySet, wanted: Options, *, owner: Record | None, name: str, path: str
    ) -> dict[str, Any]:
        """Give a page of a set: `@iot.count`, `value`, `@iot.nextLink`. path: of the set."""
        if target.name == OBSERVATIONS:
            records, total, token = await self._observations(wanted, owner)
        else:
            records, total, token = self._members(target, wanted, owner, name)
        found: dict[str, Any] = {}
        if wanted.is_counted:
            found["@iot.count"] = total
        if token:
            found["@iot.nextLink"] = f"{self._base}/{path}?{_following(wanted, token)}"
        if wanted.is_array:
            return {**found, "value": self._arrays(records, wanted)}
        return {**found, "value": [await self.shown(each, wanted) for each in records]}

    async def table(
        self, wanted: Options, *, owner: Record | None, path: str
    ) -> tuple[list[list[str | int | float | None]], str]:
        """Give a page of observations as rows, names first, and the address of the next one or nothing.

        The last column holds the flags of the reading's quality, blanks between.
        """
        records, _total, token = await self._observations(wanted, owner)
        names = [each for each in wanted.select or _COLUMNS if each in ("id", *SETS[OBSERVATIONS].members())]
        rows: list[list[str | int | float | None]] = [[*names, "Datastream", "flags"]]
        for each in records:
            cells = [_cell(each.key if name == "id" else each.values.get(name)) for name in names]
            rows.append([*cells, str(each.links["Datastream"]), _flags(each.values.get("resultQuality"))])
        return rows, f"{self._base}/{path}?{_following(wanted, token)}" if token else ""

    async def shown(self, record: Record, wanted: Options) -> dict[str, Any]:
        """Give one member with its links and what is to be shown with it."""
        link = f"{self._base}/{record.set.name}({quoted(record.key)})"
        found: dict[str, Any] = {}
        names = {each.partition("/")[0] for each in wanted.select}
        if not names or names & {"id", "@iot.id"}:
            found["@iot.id"] = shown_key(record.key)
        if not names or "@iot.selfLink" in names:
            found["@iot.selfLink"] = link
        for name in record.set.members():
            if (not names or name in names) and (name in record.values or name in _NULL_SHOWN):
                found[name] = record.values.get(name)
        for name in (*record.set.one, *record.set.many):
            if name in wanted.expand:
                await self._expand(found, record, name, wanted.expand[name], link)
            elif not names or name in names:
                found[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        return found

    async def observation(self, key: str) -> Record | None:
        """Give one observation by its key."""
        stream, _, micros = key.rpartition("-")
        if not micros.isdecimal() or len(micros) > 17:
            return None
        at = moment_of(key)
        records = await self._rows([stream], Span(from_at=written(at), to_at=written(at + MICROSECOND)))
        return records[0][1] if records else None

    async def before(self, record: Record) -> Record | None:
        """Give what a datastream observed last before an observation."""
        span = Span(to_at=written(moment_of(record.key)), last_n=1)
        records = await self._rows([str(record.links["Datastream"])], span)
        return records[-1][1] if records else None

    def _members(
        self, target: EntitySet, wanted: Options, owner: Record | None, name: str
    ) -> tuple[list[Record], int, str]:
        every = self.catalog.related(owner, name) if owner is not None else self.catalog.all(target)
        found = [each for each in every if self._fits(each, wanted)]
        self._sort(found, wanted)
        page = found[wanted.skip : wanted.skip + wanted.top]
        more = len(found) > wanted.skip + wanted.top
        return page, len(found), f"$skip={wanted.skip + wanted.top}" if more else ""

    async def _observations(self, wanted: Options, owner: Record | None) -> tuple[list[Record], int, str]:
        streams = self._streams(owner)
        is_of_feature = owner is not None and owner.set.name == "FeaturesOfInterest"
        is_held = not any(self.catalog.has_ahead(key) for key in streams) if wanted.is_latest else False
        if is_held and not wanted.is_counted and not is_of_feature and not wanted.token:
            latest = [each for key in streams if (each := self.catalog.latest(key)) is not None]
            self._sort(latest, wanted)
            return latest[:1], 0, ""
        bounds, is_all = filtering.time_bounds(wanted.filter_text)
        is_down = wanted.order_text == "phenomenonTime desc"
        is_plain = is_all and wanted.order_text in (
            "",
            "phenomenonTime",
            "phenomenonTime asc",
            "phenomenonTime desc",
        )
        is_plain = is_plain and not is_of_feature
        span = _span(bounds, wanted.token, is_down=is_down)
        last = wanted.skip + wanted.top + 1 if is_plain and is_down else 0
        rows = await self._rows(streams, Span(from_at=span[0], to_at=span[1], last_n=last))
        found = [each for _row, each in rows]
        is_cut = len(found) > MOST
        if is_cut and not is_plain:
            refuse(f"more than {MOST} observations to look at; narrow phenomenonTime")
        if is_of_feature and owner is not None:
            found = [each for each in found if str(each.links.get("FeatureOfInterest")) == owner.key]
        found = [each for each in found if self._fits(each, wanted)]
        self._sort(found, wanted) if wanted.order else found.sort(key=_moment_of)
        page = found[wanted.skip : wanted.skip + wanted.top]
        has_more = len(found) > wanted.skip + wanted.top
        total = len(found)
        if wanted.is_counted and is_plain:
            total = await self._count(streams, _span(bounds, "", is_down=is_down))
        if not has_more or not page:
            return page, total, ""
        if is_plain and len(streams) == 1:
            return page, total, f"$skiptoken={page[-1].key.rpartition('-')[2]}"
        return page, total, f"$skip={wanted.skip + wanted.top}"

    async def _count(self, streams: Sequence[str], span: tuple[str | None, str | None]) -> int:
        rows = await self._histories.aggregates(
            self.catalog.store,
            entities=[entity_id("Datastreams", key) for key in streams],
            attributes=[RESULT],
            span=Span(from_at=span[0], to_at=span[1]),
            width="",
        )
        return sum(row["totalCount"] for row in rows)

    async def _rows(self, streams: Sequence[str], span: Span) -> list[tuple[dict[str, Any], Record]]:
        if not streams:
            return []
        rows = await self._histories.rows(
            self.catalog.store,
            entities=[entity_id("Datastreams", key) for key in streams],
            attributes=[RESULT],
            span=span,
        )
        return [
            (row, observation_of(row["entity"].split(":", 4)[4], _decoded(row["instance"]))) for row in rows
        ]

    def _streams(self, owner: Record | None) -> list[str]:
        if owner is not None and owner.set.name == "Datastreams":
            return [owner.key]
        found = [each.key for each in self.catalog.all(SETS["Datastreams"])]
        if len(found) > MOST_STREAMS:
            refuse(f"more than {MOST_STREAMS} datastreams; ask for the observations of one")
        return found

    async def _expand(
        self, found: dict[str, Any], record: Record, name: str, wanted: Options, link: str
    ) -> None:
        if name in record.set.one:
            one = self.catalog.related(record, name)
            found[name] = await self.shown(one[0], wanted) if one else None
            return
        target = options.navigation(record.set, name)
        path = f"{record.set.name}({quoted(record.key)})/{name}"
        told = await self.listed(target, wanted, owner=record, name=name, path=path)
        found[name] = told["value"]
        for member in ("@iot.count", "@iot.nextLink"):
            if member in told:
                found[f"{name}{member}"] = told[member]
        found.setdefault(f"{name}@iot.navigationLink", f"{link}/{name}")

    def _fits(self, record: Record, wanted: Options) -> bool:
        return wanted.filter is None or wanted.filter(lambda path: self.catalog.value(record, path))

    def _sort(self, records: list[Record], wanted: Options) -> None:
        for expression, is_down in reversed(wanted.order):
            records.sort(
                key=lambda each: _sortable(expression(lambda path: self.catalog.value(each, path))),  # noqa: B023
                reverse=is_down,
            )

    def _arrays(self, records: Sequence[Record], wanted: Options) -> list[dict[str, Any]]:
        """Give observations as arrays by datastream (clause 12)."""
        components = [
            each
            for each in wanted.select or ("id", "phenomenonTime", "resultTime", "result")
            if each != "@iot.selfLink"
        ]
        held: dict[str, list[list[Any]]] = {}
        for record in records:
            row = [
                shown_key(record.key) if name in ("id", "@iot.id") else record.values.get(name)
                for name in components
            ]
            held.setdefault(str(record.links["Datastream"]), []).append(row)
        return [
            {
                "Datastream@iot.navigationLink": f"{self._base}/Datastreams({quoted(key)})",
                "components": components,
                "dataArray@iot.count": len(rows),
                "dataArray": rows,
            }
            for key, rows in held.items()
        ]


_COLUMNS = ("id", "phenomenonTime", "resultTime", "result")
_NULL_SHOWN = frozenset({"resultTime"})


def _span(bounds: dict[str, datetime], token: str, *, is_down: bool) -> tuple[str | None, str | None]:
    lows = [at for name, at in bounds.items() if name in ("ge", "eq")]
    lows += [at + MICROSECOND for name, at in bounds.items() if name == "gt"]
    highs = [at for name, at in bounds.items() if name == "lt"]
    highs += [at + MICROSECOND for name, at in bounds.items() if name in ("le", "eq")]
    if token:
        if not token.isdecimal() or len(token) > 17:
            refuse("$skiptoken: not one of ours")
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(token))
        if is_down:
            highs.append(at)
        else:
            lows.append(at + MICROSECOND)
    return (
        written(max(lows).astimezone(UTC)) if lows else None,
        written(min(highs).astimezone(UTC)) if highs else None,
    )


def _moment_of(record: Record) -> tuple[int, str]:
    stream, _, micros = record.key.rpartition("-")
    return int(micros), stream


def _sortable(value: Any) -> tuple[int, Any]:
    """Give a key that orders values of one kind and keeps kinds apart; what is not there comes first."""
    value = filtering.as_comparable(value)
    if isinstance(value, bool):
        return 1, value
    if isinstance(value, int | float):
        return 2, value
    if isinstance(value, datetime):
        return 3, value.timestamp()
    return (4, value) if isinstance(value, str) else (0, 0)


def _cell(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return codec.encode_json(value).decode()


def _flags(said: Any) -> str:
    several = said if isinstance(said, list) else [said] if said else []
    names = [each.get("nameOfMeasure", "") if isinstance(each, dict) else each for each in several]
    return " ".join(str(each) for each in names if each)


def _following(wanted: Options, token: str) -> str:
    kept: dict[str, Any] = {}
    if wanted.filter_text:
        kept["$filter"] = wanted.filter_text
    if wanted.order_text:
        kept["$orderby"] = wanted.order_text
    if wanted.select:
        kept["$select"] = ",".join(wanted.select)
    if wanted.expand_text:
        kept["$expand"] = wanted.expand_text
    if wanted.is_counted:
        kept["$count"] = "true"
    if wanted.is_table:
        kept["$resultFormat"] = "CSV"
    if wanted.is_array:
        kept["$resultFormat"] = "dataArray"
    kept["$top"] = wanted.top
    name, _, value = token.partition("=")
    return urlencode({**kept, name: value}, quote_via=quote, safe="$")


def _decoded(text: str) -> dict[str, Any]:
    found = codec.decode_untyped(text.encode(), max_bytes=16 << 20, max_depth=200, max_keys=1_000_000)
    assert isinstance(found, dict)
    return found
