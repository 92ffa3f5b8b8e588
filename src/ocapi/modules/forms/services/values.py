"""Answers by type: read from posted texts, kept as JSON, written as people write them. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from ocapi.lib import codec, identifiers, money
from ocapi.lib.codec.json_out import LARGEST_INTEGER
from ocapi.modules.forms.data import ADDRESS_PARTS, Address, Field, FieldType, Rows, Value

Raw = Mapping[str, Sequence[str]]
"""Posted texts by name."""

YES, NO = "true", "false"
TICKED = "on"
MAX_TYPED = 20_000  # characters of one answer that are kept; longer ones are cut and reported as too long
MAX_TEXTS = 100  # texts posted under one name that are looked at

_DUTCH_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{1,2})[/.\- ](\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_PARTIAL = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?(\d{1,15}|\d{1,3}([. ]\d{3}){1,4})", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+[A-Za-z]{2,63}")
_TELEPHONE = re.compile(r"(\+|00)?\d{8,15}", re.ASCII)
_POSTAL_CODE = re.compile(r"[1-9]\d{3}", re.ASCII)
_FIRST_YEAR = 1850


class Unreadable(ValueError):
    """The posted texts are no answer of the type; `name` is the control to repair, empty for the first."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name


def names_of(field: Field) -> tuple[str, ...]:
    """Give the names under which a field is posted."""
    if field.type is FieldType.ADDRESS:
        return tuple(f"{field.code}-{part}" for part in ADDRESS_PARTS)
    return (field.code,)


def clean(text: str) -> str:
    """Take out what no answer holds (control characters, lone surrogates), and cut what nobody types."""
    kept = text[: MAX_TYPED + 1].replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in kept if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", plain).strip()


def read(field: Field, raw: Raw, *, today: date, allow_synthetic: bool) -> Value | None:
    """Read the answer to a field from posted texts: None when nothing was filled in; raises Unreadable.

    today: Brussels day. allow_synthetic: whether national numbers of invented people count.
    """
    if field.type is FieldType.ADDRESS:
        return _address(field, raw)
    texts = [text for text in map(clean, raw.get(field.code, ())) if text]
    if not texts:
        return None
    if field.type is FieldType.MULTIPLE_CHOICE:
        return _choices(field, texts)
    if field.type is FieldType.NATIONAL_NUMBER:
        return _identifier(
            lambda text: identifiers.parse_insz(text, allow_synthetic=allow_synthetic).digits, texts[0]
        )
    if field.type in (FieldType.UPLOAD, FieldType.REPEAT):  # files come apart, rows are read by `rows`
        return None
    return _READERS[field.type](field, texts[0])


def _text(_field: Field, text: str) -> Value:
    return " ".join(text.split())


def _long_text(_field: Field, text: str) -> Value:
    return text


def _date(field: Field, text: str) -> Value:
    for pattern, order in ((_DUTCH_DAY, (3, 2, 1)), (_ISO_DAY, (1, 2, 3))):
        if found := pattern.fullmatch(text):
            return _day(*(int(found[place]) for place in order)).isoformat()
    if field.autocomplete == "bday":  # of some births only the year, or the month, is known
        if found := _MONTH.fullmatch(text):
            return _day(int(found[2]), int(found[1]), 1).isoformat()[:7]
        if _YEAR.fullmatch(text):
            return _day(int(text), 1, 1).isoformat()[:4]
    raise Unreadable


def _day(year: int, month: int, day: int) -> date:
    if year < _FIRST_YEAR:
        raise Unreadable
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable from None


def _integer(_field: Field, text: str) -> Value:
    if not _WHOLE.fullmatch(text):
        raise Unreadable
    return int(text.replace(".", "").replace(" ", ""))


def _amount(_field: Field, text: str) -> Value:
    try:
        cents = money.parse_dutch(text).cents
    except money.InvalidAmount:
        raise Unreadable from None
    if abs(cents) > LARGEST_INTEGER:
        raise Unreadable
    return cents


def _email(_field: Field, text: str) -> Value:
    local, _, domain = text.rpartition("@")
    if len(text) > 254 or not _EMAIL.fullmatch(text) or ".." in text or local[:1] == "." or local[-1:] == ".":
        raise Unreadable
    return f"{local}@{domain.lower()}"


def _telephone(_field: Field, text: str) -> Value:
    digits = re.sub(r"[\s.\-/()]", "", text.replace("(0)", ""))
    if not _TELEPHONE.fullmatch(digits):
        raise Unreadable
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if digits.startswith("+"):
        return digits
    if not digits.startswith("0") or len(digits) not in (9, 10):
        raise Unreadable
    return f"+32{digits[1:]}"


def _choice(field: Field, text: str) -> Value:
    if text not in {option.code for option in field.options}:
        raise Unreadable
    return text


def _choices(field: Field, texts: Sequence[str]) -> Value:
    known = tuple(option.code for option in field.options)
    if not set(texts) <= set(known):
        raise Unreadable
    return tuple(code for code in known if code in texts)


def _yes_no(_field: Field, text: str) -> Value:
    if text not in (YES, NO):
        raise Unreadable
    return text == YES


def _statement(_field: Field, text: str) -> Value:
    if text not in (TICKED, YES):
        raise Unreadable
    return True


def _identifier(parse: Callable[[str], str], text: str) -> Value:
    try:
        return parse(text)
    except identifiers.InvalidIdentifier:
        raise Unreadable from None


def _enterprise_number(_field: Field, text: str) -> Value:
    return _identifier(identifiers.parse_kbo, text)


