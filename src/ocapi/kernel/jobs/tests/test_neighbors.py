"""Facts between organizations of one installation. Not covered: webhooks, what handlers do with facts."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.jobs import api, data, extensions, neighbors, timing
from ocapi.kernel.jobs.models import DeliveryRow, FollowRow, InboxRow, JobRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.outbox.data import ChangedPersons
from ocapi.kernel.outbox.testing import published
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import codec, ids
from ocapi.lib.envelope import Fact, event

ADMIN = a_staff_member("tenant_admin")
TYPE = "be.ocapi.neighbors.bell.rung.v1"
PATTERNS = ("be.ocapi.neighbors.*",)


@event(TYPE)
class BellRung(Fact):
    """Emitted by these tests only."""

    bell: str
    times: int = 1
    personal: ChangedPersons | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RungBell:
    bell: str
    times: int


class Ears:
    """What the handlers of these tests heard, in order."""

    def __init__(self):
        self.heard = []
        self.deaf = False


EARS = Ears()


def hear_own(bell, meta):
    EARS.heard.append(("own", tenants.current().key, bell.bell, meta.source))


def hear_foreign(bell, meta):
    if EARS.deaf:
        raise ValueError(bell.bell)
    EARS.heard.append(("foreign", tenants.current().key, bell.bell, meta.source))


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    EARS.heard.clear()
    EARS.deaf = False
    for operation in data.OPERATIONS:
        if operations.find(operation.name) is None:
            operations.add(operation)
    for name in ("handlers", "foreign_handlers"):
        book = getattr(extensions, name)
        monkeypatch.setattr(book, "_providers", dict(book._providers))
    extensions.handles(TYPE, reads=RungBell)(hear_own)
    extensions.handles_foreign(TYPE, reads=RungBell)(hear_foreign)


@pytest.fixture
def receiver(committed_tenant):
    """A second organization whose commits are real, not bound."""
    key = f"r-{ids.new_uuid(NOW).hex[-12:]}"
    with tenants.unbound():
        made = tenants.create(key=key, kind=Kind.COLLECTIVE, is_demo=True, now=NOW)
    yield made
    with tenants.unbound():
        tenants.delete(key=key)


@pytest.fixture
def bound_pair(committed_tenant, receiver):
    """Sender (bound) and receiver, which follows it."""
    with at(receiver):
        api.follow(source=committed_tenant.base_iri, patterns=PATTERNS, actor=ADMIN, now=NOW)
    api.subscribe_organization(organization=receiver.key, patterns=PATTERNS, actor=ADMIN, now=NOW)
    return committed_tenant, receiver


class at:  # noqa: N801 (reads as a word in the tests)
    def __init__(self, tenant):
        self.tenant = tenant

    def __enter__(self):
        self.gone = tenants.unbound()
        self.gone.__enter__()
        self.bound = tenants.bind(self.tenant.key)
        self.bound.__enter__()

    def __exit__(self, *failure):
        self.bound.__exit__(*failure)
        self.gone.__exit__(*failure)


def ring(bell="town hall", **changes):
    with transaction.atomic():
        return outbox.publish(BellRung(bell=bell, **changes), actor=ADMIN, now=NOW)


def visit(moment=NOW):
    return api.visit(now=moment, budget_ms=5000)


class TestSubscribeOrganization:
    def test_is_active_at_once_and_once(self, tenant, other_tenant):
        first, second = (
            api.subscribe_organization(organization=other_tenant.key, patterns=PATTERNS, actor=ADMIN, now=NOW)
            for _ in range(2)
        )
        assert first == second
        assert (first.state, first.url) == (data.SubscriptionState.ACTIVE, other_tenant.base_iri)

    @pytest.mark.parametrize("key", ["nobody-here", "alpha", ""])
    def test_refuses_unknown_organizations_and_the_own_one(self, tenant, key):
        with pytest.raises(data.InvalidSubscription):
            api.subscribe_organization(organization=key, patterns=PATTERNS, actor=ADMIN, now=NOW)

    def test_refuses_patterns_that_name_no_type_of_ours(self, tenant, other_tenant):
        with pytest.raises(data.InvalidSubscription):
            api.subscribe_organization(organization=other_tenant.key, patterns=("*",), actor=ADMIN, now=NOW)

    @pytest.mark.parametrize("act", ["subscribe", "follow"])
    def test_refuses_who_may_not(self, tenant, other_tenant, act):
        clerk = a_staff_member("clerk")
        with pytest.raises(NotAllowed):
            if act == "follow":
                api.follow(source=other_tenant.base_iri, patterns=PATTERNS, actor=clerk, now=NOW)
            else:
                api.subscribe_organization(
                    organization=other_tenant.key, patterns=PATTERNS, actor=clerk, now=NOW
                )


class TestDelivery:
    def test_brings_the_event_as_a_job_and_names_its_source(self, bound_pair):
        sender, receiver = bound_pair
        ring()
        visit()
        assert DeliveryRow.objects.get().state == "delivered"
        with at(receiver):
            assert EARS.heard == [("own", sender.key, "town hall", "")]  # not yet: a job waits
            visit()
        assert EARS.heard[1:] == [("foreign", receiver.key, "town hall", sender.base_iri)]

    def test_reaches_no_handler_of_local_facts_and_no_outbox(self, bound_pair):
        _sender, receiver = bound_pair
        ring("canary")
        visit()
        with at(receiver):
            for seconds in range(3):
                visit(NOW + timedelta(seconds=seconds))
            assert published("be.ocapi.neighbors.") == []
        assert [heard for heard in EARS.heard if heard[:2] == ("own", receiver.key)] == []

    def test_shows_no_local_fact_to_handlers_of_foreign_ones(self, bound_pair):
        ring()
        visit()
        assert EARS.heard == [("own", bound_pair[0].key, "town hall", "")]

    def test_leaves_the_trace_with_what_it_sets_going(self, bound_pair):
        ring()
        visit()
        with at(bound_pair[1]):
            assert JobRow.objects.get(name=neighbors.HANDLE).trace_id == ADMIN.trace_id

    def test_leaves_the_personal_part_at_home(self, bound_pair):
        ring(personal=ChangedPersons(persons=("canary-person",)))
        visit()
        with at(bound_pair[1]):
            row = InboxRow.objects.get()
            assert "canary-person" not in row.data
            assert codec.decode_untyped(row.data.encode()) == {"bell": "town hall", "times": 1}

    def test_takes_a_repeated_event_in_once(self, bound_pair):
        ring()
        visit()
        DeliveryRow.objects.update(state="waiting", due_at=NOW)  # as after a receipt that got lost
        visit()
        with at(bound_pair[1]):
            visit()
            assert InboxRow.objects.count() == 1
        assert [heard[0] for heard in EARS.heard] == ["own", "foreign"]

    def test_refuses_another_fact_under_an_id_and_lets_the_first_stand(self, bound_pair):
        ring()
        visit()
        with at(bound_pair[1]):
            InboxRow.objects.update(data='{"bell":"church","times":1}')
        DeliveryRow.objects.update(state="waiting", due_at=NOW)
        visit()
        row = DeliveryRow.objects.get()
        assert (row.state, row.status, row.error_code) == ("failed", 409, "otherFact")
        with at(bound_pair[1]):
            assert "church" in InboxRow.objects.get().data

    @pytest.mark.parametrize("change", [
        {"type": "be.ocapi.neighbors.other.v1"}, {"subject": "y"}, {"sequence": "2"},
        {"time": "2025-03-14T10:00:00Z"}, {"data": {"bell": "church"}}, {"data": {"bell": "x", "more": 1}},
    ])
    def test_takes_each_member_of_a_fact_for_a_part_of_it(self, tenant, change):
        source = "https://other.example.org"
        api.follow(source=source, patterns=PATTERNS, actor=ADMIN, now=NOW)
        body = {"id": str(ids.new_uuid(NOW)), "type": TYPE, "source": source, "subject": "x", "sequence": "1",
                "time": NOW.isoformat(), "data": {"bell": "x", "times": 2}}
        assert neighbors.receive(body=codec.encode_json(body), source=source, now=NOW)
        turned = {**body, "data": {"times": 2, "bell": "x"}}
        assert not neighbors.receive(body=codec.encode_json(turned), source=source, now=NOW)
        with pytest.raises(data.OtherFact):
            neighbors.receive(body=codec.encode_json({**body, **change}), source=source, now=NOW)

    def test_lets_two_sources_use_one_event_id(self, bound_pair):
        sender, receiver = bound_pair
        uuid = ring()
        visit()
        with at(receiver):
            other = "https://other.example.org"
            api.follow(source=other, patterns=PATTERNS, actor=ADMIN, now=NOW)
            body = {"id": str(uuid), "type": TYPE, "source": other, "subject": "x", "sequence": "1",
                    "time": NOW.isoformat(), "data": {"bell": "church", "times": 2}}
            assert neighbors.receive(body=codec.encode_json(body), source=other, now=NOW)
            visit()
        assert [heard[2:] for heard in EARS.heard if heard[0] == "foreign"] == [
            ("town hall", sender.base_iri), ("church", other)
        ]

    def test_keeps_the_order_of_a_subject(self, bound_pair):
        for times in range(3):
            ring(times=times)
        for _ in range(4):
            visit()
        with at(bound_pair[1]):
            rows = InboxRow.objects.order_by("id")
            found = [codec.decode_untyped(each.data.encode())["times"] for each in rows]
        assert found == [0, 1, 2]

    def test_tries_a_failing_handler_again(self, bound_pair):
        ring()
        visit()
        EARS.deaf = True
        with at(bound_pair[1]):
            visit()
            EARS.deaf = False
            visit(NOW + timedelta(seconds=5))
            assert not JobRow.objects.filter(name=neighbors.HANDLE).exists()
        assert EARS.heard[-1][0] == "foreign"


class TestConsent:
    def test_is_needed(self, committed_tenant, receiver):
        api.subscribe_organization(organization=receiver.key, patterns=PATTERNS, actor=ADMIN, now=NOW)
        ring()
        visit()
        row = DeliveryRow.objects.get()
        assert (row.state, row.status, row.error_code) == ("waiting", 403, "notFollowed")
        with at(receiver):
            assert not InboxRow.objects.exists()

    def test_covers_the_types_it_names_only(self, bound_pair):
        sender, receiver = bound_pair
        with at(receiver):
            api.follow(source=sender.base_iri, patterns=("be.ocapi.other.*",), actor=ADMIN, now=NOW)
        ring()
        visit()
        assert DeliveryRow.objects.get().error_code == "notFollowed"

    def test_can_be_taken_back(self, bound_pair):
        sender, receiver = bound_pair
        with at(receiver):
            api.unfollow(source=sender.base_iri, actor=ADMIN, now=NOW)
            assert api.list_follows(actor=ADMIN) == ()
        ring()
        visit()
        assert DeliveryRow.objects.get().error_code == "notFollowed"

    def test_that_never_comes_ends_in_the_error_queue(self, committed_tenant, receiver):
        api.subscribe_organization(organization=receiver.key, patterns=PATTERNS, actor=ADMIN, now=NOW)
        ring()
        moment = NOW
        for _ in range(timing.MAX_ATTEMPTS):
            visit(moment)
            moment = DeliveryRow.objects.get().due_at
        failed = api.list_deliveries(actor=ADMIN, state=data.DeliveryState.FAILED).items
        assert [each.error_code for each in failed] == ["notFollowed"]

    def test_speaks_for_the_sender_only(self, bound_pair):
        sender, receiver = bound_pair
        body = {"id": str(ids.new_uuid(NOW)), "type": TYPE, "source": sender.base_iri, "subject": "x",
                "sequence": "1", "time": NOW.isoformat(), "data": {}}
        with at(receiver), pytest.raises(data.NotFollowed):
            neighbors.receive(body=codec.encode_json(body), source="https://someone.example.org", now=NOW)

    def test_is_not_given_to_oneself(self, tenant):
        with pytest.raises(data.InvalidSubscription):
            api.follow(source=tenant.base_iri, patterns=PATTERNS, actor=ADMIN, now=NOW)
        assert not FollowRow.objects.exists()


class TestReceiver:
    def test_that_is_gone_ends_the_subscription(self, committed_tenant):
        key = f"g-{ids.new_uuid(NOW).hex[-12:]}"
        with tenants.unbound():
            tenants.create(key=key, kind=Kind.COLLECTIVE, is_demo=True, now=NOW)
        api.subscribe_organization(organization=key, patterns=PATTERNS, actor=ADMIN, now=NOW)
        with tenants.unbound():
            tenants.delete(key=key)
        ring()
        visit()
        assert api.list_subscriptions(actor=ADMIN)[0].ended_reason == "gone"

    @pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"id": "x"}'])
    def test_refuses_what_is_no_event(self, tenant, body):
        with pytest.raises(codec.MalformedInput):
            neighbors.receive(body=body, source="https://a.example.org", now=NOW)

    def test_is_bound_only_after_the_sender_was_let_go(self, bound_pair, monkeypatch):
        seen = []
        bind = tenants.bind
        monkeypatch.setattr(tenants, "bind", lambda key: seen.append(tenants.find_current()) or bind(key))
        ring()
        visit()
        assert seen == [None]
        assert tenants.current() == bound_pair[0]
