"""The bill of materials in CycloneDX 1.6 (ECMA-424), by ourselves: the same locks give the same bytes."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tests.proofs.supply.locks import NODE, Package

ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
SCOPES = {"requirements.lock": "required"}  # what runs; all else is excluded from what is delivered


def written(packages: Iterable[Package], *, version: str) -> bytes:
    """Give the document. version: of OCAPI. A package in two locks stands once, as required when it runs."""
    components: dict[str, dict[str, Any]] = {}
    for each in sorted(packages, key=lambda each: (each.purl, each.lock != "requirements.lock")):
        components.setdefault(each.purl, _component(each))
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "ocapi",
                "name": "ocapi",
                "version": version,
                "licenses": [{"license": {"id": "EUPL-1.2"}}],
            }
        },
        "components": list(components.values()),
        "dependencies": [{"ref": "ocapi", "dependsOn": sorted(components)}],
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
    serial = UUID(bytes=digest[:16], version=5)
    return (
        json.dumps({**body, "serialNumber": f"urn:uuid:{serial}"}, indent=1, sort_keys=True).encode() + b"\n"
    )


def _component(package: Package) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "scope": SCOPES.get(package.lock, "excluded"),
    }
    if package.ecosystem == NODE:  # one file per package; of Python each file of a release has its own
        made["hashes"] = [_hash(each) for each in package.hashes]
    else:
        made["properties"] = [{"name": "ocapi:file-hash", "value": each} for each in package.hashes]
    if package.license:
        made["licenses"] = [{"expression": package.license}]
    return made


def _hash(text: str) -> dict[str, str]:
    algorithm, _, content = text.partition(":")
    return {"alg": ALGORITHMS[algorithm], "content": content}


def faults(raw: bytes, packages: Iterable[Package]) -> list[str]:
    """Name what a bill of materials lacks: its form, a package, a hash, or a name that stands twice."""
    bill = json.loads(raw)
    found = [
        f"{name}: {bill.get(name)!r}"
        for name, wanted in (("bomFormat", "CycloneDX"), ("specVersion", "1.6"))
        if bill.get(name) != wanted
    ]
    listed = [each["purl"] for each in bill["components"]]
    found += [f"{purl}: stands twice" for purl in {each for each in listed if listed.count(each) > 1}]
    found += [f"{each.purl}: is not listed" for each in packages if each.purl not in set(listed)]
    return found + [
        f"{each['purl']}: no hash"
        for each in bill["components"]
        if not each.get("hashes") and not each.get("properties")
    ]
