"""What others may know of insight: figures in which small groups can't be read, domains, comparison."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

TOTAL = ""  # code of the figures over everything
NO_DOMAIN = "none"  # code of the figures of services that belong to no domain
DIGITAL_CHANNELS = frozenset({"portal", "api"})
"""Channels by which a request comes in as data: the e-counter and other applications."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A smart-city domain as the organization orders them. icon: code of the content pack."""

    code: str
    title: str
    title_en: str
    icon: str = ""
    description: str = ""


class Scope(StrEnum):
    """What a set of figures is about."""

    TOTAL = "total"
    DOMAIN = "domain"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A count that may be hidden: `value` is then None, and `is_small` says that it is under five.

    Neither: it is withheld, because with it a small count elsewhere could be computed.
    """

    value: int | None
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The service requests of one service, one domain or all, in one calendar year.

    received: by the day of receipt. decided: by the day of decision, whenever received. digital: received by
    a digital channel. in_term: decided on or before the last day. is_open: received and not decided yet.
    lead_days, term_days: calendar days summed over the decided ones, None when their count is hidden.
    months: received in January, February and so on.
    """

    scope: Scope
    code: str
    title: str
    domain: str
    received: Number
    open: Number
    digital: Number
    other: Number
    decided: Number
    in_term: Number
    late: Number
    lead_days: int | None
    term_days: int | None
    months: tuple[Number, ...]

    @property
    def digital_share(self) -> Decimal | None:
        """Give the digital share in percent; None when a part is hidden or nothing was received."""
        return share(self.digital, self.other)

    @property
    def in_term_share(self) -> Decimal | None:
        """Give the share decided in time, in percent; None when a part is hidden or nothing was decided."""
        return share(self.in_term, self.late)

    @property
    def mean_lead_days(self) -> Decimal | None:
        """Give the mean lead time in calendar days."""
        return mean(self.lead_days, self.decided)

    @property
    def mean_term_days(self) -> Decimal | None:
        """Give the mean term in calendar days."""
        return mean(self.term_days, self.decided)


def share(part: Number, rest: Number) -> Decimal | None:
    """Give a part of a whole in percent, or None when it can't be told."""
    if part.value is None or rest.value is None or not part.value + rest.value:
        return None
    return Decimal(part.value) * 100 / (part.value + rest.value)


def mean(total: int | None, count: Number) -> Decimal | None:
    """Give a mean, or None when it can't be told."""
    return Decimal(total) / count.value if total is not None and count.value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFigures:
    """The figures of a calendar year, domains in their order, services by title.

    last_month: 1 to 12, the last month that has begun. is_running: the year is not over.
    counted_at: when the newest fact was counted; None before the first. waiting: facts not counted yet.
    """

    year: int
    years: tuple[int, ...]
    last_month: int
    is_running: bool
    counted_at: datetime | None
    waiting: int
    total: Figures
    domains: tuple[Figures, ...]
    services: tuple[Figures, ...]

    def of_domain(self, code: str) -> tuple[Figures, ...]:
        """Give the figures of the services of a domain."""
        return tuple(each for each in self.services if each.domain == code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Requests in the complete months of a year, against the same months of the year before.

    until_month: the last complete month, 0 when there is none. None: a month is hidden, or there is no year
    before.
    """

    until_month: int
    now: int | None
    before: int | None

    @property
    def change(self) -> Decimal | None:
        """Give the change in percent, or None when it can't be told."""
        if self.now is None or not self.before:
            return None
        return Decimal(self.now - self.before) * 100 / self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigures:
    """Figures over twelve complete months as they travel: a hidden count is absent (None).

    code: of a domain, empty for everything. lead_days: calendar days summed over the decided ones.
    """

    code: str
    received: int | None
    digital: int | None
    decided: int | None
    in_term: int | None
    lead_days: int | None
    term_days: int | None

    @property
    def digital_share(self) -> Decimal | None:
        """Give the digital share in percent."""
        return _part(self.digital, self.received)

    @property
    def in_term_share(self) -> Decimal | None:
        """Give the share decided in time, in percent."""
        return _part(self.in_term, self.decided)

    @property
    def mean_lead_days(self) -> Decimal | None:
        """Give the mean lead time in calendar days."""
        return None if self.lead_days is None or not self.decided else Decimal(self.lead_days) / self.decided


def _part(part: int | None, whole: int | None) -> Decimal | None:
    return None if part is None or not whole else Decimal(part) * 100 / whole


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerFigures:
    """What one organization published last, about one domain or everything.

    source: its IRI. until: first day of the last of the twelve months. is_own: the bound organization.
    """

    source: str
    name: str
    until: date
    is_own: bool
    is_stale: bool
    figures: PublishedFigures


class UnknownDomain(LookupError):
    """No domain of that code has figures in the bound organization."""


class UnknownService(LookupError):
    """No public service of that code has figures in the bound organization."""
