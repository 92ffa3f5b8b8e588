"""Bodies, meetings and what was decided. Texts of points may concern persons until they are published."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

_MANDATE = Personal(
    category="identification",
    legal_basis="legalObligation",
    purpose="council.record",
    retention="permanent",
    source="dataSubject",
)
_CHOICE = Personal(
    category="content",
    legal_basis="legalObligation",
    purpose="council.record",
    retention="permanent",
    source="dataSubject",
)
_CONTENT = Personal(
    category="content",
    legal_basis="legalObligation",
    purpose="council.record",
    retention="permanent",
    source="employer",
)
_STAFF = Personal(
    category="staff",
    legal_basis="publicTask",
    purpose="council.record",
    retention="permanent",
    source="employer",
)


class BodyRow(fields.Record):
    """A governing body. Who sits in it is said by period of office, never of the body itself."""

    kind = fields.Text(max_length=40, personal=None)
    title = fields.Text(max_length=200, personal=None)
    iri = fields.Text(max_length=500, personal=None)

    class Meta:
        db_table = "council_body"


class TermRow(fields.Record):
    """A body in time: one period of office, half-open."""

    body = fields.Reference(BodyRow, on_delete=models.CASCADE, related_name="terms", personal=None)
    starts_on = fields.Day(personal=None)
    ends_on = fields.Day(null=True, personal=None)
    iri = fields.Text(max_length=500, personal=None)

    class Meta:
        db_table = "council_term"
        constraints = [models.UniqueConstraint(fields=["body", "starts_on"], name="council_term_once")]


class MandateRow(fields.Record):
    """A role in a body in time; whoever fills it is a holder."""

    term = fields.Reference(TermRow, on_delete=models.CASCADE, related_name="mandates", personal=None)
    role = fields.Text(max_length=40, personal=None)

    class Meta:
        db_table = "council_mandate"
        constraints = [models.UniqueConstraint(fields=["term", "role"], name="council_mandate_once")]


class HolderRow(fields.Record):
    """Somebody who holds a mandate. No national number, no address: names are public, nothing else is."""

    mandate = fields.Reference(MandateRow, on_delete=models.CASCADE, related_name="holders", personal=None)
    person = fields.Identifier(personal=_MANDATE)
    given_name = fields.Text(max_length=100, personal=_MANDATE)
    family_name = fields.Text(max_length=100, personal=_MANDATE)
    faction = fields.Text(max_length=100, personal=_MANDATE)
    status = fields.Text(max_length=40, personal=None)
    rank = fields.Text(max_length=60, personal=None)
    starts_on = fields.Day(personal=None)
    ends_on = fields.Day(null=True, personal=None)

    class Meta:
        db_table = "council_holder"


class MeetingRow(fields.Record):
    """A meeting of a body in time."""

    term = fields.Reference(TermRow, on_delete=models.PROTECT, related_name="meetings", personal=None)
    planned_at = fields.Instant(personal=None)
    place = fields.Text(max_length=200, personal=None)
    state = fields.Text(max_length=20, personal=None)
    started_at = fields.Instant(null=True, personal=None)
    ended_at = fields.Instant(null=True, personal=None)
    revision = fields.Integer(personal=None)

    class Meta:
        db_table = "council_meeting"
        indexes = [models.Index(fields=["planned_at", "id"], name="council_meeting_by_day")]


class AttendanceRow(fields.Record):
    """Whether a holder attended, and as what."""

    meeting = fields.Reference(MeetingRow, on_delete=models.CASCADE, related_name="attendance", personal=None)
    holder = fields.Reference(HolderRow, on_delete=models.PROTECT, related_name="+", personal=None)
    presence = fields.Text(max_length=20, personal=_CHOICE)
    part = fields.Text(max_length=20, personal=None)

    class Meta:
        db_table = "council_attendance"
        constraints = [models.UniqueConstraint(fields=["meeting", "holder"], name="council_attends_once")]


class ItemRow(fields.Record):
    """A point of an agenda; its place on the web names its handling too, for there is one of each."""

    meeting = fields.Reference(MeetingRow, on_delete=models.CASCADE, related_name="items", personal=None)
    position = fields.Integer(personal=None)
    title = fields.Text(max_length=500, personal=_CONTENT)
    description = fields.LongText(personal=_CONTENT)
    is_public = fields.Boolean(personal=None)
    public_title = fields.Text(max_length=500, personal=None)

    class Meta:
        db_table = "council_item"
        indexes = [models.Index(fields=["meeting", "position"], name="council_item_in_order")]


class DecisionRow(fields.Record):
    """What was decided on a point; a point has at most one decision."""

    item = fields.Reference(
        ItemRow, on_delete=models.CASCADE, related_name="decisions", unique=True, personal=None
    )
    type = fields.Text(max_length=40, personal=None)
    title = fields.Text(max_length=500, personal=_CONTENT)
    summary = fields.LongText(personal=_CONTENT)
    motivation = fields.LongText(personal=_CONTENT)
    grounds = fields.Document(personal=None)
    articles = fields.Document(personal=_CONTENT)
    outcome = fields.Text(max_length=20, personal=None)
    in_force_on = fields.Day(null=True, personal=None)
    no_longer_in_force_on = fields.Day(null=True, personal=None)
    plan_action = fields.Text(max_length=60, personal=None)
    principles = fields.Document(personal=None)

    class Meta:
        db_table = "council_decision"


class VoteRow(fields.Record):
    """A vote on a point, in the order they were held."""

    item = fields.Reference(ItemRow, on_delete=models.CASCADE, related_name="votes", personal=None)
    subject = fields.Text(max_length=500, personal=_CONTENT)
    way = fields.Text(max_length=20, personal=None)
    votes_for = fields.Integer(personal=None)
    votes_against = fields.Integer(personal=None)
    abstained = fields.Integer(personal=None)
    outcome = fields.Text(max_length=20, personal=None)

    class Meta:
        db_table = "council_vote"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(votes_for__gte=0, votes_against__gte=0, abstained__gte=0),
                name="council_counts_positive",
            )
        ]


class BallotRow(fields.Record):
    """What a member chose in a named vote; secret votes and shows of hands have none."""

    vote = fields.Reference(VoteRow, on_delete=models.CASCADE, related_name="ballots", personal=None)
    holder = fields.Reference(HolderRow, on_delete=models.PROTECT, related_name="+", personal=None)
    choice = fields.Text(max_length=20, personal=_CHOICE)

    class Meta:
        db_table = "council_ballot"
        constraints = [models.UniqueConstraint(fields=["vote", "holder"], name="council_one_ballot")]


class ReleaseRow(fields.Record):
    """A document, prepared by one person and published by another. What is published is never changed.

    number: place in the feed. html holds what everybody may read, so it is not tagged; `content_digest` is of
    the same without the day of publication, to see whether it changed since it was prepared.
    """

    document = fields.Identifier(personal=None)
    kind = fields.Text(max_length=20, personal=None)
    version = fields.Integer(personal=None)
    number = fields.Integer(null=True, unique=True, personal=None)
    state = fields.Text(max_length=20, personal=None)
    meeting = fields.Reference(MeetingRow, on_delete=models.PROTECT, related_name="releases", personal=None)
    item = fields.Identifier(null=True, personal=None)
    title = fields.Text(max_length=500, personal=None)
    html = fields.LongText(personal=None)
    content_digest = fields.Text(max_length=64, personal=None)
    digest = fields.Text(max_length=64, personal=None)
    is_reported = fields.Boolean(personal=None)
    prepared_by = fields.Identifier(null=True, personal=_STAFF)
    prepared_by_name = fields.Text(max_length=200, personal=_STAFF)
    prepared_at = fields.Instant(personal=None)
    approved_by = fields.Identifier(null=True, personal=_STAFF)
    approved_by_name = fields.Text(max_length=200, personal=_STAFF)
    published_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "council_release"
        constraints = [
            models.UniqueConstraint(fields=["document", "version"], name="council_version_once"),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("prepared_by")),
                name="council_two_persons",
            ),
        ]
        indexes = [models.Index(fields=["state", "published_at", "id"], name="council_release_by_day")]


class SubmissionRow(fields.Record):
    """That the supervisor is told of a publication, and what came back."""

    release = fields.Reference(
        ReleaseRow, on_delete=models.CASCADE, related_name="submissions", unique=True, personal=None
    )
    state = fields.Text(max_length=20, personal=None)
    submission = fields.Text(max_length=500, personal=None)
    job = fields.Text(max_length=500, personal=None)
    problem = fields.Text(max_length=200, personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "council_submission"


class ReportingRow(fields.Record):
    """Where and as whom publications are reported to the supervisor; without a row nothing is sent."""

    endpoint = fields.Text(max_length=500, personal=None)
    publisher = fields.Text(max_length=500, personal=None)
    sealed_key = fields.Bytes(personal=None)

    class Meta:
        db_table = "council_reporting"
