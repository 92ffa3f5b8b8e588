"""Asking sources what they know already, and what a new answer of theirs does to a draft."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ocapi.lib import codec
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.forms.data import Field, FieldType, FormDefinition, PrefilledField, PrefillState
from ocapi.modules.forms.extensions import FieldRef, Prefilled, prefill_sources
from ocapi.modules.forms.services import values

RETRY_AFTER = timedelta(minutes=5)  # a source that was down is asked again when the draft is opened later
FRESH_FOR = timedelta(hours=24)  # what a source said is asked anew after a day

Stored = dict[str, codec.JsonValue]
"""Per field: source, state, value, fetched_at, tried_at, is_disputed."""


def ask(
    definition: FormDefinition,
    *,
    only: tuple[str, ...] | None,
    subject: Subject,
    actor: Actor,
    reference: str,
    now: datetime,
) -> dict[str, Prefilled]:
    """Ask each source once for all its fields; gives an answer for every field asked, by field code.

    only: field codes to ask for, None for all. A source that is not connected counts as down.
    """
    by_source: dict[str, list[Field]] = {}
    for field in definition.fields:
        if field.prefill and (only is None or field.code in only):
            by_source.setdefault(field.prefill.source, []).append(field)
    found: dict[str, Prefilled] = {}
    for name, fields in by_source.items():
        source = prefill_sources.find(name)
        if source is None:
            found |= {field.code: _down(field) for field in fields}
            continue
        references = tuple(
            FieldRef(form=definition.code, field=field.code, type=field.type, path=field.prefill.path)
            for field in fields
            if field.prefill
        )
        answers = {
            answer.field: answer
            for answer in source.fetch(
                fields=references,
                subject=subject,
                actor=actor,
                purpose=definition.personal_purpose,
                reference=reference,
                now=now,
            )
        }
        found |= {field.code: _sound(field, answers.get(field.code)) for field in fields}
    return found


def _down(field: Field) -> Prefilled:
    return Prefilled(field=field.code, state=PrefillState.SOURCE_DOWN)


def _sound(field: Field, answer: Prefilled | None) -> Prefilled:
    """Give the answer, or empty when there is none or it does not fit the field's type."""
    if answer is not None and answer.state is PrefillState.SOURCE_DOWN:
        return _down(field)
    if answer is None or answer.value is None or not values.is_of_type(field.type, answer.value):
        return Prefilled(field=field.code, state=PrefillState.EMPTY)
    return answer


def due(stored: Mapping[str, Stored], *, now: datetime) -> tuple[str, ...]:
    """Give the fields whose source is worth asking again."""
    return tuple(
        code
        for code, held in stored.items()
        if now - _instant(held["tried_at"]) >= (RETRY_AFTER if held["state"] in _UNSURE else FRESH_FOR)
    )


_UNSURE = (PrefillState.SOURCE_DOWN.value, PrefillState.STALE.value)


def merge(
    stored: Mapping[str, Stored],
    answers: Mapping[str, Prefilled],
    *,
    definition: FormDefinition,
    given: Mapping[str, object],
    now: datetime,
) -> dict[str, Stored]:
    """Give what a draft keeps after sources answered (again).

    A value stays, as stale, when its source does not answer any more. What the citizen filled in while the
    source was down becomes a claim to verify when the source, back again, says otherwise.
    """
    made = {code: dict(held) for code, held in stored.items()}
    for field in definition.fields:
        if field.code in answers and field.prefill:
            made[field.code] = _merged(
                field.prefill.source,
                answers[field.code],
                made.get(field.code),
                given.get(field.code),
                now,
            )
    return made


def _merged(source: str, answer: Prefilled, held: Stored | None, given: object, now: datetime) -> Stored:
    tried_at = now.isoformat()
    if answer.state is PrefillState.SOURCE_DOWN and held and held["value"] is not None:
        return {**held, "state": PrefillState.STALE.value, "tried_at": tried_at}
    value = None if answer.value is None else values.to_json(answer.value)
    was_disputed = bool(held and held["is_disputed"])
    contradicted = (
        held is not None and held["value"] is None and given is not None and value not in (None, given)
    )
    return {
        "source": source,
        "state": answer.state.value,
        "value": value,
        "fetched_at": tried_at,
        "tried_at": tried_at,
        "is_disputed": was_disputed or contradicted,
    }


def to_data(code: str, kind: FieldType, held: Stored) -> PrefilledField:
    """Give what is stored for one field as others see it."""
    source = prefill_sources.find(str(held["source"]))
    return PrefilledField(
        field=code,
        source=str(held["source"]),
        source_title=source.title if source else str(held["source"]),
        state=PrefillState(str(held["state"])),
        fetched_at=_instant(held["fetched_at"]),
        value=None if held["value"] is None else values.from_json(kind, held["value"]),
        is_disputed=bool(held["is_disputed"]),
    )


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
