"""From a Django form field to the `Field` that a component draws, so that widgets never render themselves."""

from datetime import date
from decimal import Decimal

from django import forms
from django.forms import BaseForm, BoundField

from ocapi.kernel.ui.charts import number
from ocapi.kernel.ui.data import Field, FieldError, FieldKind, Option
from ocapi.lib import written

_KINDS: tuple[
    tuple[type[forms.Widget], FieldKind], ...
] = (  # the first that fits counts: subclasses stand first
    (forms.HiddenInput, FieldKind.HIDDEN),
    (forms.PasswordInput, FieldKind.PASSWORD),
    (forms.EmailInput, FieldKind.EMAIL),
    (forms.NumberInput, FieldKind.NUMBER),
    (forms.DateInput, FieldKind.DATE),
    (forms.Textarea, FieldKind.TEXTAREA),
    (forms.CheckboxSelectMultiple, FieldKind.CHECKBOXES),
    (forms.RadioSelect, FieldKind.RADIO),
    (forms.CheckboxInput, FieldKind.CHECKBOX),
    (forms.Select, FieldKind.SELECT),
    (forms.FileInput, FieldKind.FILE),
)


def field_of(bound: BoundField) -> Field:
    """Describe a bound Django field: control, value as typed, choices, help, first error.

    Widget attributes are read, not drawn: `autocomplete`, `rows`, `maxlength`, `accept`, `multiple`, `type`
    tel or search, and `data-width` (short, medium), `data-unit`, `data-max-size`.
    """
    widget = bound.field.widget
    attributes = {name: str(value) for name, value in widget.attrs.items()}
    values = _values(bound)
    return Field(
        name=bound.html_name,
        label=str(bound.label or ""),
        kind=_kind(bound, attributes),
        value=values[0] if values else "",
        values=values,
        help=str(bound.help_text or ""),
        error=str(bound.errors[0]) if bound.errors else "",
        required=bound.field.required,
        options=_options(bound),
        autocomplete=attributes.get("autocomplete", ""),
        max_length=int(attributes.get("maxlength") or getattr(bound.field, "max_length", None) or 0),
        rows=int(attributes.get("rows") or 5),
        width=attributes.get("data-width", ""),
        unit=attributes.get("data-unit", ""),
        accepted_types=tuple(
            part.strip() for part in attributes.get("accept", "").split(",") if part.strip()
        ),
        max_size=attributes.get("data-max-size", ""),
        multiple=bool(getattr(widget, "allow_multiple_selected", False)),
        html_id=bound.id_for_label if not isinstance(widget, forms.RadioSelect) else bound.auto_id or "",
    )


def errors_of(form: BaseForm) -> tuple[FieldError, ...]:
    """List the errors of a Django form: those of the whole form first, then in order of fields."""
    whole = [FieldError(text=str(text)) for text in form.non_field_errors()]
    fields = [(field_of(form[name]), texts) for name, texts in form.errors.items() if name in form.fields]
    by_order = sorted(fields, key=lambda pair: list(form.fields).index(_plain_name(form, pair[0].name)))
    return (
        *whole,
        *(FieldError(text=str(text), field_id=field.id) for field, texts in by_order for text in texts),
    )


def _plain_name(form: BaseForm, html_name: str) -> str:
    return html_name.removeprefix(f"{form.prefix}-") if form.prefix else html_name


def _kind(bound: BoundField, attributes: dict[str, str]) -> FieldKind:
    typed = attributes.get("type") or getattr(bound.field.widget, "input_type", "")
    if typed in (FieldKind.TELEPHONE, FieldKind.SEARCH):
        return FieldKind(typed)
    if attributes.get("data-unit") == "€":
        return FieldKind.AMOUNT
    return next((kind for widget, kind in _KINDS if isinstance(bound.field.widget, widget)), FieldKind.TEXT)


def _values(bound: BoundField) -> tuple[str, ...]:
    value = bound.value()
    if value is None or isinstance(bound.field.widget, forms.FileInput | forms.PasswordInput):
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    return (_written(value),)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, date):
        return written.in_digits(value)
    if isinstance(value, Decimal):
        return number(value, max(-int(value.as_tuple().exponent), 0)).replace(".", "")
    return str(value)


def _options(bound: BoundField) -> tuple[Option, ...]:
    choices = getattr(bound.field, "choices", ())
    return tuple(
        Option(value=str(value), label=str(label))
        for value, label in choices
        if not isinstance(label, list | tuple)
    )
