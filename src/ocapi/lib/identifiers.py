"""Identifiers of people, organizations, areas and payments: parse, format, check and mask in one place.

Parsing accepts dots, spaces, dashes, slashes and lower case; what is stored never has them. Every refusal is
an `InvalidIdentifier` with a code and without the value. Sources: the INSZ month classes and check digits
as published by the national register and the Crossroads Bank for Social Security; KBO numbers by the
Crossroads Bank for Enterprises; structured communication by Febelfin; IBAN by ISO 13616.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_SEPARATORS = re.compile(r"[\s.\-/]")
_CASE_REFERENCE = re.compile(r"([A-Z]{2,6})-([0-9]{4})-([0-9]{6,9})-([0-9])")


class Fault(StrEnum):
    """Why an identifier was refused."""

    WRONG_CHARACTERS = "wrongCharacters"
    WRONG_LENGTH = "wrongLength"
    WRONG_PREFIX = "wrongPrefix"
    WRONG_CHECK_DIGITS = "wrongCheckDigits"
    IMPOSSIBLE_DATE = "impossibleDate"
    IMPOSSIBLE_SERIAL = "impossibleSerial"
    SYNTHETIC_REFUSED = "syntheticRefused"


class InvalidIdentifier(ValueError):
    """A text is no identifier of its scheme; carries scheme and fault, never the text itself."""

    def __init__(self, scheme: str, fault: Fault) -> None:
        super().__init__(f"{scheme}: {fault.value}")
        self.scheme = scheme
        self.fault = fault


class InszKind(StrEnum):
    """The class of a national number, decided by its month field."""

    NATIONAL = "national"  # 00-12
    BIS = "bis"  # 20-32 sex unknown, 40-52 sex known
    SYNTHETIC = "synthetic"  # 60-72
    SYNTHETIC_BIS = "syntheticBis"  # 80-92

    @property
    def is_synthetic(self) -> bool:
        """Tell whether no living person can carry such a number."""
        return self in (InszKind.SYNTHETIC, InszKind.SYNTHETIC_BIS)


_MONTH_CLASSES = (
    (0, InszKind.NATIONAL),
    (20, InszKind.BIS),
    (40, InszKind.BIS),
    (60, InszKind.SYNTHETIC),
    (80, InszKind.SYNTHETIC_BIS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date of which the day, or the month and the day, may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def whole(self) -> date | None:
        """Give the date when every part is known."""
        return date(self.year, self.month, self.day) if self.month and self.day else None

    def __str__(self) -> str:
        """Write `1985`, `1985-07` or `1985-07-02`."""
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]
        return "-".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Insz:
    """A valid national number: 11 digits, its class, and the date of birth as far as it tells."""

    digits: str
    kind: InszKind
    birth_date: PartialDate


def parse_insz(text: str, *, allow_synthetic: bool) -> Insz:
    """Read a national number (INSZ), or raise InvalidIdentifier.

    allow_synthetic: true only where the organization is a demo or a test; others refuse on write.
    """
    digits = _digits(text, scheme="insz", length=11)
    century = _insz_century(digits)
    year, month, day, serial = (int(digits[a:b]) for a, b in ((0, 2), (2, 4), (4, 6), (6, 9)))
    offset, kind = next((c for c in reversed(_MONTH_CLASSES) if c[0] <= month), _MONTH_CLASSES[0])
    if kind.is_synthetic and not allow_synthetic:
        raise InvalidIdentifier("insz", Fault.SYNTHETIC_REFUSED)
    if serial in (0, 999):
        raise InvalidIdentifier("insz", Fault.IMPOSSIBLE_SERIAL)
    birth_date = _birth_date(century + year, month - offset, day)
    return Insz(digits=digits, kind=kind, birth_date=birth_date)


def format_insz(digits: str) -> str:
    """Show a national number as `67.62.15-467.51`."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"


def mask_insz(digits: str) -> str:
    """Show only the last two digits, `**.**.**-***.51`, for lists."""
    return f"**.**.**-***.{digits[-2:]}"


