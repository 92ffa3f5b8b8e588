"""The rules of a meeting, without a database: what may follow, how votes count, what stays closed."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ocapi.lib import identifiers
from ocapi.modules.council import rules
from ocapi.modules.council.data import (
    FOLLOWING,
    Attendance,
    Ballot,
    Choice,
    Counted,
    DecisionText,
    Item,
    Meeting,
    MeetingState,
    NotNow,
    Outcome,
    Part,
    Presence,
    Refused,
    Vote,
    Way,
)

MOST_TEXT = 200_000
MOST_ARTICLES = 200
CLOSED_TITLE = "Punt in besloten zitting"
_NUMBER_LIKE = re.compile(r"(?<!\d)(?:\d[ .\-/]?){10}\d(?!\d)")
_WEB = re.compile(r"https?://[^\s<>\"']{3,490}\Z")


def require_following(state: MeetingState, to: MeetingState) -> None:
    """Raise NotNow when `to` may not follow."""
    if to not in FOLLOWING[state]:
        raise NotNow(state)


def require_state(state: MeetingState, *allowed: MeetingState) -> None:
    """Raise NotNow unless the meeting stands in one of these states."""
    if state not in allowed:
        raise NotNow(state)


def counted(result: Counted, meeting: Meeting) -> tuple[int, int, int, Outcome]:
    """Give the counts and the outcome of a vote; raises Refused.

    A majority of those who voted for or against adopts; abstentions do not count and a tie rejects (Decreet
    Lokaal Bestuur, article 33). Only members who are present and have a vote take part.
    """
    voters = {each.holder.uuid for each in voters_of(meeting)}
    if result.way is Way.NAMED:
        chosen = dict(result.choices)
        if not chosen:
            raise Refused(("choices", "missing"))
        if len(chosen) != len(result.choices) or set(chosen) - voters:
            raise Refused(("choices", "notPresent"))
        votes_for, votes_against, abstained = (
            sum(1 for each in chosen.values() if each is choice)
            for choice in (Choice.FOR, Choice.AGAINST, Choice.ABSTAINED)
        )
    else:
        if result.choices:
            raise Refused(("choices", "notNamed"))
        votes_for, votes_against, abstained = result.votes_for, result.votes_against, result.abstained
    if min(votes_for, votes_against, abstained) < 0:
        raise Refused(("votes_for", "negative"))
    if not votes_for + votes_against + abstained:
        raise Refused(("votes_for", "nobodyVoted"))
    if votes_for + votes_against + abstained > len(voters):
        raise Refused(("votes_for", "moreThanPresent"))
    outcome = Outcome.ADOPTED if votes_for > votes_against else Outcome.REJECTED
    return votes_for, votes_against, abstained, outcome


def voters_of(meeting: Meeting) -> tuple[Attendance, ...]:
    """Give those present who have a vote."""
    return tuple(each for each in meeting.present if has_vote(each.holder.role))


def has_vote(code: str) -> bool:
    """Tell whether the holder of a role has a vote."""
    found = rules.role(code)
    return found is not None and found.votes


def checked(text: DecisionText, *, is_public: bool) -> None:
    """Raise Refused when a decision is not whole, or says of the public what it may not."""
    problems = []
    if rules.decision_type(text.type) is None:
        problems.append(("type", "unknown"))
    if not text.title.strip():
        problems.append(("title", "missing"))
    if not text.motivation.strip():
        problems.append(("motivation", "missing"))
    if not text.articles or not all(each.text.strip() and each.number.strip() for each in text.articles):
        problems.append(("articles", "missing"))
    if len(text.articles) > MOST_ARTICLES:
        problems.append(("articles", "tooMany"))
    numbers = [each.number for each in text.articles]
    if len(set(numbers)) != len(numbers):
        problems.append(("articles", "numberTwice"))
    if any(each.url and not _WEB.match(each.url) for each in text.grounds):
        problems.append(("grounds", "notAnAddress"))
    if text.in_force_on and text.no_longer_in_force_on and text.no_longer_in_force_on <= text.in_force_on:
        problems.append(("no_longer_in_force_on", "beforeStart"))
    whole = [text.title, text.summary, text.motivation, *(each.text for each in text.articles)]
    if sum(map(len, whole)) > MOST_TEXT:
        problems.append(("motivation", "tooLong"))
    if is_public and any(holds_national_number(each) for each in whole):
        problems.append(("motivation", "nationalNumber"))
    if problems:
        raise Refused(*problems)


def holds_national_number(text: str) -> bool:
    """Tell whether a text holds what is a national number, however it is written."""
    for found in _NUMBER_LIKE.finditer(text):
        try:
            identifiers.parse_insz(re.sub(r"\D", "", found[0]), allow_synthetic=True)
        except identifiers.InvalidIdentifier:
            continue
        return True
    return False


def require_led(meeting: Meeting) -> None:
    """Raise Refused unless somebody present leads the meeting and somebody else keeps its record."""
    problems = [(part.value, "missing") for part in (Part.CHAIR, Part.SECRETARY) if meeting.who(part) is None]
    leading = [each for each in meeting.attendance if each.part is not Part.MEMBER]
    if len({each.part for each in leading}) != len(leading):
        problems.append(("part", "twice"))
    if any(each.presence is not Presence.PRESENT for each in leading):
        problems.append(("part", "notPresent"))
    if problems:
        raise Refused(*problems)


def disclosed(meeting: Meeting) -> Meeting:
    """Give a meeting as the public may know it: of a closed point title, outcome and counts."""
    return replace(meeting, items=tuple(_disclosed(each) for each in meeting.items))


def _disclosed(item: Item) -> Item:
    if item.is_public:
        return replace(item, votes=tuple(_counted_only(each) for each in item.votes))
    title = item.public_title or CLOSED_TITLE
    votes = tuple(replace(_counted_only(each), subject=title, ballots=()) for each in item.votes)
    decision = item.decision and replace(
        item.decision, title=title, summary="", motivation="", grounds=(), articles=()
    )
    return replace(item, title=title, description="", decision=decision, votes=votes)


def _counted_only(vote: Vote) -> Vote:
    return vote if vote.way is Way.NAMED else replace(vote, ballots=())


def by_choice(ballots: tuple[Ballot, ...], choice: Choice) -> Iterator[Ballot]:
    """Give the ballots with that choice."""
    return (each for each in ballots if each.choice is choice)
