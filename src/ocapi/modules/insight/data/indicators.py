"""Indicators, the datasets they are made of, and what came out, as others may know them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from ocapi.lib.columns.tables import ColumnType

LONGEST_CODE = 60
LEAST_GROUP = 5  # counts made of persons (conventions.md 7.8)
LEAST_MOVEMENT = 10  # traces of movement and sensors


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in the languages of the product; Dutch is shown."""

    nl: str
    en: str


class Kind(StrEnum):
    """What an indicator measures, from means to effect."""

    INPUT = "input"
    PROCESS = "process"
    OUTPUT = "output"
    OUTCOME = "outcome"
    IMPACT = "impact"


class View(StrEnum):
    """The four views of the municipality."""

    TECHNOLOGICAL = "technological"
    SOCIAL = "social"
    ECONOMIC = "economic"
    POLITICAL = "political"


class Direction(StrEnum):
    """Which way is better; none: neither, the number only tells."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Frequency(StrEnum):
    """The length of the periods of an indicator."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"


class Areas(StrEnum):
    """What the `area` of a result is: NIS codes of municipalities, the region, or one place that is
    measured.
    """

    MUNICIPALITY = "municipality"
    REGION = "region"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column of a dataset. unit: UCUM code or empty."""

    name: str
    type: ColumnType
    title: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rows of a dataset come from and under which license."""

    publisher: str
    dataset: str
    license: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A table that formulas may read, as its declaration has it.

    area: the column with NIS codes; a column `nis_now` with the municipality of today then stands beside it.
    period: the column with the day or instant. is_open: anybody may read its rows. is_personal: rows are
    counts of persons, which the explorer never shows. fresh_days: after these many days without new data it
    is old. filled_by: file | requests | stream:<code of a stream of capture>.
    """

    code: str
    title: Words
    columns: tuple[TableColumn, ...]
    source: Source
    period: str
    area: str = ""
    is_open: bool = True
    is_personal: bool = False
    fresh_days: int = 400
    filled_by: str = "file"

    @property
    def all_columns(self) -> tuple[TableColumn, ...]:
        """Give the declared columns and the one with the municipality of today."""
        if not self.area:
            return self.columns
        now = TableColumn(name="nis_now", type=ColumnType.TEXT, title="Gemeente van vandaag (NIS-code)")
        return (*self.columns, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an indicator should be on a day, and who decided so."""

    value: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which value on an indicator asks for attention, and where it is fine again (hysteresis)."""

    alarm: Decimal
    calm: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """From which day on numbers are not made as before, and why."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One version of the definition of an indicator.

    sql: a SELECT in the dialect of DuckDB that gives `period` (a day) and `value`, and may give
    `area` (NIS code),
    `slice` (a part, '' for the whole) and `n` (persons or movements counted; needed with min_group).
    is_additive: slices add up to the whole, so small ones are protected together. backcast: numbers from
    before a merger are the sum of the former municipalities. slices: what the slices are, empty when there
    are none.
    """

    code: str
    version: int
    title: Words
    domains: tuple[str, ...]
    views: tuple[View, ...]
    kind: Kind
    unit: str
    sql: str
    method: str
    owner: str
    direction: Direction = Direction.NONE
    frequency: Frequency = Frequency.YEAR
    areas: Areas = Areas.MUNICIPALITY
    decimals: int = 0
    slices: str = ""
    is_additive: bool = False
    is_open: bool = True
    min_group: int = 0
    backcast: bool = False
    target: Target | None = None
    thresholds: Thresholds | None = None
    breaks: tuple[Break, ...] = ()
    forecasts: bool = False
    is_plan: bool = False

    def __post_init__(self) -> None:
        if self.min_group and self.min_group < LEAST_GROUP:
            raise ValueError(f"{self.code}: min_group is 0 or at least {LEAST_GROUP}")
        if self.version < 1 or not 0 <= self.decimals <= 6 or not self.domains:
            raise ValueError(f"{self.code}: version from 1, decimals 0 to 6, at least one domain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One number of a series. value None: is_small says under the least group, else withheld or missing.

    count: persons or movements behind it where the formula tells and it may be shown.
    """

    period: date
    value: Decimal | None
    is_small: bool = False
    is_withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesOf:
    """The numbers of one area and slice, oldest first."""

    area: str
    slice: str
    points: tuple[Point, ...]

    @property
    def last(self) -> Point | None:
        """Give the newest number that is shown."""
        return next((each for each in reversed(self.points) if each.value is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVersion:
    """Rows of a dataset as they came in once. sha256: of the file with the rows. number: counts from 1."""

    dataset: str
    number: int
    sha256: str
    rows: int
    source_name: str
    loaded_at: datetime
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSummary:
    """A dataset with its newest version, None before the first."""

    dataset: Dataset
    version: DatasetVersion | None


class Outcome(StrEnum):
    """What came of computing an indicator."""

    READY = "ready"
    WAITING = "waiting"
    NO_DATA = "noData"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What a number is made of: the version of the formula, per result column the columns of datasets, and
    the versions of those datasets. sources: publisher and name of each, in words.
    """

    indicator: str
    version: int
    sql: str
    sql_sha256: str
    columns: dict[str, tuple[str, ...]]
    datasets: tuple[DatasetVersion, ...]
    sources: tuple[str, ...]
    computed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorResult:
    """An indicator with the outcome of its newest computation. reason: why there is none, a code.

    shown: the series of the own organization, or the region's, or the first. is_own: it is the own one.
    fresh_until: after this day the newest data count as old; None without data. is_behind: a newer
    computation failed, so these are the numbers of before.
    """

    indicator: Indicator
    outcome: Outcome
    reason: str = ""
    computed_at: datetime | None = None
    shown: SeriesOf | None = None
    is_own: bool = False
    fresh_until: date | None = None
    lineage: Lineage | None = None
    is_behind: bool = False

    def is_stale(self, today: date) -> bool:
        """Tell whether the data are older than the dataset says they may be."""
        return self.fresh_until is not None and today > self.fresh_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote about a point of an indicator.

    author_name: empty when it was not kept or the person is gone. is_mine: the reader wrote it. changed_at:
    None when it stands as it was written.
    """

    uuid: UUID
    indicator: str
    period: date
    text: str
    written_at: datetime
    author_name: str = ""
    is_mine: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A municipality: its NIS code of today, and the codes and days of the mergers it came out of."""

    nis: str
    name: str
    province: str = ""
    former: tuple[str, ...] = ()
    merged_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """What a question of the explorer gave. is_cut: there were more rows. cells as text, None is no value."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    is_cut: bool
    tables: tuple[str, ...]


class ShownAs(StrEnum):
    """How the answer of a kept question is shown."""

    TABLE = "table"
    BAR = "bar"
    LINE = "line"


class IndicatorNotFound(LookupError):
    """No indicator of that code, or not one this reader may see."""


class DatasetNotFound(LookupError):
    """No dataset of that code or version, or not one this reader may see."""


class FormulaNotRun(ValueError):
    """A formula or question was refused or ended. reason: a code of lib.columns; what: the part that is
    meant.
    """

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(f"{reason}: {what}" if what else reason)
        self.reason, self.what = reason, what


class DatasetRefused(ValueError):
    """Rows can't be taken in. line: 1-based, 0 when unknown. column: empty when the whole file is meant."""

    def __init__(self, reason: str, *, line: int = 0, column: str = "") -> None:
        super().__init__(f"line {line}, {column or 'file'}: {reason}")
        self.reason, self.line, self.column = reason, line, column


MONTH, YEAR = timedelta(days=31), timedelta(days=366)
LENGTHS: dict[Frequency, timedelta] = {
    Frequency.DAY: timedelta(days=1),
    Frequency.MONTH: MONTH,
    Frequency.QUARTER: timedelta(days=92),
    Frequency.YEAR: YEAR,
}


class TextMissing(ValueError):
    """A note without text."""


class NotTheWriter(Exception):
    """Somebody else wrote this note."""


class NotesFull(Exception):
    """An indicator has as many notes as are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """A question that was kept. columns: names and types of its answer. is_offered: as open data."""

    uuid: UUID
    title: str
    sql: str
    shown_as: ShownAs
    columns: tuple[tuple[str, str], ...]
    is_offered: bool


class QueryNotFound(LookupError):
    """No question of that name was kept."""


class QueryNotOpen(ValueError):
    """A question can't be offered as open data: it reads a dataset that is not open, named here."""


class CodeTaken(ValueError):
    """An indicator of the product has this code; the own one needs another."""