def synthetic_insz(birth: date, serial: int) -> str:
    """Make the national number of a demo person: month + 60; `serial` from 1 to 998, odd for men."""
    if not 1 <= serial <= 998 or not 1900 <= birth.year <= 2099:
        raise InvalidIdentifier("insz", Fault.IMPOSSIBLE_SERIAL)
    nine = f"{birth.year % 100:02d}{birth.month + 60:02d}{birth.day:02d}{serial:03d}"
    return nine + _insz_check(nine, born_after_1999=birth.year >= 2000)


def _insz_check(nine: str, *, born_after_1999: bool) -> str:
    return f"{97 - int(('2' if born_after_1999 else '') + nine) % 97:02d}"


def _insz_century(digits: str) -> int:
    for century in (1900, 2000):
        if digits[9:] == _insz_check(digits[:9], born_after_1999=century == 2000):
            return century
    raise InvalidIdentifier("insz", Fault.WRONG_CHECK_DIGITS)


def _birth_date(year: int, month: int, day: int) -> PartialDate:
    """Read the date fields; month 00 means that only the year is known, whatever the day counts."""
    if month == 0 and day <= 31:
        return PartialDate(year=year)
    if not 1 <= month <= 12 or day > calendar.monthrange(year, month)[1]:
        raise InvalidIdentifier("insz", Fault.IMPOSSIBLE_DATE)
    return PartialDate(year=year, month=month, day=day or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedKbo:
    """An enterprise number from official data; `warning` when its check digits fail, which happens there."""

    number: str
    warning: Fault | None


def parse_kbo(text: str) -> str:
    """Read an enterprise number of our own input as 10 digits, or raise InvalidIdentifier."""
    imported = import_kbo(text)
    if imported.warning:
        raise InvalidIdentifier("kbo", imported.warning)
    return imported.number


def import_kbo(text: str) -> ImportedKbo:
    """Read an enterprise number of official data: wrong check digits are a warning, the row is kept.

    Nine digits are the old spelling without leading zero. Raises InvalidIdentifier for anything else.
    """
    number = _SEPARATORS.sub("", text)
    number = _digits(f"0{number}" if len(number) == 9 else number, scheme="kbo", length=10)
    if number[0] not in "01":
        raise InvalidIdentifier("kbo", Fault.WRONG_PREFIX)
    return ImportedKbo(number=number, warning=None if _is_mod97(number) else Fault.WRONG_CHECK_DIGITS)


def format_kbo(number: str) -> str:
    """Show an enterprise number as `0697.608.063`."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def parse_vat(text: str) -> str:
    """Read a Belgian VAT number, with or without BE, as the 10 digits of the enterprise."""
    number = _SEPARATORS.sub("", text).upper()
    try:
        return parse_kbo(number.removeprefix("BE"))
    except InvalidIdentifier as refused:
        raise InvalidIdentifier("vat", refused.fault) from None


def format_vat(number: str) -> str:
    """Show an enterprise number as VAT number, `BE 0697.608.063`."""
    return f"BE {format_kbo(number)}"


def parse_establishment(text: str) -> str:
    """Read an establishment unit number as 10 digits, first digit 2 to 8."""
    number = _digits(text, scheme="establishment", length=10)
    if number[0] not in "2345678":
        raise InvalidIdentifier("establishment", Fault.WRONG_PREFIX)
    if not _is_mod97(number):
        raise InvalidIdentifier("establishment", Fault.WRONG_CHECK_DIGITS)
    return number


def format_establishment(number: str) -> str:
    """Show an establishment unit number as `2.199.299.410`."""
    return f"{number[0]}.{number[1:4]}.{number[4:7]}.{number[7:]}"


def parse_nis(text: str) -> str:
    """Read a NIS code as 5 characters; leading zeros stay. Whether it exists depends on the edition."""
    code = text.strip()
    if not _are_digits(code):
        raise InvalidIdentifier("nis", Fault.WRONG_CHARACTERS)
    if len(code) != 5:
        raise InvalidIdentifier("nis", Fault.WRONG_LENGTH)
    return code


def parse_ovo(text: str) -> str:
    """Read a code of the Flemish organization register: `OVO` and six digits."""
    code = _SEPARATORS.sub("", text).upper()
    if not code.startswith("OVO"):
        raise InvalidIdentifier("ovo", Fault.WRONG_PREFIX)
    return "OVO" + _digits(code[3:], scheme="ovo", length=6)


def parse_iban(text: str) -> str:
    """Read an IBAN of any country; a Belgian one must also pass the national check digits."""
    from stdnum import iban  # its tables of countries are read at first use only
    from stdnum.exceptions import ValidationError

    number = _SEPARATORS.sub("", text).upper()
    if not (number.isascii() and number.isalnum()):
        raise InvalidIdentifier("iban", Fault.WRONG_CHARACTERS)
    if number.startswith("BE") and len(number) != 16:
        raise InvalidIdentifier("iban", Fault.WRONG_LENGTH)
    try:
        iban.validate(number, check_country=False)
    except ValidationError:
        raise InvalidIdentifier("iban", Fault.WRONG_CHECK_DIGITS) from None
    if number.startswith("BE") and number[14:] != _modulo97(number[4:14]):
        raise InvalidIdentifier("iban", Fault.WRONG_CHECK_DIGITS)
    return number


def format_iban(number: str) -> str:
    """Show an IBAN in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def make_structured_communication(base: int) -> str:
    """Make the 12 digits of a structured communication from a number of at most ten digits."""
    if not 0 < base < 10**10:
        raise InvalidIdentifier("structuredCommunication", Fault.WRONG_LENGTH)
    ten = f"{base:010d}"
    return ten + _modulo97(ten)


def parse_structured_communication(text: str) -> str:
    """Read a structured communication, with or without its plus signs and slashes, as 12 digits."""
    number = _digits(text.strip().strip("+*"), scheme="structuredCommunication", length=12)
    if number[10:] != _modulo97(number[:10]):
        raise InvalidIdentifier("structuredCommunication", Fault.WRONG_CHECK_DIGITS)
    return number


def format_structured_communication(number: str) -> str:
    """Show a structured communication as `+++090/9337/55493+++`."""
    return f"+++{number[:3]}/{number[3:7]}/{number[7:]}+++"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReference:
    """What a human reference to a case says: the prefix of the organization, the year and the number."""

    prefix: str
    year: int
    number: int

    def __str__(self) -> str:
        """Write it with its check digit, `VLA-2027-000123-8`."""
        return case_reference(self.prefix, self.year, self.number)


def case_reference(prefix: str, year: int, number: int) -> str:
    """Make the reference people write and read aloud; its last digit finds typing errors.

    prefix: 2 to 6 capitals. number: from 1, padded to six digits. The check digit is ISO 7064 MOD 11,10
    over the reference with each letter as its two-digit value (A = 10).
    """
    body = f"{prefix}-{year:04d}-{number:06d}"
    reference = f"{body}-{_mod_11_10(body)}"
    if number < 1 or not _CASE_REFERENCE.fullmatch(reference):
        raise InvalidIdentifier("caseReference", Fault.WRONG_CHARACTERS)
    return reference


def parse_case_reference(text: str) -> CaseReference:
    """Read a case reference as people type it, or raise InvalidIdentifier."""
    found = _CASE_REFERENCE.fullmatch(re.sub(r"[\s./\-]+", "-", text.strip().upper()))
    if not found:
        raise InvalidIdentifier("caseReference", Fault.WRONG_CHARACTERS)
    if found[4] != _mod_11_10(found[0][:-2]):
        raise InvalidIdentifier("caseReference", Fault.WRONG_CHECK_DIGITS)
    return CaseReference(prefix=found[1], year=int(found[2]), number=int(found[3]))


def _mod_11_10(body: str) -> str:
    check = 10
    for digit in "".join(str(int(c, 36)) for c in body if c.isalnum()):
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - check) % 10)


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _digits(text: str, *, scheme: str, length: int) -> str:
    number = _SEPARATORS.sub("", text)
    if not _are_digits(number):
        raise InvalidIdentifier(scheme, Fault.WRONG_CHARACTERS)
    if len(number) != length:
        raise InvalidIdentifier(scheme, Fault.WRONG_LENGTH)
    return number


def _is_mod97(number: str) -> bool:
    return int(number[8:]) == 97 - int(number[:8]) % 97


def _modulo97(ten: str) -> str:
    return f"{int(ten) % 97 or 97:02d}"
