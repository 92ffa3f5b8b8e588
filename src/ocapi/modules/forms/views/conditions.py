"""When a question is asked: after an answer that is chosen from a list, or by a rule in FEEL."""

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Definition, FieldKind
from ocapi.kernel.ui.data import Field as Input
from ocapi.kernel.ui.data import Option as Pick
from ocapi.modules.forms.data import Condition, Field, FieldType, worded
from ocapi.modules.forms.views.inputs import Read, optional
from ocapi.modules.forms.views.naming import kinds

_TRUE, _FALSE = "true", "false"


def of_field(of: Field, *, earlier: tuple[Field, ...], address_form: str) -> tuple[Input, ...]:
    """Give the inputs about when a question is asked, with every answer before it that can decide that."""
    chosen = _value(of.show_when) if of.show_when else ""
    answers = (pair for each in earlier for pair in _answers(each, address_form))
    listed = {"": _("Always"), **dict(answers)}
    listed.setdefault(chosen, chosen)
    return (
        Input(
            name="show_when",
            label=_("Only after this answer"),
            kind=FieldKind.SELECT,
            value=chosen,
            required=False,
            options=tuple(Pick(value=value, label=label) for value, label in listed.items()),
        ),
        optional(
            "visible_when",
            _("Only when this is true"),
            of.visible_when,
            help=_("An expression in FEEL over codes of earlier questions, for example: {example}").format(
                example="tree_count > 5"
            ),
        ),
        optional("required_when", _("Has to be answered when this is true"), of.required_when),
        optional(
            "calculation",
            _("Calculated by"),
            of.calculation,
            help=_("Then nobody fills it in. For example: price * number"),
        ),
    )


def _answers(of: Field, address_form: str) -> Iterator[tuple[str, str]]:
    question = worded(of.label, address_form)
    if of.type is FieldType.YES_NO:
        given = [(_TRUE, _("Yes")), (_FALSE, _("No"))]
    elif of.type is FieldType.STATEMENT:
        given = [(_TRUE, _("ticked"))]
    else:
        given = [(each.code, worded(each.label, address_form)) for each in of.options]
    for code, label in given:
        yield f"{of.code}={code}", f"{question}: {label}"


def _value(of: Condition) -> str:
    return f"{of.field}={str(of.equals).lower() if isinstance(of.equals, bool) else of.equals}"


def read(old: Field, read: Read) -> Field:
    """Give the field with the conditions that were posted; what is calculated is never asked for."""
    leading, _sign, equals = read.text("show_when").partition("=")
    value: bool | str = equals == _TRUE if equals in (_TRUE, _FALSE) else equals
    calculation = read.text("calculation")
    return replace(
        old,
        show_when=Condition(field=leading, equals=value) if leading else None,
        visible_when=read.text("visible_when"),
        required_when=read.text("required_when"),
        calculation=calculation,
        required=old.required and not calculation,
    )


def codes(earlier: tuple[Field, ...], address_form: str) -> tuple[Definition, ...]:
    """Give the codes a rule may use, each with its question and the kind of its answer."""
    return tuple(
        Definition(term=each.code, value=f"{worded(each.label, address_form)} ({kinds()[each.type.value]})")
        for each in earlier
    )
