"""From codes of rules to the words of the desk, and files that no browser runs."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from ocapi.lib.dmn import sheets
from ocapi.modules.rules.data import TriedCase


def policy(code: str) -> str:
    """Say which rules of a table count."""
    return {
        "UNIQUE": _("exactly one rule applies"), "FIRST": _("the first rule that applies"),
        "ANY": _("rules that apply say the same"), "PRIORITY": _("the highest output of what applies"),
        "COLLECT": _("all rules that apply, as a list"), "COLLECT SUM": _("the sum of what applies"),
        "COLLECT MIN": _("the smallest of what applies"), "COLLECT MAX": _("the largest of what applies"),
        "COLLECT COUNT": _("how many rules apply"), "RULE ORDER": _("all that apply, in order of the rules"),
        "OUTPUT ORDER": _("all that apply, the highest output first"),
    }.get(code, code)


def problem(tried: TriedCase) -> str:
    """Say why a test case could not be tried."""
    code, _mark, detail = tried.problem.partition(":")
    return {
        "model": _("The model can't answer yet."),
        "line": _("This can't be read: {line}").format(line=detail.partition(":")[2]),
        "unknownDecision": _("There is no decision of this name in the model."),
        "budget": _("The decision takes too long."),
    }.get(code, "")


def file(raw: bytes) -> HttpResponse:
    """Give a DMN file as it is; no browser shows or runs it as a page."""
    response = HttpResponse(raw, content_type="application/xml")
    response["Content-Disposition"] = 'attachment; filename="model.dmn"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def kind(code: str) -> str:
    """Give the name of a kind of element of a model."""
    return {
        "decision": _("Decision"), "businessKnowledgeModel": _("Function (knowledge model)"),
        "decisionService": _("Decision service"), "inputData": _("Input"), "itemDefinition": _("Type"),
        "import": _("Imported file"),
    }.get(code, code)


def types() -> tuple[tuple[str, str], ...]:
    """Give the types a column can have, each with its name."""
    return tuple((code, type_of(code) or "–") for code in sheets.TYPES)


def type_of(code: str) -> str:
    """Give the name of a type of FEEL; one that a model defines keeps its own."""
    return {
        "string": _("text"), "number": _("number"), "boolean": _("yes or no"), "date": _("date"),
        "time": _("time"), "date and time": _("date and time"),
        "days and time duration": _("duration in days and hours"),
        "years and months duration": _("duration in years and months"), "Any": _("anything"),
    }.get(code, code)


def cell(place: int | None) -> str:
    """Say what is wrong in a cell and how to repair it; nothing for one that can be read."""
    return "" if place is None else _(
        "No correct FEEL from character {place} on. Texts stand between double quotes."
    ).format(place=place)
