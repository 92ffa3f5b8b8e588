"""The OpenAPI 3.0.3 document of one service, made of its profile."""

from typing import Any

from ocapi.lib import codec
from ocapi.lib.profile.model import Class, Property
from ocapi.lib.rdf.graph import XSD, Lexical
from ocapi.modules.linkeddata import profiles
from ocapi.modules.linkeddata.models import ServiceRow

Node = dict[str, Any]
_NUMBERS = ("integer", "nonNegativeInteger", "positiveInteger", "long", "int", "short", "byte")
_FORMATS = {"date": "date", "dateTime": "date-time", "anyURI": "uri"}
_CODE = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "the ETag of the version that was read",
}


def document(service: ServiceRow, *, server: str) -> str:
    """Give the document as YAML; server: address of the service in the API."""
    profile = profiles.of(service)
    classes = sorted(profile.classes, key=lambda each: each.term)
    made: Node = {
        "openapi": "3.0.3",
        "info": {
            "title": service.title,
            "version": "1.0.0",
            "description": f"Made of the profile {profile.name}, sha256 {profile.digest}.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": each.term} for each in classes],
        "paths": {},
        "components": {
            "schemas": {_name(each): _schema(each) for each in classes} | {"Problem": _problem()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
    for each in classes:
        made["paths"][f"/objects/{each.term}"] = _collection(each)
        made["paths"][f"/objects/{each.term}/{{id}}"] = {"parameters": [_CODE], **_single(each)}
    return codec.encode_yaml(made)


def _name(owner: Class) -> str:
    made = "".join(each for each in owner.term.title() if each.isalnum()) if " " in owner.term else owner.term
    return "".join(each for each in made if each.isalnum())


def _collection(owner: Class) -> Node:
    listed = {
        "operationId": f"list{_name(owner)}",
        "summary": f"List {owner.label}",
        "tags": [owner.term],
        "parameters": [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}},
            {
                "name": "pageSize",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            },
        ],
        "responses": {
            "200": {
                "description": "A page of objects",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["self", "items"],
                            "properties": {
                                "self": {"type": "string", "format": "uri"},
                                "next": {"type": "string", "format": "uri"},
                                "items": {"type": "array", "items": {"type": "object"}},
                            },
                        }
                    }
                },
            },
            **_refused(),
        },
    }
    made = _writing(owner, "create", "201", "The object that was made")
    made["parameters"] = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}]
    return {"get": listed, "post": made}


def _single(owner: Class) -> Node:
    read = {
        "operationId": f"get{_name(owner)}",
        "summary": f"Read {owner.label}",
        "tags": [owner.term],
        "responses": {"200": _answer(owner, "The object"), **_refused()},
    }
    gone = {
        "operationId": f"delete{_name(owner)}",
        "summary": f"Delete {owner.label}",
        "tags": [owner.term],
        "security": [{"bearer": []}],
        "parameters": [_MATCH],
        "responses": {"204": {"description": "Deleted"}, **_refused()},
    }
    replaced, patched = (_writing(owner, each, "200", "The new version") for each in ("replace", "patch"))
    for each in (replaced, patched):
        each["parameters"] = [_MATCH]
    patched["requestBody"]["content"] = {"application/merge-patch+json": {"schema": {"type": "object"}}}
    return {"get": read, "put": replaced, "patch": patched, "delete": gone}


def _writing(owner: Class, verb: str, status: str, said: str) -> Node:
    reference = {"$ref": f"#/components/schemas/{_name(owner)}"}
    return {
        "operationId": f"{verb}{_name(owner)}",
        "summary": f"{verb.capitalize()} {owner.label}",
        "tags": [owner.term],
        "security": [{"bearer": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {status: _answer(owner, said), **_refused()},
    }


def _answer(owner: Class, said: str) -> Node:
    return {
        "description": said,
        "headers": {"ETag": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_name(owner)}"}}},
    }


def _refused() -> Node:
    return {
        "default": {
            "description": "Refused",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }


def _problem() -> Node:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail", "in", "name")}
    return {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "issues": {"type": "array", "items": {"type": "object", "properties": texts}},
        },
    }


def _schema(owner: Class) -> Node:
    made: Node = {
        "type": "object",
        "description": owner.iri,
        "properties": {
            "@id": {"type": "string", "format": "uri", "readOnly": True},
            "@type": {"type": "string"},
        },
    }
    required = []
    for each in owner.properties:
        if each.terms:
            made["properties"][each.terms[0]] = _property(each)
            required += [each.terms[0]] if each.minimum else []
    return {**made, "required": required} if required else made


def _property(each: Property) -> Node:
    one = _value(each)
    if each.maximum != 1:
        one = {"type": "array", "items": one}
        if each.minimum:
            one["minItems"] = each.minimum
        if each.maximum:
            one["maxItems"] = each.maximum
    said = " ".join(
        filter(None, (each.label if each.label not in each.terms else "", each.description, each.iri))
    )
    return {**one, "description": said}


def _value(each: Property) -> Node:
    allowed = [v.text if isinstance(v, Lexical) else v for v in each.allowed]
    local = each.datatype.removeprefix(XSD)
    if each.of_class or (not each.datatype and not each.is_text):
        reference = {"type": "string", "format": "uri"}
        return {**reference, "enum": allowed} if allowed else {"anyOf": [reference, {"type": "object"}]}
    if local in _NUMBERS:
        return {"type": "integer"}
    if local in ("decimal", "double", "float"):
        return {"type": "number"}
    if local == "boolean":
        return {"type": "boolean"}
    made: Node = {"type": "string"}
    if local in _FORMATS:
        made["format"] = _FORMATS[local]
    if each.is_text:
        return {"anyOf": [made, {"type": "object"}]}
    return {**made, "enum": allowed} if allowed else made
