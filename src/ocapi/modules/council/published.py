"""Makes the documents of a meeting: one text for people and machines, HTML with RDFa as LBLOD reads it.

Each is made of what the public may know and nothing else (`procedure.disclosed`), from plain values.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ocapi.lib import clock, written
from ocapi.lib.rdf import rdfa
from ocapi.lib.rdf.graph import Graph
from ocapi.modules.council import procedure, rules
from ocapi.modules.council.data import (
    Attendance,
    Choice,
    Decision,
    DocumentKind,
    Holder,
    Item,
    Meeting,
    Outcome,
    Part,
    Presence,
    Vote,
    Way,
)
from ocapi.modules.council.names import DUTCH, RDFA_PREFIX, Names

TEMPLATES = {
    DocumentKind.AGENDA: "council/published/agenda.html",
    DocumentKind.DECISION_LIST: "council/published/decision_list.html",
    DocumentKind.MINUTES: "council/published/minutes.html",
    DocumentKind.EXTRACT: "council/published/extract.html",
}
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is published: the document, its meeting, and the point it is about when it is an extract."""

    kind: DocumentKind
    document: UUID
    meeting: Meeting
    item: UUID | None
    organization: str
    names: Names
    area: str


def render(draft: Draft, *, published_on: date | None) -> str:
    """Make the document; published_on: None for the same text before its day of publication is known."""
    with translation.override("nl"):
        text = render_to_string(TEMPLATES[draft.kind], _values(draft, published_on))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def title(draft: Draft) -> str:
    """Give the title of a document in one line."""
    if draft.kind is DocumentKind.EXTRACT:
        decision = next(item.decision for item in _items(draft) if item.decision is not None)
        return decision.title
    day = written.in_words(clock.local_day(draft.meeting.planned_at))
    return f"{rules.document(draft.kind.value).title} {draft.meeting.body}, {day}"


