"""From the properties of a form, section or field to the inputs of a page, and back from what was posted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Field as Input
from ocapi.kernel.ui.data import FieldKind
from ocapi.kernel.ui.data import Option as Pick
from ocapi.lib import money
from ocapi.modules.forms.data import (
    Check,
    Field,
    FieldType,
    Option,
    PrefillPath,
    UploadRule,
    Wording,
    Words,
)
from ocapi.modules.forms.extensions import KnownFact, PrefillSource, prefill_sources
from ocapi.modules.forms.views.naming import categories, kinds, tokens_known

Posted = Mapping[str, str]
NUMBERED = (FieldType.INTEGER, FieldType.AMOUNT, FieldType.DATE)
TYPED = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL)
CHOSEN = (FieldType.CHOICE, FieldType.MULTIPLE_CHOICE)
ENDINGS = ("pdf", "jpg", "png")
MEGABYTE = 1 << 20
MAX_CHECKS = 3
LARGEST_NUMBER = 10**9


@dataclass
class Read:
    """What was posted, read piece by piece; `errors` by name of the input."""

    posted: Posted
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Give a text without blanks around it."""
        return self.posted.get(name, "").replace("\r\n", "\n").strip()

    def words(self, name: str, *, is_needed: bool = False) -> Words | None:
        """Give a text in both address forms; one form alone addresses nobody."""
        formal, informal = self.text(f"{name}_formal"), self.text(f"{name}_informal")
        if not formal and is_needed:
            self.errors[f"{name}_formal"] = _("Fill this in.")
        if not formal and informal:
            self.errors[f"{name}_formal"] = _("Fill in the text with u too.")
        if not formal:
            return None
        return Wording(formal=formal, informal=informal) if informal and informal != formal else formal

    def number(self, name: str, *, low: int = 0, high: int = LARGEST_NUMBER) -> int | None:
        """Give a whole number between bounds, None when nothing was filled in."""
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,10}", text) or not low <= int(text) <= high:
            self.errors[name] = _("Fill in a whole number from {low} to {high}.").format(low=low, high=high)
            return None
        return int(text)

    def is_ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.posted.get(name))

    def bound(self, name: str, kind: FieldType) -> int | str | None:
        """Give the bound of a number, an amount in euros or a day."""
        text = self.text(name)
        if not text:
            return None
        if kind is FieldType.INTEGER:
            return self.number(name, low=-LARGEST_NUMBER)
        if kind is FieldType.AMOUNT:
            try:
                return money.parse_dutch(text).cents
            except money.InvalidAmount:
                self.errors[name] = _("Write the amount as 12,50.")
                return None
        return self._day(name, text)

    def _day(self, name: str, text: str) -> str | None:
        if text.lower() in ("vandaag", "today"):
            return "today"
        found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)
        try:
            return (
                date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
            ).isoformat()
        except ValueError:
            self.errors[name] = _("Write the day as dd/mm/yyyy, or: vandaag.")
            return None


def words_inputs(
    name: str,
    label: str,
    words: Words | None,
    *,
    help: str = "",
    is_long: bool = False,
    is_needed: bool = False,
) -> tuple[Input, ...]:
    """Give the two inputs of a text: with u, or for both; and with je."""
    formal = words.formal if isinstance(words, Wording) else words or ""
    informal = words.informal if isinstance(words, Wording) else ""
    kind = FieldKind.TEXTAREA if is_long else FieldKind.TEXT
    return (
        Input(
            name=f"{name}_formal",
            label=_("{label}, with u").format(label=label),
            kind=kind,
            value=formal,
            rows=2,
            required=is_needed,
            help=help,
        ),
        Input(
            name=f"{name}_informal",
            label=_("{label}, with je").format(label=label),
            kind=kind,
            value=informal,
            rows=2,
            required=False,
            help=_("Leave this empty when the text addresses nobody.") if not help else "",
        ),
    )


def of_field(
    of: Field, *, is_cell: bool, conditions: tuple[Input, ...]
) -> tuple[tuple[str, tuple[Input, ...]], ...]:
    """Give the inputs for the properties of a field in groups: title, inputs. Only what its type can have.

    conditions: those of the group about when it is asked, empty for a question in a row.
    """
    groups = [(_("Question"), _question(of))]
    if own := _of_type(of):
        groups.append((_("Answer"), own))
    if conditions:
        groups.append((when_title(), conditions))
    groups.append((_("Checks"), _checks(of)))
    if not is_cell and of.type is not FieldType.REPEAT:
        groups.append((_("Source and privacy"), _sources(of)))
    return tuple(groups)


def _question(of: Field) -> tuple[Input, ...]:
    return (
        *words_inputs("label", _("Question"), of.label, is_needed=True),
        *words_inputs("help", _("Help"), of.help, is_long=True),
        Input(
            name="code",
            label=_("Code"),
            value=of.code,
            max_length=40,
            help=_("Rules and processes use this name. Use letters, digits and underscores."),
        ),
        Input(
            name="type",
            label=_("Kind of answer"),
            kind=FieldKind.SELECT,
            value=of.type.value,
            options=tuple(Pick(value=code, label=label) for code, label in kinds().items()),
        ),
        box("required", _("This has to be answered"), of.required),
    )


