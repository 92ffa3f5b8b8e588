"""The answers of a form as JSON Schema 2020-12: what a system may send, or finds in an export. Pure.

Source: json-schema.org/draft/2020-12, the keywords type, properties, required, items, enum, const, format,
pattern, minimum, maximum, maxLength, minItems, maxItems and additionalProperties; nothing refers elsewhere.
"""

from collections.abc import Iterable

from ocapi.lib import codec
from ocapi.modules.forms.data import ADDRESS_PARTS, Field, FieldType, FormDefinition, worded

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_AMOUNT = r"^-?[0-9]{1,15}\.[0-9]{2}$"
_PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"

Schema = dict[str, codec.JsonValue]


def of_form(definition: FormDefinition) -> Schema:
    """Give the schema of the answers by field code; amounts are texts in euros, files are counted."""
    return {
        "$schema": DIALECT,
        "title": worded(definition.title, "formal"),
        **_object(definition.fields),
    }


def _object(fields: Iterable[Field]) -> Schema:
    listed = tuple(fields)
    always = [each.code for each in listed if each.required and not each.show_when and not each.visible_when]
    return {
        "type": "object",
        "properties": {each.code: _of_field(each) for each in listed},
        "required": list(always),
        "additionalProperties": False,
    }


def _of_field(field: Field) -> Schema:
    return {"title": worded(field.label, "formal"), **_of_type(field)}


def _of_type(field: Field) -> Schema:
    kind = field.type
    if kind is FieldType.YES_NO:
        return {"type": "boolean"}
    if kind is FieldType.STATEMENT:
        return {"const": True}
    if kind is FieldType.CHOICE:
        return {"enum": [option.code for option in field.options]}
    if kind is FieldType.MULTIPLE_CHOICE:
        codes: codec.JsonValue = [option.code for option in field.options]
        return {"type": "array", "items": {"enum": codes}, "uniqueItems": True}
    if kind is FieldType.INTEGER:
        bounds = {"minimum": field.min, "maximum": field.max}
        return {"type": "integer", **{name: value for name, value in bounds.items() if value is not None}}
    if kind is FieldType.UPLOAD:
        most = field.upload.max_files if field.upload else 1
        return {"type": "integer", "minimum": 1 if field.required else 0, "maximum": most}
    if kind is FieldType.REPEAT:
        least = max(field.min_rows, int(field.required))
        return {
            "type": "array",
            "items": _object(field.fields),
            "minItems": least,
            "maxItems": field.max_rows,
        }
    if kind is FieldType.ADDRESS:
        parts: Schema = {part: {"type": "string", "maxLength": 100} for part in ADDRESS_PARTS}
        needed: codec.JsonValue = [part for part in ADDRESS_PARTS if part != "box_number"]
        return {"type": "object", "properties": parts, "required": needed, "additionalProperties": False}
    return _of_text(field)


def _of_text(field: Field) -> Schema:
    if field.type is FieldType.AMOUNT:
        return {"type": "string", "pattern": _AMOUNT}
    if field.type is FieldType.DATE and field.autocomplete == "bday":
        return {"type": "string", "pattern": _PARTIAL_DATE}
    if field.type is FieldType.DATE:
        return {"type": "string", "format": "date"}
    made: Schema = {"type": "string", "minLength": 1}
    if field.max_length is not None:
        made["maxLength"] = field.max_length
    return {**made, "format": "email"} if field.type is FieldType.EMAIL else made
