"""Fields that several pages ask the same way: who a person is, and the last day of something."""

from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Field
from ocapi.lib import clock, written

LONGEST_NAME = 120


def person_fields(typed: dict[str, str], errors: dict[str, str]) -> tuple[Field, ...]:
    """Give the fields with what was typed and what is wrong."""
    return (
        Field(name="given_name", label=_("Given name"), value=typed["given_name"], required=False,
              error=errors.get("given_name", ""), max_length=LONGEST_NAME),
        Field(name="family_name", label=_("Family name"), value=typed["family_name"],
              error=errors.get("family_name", ""), max_length=LONGEST_NAME),
        Field(name="national_number", label=_("National number"), value=typed["national_number"],
              help=_("11 digits, on the back of the identity card."), width="medium",
              error=errors.get("national_number", ""), max_length=20),
    )


def read_person(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Give what `introduce_person` asks for, and the errors by field."""
    errors: dict[str, str] = {}
    if not typed["family_name"]:
        errors["family_name"] = _("Fill in the family name.")
    for name in ("given_name", "family_name"):
        if len(typed[name]) > LONGEST_NAME:
            errors[name] = _("A name has at most 120 characters.")
    if not typed["national_number"]:
        errors["national_number"] = _("Fill in the national number, for example 67.62.15-467.51.")
    names = ("given_name", "family_name", "national_number")
    return {name: typed[name] for name in names}, errors


def read_last_day(text: str, *, now: datetime) -> datetime:
    """Give the end of the typed last day in Brussels; raises WrongDay with what is wrong."""
    day = written.read_day(text)
    if day is None:
        raise WrongDay(_("Fill in the last day as dd/mm/yyyy, for example 31/12/2027."))
    if day < clock.local_day(now):
        raise WrongDay(_("This day is in the past. Choose today or later."))
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=clock.BRUSSELS)


class WrongDay(ValueError):
    """A typed last day can't be used; `text` tells the reader why and how to repair it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
