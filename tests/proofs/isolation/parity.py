"""Surfaces of the same things side by side: each gives a party the same answer to what there is."""

import re
from collections.abc import Callable, Iterator

from tests.proofs.isolation import asking, judging, matrix
from tests.proofs.isolation.holding import House
from tests.security.conftest import read_table

REFERENCE = re.compile(r"[A-Z]{3}-20\d\d-\d{6}-\d")
Seen = set[str] | None
Wrong = tuple[str, str]
LISTS = {
    "desk": ("/desk/zaken/?status=all", "cases.worklist"),
    "rest": ("/api/cases/v1/cases?pageSize=100", "cases.worklist"),
    "export": ("/desk/zaken/werklijst.csv?status=all", "cases.export"),
}
"""Each surface that lists the cases of an organization, and the operation it asks."""


def names() -> Iterator[str]:
    """Give every party."""
    yield from matrix.PARTIES


def check(party: str, house: House) -> Wrong | None:
    """Compare the lists with each other and with the table, and a citizen's own list with single reads."""
    policy = {row["operation"]: row for row in read_table("policy.csv")}
    column = {"citizen_other": "citizen_self"}.get(party, party)
    everything = _all(house)
    for surface, (target, operation) in LISTS.items():
        seen = _references(house, party, target)
        expected = everything if policy[operation][column] == "allow" else None
        if seen != expected:
            return f"{surface}: {_told(expected)}", _told(seen)
    return _own(house, party, everything)


def _own(house: House, party: str, everything: set[str]) -> Wrong | None:
    listed = _references(house, party, "/mijn/zaken")
    read = {
        reference
        for reference, case in _cases(house).items()
        if reference in everything and _references(house, party, f"/mijn/zaken/{case}") is not None
    }
    if listed is None:
        return None
    return None if listed == read else (f"own list: {_told(read)} as read one by one", _told(listed))


def _references(house: House, party: str, target: str) -> Seen:
    """Give the references on a page, or None when the party is kept out."""
    with judging.undone(house):
        cookie = asking.cookies(house.tenant.key, house.cookies.get(party, ""))
        reply = asking.ask(house.host, "GET", target, headers={"Cookie": cookie})
    return None if reply.is_refusal else set(REFERENCE.findall(reply.body.decode()))


def _all(house: House) -> set[str]:
    return set(_cases(house))


def _cases(house: House) -> dict[str, str]:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.modules.cases.models import CaseRow

    with tenants.bind_tenant(house.tenant):
        return {reference: str(uuid) for reference, uuid in CaseRow.objects.values_list("reference", "uuid")}


def _told(seen: Seen) -> str:
    return "kept out" if seen is None else str(sorted(seen))


CHECKS: dict[str, Callable[[str, House], Wrong | None]] = {"parity": check}
