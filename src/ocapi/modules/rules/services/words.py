"""Answers and refusals in words; the sentences stand in the catalog, in Dutch for who stores them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from ocapi.lib.dmn import Problem, TableAnswer
from ocapi.lib.feel import Run, showing
from ocapi.lib.feel.values import Value

_PLACE = re.compile(r"line (?P<line>\d+), column (?P<column>\d+)")  # of the parser's words
LANGUAGE = "nl"  # of what is stored beside a decision


def told(tables: Iterable[TableAnswer], names: Mapping[str, str]) -> tuple[str, ...]:
    """Give one sentence for each table that was asked: what it saw, which rules fired, what it gave.

    names: of decisions, by id.
    """
    with translation.override(LANGUAGE):
        return tuple(_sentence(each, names) for each in tables)


def _sentence(table: TableAnswer, names: Mapping[str, str]) -> str:
    name = names.get(table.decision) or table.table or table.decision
    seen = ", ".join(gettext("%(label)s is %(value)s") % {"label": each.label, "value": each.value}
                     for each in table.inputs)
    if not table.rules:
        return gettext("Table %(table)s: no rule applies when %(seen)s.") % {"table": name, "seen": seen}
    remarks = [remark for rule in table.rules for remark in rule.remarks if remark]
    numbers = [str(rule.number) for rule in table.rules]
    values = {"table": name, "seen": seen, "rules": ", ".join(numbers), "output": table.output}
    if len(numbers) == 1:
        found = gettext("Table %(table)s: %(seen)s. So rule %(rules)s applies and gives %(output)s.") % values
    else:
        found = gettext("Table %(table)s: %(seen)s. So rules %(rules)s apply and give %(output)s.") % values
    return f"{found} {' '.join(remarks)}".strip()


def written(value: Value, *, now: datetime) -> str:
    """Give a value as FEEL writes it."""
    return showing.literal(Run(now=now), value)


def refusal(reason: str) -> str:
    """Give what is wrong with a model and how to repair it, in the reader's language."""
    return {
        "cyclicImport": gettext("The models import each other in a circle. Take one import away."),
        "importMissing": gettext("The model imports a file that is not there. Add that file."),
        "tooLarge": gettext("The file is too large. A model has at most 4 MB and 10,000 elements."),
        "tooManyFiles": gettext("There are too many files. A model imports at most 64."),
        "doctypeRefused": gettext("The file holds a document type (DTD). Save it without one."),
        "notXml": gettext("The file is not correct XML. Save it again with a modeller."),
        "notDmn": gettext("The file is no DMN 1.1 to 1.5. Save it as DMN."),
        "encodingRefused": gettext("The file is no text in UTF-8. Save it again with a modeller."),
        "tooDeep": gettext("The file has too many levels inside each other. Simplify it."),
        "characterRefused": gettext("There is a character that a file can't hold. Type the text again."),
        "expressionTooLong": gettext("An expression has at most 10,000 characters. Split it."),
        "noDecision": gettext("The model has no name or no decision. Add it."),
        "tooManyCases": gettext("There are too many test cases. A model has at most 500."),
        "cyclicRequirement": gettext("It needs its own answer, directly or by others. Take one arrow away."),
        "cyclicType": gettext("These types are names of each other in a circle. Say what one of them is."),
        "doubleId": gettext("Two elements have this id. Save the file with a program that writes ids."),
        "nameMissing": gettext("This element has no name. Give it one."),
        "unknownExpression": gettext("This kind of expression is not known. Use FEEL or a table."),
        "partMissing": gettext("Something of it is missing. Complete it."),
        "rowIncomplete": gettext("A row has too many or too few cells. Complete it."),
        "unknownHitPolicy": gettext("This way to count rules is not known. Choose another one."),
        "externalFunctionRefused": gettext(
            "It calls a function in Java or PMML. Such functions never run here. Write it in FEEL."
        ),
        "syntax": gettext("An expression in it is no correct FEEL. Correct it."),
        "notFeel": gettext("An expression in it is in another language. Write it in FEEL."),
        "requirementMissing": gettext(
            "It needs an element that is not there. Add it, or take the arrow away."
        ),
        "unknownType": gettext("It names a type that is not there. Choose another one."),
    }.get(reason, gettext("The model can't be used. Correct the element that is named."))


def problem(found: Problem) -> str:
    """Give what is wrong in an element of a model, with its name and what stood there."""
    said = refusal(found.reason)
    detail = f" ({found.detail})" if found.detail and found.reason != "syntax" else ""
    place = _PLACE.search(found.detail) if found.reason == "syntax" else None
    if place is not None:
        detail = " " + gettext("(line %(line)s, character %(column)s)") % place.groupdict()
    return named(found.owner or found.element, f"{said}{detail}")


def named(element: str, said: str) -> str:
    """Give a sentence after the name of what it is about."""
    return f"{element}: {said}" if element else said
