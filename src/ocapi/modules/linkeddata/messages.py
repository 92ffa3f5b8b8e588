"""What a broken constraint means, in words for who filled in the object."""

from django.utils.translation import gettext as _

from ocapi.lib.rdf.graph import LANG_STRING, XSD
from ocapi.lib.shacl.results import Result

SHACL = "urn:problem-type:ocapi:linkeddata:shacl:"


def of_result(result: Result, *, label: str, limit: str) -> str:
    """Say what is wrong with a property and how to mend it; label: its name. limit: what is asked."""
    said = _texts().get(result.component.removesuffix("ConstraintComponent"))
    if said is None:
        return _("{label} is not what the profile asks.").format(label=label)
    return said.format(label=label, limit=_in_words(limit))


def _in_words(limit: str) -> str:
    named = {
        f"{XSD}date": _("a date"),
        f"{XSD}dateTime": _("a date and time"),
        f"{XSD}string": _("a text"),
        f"{XSD}integer": _("a whole number"),
        f"{XSD}decimal": _("a number"),
        f"{XSD}double": _("a number"),
        f"{XSD}boolean": _("true or false"),
        LANG_STRING: _("a text with a language"),
    }
    return named.get(limit, limit)


def _texts() -> dict[str, str]:
    return {
        "MinCount": _("Give at least {limit} value for {label}."),
        "MaxCount": _("Give at most {limit} value for {label}."),
        "Datatype": _("The value of {label} must be {limit}."),
        "Class": _("{label} must refer to a thing of the class {limit}."),
        "NodeKind": _("{label} is of the wrong kind: a name, a text or an object is asked ({limit})."),
        "Pattern": _("The value of {label} is not written as asked: {limit}."),
        "MinLength": _("Give at least {limit} characters for {label}."),
        "MaxLength": _("Give at most {limit} characters for {label}."),
        "MinInclusive": _("The value of {label} must be {limit} or more."),
        "MaxInclusive": _("The value of {label} must be {limit} or less."),
        "MinExclusive": _("The value of {label} must be more than {limit}."),
        "MaxExclusive": _("The value of {label} must be less than {limit}."),
        "In": _("Choose one of the allowed values for {label}: {limit}."),
        "HasValue": _("{label} must hold the value {limit}."),
        "LanguageIn": _("Give {label} in one of these languages: {limit}."),
        "UniqueLang": _("Give {label} at most once in each language."),
        "Closed": _("The profile does not know the property {label}. Take it out."),
        "LessThan": _("The value of {label} must come before that of {limit}."),
        "LessThanOrEquals": _("The value of {label} must not come after that of {limit}."),
        "Equals": _("{label} and {limit} must hold the same."),
        "Disjoint": _("{label} and {limit} must not hold the same."),
    }


def of_reading(code: str) -> str:
    """Say why an object can't be read as linked data."""
    said = {
        "termUnknown": _("The profile does not know this name."),
        "contextInObject": _("Name the context of the service, or leave it out."),
        "contextUnknown": _("This service knows only its own context. It fetches no other."),
        "linkExpected": _("A name (IRI) or an object is asked here."),
        "iriRelative": _("Write the name (IRI) in full."),
        "iriIllegal": _("This name (IRI) holds a character that is not allowed."),
        "otherIdentifier": _("The object is known by another name (IRI)."),
        "textIllegal": _("This text holds a character (NUL) that can't be kept. Take it out."),
        "languageIllegal": _("This is no code of a language. Write for example nl or fr-BE."),
        "tooLarge": _("The object is too large or nests too deep."),
        "notAnObject": _("Send an object."),
        "classMissing": _("The object must be of the class in the address."),
        "referenceUnknown": _("There is no object with this name here."),
        "geometryBroken": _("This geometry can't be read. Write it as WKT, GML or GeoJSON."),
        "notJudged": _("The object could not be judged within the limits."),
    }
    return said.get(code, _("This value can't be read."))
