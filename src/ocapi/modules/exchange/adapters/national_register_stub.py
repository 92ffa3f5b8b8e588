"""A stand-in for the national register with invented persons, and the source that is switched off."""

from datetime import datetime

from ocapi.modules.exchange import api
from ocapi.modules.exchange.data import SourceAnswer, SourceState


class NationalRegisterStub:
    """Answers from persons loaded for a demo."""

    name = "stub"
    is_on = True

    def fetch(self, *, national_number: str, fields: tuple[str, ...], now: datetime) -> SourceAnswer:
        """Give what was loaded of this person; empty for a number nobody loaded."""
        found = api.find_stub_person(national_number=national_number)
        if found is None:
            return SourceAnswer(state=SourceState.EMPTY)
        values = {path: value for path, value in found.items() if _is_asked(path, fields)}
        return SourceAnswer(state=SourceState.OK if values else SourceState.EMPTY, values=values)

    def check_config(self) -> tuple[str, ...]:
        """Say when there is nobody to answer about."""
        return () if api.count_stub_persons() else ("no persons are loaded into the register's stand-in",)


class NoNationalRegister:
    """The source that is switched off: it can't answer, which is not the same as knowing nothing."""

    name = "off"
    is_on = False

    def fetch(self, *, national_number: str, fields: tuple[str, ...], now: datetime) -> SourceAnswer:
        """Answer that the source is out of reach."""
        return SourceAnswer(state=SourceState.SOURCE_DOWN)

    def check_config(self) -> tuple[str, ...]:
        """Say that it is off."""
        return ("the national register is switched off",)


def _is_asked(path: str, fields: tuple[str, ...]) -> bool:
    return any(path == field or path.startswith(f"{field}.") for field in fields)
