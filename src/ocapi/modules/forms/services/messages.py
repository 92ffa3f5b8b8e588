"""What a citizen reads: the definition's own words first, else built-in ones, always with the repair."""

from collections.abc import Callable
from datetime import date

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from ocapi.lib import money
from ocapi.modules.forms.data import Fault, Field, FieldType, Finding, UploadRule, worded

_LANGUAGES = {"formal": "nl-be-x-formal", "informal": "nl-be-x-informal"}

_REQUIRED = {
    FieldType.CHOICE: gettext_noop("Choose an answer for “{label}”."),
    FieldType.YES_NO: gettext_noop("Choose yes or no for “{label}”."),
    FieldType.MULTIPLE_CHOICE: gettext_noop("Choose at least one answer for “{label}”."),
    FieldType.STATEMENT: gettext_noop("Read the statement and tick the box."),
    FieldType.UPLOAD: gettext_noop("A file is missing at “{label}”. Choose a file."),
    FieldType.ADDRESS: gettext_noop(
        "“{label}” is missing. Fill in street, number, postal code and municipality."
    ),
    FieldType.REPEAT: gettext_noop("“{label}” is missing. Fill in at least one row."),
}
_REQUIRED_ELSE = gettext_noop("“{label}” is missing. Fill it in.")

_INVALID = {
    FieldType.DATE: gettext_noop(
        "We do not recognize this date. Write it as dd/mm/yyyy, for instance 07/03/1985."
    ),
    FieldType.INTEGER: gettext_noop("This is not a whole number. Use digits only, for instance 12."),
    FieldType.AMOUNT: gettext_noop("We do not recognize this amount. Write it as 12,50."),
    FieldType.EMAIL: gettext_noop("This e-mail address is not right. Write it as name@example.be."),
    FieldType.TELEPHONE: gettext_noop("This telephone number is not right. Write it as 0470 00 00 00."),
    FieldType.ADDRESS: gettext_noop(
        "This address is not complete. Fill in street, number, postal code and municipality."
    ),
    FieldType.NATIONAL_NUMBER: gettext_noop(
        "This national number is not right. It has 11 digits and stands on the back of the identity card."
    ),
    FieldType.ENTERPRISE_NUMBER: gettext_noop(
        "This enterprise number is not right. It has 10 digits, like 0123.456.749."
    ),
    FieldType.IBAN: gettext_noop("This account number is not right. Check it against the bank card."),
}
_INVALID_ELSE = gettext_noop("This answer is not one of the choices. Choose again.")

_ELSE = {
    Fault.TOO_LONG: gettext_noop("This text is too long. Use at most {limit} characters."),
    Fault.TOO_SMALL: gettext_noop("This is too little. Fill in at least {limit}."),
    Fault.TOO_LARGE: gettext_noop("This is too much. Fill in at most {limit}."),
    Fault.TOO_EARLY: gettext_noop("This date is too early. Fill in {limit} or later."),
    Fault.TOO_LATE: gettext_noop("This date is too late. Fill in {limit} or earlier."),
    Fault.WRONG_TYPE: gettext_noop("This kind of file is not possible. Choose one of these: {limit}."),
    Fault.TOO_MANY: gettext_noop("There are too many files. Keep at most {limit}."),
    Fault.TOO_FEW: gettext_noop("This is too little. Fill in at least {limit}."),
}
_FILE_TOO_LARGE = gettext_noop("This file is too large. Choose a file of at most {limit}.")
_FUTURE = gettext_noop("This date lies in the future. Check the year.")

_REFUSALS = {
    "contentDiffers": gettext_noop(
        "This file holds something else than its name says. Save it again and choose it anew."
    ),
    "empty": gettext_noop("This file is empty. Choose another file."),
    "badName": gettext_noop("The name of this file can not be used. Give it another name."),
    "infected": gettext_noop("This file is not safe, so we did not keep it. Choose another file."),
}

SOURCE_DOWN = gettext_noop(
    "{source} does not answer right now. Fill it in yourself: you can go on, and we check it later."
)
STALE = gettext_noop("{source} does not answer right now. You see what we received earlier.")
ASKED_WHEN = gettext_noop("Only when you choose “{answer}” at “{question}”.")