def when_title() -> str:
    """Give the title of the group that says when a question is asked."""
    return _("When it is asked")


def box(name: str, label: str, is_on: bool, *, help: str = "") -> Input:
    """Give a box to tick."""
    return Input(name=name, label=label, kind=FieldKind.CHECKBOX, value="on" if is_on else "", help=help)


def optional(name: str, label: str, value: object, **more: str) -> Input:
    """Give an input that may stay empty. more: help, unit, width."""
    return Input(
        name=name,
        label=label,
        value="" if value is None else str(value),
        required=False,
        help=more.get("help", ""),
        unit=more.get("unit", ""),
        width=more.get("width", ""),
    )


def _of_type(of: Field) -> tuple[Input, ...]:
    if of.type in CHOSEN:
        return (
            Input(
                name="options",
                label=_("Choices"),
                kind=FieldKind.TEXTAREA,
                rows=8,
                value="\n".join(map(_option_line, of.options)),
                help=_("One per line: code | text. With both forms: code | text with u | text with je."),
            ),
        )
    if of.type in TYPED:
        return (optional("max_length", _("At most this many characters"), of.max_length, width="short"),)
    if of.type in NUMBERED:
        low, high = (_bound_text(of.type, bound) for bound in (of.min, of.max))
        measured = optional("unit", _("Unit of measurement"), of.unit, width="short")
        unit = (measured,) if of.type is FieldType.INTEGER else ()
        hint = _("A day as dd/mm/yyyy, or: vandaag.") if of.type is FieldType.DATE else ""
        return (
            optional("min", _("At least"), low, help=hint, width="short"),
            optional("max", _("At most"), high, help=hint, width="short"),
            *unit,
        )
    if of.type is FieldType.UPLOAD:
        rule = of.upload or UploadRule(accepted=ENDINGS, max_bytes=10 * MEGABYTE)
        return (
            Input(
                name="accepted",
                label=_("Kinds of files"),
                kind=FieldKind.CHECKBOXES,
                values=rule.accepted,
                options=tuple(Pick(value=each, label=each) for each in ENDINGS),
            ),
            Input(
                name="max_mb",
                label=_("At most this many MB per file"),
                width="short",
                value=str(max(rule.max_bytes // MEGABYTE, 1)),
            ),
            Input(
                name="max_files", label=_("At most this many files"), value=str(rule.max_files), width="short"
            ),
        )
    if of.type is FieldType.REPEAT:
        return (
            *words_inputs("row_title", _("Name of one row"), of.row_title),
            optional("min_rows", _("At least this many rows"), of.min_rows, width="short"),
            optional("max_rows", _("At most this many rows"), of.max_rows, width="short"),
        )
    return ()


def _option_line(of: Option) -> str:
    texts = (of.label.formal, of.label.informal) if isinstance(of.label, Wording) else (of.label,)
    return " | ".join((of.code, *texts))


def _bound_text(kind: FieldType, bound: int | str | None) -> str | None:
    if bound is None:
        return None
    if kind is FieldType.AMOUNT and isinstance(bound, int):
        return f"{bound // 100},{bound % 100:02d}" if bound >= 0 else str(bound)
    if bound == "today":
        return "vandaag"
    return "/".join(reversed(str(bound).split("-"))) if kind is FieldType.DATE else str(bound)


def _checks(of: Field) -> tuple[Input, ...]:
    made: list[Input] = []
    for number in range(min(len(of.checks) + 1, MAX_CHECKS)):
        check = of.checks[number] if number < len(of.checks) else None
        label = _("Check {number}").format(number=number + 1)
        made.append(
            optional(
                f"check_{number}",
                _("{label}: what must be true").format(label=label),
                check.rule if check else "",
                help=_("In FEEL. For example: until >= from_day") if not number else "",
            )
        )
        made += words_inputs(
            f"check_{number}",
            _("{label}: what we say when not").format(label=label),
            check.message if check else None,
        )
    return tuple(made)


def _known(source: PrefillSource, fact: KnownFact) -> str:
    """Give a fact in the words people ask it with, and its path, which rules and files name."""
    words = f"{fact.labels[0]} ({fact.path})" if fact.labels else fact.path
    return f"{source.title}: {words}"


def _sources(of: Field) -> tuple[Input, ...]:
    known = tuple(
        Pick(value=f"{source.name} {fact.path}", label=_known(source, fact))
        for source in prefill_sources
        for fact in source.knows
    )
    chosen = f"{of.prefill.source} {of.prefill.path}" if of.prefill else ""
    listed = {each.value for each in known}
    extra = (Pick(value=chosen, label=chosen),) if chosen and chosen not in listed else ()
    tokens = dict(tokens_known())
    if of.autocomplete and of.autocomplete not in tokens:
        tokens[of.autocomplete] = of.autocomplete
    return (
        Input(
            name="prefill",
            label=_("Filled in from"),
            kind=FieldKind.SELECT,
            value=chosen,
            required=False,
            options=(Pick(value="", label=_("Nothing, the citizen fills it in")), *known, *extra),
        ),
        box(
            "read_only_when_prefilled",
            _("The citizen can't type over it, but can say that it is not right"),
            of.read_only_when_prefilled,
        ),
        Input(
            name="autocomplete",
            label=_("The browser may fill in"),
            kind=FieldKind.SELECT,
            required=False,
            value=of.autocomplete,
            options=tuple(Pick(value=code, label=label) for code, label in tokens.items()),
        ),
        Input(
            name="personal",
            label=_("Personal data"),
            kind=FieldKind.SELECT,
            value=of.personal,
            required=False,
            options=tuple(Pick(value=code, label=label) for code, label in categories().items()),
        ),
    )


def read_field(old: Field, read: Read, *, is_cell: bool, accepted: tuple[str, ...]) -> Field:
    """Give the field as it was posted; what its page does not show stays as it was."""
    kind = FieldType(read.text("type")) if read.text("type") in list(FieldType) else old.type
    label = read.words("label", is_needed=True)
    made = replace(
        old,
        code=read.text("code") or old.code,
        type=kind,
        label=label or "",
        help=read.words("help"),
        required=read.is_ticked("required"),
        checks=_read_checks(read),
    )
    if kind is not old.type:
        return of_kind(made, kind)
    made = _read_type(made, read, accepted)
    if not is_cell and kind is not FieldType.REPEAT:
        source, _space, path = read.text("prefill").partition(" ")
        made = replace(
            made,
            prefill=PrefillPath(source=source, path=path) if path else None,
            read_only_when_prefilled=read.is_ticked("read_only_when_prefilled") and bool(path),
            autocomplete=read.text("autocomplete")[:40],
            personal=read.text("personal")[:40],
        )
    return made


def of_kind(of: Field, kind: FieldType) -> Field:
    """Give a field of another type, with what that type needs and without what it can't have."""
    first = Option(code="a", label=_("First choice"))
    return replace(
        of,
        type=kind,
        max_length=None,
        min=None,
        max=None,
        unit="",
        options=of.options or (first,) if kind in CHOSEN else (),
        upload=UploadRule(accepted=ENDINGS, max_bytes=10 * MEGABYTE) if kind is FieldType.UPLOAD else None,
        fields=of.fields if kind is FieldType.REPEAT else (),
        prefill=None,
        read_only_when_prefilled=False,
        calculation="" if kind in (FieldType.UPLOAD, FieldType.REPEAT) else of.calculation,
    )


def _read_type(of: Field, read: Read, accepted: tuple[str, ...]) -> Field:
    if of.type in CHOSEN:
        return replace(of, options=_read_options(read))
    if of.type in TYPED:
        return replace(of, max_length=read.number("max_length", low=1, high=10_000))
    if of.type in NUMBERED:
        return replace(
            of, min=read.bound("min", of.type), max=read.bound("max", of.type), unit=read.text("unit")[:20]
        )
    if of.type is FieldType.UPLOAD:
        if not accepted:
            read.errors["accepted"] = _("Choose at least one kind of file.")
        megabytes = read.number("max_mb", low=1, high=50) or 10
        files = read.number("max_files", low=1, high=20) or 1
        return replace(
            of,
            upload=UploadRule(accepted=accepted or ENDINGS, max_bytes=megabytes * MEGABYTE, max_files=files),
        )
    if of.type is FieldType.REPEAT:
        return replace(
            of,
            row_title=read.words("row_title"),
            min_rows=read.number("min_rows", high=50) or 0,
            max_rows=read.number("max_rows", low=1, high=50) or 10,
        )
    return of


def _read_options(read: Read) -> tuple[Option, ...]:
    made = []
    for line in read.text("options").splitlines():
        parts = [part.strip() for part in line.split("|")]
        if not any(parts):
            continue
        if len(parts) == 1:
            parts = [re.sub(r"[^a-z0-9]+", "_", parts[0].lower()).strip("_")[:40] or "a", parts[0]]
        formal, informal = parts[1], parts[2] if len(parts) > 2 else ""
        label: Words = Wording(formal=formal, informal=informal) if informal else formal
        made.append(Option(code=parts[0], label=label))
    if not made:
        read.errors["options"] = _("Fill in at least one choice.")
    return tuple(made)


def _read_checks(read: Read) -> tuple[Check, ...]:
    made = []
    for number in range(MAX_CHECKS):
        rule = read.text(f"check_{number}")
        if rule:
            message = read.words(f"check_{number}", is_needed=True)
            made.append(Check(rule=rule, message=message or ""))
    return tuple(made)


def shown_again(
    inputs: tuple[Input, ...], read: Read, lists: Mapping[str, tuple[str, ...]]
) -> tuple[Input, ...]:
    """Give inputs with what was typed in them and what is to repair, so that nothing is lost."""
    return tuple(
        replace(
            each,
            value=read.posted.get(each.name, ""),
            values=lists.get(each.name, ()),
            error=read.errors.get(each.name, ""),
        )
        for each in inputs
    )
