"""Formats of `ocapi content import PATH`: what others publish, read into a dataset of insight.

A file replaces the rows of its dataset by a new version, whole or not at all; rows that can't be read are
told.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from ocapi.kernel.registry.extensions import Loaded
from ocapi.lib.columns.tables import SourceRefused
from ocapi.modules.insight import api
from ocapi.modules.insight.adapters.sources import measured, people, plans
from ocapi.modules.insight.adapters.sources.reading import Refused, WrongRow
from ocapi.modules.insight.data.indicators import DatasetRefused

Reader = Callable[[Path, Refused], Iterator[tuple[Any, ...]]]


class SourceFile:
    """A file of others that fills one dataset. marks: bytes of which one stands in the head of such a
    file.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    dataset: ClassVar[str]
    marks: ClassVar[tuple[bytes, ...]] = ()
    file_names: ClassVar[tuple[str, ...]] = ()

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        """Tell by the head of the file or by the name it is published under."""
        return any(mark in head for mark in self.marks) or any(part in path.name for part in self.file_names)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        """Give the rows of the file in the columns of the dataset."""
        raise NotImplementedError

    def load(self, *, path: Path, now: datetime) -> Loaded:
        """Load the file as the newest version of the dataset. Raises DatasetRefused with the reason."""
        refused = Refused()
        try:
            written = api.add_rows(
                dataset=self.dataset, rows=self.rows(path, refused), source_name=path.name, now=now
            )
        except (WrongRow, SourceRefused) as failure:
            raise DatasetRefused(str(failure)) from failure
        return Loaded(written=written, refused=tuple(refused.rows))


class Population(SourceFile):
    name, title, dataset = "population", "Inhabitants per municipality (Statbel, CSV)", "population"
    marks = (b"NIS code,Woonplaats,",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return people.population(path, refused)


class Households(SourceFile):
    name, title, dataset = "households", "Households per municipality and year (CSV)", "households"
    marks = (b"y,nis,n,name,",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return people.households(path, refused)


class BuildingPermits(SourceFile):
    name, title, dataset = (
        "building-permits",
        "Permits for dwellings (Department of Environment, CSV)",
        "building_permits",
    )
    marks = (b'"Jaar indiening","Project Besluit VVO Type"',)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return people.building_permits(path, refused)


class EnergyUse(SourceFile):
    name, title, dataset = (
        "energy-use",
        "Energy use per municipality and month (grid operator, XLSX)",
        "energy_use",
    )
    file_names = ("energy-use", "verbruiksgegevens-per-maand")

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return people.energy_use(path, refused, api.codes_by_name())


class PlannedInvestment(SourceFile):
    name, title, dataset = (
        "planned-investment",
        "Planned investments by policy field (BBC, Parquet)",
        "planned_investment",
    )
    file_names = ("bbc-investments-by-policy-field", "investments_bv")

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return plans.planned_investment(path, refused)


class InvestmentActions(SourceFile):
    name, title, dataset = (
        "investment-actions",
        "Actions of multi-year plans (BBC, Parquet)",
        "investment_actions",
    )
    file_names = ("multi-year-plan-2026-2031-projects", "projects_2026_full")

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return plans.investment_actions(path, refused)


class PolicyFields(SourceFile):
    name, title, dataset = "policy-fields", "Policy domains and fields (BBC, CSV)", "policy_fields"
    marks = (b"domain_code,domain,subdomain_code,",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return plans.policy_fields(path, refused)


class BikeCountsAsRows(SourceFile):
    name, title, dataset = (
        "bike-counts-rows",
        "Bicycle counts, 5 minutes, as rows of a dataset",
        "bike_counts",
    )

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return measured.bike_counts(path, refused)


class NitrogenDioxide(SourceFile):
    name, title, dataset = "no2-stations", "NO2 by station, hourly (VMM, CSV)", "no2_days"
    marks = (b"timestamp,42R",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return measured.no2_by_station(path, refused)


class AirBase(SourceFile):
    name, title, dataset = "no2-airbase", "NO2, one station since 1990 (AirBase, TSV)", "no2_history"
    file_names = ("airbase-", "BETR801")

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return measured.no2_airbase(path, refused)


class StreetCampaign(SourceFile):
    name, title, dataset = "no2-campaign", "NO2 in streets, passive samplers (CSV)", "no2_streets"
    marks = (b"code,location,start_date,end_date,no2",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return measured.no2_campaign(path, refused)


class Parking(SourceFile):
    name, title, dataset = "parking", "Occupancy of parking garages (CSV)", "parking"
    marks = (b"name,type,categorie,totalcapacity,",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return measured.parking(path, refused)


class Traffic(SourceFile):
    name, title, dataset = "traffic", "Traffic counts (OSLO Verkeersmetingen, Turtle)", "traffic_counts"
    marks = (b"vsds-verkeersmetingen#",)

    def rows(self, path: Path, refused: Refused) -> Iterator[tuple[Any, ...]]:
        return measured.traffic(path, refused)


FORMATS = (
    Population,
    Households,
    BuildingPermits,
    EnergyUse,
    PlannedInvestment,
    InvestmentActions,
    PolicyFields,
    BikeCountsAsRows,
    NitrogenDioxide,
    AirBase,
    StreetCampaign,
    Parking,
    Traffic,
)
