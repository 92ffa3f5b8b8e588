"""Filing cases from outside by REST, and telling what was kept; `python -m tests.proofs.filing kept`."""

import json
import sys
from uuid import UUID

from tests.performance.product import KEY

CSRF = "a" * 32


def request(name: str, *, host: str, cookie: str) -> bytes:
    """Give the bytes of a request that files a case; its applicant's name is also its idempotency key."""
    body = json.dumps(
        {
            "caseType": "kapvergunning",
            "applicant": {"kind": "person", "id": str(UUID(int=7)), "name": name},
            "answers": [],
            "attachments": [],
        }
    ).encode()
    head = (
        f"POST /api/cases/v1/cases HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Cookie: {cookie}; ocapi-csrf-{KEY}={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
        f"Idempotency-Key: {name}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def kept() -> dict[str, list[str]]:
    """Tell the names on the cases, and the facts of the outbox by id."""
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.kernel.tenants import api as tenants
    from ocapi.modules.cases.models import CaseRow

    with tenants.bind(KEY):
        told = {
            "names": list(CaseRow.objects.values_list("applicant_name", flat=True)),
            "facts": [str(uuid) for uuid in EventRow.objects.values_list("uuid", flat=True)],
        }
    tenants.close_connections()
    return told


if __name__ == "__main__":
    import django

    django.setup()
    assert sys.argv[1:] == ["kept"]
    print(json.dumps(kept()))
