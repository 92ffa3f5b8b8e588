"""From the framework's OpenAPI 3.1 to the 3.0.3 document of BelGIF, reviewed in docs/reference/openapi."""

import re
from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from ocapi.kernel.access.extensions import operations
from ocapi.lib import codec

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
DROPPED = frozenset(
    {"additionalProperties", "propertyNames", "patternProperties", "contentMediaType", "$defs"}
)
OPERATION_MEMBER = "x-ocapi-operation"
DEFAULT_OPERATIONS = {"audit": "audit.read_proof"}
OPERATION_ID = re.compile(r"[a-z][a-zA-Z0-9]*")
PROPERTY = re.compile(r"[a-z][a-zA-Z0-9]*|self")
COMPONENT = re.compile(r"[A-Z][a-zA-Z0-9]*")
SEGMENT = re.compile(r"[a-z][a-zA-Z0-9]*|\{[a-z][a-zA-Z0-9]*\}")

Node = dict[str, Any]

PROBLEM: Node = {
    "type": "object",
    "description": "A problem (RFC 9457).",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "format": "uri", "example": "urn:problem-type:belgif:badRequest"},
        "title": {"type": "string"},
        "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "requiredScopes": {"type": "array", "items": {"type": "string"}},
        "issues": {"type": "array", "items": {"$ref": "#/components/schemas/InputValidationIssue"}},
    },
}
ISSUE: Node = {
    "type": "object",
    "description": "One thing wrong with the input.",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "in": {"type": "string", "description": "body, path, query or header"},
        "name": {"type": "string", "description": "JSON path in a body, else the name of the parameter"},
    },
}


def document(api: NinjaAPI, *, name: str) -> str:
    """Give the document of an API as YAML, in a stable order."""
    return codec.encode_yaml(converted(api, name=name))


def converted(api: NinjaAPI, *, name: str) -> Node:
    """Give the OpenAPI 3.0.3 document of an API as plain values."""
    made = _plain(api.get_openapi_schema(path_prefix=""))
    paths = {_camel_path(path): item for path, item in made["paths"].items()}
    scopes = {scope: f"`{operation}`" for operation, scope in sorted(_scopes(paths, name))}
    for path, item in paths.items():
        _complete(path, item, name)
    schemas = {key: _schema(value) for key, value in made.get("components", {}).get("schemas", {}).items()}
    return {
        "openapi": "3.0.3",
        "info": {"title": api.title, "version": api.version, "description": f"The API {name} of OCAPI."},
        "servers": [{"url": f"/api/{name}/v1"}],
        "tags": [{"name": tag} for tag in sorted(_tags(paths))],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": PROBLEM, "InputValidationIssue": ISSUE},
            "responses": {"ProblemResponse": {
                "description": "The request was refused, or failed.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }},
            "securitySchemes": {"oauth2": {
                "type": "oauth2",
                "description": "Client credentials with a signed assertion (private_key_jwt, ES256).",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}},
            }},
        },
    }


def findings(made: Node) -> Iterator[str]:
    """Give each breach of the BelGIF rules we check, as a sentence; the rule's name stands first."""
    seen: set[str] = set()
    for path, method, operation in _each_operation(made["paths"]):
        where = f"{method.upper()} {path}"
        yield from _path_findings(path)
        yield from _operation_findings(where, method, operation, made)
        given = operation.get("operationId", "")
        if given in seen:
            yield f"VerifyOperationId: {where} repeats {given}"
        seen.add(given)
    for name, schema in made["components"]["schemas"].items():
        if not COMPONENT.fullmatch(name):
            yield f"ComponentNamesShouldBeUpperCamelCase: {name}"
        yield from _schema_findings(name, schema)


def _path_findings(path: str) -> Iterator[str]:
    if path != "/" and path.endswith("/"):
        yield f"PathTrailingSlash: {path}"
    for segment in path.strip("/").split("/"):
        if segment and not SEGMENT.fullmatch(segment):
            yield f"PathCamelCase: {path} has {segment}"


