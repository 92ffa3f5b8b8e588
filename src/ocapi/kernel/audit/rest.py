"""Proofs over HTTP by the BelGIF guide: the newest head, a leaf's path to it, and the keys."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api, data, export
from ocapi.lib import codec

router = Router(tags=["Audit log"])

NOT_FOUND = "urn:problem-type:belgif:resourceNotFound"
NOT_YET_SEQUENCED = "urn:problem-type:ocapi:audit:notYetSequenced"


class HeadOut(Schema):
    """A signed state of the log; docs/standards/audit-log.md says which bytes the signature covers."""

    size: int
    root: str
    at: str
    previous: str
    key: str
    signature: str


class InclusionProofOut(Schema):
    """Where a leaf stands and the hashes that lead from it to the head's root, in hexadecimal."""

    leaf: UUID
    index: int
    leafHash: str  # noqa: N815 (BelGIF writes members in lowerCamelCase)
    path: list[str]
    head: HeadOut


class KeysOut(Schema):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]


@router.get("/heads/latest", response=HeadOut, operation_id="getLatestHead", summary="Newest signed head")
def latest_head(request: HttpRequest) -> Any:
    """Give the newest head of the organization's audit log."""
    _require(request)
    try:
        return export.head_json(api.latest_head())
    except data.NoHead:
        return _problem(HTTPStatus.NOT_FOUND, NOT_FOUND, "Nothing was logged yet")


@router.get(
    "/leaves/{uuid:leaf}/inclusionProof", response=InclusionProofOut, operation_id="getInclusionProof",
    summary="Proof that a leaf stands in the log",
)
def inclusion_proof(request: HttpRequest, leaf: UUID) -> Any:
    """Give the path from a leaf to the root of the newest head."""
    _require(request)
    try:
        proof = api.inclusion_proof(leaf=leaf)
    except data.LeafNotFound:
        return _problem(HTTPStatus.NOT_FOUND, NOT_FOUND, "No such leaf")
    except data.NotYetSequenced:
        answer = _problem(HTTPStatus.CONFLICT, NOT_YET_SEQUENCED, "No head covers this leaf yet")
        answer["Retry-After"] = "60"
        return answer
    return {
        "leaf": proof.leaf, "index": proof.index, "leafHash": proof.leaf_hash.hex(),
        "path": [step.hex() for step in proof.path], "head": export.head_json(proof.head),
    }


@router.get("/keys", response=KeysOut, operation_id="getKeys", summary="Keys that sign heads")
def keys(request: HttpRequest) -> Any:
    """Give the public keys under which heads were signed."""
    _require(request)
    return {"keys": api.public_keys()}


def _require(request: HttpRequest) -> None:
    access.require(request.actor, "audit.read_proof")  # type: ignore[attr-defined]


def _problem(status: HTTPStatus, kind: str, title: str) -> HttpResponse:
    body = codec.encode_json({"type": kind, "title": title, "status": int(status)})
    return HttpResponse(body, status=int(status), content_type="application/problem+json")
