"""Why an expression gave no value, in the words of the desk; the codes are those of FEEL and DMN."""

from django.utils.translation import gettext as _


def told(detail: str) -> str:
    """Give `CODE: EXPRESSION` with a sentence for the code; a code without one keeps it."""
    code, mark, expression = detail.partition(": ")
    said = _words().get(code, code) if mark else ""
    return f"{said} {expression}" if said else detail


def _words() -> dict[str, str]:
    return {
        "typesDoNotFit": _("A value is missing or has another type:"),
        "notComparable": _("Two values can't be compared:"),
        "notBoolean": _("There is no yes or no:"),
        "notANumber": _("There is no number:"),
        "notADuration": _("There is no duration:"),
        "notADate": _("There is no date:"),
        "notATime": _("There is no time:"),
        "notIterable": _("There is no list:"),
        "nullPath": _("A value is missing:"),
        "nullArgument": _("A value is missing:"),
        "nullIteration": _("A value is missing:"),
        "unknownKey": _("A value has no part of that name:"),
        "divisionByZero": _("Something is divided by zero:"),
        "outOfRange": _("A number is too large or too small:"),
        "wrongArgumentType": _("A function got a value of another type:"),
        "wrongNumberOfArguments": _("A function got too few or too many values:"),
    }