def _operation_findings(where: str, method: str, operation: Node, made: Node) -> Iterator[str]:
    if not OPERATION_ID.fullmatch(operation.get("operationId", "")):
        yield f"VerifyOperationId: {where} has {operation.get('operationId')!r}"
    if len(operation.get("tags", ())) != 1:
        yield f"TagGuidelines: {where} needs one tag"
    if not operation.get("summary"):
        yield f"FreeTextDocumentation: {where} has no summary"
    if "default" not in operation["responses"]:
        yield f"DefaultProblemResponse: {where}"
    if "requestBody" in operation and "required" not in operation["requestBody"]:
        yield f"RequestBodyRequired: {where}"
    if method == "get" and "204" in operation["responses"]:
        yield f"GetStatusCode: {where} answers 204"
    if method in ("get", "delete") and "requestBody" in operation:
        yield f"PresenceOfPayload: {where} has a body"
    yield from _response_findings(where, operation, made)
    known = made["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    for requirement in operation.get("security", ()):
        for scope in requirement.get("oauth2", ()):
            if scope not in known:
                yield f"ScopesAreDefinedInSecurityScheme: {where} asks {scope}"


def _response_findings(where: str, operation: Node, made: Node) -> Iterator[str]:
    for status, response in operation["responses"].items():
        for media, body in response.get("content", {}).items():
            if status.startswith("2") and media == "application/problem+json":
                yield f"ProblemJsonNotAllowedWithSuccessfulStatusCode: {where}"
            if media == "application/json" and not body.get("schema"):
                yield f"ApplicationJsonShouldHaveSchema: {where} {status}"
            is_json = media == "application/json"
            if is_json and _resolved(body.get("schema", {}), made).get("type") != "object":
                yield f"JsonObjectAsTopLevelStructure: {where} {status}"


def _resolved(schema: Node, made: Node) -> Node:
    target: Node = schema
    while "$ref" in target:
        target = made["components"]["schemas"][target["$ref"].rpartition("/")[2]]
    return target


def _schema_findings(where: str, schema: Node) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name, inner in properties.items():
        if not PROPERTY.fullmatch(name):
            yield f"PropertiesCamelCase: {where}.{name}"
        yield from _schema_findings(f"{where}.{name}", inner)
    if schema.get("nullable"):
        yield f"PropertiesNullable: {where}"
    for name in schema.get("required", ()):
        if name not in properties:
            yield f"ValuesOfRequiredShouldBeDefinedAsProperties: {where}.{name}"
    if isinstance(schema.get("items"), dict):
        yield from _schema_findings(f"{where}[]", schema["items"])


def _each_operation(paths: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _camel_path(path: str) -> str:
    return re.sub(r"_([a-z])(?=[^{}]*\})", lambda found: found[1].upper(), path)


def _scopes(paths: Node, name: str) -> Iterator[tuple[str, str]]:
    for _path, _method, operation in _each_operation(paths):
        row = operations.find(operation.get(OPERATION_MEMBER, DEFAULT_OPERATIONS.get(name, "")))
        if row is not None and row.scope:
            yield row.name, row.scope


def _tags(paths: Node) -> set[str]:
    return {tag for _path, _method, operation in _each_operation(paths) for tag in operation.get("tags", ())}


def _complete(path: str, item: Node, name: str) -> None:
    for method in METHODS:
        if method not in item:
            continue
        operation = item[method]
        row = operations.find(operation.pop(OPERATION_MEMBER, DEFAULT_OPERATIONS.get(name, "")))
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _schema(parameter["schema"])
            if parameter["in"] == "path":
                parameter["name"] = re.sub(r"_([a-z])", lambda found: found[1].upper(), parameter["name"])
        if not operation.get("parameters"):
            operation.pop("parameters", None)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
            _convert_content(operation["requestBody"])
        operation["responses"] = {str(status): made for status, made in operation["responses"].items()}
        for response in operation["responses"].values():
            _convert_content(response)
        operation["responses"]["default"] = {"$ref": "#/components/responses/ProblemResponse"}
        scopes = [row.scope] if row is not None and row.scope else []
        operation["security"] = [{"oauth2": scopes}]


def _convert_content(holder: Node) -> None:
    for media, body in list(holder.get("content", {}).items()):
        if not body.get("schema"):
            del holder["content"][media]
        else:
            body["schema"] = _schema(body["schema"])
    if not holder.get("content", True):
        del holder["content"]


def _schema(node: Any) -> Any:
    """Convert one schema: no null, no lists of types, no keywords that 3.0.3 does not have."""
    if not isinstance(node, dict):
        return node
    made = {key: value for key, value in node.items() if key not in DROPPED}
    if isinstance(node.get("additionalProperties"), dict):
        made["additionalProperties"] = _schema(node["additionalProperties"])
    made.pop("title", None)
    if made.get("default", ...) is None:
        del made["default"]
    _drop_null(made)
    _rewrite_keywords(made)
    if "properties" in made:
        made["properties"] = {name: _schema(inner) for name, inner in made["properties"].items()}
    for key in ("items", "not"):
        if key in made:
            made[key] = _schema(made[key])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in made:
            made[key] = [_schema(inner) for inner in made[key]]
    if "$ref" in made and len(made) > 1:
        made["allOf"] = [{"$ref": made.pop("$ref")}]
    return made


def _drop_null(made: Node) -> None:
    for key in ("anyOf", "oneOf"):
        if key in made:
            left = [inner for inner in made[key] if inner.get("type") != "null"]
            del made[key]
            made.update(left[0] if len(left) == 1 else {key: left})
            made.pop("title", None)
    if isinstance(made.get("type"), list):
        kinds = [kind for kind in made["type"] if kind != "null"]
        made["type"] = kinds[0]


def _rewrite_keywords(made: Node) -> None:
    if "const" in made:
        made["enum"] = [made.pop("const")]
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if exclusive in made and not isinstance(made[exclusive], bool):
            made[limit] = made[exclusive]
            made[exclusive] = True
    if "examples" in made:
        made["example"] = made.pop("examples")[0]
    if "prefixItems" in made:
        del made["prefixItems"]
        made.setdefault("items", {})


def _plain(value: Any) -> Any:
    """Copy the framework's document into plain values, so that converting never changes what it keeps."""
    if isinstance(value, dict):
        return {str(getattr(key, "value", key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
