"""Guards against what comes twice, late or changed, taken away one at a time."""

from tests.proofs.planting import Mutant

CASES, EXCHANGE = "ocapi.modules.cases.services.records", "ocapi.modules.exchange.services.tokens"
ROLLING, NEIGHBORS = "ocapi.modules.capture.services.rolling", "ocapi.kernel.jobs.neighbors"
MUTANTS = (
    Mutant(
        name="a key that is not remembered", place=f"{CASES}:remember", old="if not key:", new="if True:",
        cases=("requests",),
    ),
    Mutant(
        name="another body under the same key", place=f"{CASES}:find_repeated",
        old="row.body_sha256 != body", new="False", cases=("requests",),
    ),
    Mutant(
        name="a key that is good for ever", place=f"{CASES}:find_repeated",
        old=", used_at__gt=now - KEY_KEPT", new="", cases=("requests",),
    ),
    Mutant(
        name="a key shared by two callers", place=f"{CASES}:_key_hash", old="{actor.label}", new="",
        cases=("requests",),
    ),
    Mutant(
        name="an assertion used twice", place=f"{EXCHANGE}:_spend",
        old="hashlib.sha256(jti.encode())", new="hashlib.sha256(ids.token(8).encode())",
        cases=("assertions",),
    ),
    Mutant(
        name="an assertion that is over", place=f"{EXCHANGE}:_require_claims",
        old="expires_at + LEEWAY_S < moment", new="False", cases=("assertions",),
    ),
    Mutant(
        name="an assertion for somebody else", place=f"{EXCHANGE}:_require_claims",
        old="each in audiences", new="True", cases=("assertions",),
    ),
    Mutant(
        name="an assertion for next year", place=f"{EXCHANGE}:_require_claims",
        old="expires_at > moment + LONGEST_ASSERTION_S + LEEWAY_S", new="False", cases=("assertions",),
    ),
    Mutant(
        name="a reading added twice", place=f"{ROLLING}:_fresh",
        old="wanted.setdefault((stream.id, reading.id), (stream, reading))",
        new="wanted[stream.id, f'{reading.id}:{len(wanted)}'] = (stream, reading)",
        cases=("readings",),
    ),
    Mutant(
        name="a fact of somebody else", place=f"{NEIGHBORS}:receive", old="event.source != source",
        new="False", cases=("facts",),
    ),
    Mutant(
        name="a fact nobody follows", place=f"{NEIGHBORS}:receive",
        old="agreed is None or not relay.matches(event.type, agreed.patterns)", new="False", cases=("facts",),
    ),
    Mutant(
        name="a fact handled twice", place=f"{NEIGHBORS}:receive", old="event=event.id,",
        new="event=ids.new_uuid(now),", cases=("facts",),
    ),
    Mutant(
        name="another fact under the same id", place=f"{NEIGHBORS}:receive",
        old="not event.is_told_by(first)", new="False", cases=("facts",),
    ),
)
