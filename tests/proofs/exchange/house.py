"""The product with one organization, to which things come twice, late, in another order, or changed."""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import clock, codec, ids, seglog
from tests.proofs import planting
from tests.proofs.exchange import mutants
from tests.proofs.exchange.proof import STEPS

KEY = "exchange"
TRIES = 8
TYPES = ("be.ocapi.services.service.published.v1", "be.ocapi.cases.case.closed.v1")
Wrong = tuple[str, str]


def build() -> None:
    """Make the organization."""
    from ocapi.kernel.tenants.data import Kind
    from ocapi.modules.cases.tests.factories import load_content

    tenants.prepare_platform(now=clock.now())
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, now=clock.now())
    with tenants.bind(KEY):
        load_content()


def check(*, id: str, seed: int) -> list[str] | None:
    """Take one walk, in a transaction that is undone."""
    from django.db import DatabaseError, transaction

    kind = id.partition("/")[0]
    with tenants.bind(KEY), transaction.atomic():
        try:
            wrong = CHECKS[kind](random.Random(f"{id}:{seed}"))
        except DatabaseError as failure:
            wrong = ("no failure of ours", f"{type(failure).__name__}: {failure}")
        transaction.set_rollback(True)
    return list(wrong) if wrong else None


def list_mutants() -> list[str]:
    """Give every guard that is taken away."""
    return [each.name for each in mutants.MUTANTS]


def notices(*, mutant: str, seed: int) -> bool:
    """Take one guard away and tell whether its walks notice."""
    found = next(each for each in mutants.MUTANTS if each.name == mutant)
    with planting.planted(found):
        return any(check(id=f"{case}/{number}", seed=seed) for case in found.cases for number in range(TRIES))


def requests(coin: random.Random) -> Wrong | None:
    """Cases by key: the same again is the same case, another body is refused, after 31 days it is new."""
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.modules.cases.data import IdempotencyConflict
    from ocapi.modules.cases.models import CaseRow
    from ocapi.modules.cases.tests.factories import a_case

    now, callers = NOW, [a_citizen(person=ids.new_uuid(NOW)) for _ in range(2)]
    known: dict[tuple[int, str], tuple[str, UUID, datetime]] = {}
    begun, made = (CaseRow.objects.count(), EventRow.objects.count()), 0
    kept = timedelta(days=31)
    for _ in range(STEPS):
        who, key, body = coin.randrange(2), coin.choice("abc"), coin.choice(("portal", "counter"))
        held = known.get((who, key))
        if held and now - held[2] >= kept:
            held = None
        try:
            got = a_case(citizen=callers[who], now=now, idempotency_key=key, channel=body).uuid
        except IdempotencyConflict:
            if held is None or held[0] == body:
                return "a case", f"refused: {key} {body}"
        else:
            if held and (held[0] != body or held[1] != got):
                return f"{held[1]} again, or refused", f"{got}: {key} {body}"
            if held is None:
                known[who, key] = (body, got, now)
                made += 1
        now += coin.choice((timedelta(0), timedelta(hours=1), timedelta(days=9)))
    facts = EventRow.objects.filter(type="be.ocapi.cases.case.received.v1").count()
    stored = CaseRow.objects.count() - begun[0]
    return None if stored == made == facts else (f"{made} cases and facts", f"{stored} cases, {facts} facts")


def assertions(coin: random.Random) -> Wrong | None:
    """Assertions of a machine account: each opens once, for us, in its time; of nobody else."""
    from ocapi.modules.exchange import api
    from ocapi.modules.exchange.data import ASSERTION_TYPE, GrantRefused
    from ocapi.modules.exchange.tests.keys import KeyPair

    pair, stranger, endpoint = KeyPair(), KeyPair(), "https://exchange.example/oauth/token"
    made = api.register_application(
        name="x", jwks=json.dumps(pair.jwk), scopes=("cases:cases:read",),
        actor=a_staff_member("tenant_admin"), now=NOW,
    )
    now, sent, spent = NOW, dict[str, tuple[str, int, bool]](), set[str]()
    for step in range(STEPS):
        if sent and coin.random() < 0.4:
            jti = coin.choice(list(sent))  # once more, or a late one for the first time
        else:
            jti, life = f"jti-{step}", coin.choice((30, 120, 300, 290, 100_000))
            audience = coin.choice((endpoint, endpoint, endpoint, "https://elsewhere.example/oauth/token"))
            key = coin.choice((pair, pair, pair, pair, stranger))
            moment = int(now.timestamp())
            claims = {"iss": made.client_id, "sub": made.client_id, "aud": audience, "iat": moment,
                      "exp": moment + life, "jti": jti}
            is_ours = key is pair and audience == endpoint
            sent[jti] = (key.signed(claims), moment + life, is_ours)
            if coin.random() < 0.3:
                continue  # it is held back on the way
        signed, ends, is_ours = sent[jti]
        left = ends - now.timestamp()
        is_good = is_ours and jti not in spent and -60 <= left <= 360
        try:
            api.issue_token(
                grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE, scope="",
                client_assertion=signed, audiences=(endpoint,), address=f"192.0.2.{step}", now=now,
            )
        except GrantRefused as refusal:
            if is_good:
                return "a token", f"refused: {refusal}, {left} s left"
        else:
            if not is_good:
                return "refused", f"a token for {jti}, {left} s left, ours: {is_ours}, spent: {jti in spent}"
            spent.add(jti)
        now += timedelta(seconds=coin.choice((0, 1, 20, 59, 90, 200)))
    return None