def in_form(address_form: str) -> translation.override:
    """Give the context in which built-in texts come in the language of an address form."""
    return translation.override(_LANGUAGES.get(address_form, "nl"))


def filled(text: str, **values: str) -> str:
    """Translate a built-in text and put the values in its places; values are never read as places."""
    made = gettext(text)
    pieces = [made]
    for name, value in values.items():
        pieces = [part for piece in pieces for part in _split(piece, f"{{{name}}}", value)]
    return "".join(str(piece) for piece in pieces)


class _Value(str):
    """A value put in already, in which no place is looked for."""


def _split(piece: str, place: str, value: str) -> list[str]:
    if isinstance(piece, _Value):
        return [piece]
    parts = piece.split(place)
    return [parts[0], *(each for part in parts[1:] for each in (_Value(value), part))]


def told(finding: Finding) -> str:
    """Say what the linter found, in the language of the reader."""
    return filled(finding.text, **finding.values)


def plainly(finding: Finding) -> str:
    """Say what the linter found in English, after the code of where it stands, for a file or a terminal."""
    with translation.override(None):
        said = told(finding)
    return f"{finding.at}: {said}" if finding.at else said


def text_of(field: Field, fault: Fault, *, address_form: str, today: date) -> str:
    """Say what is wrong with an answer and how to repair it."""
    own = field.errors.get(fault)
    if own is not None:
        return worded(own, address_form)
    label = worded(field.label, address_form)
    with in_form(address_form):
        if fault is Fault.REQUIRED:
            return filled(_REQUIRED.get(field.type, _REQUIRED_ELSE), label=label)
        if fault is Fault.INVALID:
            return filled(_INVALID.get(field.type, _INVALID_ELSE))
        if fault is Fault.TOO_MANY and field.type is FieldType.REPEAT:
            return filled(_ELSE[Fault.TOO_LARGE], limit=str(field.max_rows))
        if fault is Fault.TOO_LATE and field.max == "today":
            return filled(_FUTURE)
        if fault is Fault.TOO_LARGE and field.upload:
            return filled(_FILE_TOO_LARGE, limit=size(field.upload.max_bytes))
        return filled(_ELSE[fault], limit=_limit(field, fault, today))


def _limit(field: Field, fault: Fault, today: date) -> str:
    limits: dict[Fault, Callable[[], str]] = {
        Fault.TOO_LONG: lambda: str(field.max_length),
        Fault.TOO_SMALL: lambda: _bound(field, field.min),
        Fault.TOO_LARGE: lambda: _bound(field, field.max),
        Fault.TOO_EARLY: lambda: day(field.min, today),
        Fault.TOO_LATE: lambda: day(field.max, today),
        Fault.WRONG_TYPE: lambda: ", ".join(field.upload.accepted) if field.upload else "",
        Fault.TOO_MANY: lambda: str(field.upload.max_files) if field.upload else "",
        Fault.TOO_FEW: lambda: str(field.min_rows),
    }
    return limits[fault]()


def _bound(field: Field, bound: int | str | None) -> str:
    if field.type is FieldType.AMOUNT and isinstance(bound, int):
        return money.format_dutch(money.from_cents(bound))
    return f"{bound} {field.unit}".strip()


def day(bound: int | str | None, today: date) -> str:
    """Write a bound of a date as dd/mm/yyyy."""
    return "/".join(reversed((today.isoformat() if bound == "today" else str(bound)).split("-")))


def size(size_bytes: int) -> str:
    """Write a size in bytes as people read it: `480 kB`, `2,5 MB`."""
    if size_bytes < 1 << 20:
        return f"{max(size_bytes >> 10, 1)} kB"
    return f"{size_bytes / (1 << 20):.1f} MB".replace(".0 ", " ").replace(".", ",")


def refusal(field: Field, rule: UploadRule, reason: str, *, address_form: str, today: date) -> str:
    """Say why a file was not taken; `reason` is the code of the refusal."""
    faults = {"tooLarge": Fault.TOO_LARGE, "wrongType": Fault.WRONG_TYPE, "tooMany": Fault.TOO_MANY}
    if reason in faults:
        return text_of(field, faults[reason], address_form=address_form, today=today)
    with in_form(address_form):
        return filled(_REFUSALS.get(reason, _REFUSALS["empty"]))