def _iban(_field: Field, text: str) -> Value:
    return _identifier(identifiers.parse_iban, text)


def _address(field: Field, raw: Raw) -> Address | None:
    parts = {part: _text(field, clean(_first(raw, f"{field.code}-{part}"))) for part in ADDRESS_PARTS}
    if not any(parts.values()):
        return None
    for part in ADDRESS_PARTS:
        text = str(parts[part])
        is_missing = not text and part != "box_number"
        if is_missing or len(text) > 100 or (part == "postal_code" and not _POSTAL_CODE.fullmatch(text)):
            raise Unreadable(f"{field.code}-{part}")
    return Address(**{part: str(text) for part, text in parts.items()})


def _first(raw: Raw, name: str) -> str:
    return next(iter(raw.get(name, ())), "")


_READERS: Mapping[FieldType, Callable[[Field, str], Value]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _long_text,
    FieldType.DATE: _date,
    FieldType.INTEGER: _integer,
    FieldType.AMOUNT: _amount,
    FieldType.EMAIL: _email,
    FieldType.TELEPHONE: _telephone,
    FieldType.CHOICE: _choice,
    FieldType.YES_NO: _yes_no,
    FieldType.STATEMENT: _statement,
    FieldType.ENTERPRISE_NUMBER: _enterprise_number,
    FieldType.IBAN: _iban,
}


def to_json(value: Value) -> codec.JsonValue:
    """Give the JSON form of an answer."""
    if isinstance(value, Address):
        return {part: getattr(value, part) for part in ADDRESS_PARTS}
    if isinstance(value, Rows):
        return [{code: to_json(cell) for code, cell in row.items()} for row in value.items]
    return list(value) if isinstance(value, tuple) else value


def from_json(kind: FieldType, stored: object) -> Value | None:
    """Give the answer back from its JSON form; None when it is no answer of this type."""
    if kind is FieldType.ADDRESS and isinstance(stored, dict):
        texts = {part: str(stored.get(part) or "") for part in ADDRESS_PARTS}
        return Address(**texts)
    if kind is FieldType.MULTIPLE_CHOICE and isinstance(stored, list):
        return tuple(str(code) for code in stored)
    if isinstance(stored, bool | int | str) and is_of_type(kind, stored):
        return stored
    return None


def is_of_type(kind: FieldType, value: object) -> bool:
    """Tell whether a value, from a source or from storage, has the form answers of this type have."""
    if kind in (FieldType.YES_NO, FieldType.STATEMENT):
        return isinstance(value, bool)
    if kind in (FieldType.INTEGER, FieldType.AMOUNT):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is FieldType.ADDRESS:
        return isinstance(value, Address)
    if kind is FieldType.MULTIPLE_CHOICE:
        return isinstance(value, tuple)
    if kind in (FieldType.UPLOAD, FieldType.REPEAT) or not isinstance(value, str):
        return False
    return kind is not FieldType.DATE or bool(_PARTIAL.fullmatch(value))


def written(field: Field, value: Value, *, option_label: Callable[[str], str], yes: str, no: str) -> str:
    """Write an answer as people do: `07/03/1985`, `€ 12,50`, labels of options, an address on one line."""
    if isinstance(value, Address):
        box = f" bus {value.box_number}" if value.box_number else ""
        return f"{value.street_name} {value.house_number}{box}, {value.postal_code} {value.municipality}"
    if isinstance(value, tuple):
        return ", ".join(option_label(code) for code in value)
    if isinstance(value, bool):
        return yes if value else no
    if field.type is FieldType.CHOICE:
        return option_label(str(value))
    text = typed(field, value)[field.code][0]
    if isinstance(value, int) and field.type is FieldType.AMOUNT:
        return money.format_dutch(money.from_cents(value))
    return f"{text} {field.unit}" if field.unit else text


def typed(field: Field, value: Value) -> dict[str, list[str]]:
    """Give the posted texts that would be read as this answer: what stands in the controls."""
    if isinstance(value, Address):
        return {f"{field.code}-{part}": [getattr(value, part)] for part in ADDRESS_PARTS}
    if isinstance(value, tuple):
        return {field.code: list(value)}
    assert not isinstance(value, Rows)  # rows.typed writes those
    return {field.code: [_typed_text(field.type, value)]}


def _typed_text(kind: FieldType, value: str | int | bool) -> str:
    if isinstance(value, bool):
        return TICKED if kind is FieldType.STATEMENT else (YES if value else NO)
    if isinstance(value, int):
        return (
            f"{value // 100},{value % 100:02d}"
            if kind is FieldType.AMOUNT and value >= 0
            else _signed(kind, value)
        )
    if kind is FieldType.DATE:
        return "/".join(reversed(value.split("-")))
    if kind is FieldType.TELEPHONE:
        return _telephone_text(value)
    formats = {
        FieldType.NATIONAL_NUMBER: identifiers.format_insz,
        FieldType.IBAN: identifiers.format_iban,
        FieldType.ENTERPRISE_NUMBER: identifiers.format_kbo,
    }
    return formats[kind](value) if kind in formats else value


def _signed(kind: FieldType, value: int) -> str:
    return f"-{-value // 100},{-value % 100:02d}" if kind is FieldType.AMOUNT else str(value)


def _telephone_text(number: str) -> str:
    if not number.startswith("+32"):
        return number
    national = f"0{number[3:]}"
    if len(national) == 10:  # a Belgian mobile number
        return f"{national[:4]} {national[4:6]} {national[6:8]} {national[8:]}"
    return national