def readings(coin: random.Random) -> Wrong | None:
    """Readings of devices: repeated and in any order, each counts once in its hour."""
    from ocapi.modules.capture import api
    from ocapi.modules.capture.data import StreamFacts
    from ocapi.modules.capture.models import HourRow

    code = f"walk-{coin.randrange(10**9)}"
    facts = StreamFacts(code=code, title="x", unit="1", place="", source="", license="", quality="")
    api.load_hours(facts=facts, figures=(), now=NOW)
    writer = seglog.Writer(tenants.folder() / "inbox")
    told: dict[str, tuple[datetime, int]] = {}
    try:
        for step in range(STEPS):
            name = coin.choice(list(told)) if told and coin.random() < 0.5 else f"m{step}"
            at, value = told.setdefault(
                name, (NOW - timedelta(minutes=coin.randrange(600)), coin.randrange(1000))
            )
            reading = {"stream": code, "id": name, "at": at, "value": value, "client": "c", "receivedAt": NOW}
            writer.append([codec.encode_json(reading)] * coin.choice((1, 1, 2)))
            if coin.random() < 0.2:
                api.roll_up()
        api.roll_up()
    finally:
        writer.close()
    rows = HourRow.objects.filter(stream__code=code)
    got = f"{sum(row.n for row in rows)} readings, {sum(row.total for row in rows)} in all"
    expected = f"{len(told)} readings, {sum(value for _at, value in told.values())} in all"
    return None if got == expected else (expected, got)


def facts(coin: random.Random) -> Wrong | None:
    """Facts of another organization: once each, only of who sends, only of what is followed; an id used again
    for something else is refused.
    """
    from ocapi.kernel.jobs import neighbors
    from ocapi.kernel.jobs.data import NotFollowed, OtherFact
    from ocapi.kernel.jobs.models import InboxRow
    from ocapi.lib.codec import MalformedInput

    sender, other = "https://sender.example", "https://other.example"
    neighbors.follow(source=sender, patterns=("be.ocapi.services.*",), now=NOW)
    sent, taken = list[dict[str, Any]](), set[str]()
    for step in range(STEPS):
        if sent and coin.random() < 0.5:
            event = coin.choice(sent)
        else:
            event = {
                "id": str(UUID(int=coin.getrandbits(128), version=4)), "sequence": str(step),
                "type": coin.choice(TYPES),
                "source": coin.choice((sender, sender, sender, other)), "time": NOW.isoformat(), "data": {},
            }
            sent.append(event)
        is_other = event["id"] in taken and coin.random() < 0.2
        body = json.dumps({**event, "data": {"step": step}} if is_other else event).encode()
        is_torn = coin.random() < 0.1
        is_wanted = event["source"] == sender and event["type"].startswith("be.ocapi.services.")
        try:
            is_new = neighbors.receive(body=body[:-3] if is_torn else body, source=sender, now=NOW)
        except OtherFact:
            if not is_other:
                return "taken", f"called another fact: {event}"
            continue
        except (NotFollowed, MalformedInput):
            if is_wanted and not is_torn:
                return "taken", f"refused: {event}"
            continue
        if is_torn or is_other or not is_wanted or is_new == (event["id"] in taken):
            return "new once, and of nobody else", f"new: {is_new}, wanted: {is_wanted}, {event}"
        taken.add(event["id"])
    held = {str(each) for each in InboxRow.objects.values_list("event", flat=True)}
    return None if held == taken else (f"{len(taken)} facts", f"{len(held)}")


CHECKS: dict[str, Callable[[random.Random], Wrong | None]] = {
    "requests": requests, "assertions": assertions, "readings": readings, "facts": facts,
}
OPERATIONS: dict[str, Any] = {
    "build": build, "check": check, "list_mutants": list_mutants, "notices": notices,
}