def digest(text: str) -> str:
    """Give the SHA-256 of a document's bytes, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def submitted_resource(draft: Draft) -> str:
    """Give the IRI that is reported: of the decision for an extract, else of the document."""
    if draft.kind is DocumentKind.EXTRACT:
        decision = next(item.decision for item in _items(draft) if item.decision is not None)
        return draft.names.of("besluit", decision.uuid)
    return draft.names.of("publicatie", draft.document)


def _items(draft: Draft) -> tuple[Item, ...]:
    found = procedure.disclosed(draft.meeting).items
    return tuple(each for each in found if draft.item is None or each.uuid == draft.item)


def _values(draft: Draft, published_on: date | None) -> dict[str, Any]:
    meeting, names = draft.meeting, draft.names
    kind = rules.body_kind(meeting.body_kind)
    unit = rules.unit(kind.unit) if kind else None
    is_agenda = draft.kind is DocumentKind.AGENDA
    present = () if is_agenda else meeting.present
    members = tuple(
        each for each in present if each.part is Part.MEMBER or procedure.has_vote(each.holder.role)
    )
    return {
        "prefix": RDFA_PREFIX,
        "dutch": DUTCH,
        "type": rules.document(draft.kind.value),
        "meeting": meeting,
        "organization": draft.organization,
        "published_on": published_on.isoformat() if published_on else "",
        "published_in_words": written.in_words(published_on) if published_on else "",
        "level": 2 if draft.kind is DocumentKind.EXTRACT else 4,
        "iri": {
            "document": names.of("publicatie", draft.document),
            "meeting": names.of("zitting", meeting.uuid),
            "term": names.term(meeting.term),
            "body": names.body(meeting.of),
            "unit": names.unit,
            "classification": kind.iri if kind else "",
            "unit_kind": unit.iri if unit else "",
            "area": draft.area or f"{names.unit}#werkingsgebied",
        },
        "planned": _moment(meeting.planned_at),
        "started": None if is_agenda else _moment(meeting.started_at),
        "ended": None if is_agenda else _moment(meeting.ended_at),
        "chair": _led(meeting.who(Part.CHAIR), names) if not is_agenda else None,
        "secretary": _led(meeting.who(Part.SECRETARY), names) if not is_agenda else None,
        "present": tuple(_holder(each.holder, names) for each in members),
        "away": ()
        if is_agenda
        else tuple(
            _holder(each.holder, names)
            for each in meeting.attendance
            if each.presence is not Presence.PRESENT
        ),
        "items": _shown(draft, published_on),
    }


def _shown(draft: Draft, published_on: date | None) -> tuple[dict[str, Any], ...]:
    found, before = [], None
    for item in procedure.disclosed(draft.meeting).items:
        if draft.item is None or item.uuid == draft.item:
            found.append(_item(item, draft, before, published_on))
        before = item.uuid
    return tuple(found)


def _item(item: Item, draft: Draft, before: UUID | None, published_on: date | None) -> dict[str, Any]:
    names = draft.names
    is_agenda = draft.kind is DocumentKind.AGENDA
    return {
        "position": item.position,
        "title": item.title,
        "description": item.description,
        "is_public": item.is_public,
        "iri": names.of("agendapunt", item.uuid),
        "handling": names.of("behandeling", item.uuid),
        "type": f"{names.base}/besluiten/#punt",
        "after": names.of("agendapunt", before) if before and draft.item is None else "",
        "handled_after": names.of("behandeling", before) if before and draft.item is None else "",
        "decision": None
        if is_agenda or item.decision is None
        else _decision(item, item.decision, draft, published_on),
        "votes": () if is_agenda else tuple(_vote(each, draft) for each in item.votes),
    }


def _decision(item: Item, decision: Decision, draft: Draft, published_on: date | None) -> dict[str, Any]:
    iri = draft.names.of("besluit", decision.uuid)
    starts = _in_force(decision, draft, published_on)
    ends = decision.no_longer_in_force_on
    return {
        "iri": iri,
        "ground": f"{iri}#rechtsgrond",
        "title": decision.title,
        "summary": decision.summary,
        "types": tuple(rules.with_wider(decision.type)) if item.is_public else (),
        "outcome": outcome_label(decision.outcome),
        "motivation": [
            " ".join(each.split()) for each in _PARAGRAPH.split(decision.motivation) if each.strip()
        ],
        "grounds": decision.grounds,
        "articles": tuple(
            {
                "iri": f"{iri}#artikel-{_slug(each.number)}",
                "ground": f"{iri}#rechtsgrond-{_slug(each.number)}",
                "number": each.number,
                "text": each.text,
            }
            for each in decision.articles
        ),
        "in_force_on": starts.isoformat() if starts else "",
        "in_force_words": written.in_words(starts) if starts else "",
        "no_longer_in_force_on": ends.isoformat() if ends else "",
        "no_longer_words": written.in_words(ends) if ends else "",
        "plan_action": decision.plan_action,
    }


def _in_force(decision: Decision, draft: Draft, published_on: date | None) -> date | None:
    """Give the day a decision is in force: as it says, else by the decree; None when it was not adopted."""
    if decision.outcome is not Outcome.ADOPTED:
        return None
    if decision.in_force_on is not None:
        return decision.in_force_on
    kind = rules.decision_type(decision.type)
    if kind is not None and kind.regulation:
        return rules.entry_into_force(published_on) if published_on else None
    return clock.local_day(draft.meeting.started_at or draft.meeting.planned_at)


def _slug(number: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", number.lower()).strip("-") or "0"


def _vote(vote: Vote, draft: Draft) -> dict[str, Any]:
    names = draft.names
    voters = tuple(each.holder for each in procedure.voters_of(draft.meeting))
    cast = vote.votes_for + vote.votes_against + vote.abstained
    if vote.ballots:
        voters = tuple(each.holder for each in vote.ballots)
    elif cast != len(voters):
        voters = ()  # some who were present did not vote, and nobody wrote down who
    labels = (
        (Choice.FOR, _("Voted for"), "besluit:heeftVoorstander"),
        (Choice.AGAINST, _("Voted against"), "besluit:heeftTegenstander"),
        (Choice.ABSTAINED, _("Abstained"), "besluit:heeftOnthouder"),
    )
    return {
        "iri": names.of("stemming", vote.uuid),
        "subject": vote.subject,
        "outcome": outcome_label(vote.outcome),
        "is_secret": vote.way is Way.SECRET,
        "votes_for": vote.votes_for,
        "abstained": vote.abstained,
        "votes_against": vote.votes_against,
        "voters": tuple(names.of("mandataris", each.uuid) for each in voters),
        "parts": tuple(
            {
                "label": label,
                "property": name,
                "holders": tuple(
                    _holder(each.holder, names) for each in procedure.by_choice(vote.ballots, choice)
                ),
            }
            for choice, label, name in labels
        ),
    }


def outcome_label(outcome: Outcome | None) -> str:
    """Give the outcome in words."""
    labels = {
        Outcome.ADOPTED: _("Adopted"),
        Outcome.REJECTED: _("Rejected"),
        Outcome.POSTPONED: _("Postponed"),
    }
    return labels.get(outcome, "") if outcome else ""


def _led(attendance: Attendance | None, names: Names) -> dict[str, str] | None:
    return _holder(attendance.holder, names) if attendance else None


def _holder(holder: Holder, names: Names) -> dict[str, str]:
    return {
        "iri": names.of("mandataris", holder.uuid),
        "person": names.of("persoon", holder.person),
        "mandate": names.of("mandaat", holder.mandate),
        "name": holder.name,
        "given_name": holder.given_name,
        "family_name": holder.family_name,
    }


def _moment(at: datetime | None) -> dict[str, str] | None:
    if at is None:
        return None
    return {
        "machine": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "words": written.moment_in_words(at),
        "day": written.in_words(clock.local_day(at)),
    }


def markup(text: str) -> SafeString:
    """Give a document as markup for a page: it was made by `render`, where every value was escaped."""
    return mark_safe(text)  # noqa: S308


def statements(text: str, *, address: str) -> Graph:
    """Give what a document says, read from its own RDFa: there is no second source that could differ."""
    return rdfa.read(text.encode(), base_iri=address).graph
