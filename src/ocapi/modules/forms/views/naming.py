"""From codes of forms to the words of the desk."""

import re
import unicodedata

from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Cell, Column, PageOf, Row, Table
from ocapi.modules.forms.data import Difference, FieldType

MOST_SHOWN = 300  # differences on one page


def kinds() -> dict[str, str]:
    """Give the kinds of answers by code, the most used first."""
    return {
        FieldType.TEXT.value: _("Short text"),
        FieldType.LONG_TEXT.value: _("Long text"),
        FieldType.CHOICE.value: _("One choice"),
        FieldType.MULTIPLE_CHOICE.value: _("Several choices"),
        FieldType.YES_NO.value: _("Yes or no"),
        FieldType.DATE.value: _("Date"),
        FieldType.INTEGER.value: _("Whole number"),
        FieldType.AMOUNT.value: _("Amount in euros"),
        FieldType.EMAIL.value: _("E-mail address"),
        FieldType.TELEPHONE.value: _("Telephone number"),
        FieldType.ADDRESS.value: _("Address"),
        FieldType.UPLOAD.value: _("File"),
        FieldType.REPEAT.value: _("Rows that repeat"),
        FieldType.STATEMENT.value: _("Statement to tick"),
        FieldType.IBAN.value: _("Account number"),
        FieldType.ENTERPRISE_NUMBER.value: _("Enterprise number"),
        FieldType.NATIONAL_NUMBER.value: _("National number"),
    }


def tokens_known() -> dict[str, str]:
    """Give what a browser may fill in by its HTML token."""
    return {
        "": _("Nothing"),
        "given-name": _("Given name"),
        "family-name": _("Family name"),
        "name": _("Name"),
        "bday": _("Date of birth"),
        "email": _("E-mail address"),
        "tel": _("Telephone number"),
        "organization": _("Organization"),
        "street-address": _("Address"),
    }


def categories() -> dict[str, str]:
    """Give the categories of personal data by code."""
    return {
        "": _("None"),
        "identification": _("Who somebody is"),
        "contact": _("How to reach somebody"),
        "financial": _("Financial"),
        "family": _("Family"),
        "health": _("Health"),
        "content": _("Other"),
    }


def refusal(reason: str) -> str:
    """Say why an edit was not done, and what to do."""
    return {
        "codeTaken": _("This code is taken. Choose another one."),
        "codeRefused": _("Use small letters, digits and dashes or underscores, at most 40 together."),
        "sectionUnknown": _("This part is not there any more. Look at the form again."),
        "fieldUnknown": _("This question is not there any more. Look at the form again."),
        "tooLarge": _("This form is too large. Make two forms of it."),
    }[reason]


def code_of(title: str, taken: frozenset[str], *, mark: str = "-") -> str:
    """Give a free code made of a name: small letters, digits and marks, at most 40 characters."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", mark, plain).strip(mark)[:36].strip(mark)
    if not base or not base[0].isalpha():
        base = f"x{mark}{base}".strip(mark)
    codes = (base, *(f"{base}{mark}{number}" for number in range(2, 1000)))
    return next((each for each in codes if each not in taken), base)


def place_of(form: str, code: str, sections: frozenset[str], cells: dict[str, str]) -> str:
    """Give the address of the page where a finding is repaired. cells: code of a repeat by code of a cell."""
    if not code:
        return reverse("forms:settings", args=[form])
    if code in sections:
        return reverse("forms:section", args=[form, code])
    if code in cells:
        return reverse("forms:cell", args=[form, cells[code], code])
    return reverse("forms:field", args=[form, code])


def member(code: str) -> str:
    """Give the words for a property in a list of differences; what has none keeps its code."""
    return {
        "place": _("place in the form"),
        "title": _("title"),
        "label": _("question"),
        "help": _("help"),
        "type": _("kind of answer"),
        "required": _("has to be answered"),
        "options": _("choices"),
        "visible_when": _("when it is asked"),
        "show_when": _("when it is asked"),
        "required_when": _("when it has to be answered"),
        "calculation": _("calculated by"),
        "checks": _("checks"),
        "prefill": _("source"),
        "fields": _("questions in each row"),
        "errors": _("error messages"),
        "upload": _("files"),
        "case_type": _("case type"),
        "service": _("service"),
        "intro": _("introduction"),
        "submit_label": _("text of the button to send"),
        "minutes": _("minutes it takes"),
        "draft_days": _("days it is kept"),
        "minimum_assurance": _("how sure it must be who fills it in"),
        "personal_purpose": _("why personal data is asked"),
        "is_internal": _("only for members of staff"),
        "max_length": _("at most this many characters"),
        "min": _("at least"),
        "max": _("at most"),
        "unit": _("unit of measure"),
        "min_rows": _("at least this many rows"),
        "max_rows": _("at most this many rows"),
        "row_title": _("name of one row"),
        "personal": _("personal data"),
        "autocomplete": _("what the browser fills in"),
        "read_only_when_prefilled": _("only to read when the source knows it"),
    }.get(code, code)


def difference_table(found: tuple[Difference, ...]) -> Table:
    """Give what differs between two versions as a table."""
    return _table(found, caption=_("What differs"), old=_("It was"), new=_("It becomes"))


def conflict_table(found: tuple[Difference, ...]) -> Table:
    """Give what a colleague saved beside what was typed as a table."""
    return _table(
        found, caption=_("Both versions"), old=_("Saved by your colleague"), new=_("Just typed")
    )


def _table(found: tuple[Difference, ...], *, caption: str, old: str, new: str) -> Table:
    rows = tuple(
        Row(
            cells=(
                Cell(text=each.at or _("The form"), note=member(each.member)),
                Cell(text=each.old[:300] or "–"),
                Cell(text=each.new[:300] or "–"),
            )
        )
        for each in found[:MOST_SHOWN]
    )
    return Table(
        caption=caption,
        columns=(
            Column(code="at", label=_("Where")),
            Column(code="old", label=old),
            Column(code="new", label=new),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1), total=len(found)),
        empty_title=_("Nothing differs"),
        empty_text=_("Both versions ask the same."),
    )
