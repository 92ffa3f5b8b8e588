"""What an answer must be, by the reviewed table, and what no answer may hold."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.proofs.isolation import asking, canary, matrix
from tests.proofs.isolation.asking import Reply
from tests.proofs.isolation.holding import House
from tests.proofs.isolation.matrix import FOREIGN, GHOST, MACHINE, OTHER, OWN, Step
from tests.security.conftest import read_table

KEPT_OUT = {"deny", "hide", "login"}
LET_IN = {"allow", "own"}
INPUT = {400, 409, 412, 413, 415, 422, 428}
CHANGING = re.compile(
    rb'(name="csrfmiddlewaretoken" value=")[^"]*|(ocapi-(?:csrf|session)[^=]*=)[^;\n]*|(expires=)[^;]*|'
    rb'(data-session-seconds=")[0-9]*'
)
MADE = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|[A-Z]{3}-20\d\d-\d{6}-\d"
)
Wrong = tuple[str, str]


class Judge:
    """Asks and compares. policy: operation → column → cell; reviewed: route → its row."""

    def __init__(self, houses: dict[str, House], coin: random.Random) -> None:
        self.houses = houses
        self.ghosts = {key: matrix.ghost(house, coin) for key, house in houses.items()}
        self.policy = {row["operation"]: row for row in read_table("policy.csv")}
        self.reviewed = {row["route"]: row for row in read_table("routes.csv")}
        self.taken: dict[str, matrix.Taken] = {}
        for key, house in houses.items():
            self.taken[key] = self._take(house)

    def check(self, step: Step) -> Wrong | None:
        """Send one cell's request, and give what was expected and what came when they differ."""
        reply = self.reply(step)
        if reply.status >= 500 and not (reply.status == 503 and self._is_without_provider(step)):
            return "no failure of ours", f"status {reply.status}"
        return (
            self._foreign(step, reply)
            or self._within(step, reply)
            or self._cells(step, reply)
            or self._changed(step, reply)
        )

    def reply(self, step: Step, *, instead: str = "") -> Reply:
        """Send one request in a transaction that is undone. instead: `ghost` asks for what nobody has."""
        house = self.houses[step.key]
        foreign = self.houses[self.neighbor(step.key)]
        houses = {OWN: house, OTHER: house, FOREIGN: foreign, GHOST: self.ghosts[foreign.tenant.key]}
        taken = {
            OWN: self.taken[step.key],
            FOREIGN: self.taken[foreign.tenant.key],
            GHOST: self.taken[self.neighbor(foreign.tenant.key)],
            OTHER: self.taken[step.key],
        }
        if instead:
            houses[FOREIGN], taken[FOREIGN] = houses[GHOST], taken[GHOST]
        request = matrix.request_of(step, houses, taken)
        with undone(house) as counted:
            found = asking.ask(
                house.host,
                request.method,
                request.target,
                headers=request.headers,
                body=request.body,
                media_type=request.media_type,
            )
            self._facts_after = counted()
        return found

    def _is_without_provider(self, step: Step) -> bool:
        """Tell whether a page needs the identity provider, which this installation has none of."""
        return self.reviewed[step.route]["operation"] == "open:sign-in"

    def neighbor(self, key: str) -> str:
        """Give the organization whose things must not exist here."""
        keys = list(self.houses)
        return keys[(keys.index(key) + 1) % len(keys)]

    def _foreign(self, step: Step, reply: Reply) -> Wrong | None:
        raw = reply.raw
        if FOREIGN in step.whose:
            unknown = self.reply(step, instead=GHOST)
            raw, other = self._plain(step, reply), self._plain(step, unknown)
            if (reply.status, raw) != (unknown.status, other):
                return (
                    f"as for an unknown one: {unknown.status}, {len(other)} bytes",
                    f"{reply.status}, {len(raw)} bytes: {_difference(raw, other)}",
                )
        marks = [house.marks for key, house in self.houses.items() if key != step.key]
        found = canary.found_in(raw, marks)
        if found:
            return "no mark of another organization", str(sorted(found))
        if FOREIGN in step.whose:
            return None
        named = [text for text in self._identifiers(step.key) if text.encode() in reply.raw]
        return ("no identifier of another organization", str(named)) if named else None

    def _identifiers(self, key: str) -> list[str]:
        """Give the identifiers of things of every other organization."""
        return [
            text
            for other, house in self.houses.items()
            if other != key
            for text in (*house.own.values(), *house.other.values())
            if len(text) == 36
        ]

    def _plain(self, step: Step, reply: Reply) -> bytes:
        """Take away what was sent, and what differs with every answer."""
        key = self.neighbor(step.key)
        raw = CHANGING.sub(rb"\1\2\3\4", reply.raw)
        third = self.taken[self.neighbor(key)]
        for facts, taken in ((self.houses[key], self.taken[key]), (self.ghosts[key], third)):
            sent = {*facts.own.values(), *facts.texts.values(), facts.marks.mark, *taken.values()} - {"x", ""}
            for text in sorted(sent - set(matrix.FIXED.values()), key=len, reverse=True):
                raw = raw.replace(text.encode(), b"ID").replace(_quoted(text), b"ID")
        return MADE.sub(b"made", raw)

    def _within(self, step: Step, reply: Reply) -> Wrong | None:
        """In one organization: nothing of the second citizen where the table gives only one's own."""
        if FOREIGN in step.whose:
            return None
        cells = self.cells(step)
        if "allow" in cells and not cells & (KEPT_OUT | {"own"}):
            return None
        mine = {"citizen_self": "first", "represented": "first", "citizen_other": "second"}.get(step.party)
        hidden = {"first", "second"} - {mine}  # one's own name stands on every page
        found = {owner for _key, owner in canary.found_in(reply.raw, [self.houses[step.key].marks])}
        seen = found & hidden
        if "second" in hidden and OTHER not in step.whose:
            ids = self.houses[step.key].other.values()
            seen |= {text for text in ids if len(text) == 36 and text.encode() in reply.raw}
        return (f"nothing of {sorted(hidden)} for {sorted(cells)}", f"{sorted(seen)}") if seen else None

    def cells(self, step: Step) -> set[str]:
        """Give the reviewed cells of a step, read for whose the thing is."""
        row = self.reviewed[step.route]
        named = row["operation"] if step.method == "GET" else row["changes"] or row["operation"]
        party = {"citizen_other": "citizen_self"}.get(step.party, step.party)
        found = {self.policy[name][party] for name in named.split() if not name.startswith("open:")}
        strangers = self._is_strangers(step)
        return {"hide" if cell == "own" and strangers else cell for cell in found}

    def _is_strangers(self, step: Step) -> bool:
        names = matrix.identifiers(step.route)
        words = {word for name, word in zip(names, step.whose, strict=False) if name in OWNED}
        own = OTHER if step.party == "citizen_other" else OWN
        return bool(words - {own})

    def _cells(self, step: Step, reply: Reply) -> Wrong | None:
        cells = self.cells(step)
        if reply.status == 405 or not cells or step.place != "path":
            return None
        if cells & KEPT_OUT:
            body = step.route.startswith("api/") and step.method != "GET"
            is_unread = body and reply.status in INPUT and (step.method, step.route) not in matrix.BODIES
            return (
                None
                if reply.is_refusal or is_unread
                else (f"kept out by {sorted(cells)}", f"status {reply.status}")
            )
        is_there = not {FOREIGN} & set(step.whose) and step.whose in ((), (OWN,) * len(step.whose))
        if self._is_hidden_by_kind(step) or not is_there:
            return None
        return (f"let in by {sorted(cells)}", f"status {reply.status}") if reply.is_refusal else None

    def _is_hidden_by_kind(self, step: Step) -> bool:
        """Tell whether a route may be absent here: of a module that is not mounted, or a thing nobody has."""
        return (step.route, step.party) in ABSENT or step.route in ABSENT_ROUTES or step.key == "gamma"

    def _changed(self, step: Step, reply: Reply) -> Wrong | None:
        if step.place == "path" and self.cells(step) & KEPT_OUT and FOREIGN not in step.whose:
            before, after = self._facts_after
            if before != after:
                return "a refusal changes nothing", f"{after - before} facts or leaves of change more"
        return None

    def _take(self, house: House) -> matrix.Taken:
        """Let the organization hand out cursors and entity tags."""

        def get(target: str, party: str) -> Reply:
            who = (
                {"Authorization": f"Bearer {house.token}"}
                if party == MACHINE
                else {"Cookie": asking.cookies(house.tenant.key, house.cookies.get(party, ""))}
            )
            return asking.ask(house.host, "GET", target, headers=who)

        case = get(f"/{matrix.CASES}/{house.own['case']}", "clerk")
        page = get(f"/{matrix.CASES}?pageSize=1", "clerk").body.decode()
        cursor = re.search(r"cursor=([^\"&]+)", page)
        services = get("/api/services/v1/services", "anonymous")
        return {
            "cases": cursor[1] if cursor else f"none-{house.marks.mark}",
            "etag": case.header("etag") or f'"{house.marks.mark}"',
            "services": services.header("etag") or f'"{house.marks.mark}"',
            "deliveries": house.marks.mark,
            "messages": house.marks.mark,
            "lines": house.marks.mark,
        }


