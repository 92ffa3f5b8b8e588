"""What the address of a page asks for: year, domain and service, each checked."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Field, FieldKind, Option
from ocapi.modules.insight.data import Domain, YearFigures

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_CODE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresInput:
    """The filters of a page. year: None for the present one."""

    year: int | None = None
    domain: str = ""
    service: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "FiguresInput":
        """Read the address; what makes no sense counts as not asked for."""
        year = query.get("jaar", "")
        is_year = len(year) == 4 and year.isascii() and year.isdecimal()
        return cls(
            year=int(year) if is_year and FIRST_YEAR <= int(year) <= LAST_YEAR else None,
            domain=query.get("domein", "")[:LONGEST_CODE],
            service=query.get("dienst", "")[:LONGEST_CODE],
        )

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a filter besides the year is set."""
        return bool(self.domain or self.service)

    def query(self, **more: str) -> str:
        """Give the filters as the query of an address."""
        own = {"jaar": str(self.year) if self.year else "", "domein": self.domain, "dienst": self.service}
        found = {**own, **more}
        return urlencode({name: value for name, value in found.items() if value})

    def fields(self, figures: YearFigures, domains: tuple[Domain, ...]) -> tuple[Field, ...]:
        """Give the controls of the filter form."""
        every = Option(value="", label=_("All"))
        return (
            Field(
                name="jaar",
                label=_("Period"),
                kind=FieldKind.SELECT,
                value=str(figures.year),
                options=tuple(Option(value=str(each), label=str(each)) for each in figures.years),
            ),
            Field(
                name="domein",
                label=_("Domain"),
                kind=FieldKind.SELECT,
                value=self.domain,
                required=False,
                options=(every, *(Option(value=each.code, label=each.title) for each in domains)),
            ),
            Field(
                name="dienst",
                label=_("Service"),
                kind=FieldKind.SELECT,
                value=self.service,
                required=False,
                options=(every, *(Option(value=each.code, label=each.title) for each in figures.services)),
            ),
        )
