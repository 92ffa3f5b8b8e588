"""Loads files of content packs: domains, datasets with their rows, indicators, dashboards; and tells
modules below the domains of the organization.
"""

from dataclasses import dataclass
from datetime import datetime

from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.insight import api
from ocapi.modules.insight.data import Domain
from ocapi.modules.insight.data.dashboards import ShippedDashboard
from ocapi.modules.insight.data.indicators import Dataset, Indicator
from ocapi.modules.services.data import DomainTitle


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    nl: str
    en: str
    fr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    code: str
    order: int
    icon: str
    title: _Title
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    domains: tuple[_Entry, ...]


class DomainsLoader:
    """Loads the smart-city domains keyed by code; a second load renews their texts and order."""

    name = "domains"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        read = codec.decode_yaml(file.raw, _File)
        domains = [
            Domain(
                code=each.code,
                title=each.title.nl,
                title_en=each.title.en,
                icon=each.icon,
                description=each.description,
            )
            for each in sorted(read.domains, key=lambda entry: entry.order)
        ]
        return Loaded(written=api.load_domains(domains=domains, now=now))


class OwnDomains:
    """The domains as the organization orders them, for the service catalogue."""

    name = "insight"

    def list_domains(self) -> tuple[DomainTitle, ...]:
        """Give the domains in order; empty before the pack is loaded."""
        return tuple(
            DomainTitle(code=each.code, title_nl=each.title, title_en=each.title_en, icon=each.icon)
            for each in api.list_domains()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Datasets:
    datasets: tuple[Dataset, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Indicators:
    indicators: tuple[Indicator, ...]


class DatasetsLoader:
    """Loads the declarations of datasets, and which municipality every NIS code belongs to today."""

    name = "datasets"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        read = codec.decode_yaml(file.raw, _Datasets)
        return Loaded(written=api.load_datasets(datasets=read.datasets, now=now))


class DatasetRowsLoader:
    """Loads the rows of the dataset the file is named after, unless newer ones came from elsewhere."""

    name = "datasetRows"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction. Raises DatasetRefused."""
        code = file.path.rpartition("/")[2].removesuffix(".csv")
        return Loaded(written=api.load_own_rows(dataset=code, raw=file.raw, now=now))


class IndicatorsLoader:
    """Loads indicators as versions; a refused one is told, the others load."""

    name = "indicators"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        read = codec.decode_yaml(file.raw, _Indicators)
        written, refused = api.load_indicators(indicators=read.indicators, now=now)
        return Loaded(written=written, refused=tuple(BadRow(line=0, reason=each) for each in refused))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dashboards:
    dashboards: tuple[ShippedDashboard, ...]


class DashboardsLoader:
    """Loads dashboards, the start pages of roles among them; those edited here are left alone."""

    name = "dashboards"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        read = codec.decode_yaml(file.raw, _Dashboards)
        return Loaded(written=api.load_dashboards(dashboards=read.dashboards, now=now))