OWNED = frozenset({"case", "case_id", "document", "draft", "file", "message", "power", "submission"})
"""Identifiers of things of one citizen: for the second one, the first one's do not exist."""
OF_NOBODY = frozenset({"object_id", "uuid"})
"""Identifiers of published things, about which anybody may write a report of one's own."""
ABSENT_ROUTES = frozenset(
    {
        "desk/beleid/export.csv",  # no figures before the first month has gone by
        "id/<str:kind>/<uuid:uuid>",  # leads to published things only
    }
)
ABSENT = frozenset(
    {
        (
            "mijn/volmachten/<uuid:power>/intrekken",
            "represented",
        ),  # `own` is for companies: nobody hands it on
        ("mijn/gegevens", "represented"),  # shows the data of the person who signed in, and of nobody else
    }
)


@contextmanager
def undone(house: House) -> Iterator[Any]:
    """Bind an organization, let its database change, and undo it; gives a function that counts changes."""
    from django.db import transaction

    from ocapi.kernel.audit.models import LeafRow
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.kernel.tenants import api as tenants

    def count() -> int:
        return EventRow.objects.count() + LeafRow.objects.filter(kind="change").count()

    with tenants.bind_tenant(house.tenant), transaction.atomic():
        before = count()
        yield lambda: (before, count())
        transaction.set_rollback(True)


def _quoted(text: str) -> bytes:
    from urllib.parse import quote

    return quote(text, safe="").encode()


def _difference(one: bytes, other: bytes) -> str:
    place = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    start = max(0, place - 40)
    return f"{one[start : place + 40]!r} against {other[start : place + 40]!r}"
