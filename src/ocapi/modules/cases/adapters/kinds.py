"""Fills `forms.case_kinds`: the case types that a form can name."""

from ocapi.modules.cases import api
from ocapi.modules.forms.extensions import CaseKind


class CaseTypes:
    """Lists the case types that new cases may have."""

    name = "case-types"

    def listed(self) -> tuple[CaseKind, ...]:
        """Give code and title of each."""
        return tuple(CaseKind(code=each.code, title=each.title) for each in api.list_case_types())
