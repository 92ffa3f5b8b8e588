"""Sending, reading, choosing and delivering through the door. Not covered: real mail."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import PackFile
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import ANONYMOUS, Actor, Assurance, Subject, system
from ocapi.lib.codec import MalformedInput
from ocapi.modules.notify import api
from ocapi.modules.notify.data import (
    Delivery,
    DeliveryState,
    InvalidCursor,
    Message,
    MessageNotFound,
    Outcome,
    Parcel,
    TemporarilyRefused,
    TopicUnknown,
)
from ocapi.modules.notify.extensions import channels
from ocapi.modules.notify.tests.test_rules import PACK, VALUES

CLERK = a_staff_member()


class PostOffice:
    """Plays the e-mail channel: keeps parcels, or answers with what it is told to."""

    name = "email"

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.answer: Outcome | Exception = Outcome(state=DeliveryState.SENT)
        self.address = "noor@example.org"

    def find_address(self, *, person: UUID) -> str:
        return self.address

    def deliver(self, *, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def check_config(self) -> str:
        return ""


@pytest.fixture
def loaded(tenant: object) -> None:
    file = PackFile(
        pack="notifications", version="1", kind="topics", path=Path(PACK).name, raw=PACK.read_bytes()
    )
    api.load_topics(file=file, now=NOW)


@pytest.fixture
def citizen(loaded: None) -> Actor:
    person = accounts.create_person(
        given_name="Noor", family_name="Peeters", email="noor@example.org", actor=system("test"), now=NOW
    )
    return a_citizen(person=person.uuid)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    office = PostOffice()
    monkeypatch.setitem(channels._providers, "email", office)
    yield office


def sent(to: Actor, **changes: object) -> Message:
    given: dict = {
        "person": to.person,
        "topic": "case_decided",
        "values": VALUES,
        "link": "/mijn/zaken/1",
        "actor": CLERK,
        "reference": "VLA-2026-000001-1",
        "address_form": "informal",
        "key": "case_decided:1",
        "now": NOW,
    }
    return api.send(**(given | changes))


def delivery_of(message: Message) -> Delivery:
    return api.list_deliveries(messages=[message.uuid], actor=CLERK)[message.uuid][0]


class TestSend:
    def test_puts_a_message_in_the_inbox_and_queues_an_email(self, citizen: Actor):
        message = sent(citizen)
        assert message.title == "Er is een beslissing over je aanvraag"
        assert "De beslissing: Vergund." in message.body
        assert api.list_inbox(actor=citizen, now=NOW).items == (message,)
        assert delivery_of(message).state is DeliveryState.QUEUED

    def test_sends_nothing_twice_under_one_key(self, citizen: Actor):
        first = sent(citizen)
        assert sent(citizen, values={}, now=NOW + timedelta(days=1)) == first
        assert len(api.list_inbox(actor=citizen, now=NOW).items) == 1
        assert len(api.list_deliveries(messages=[first.uuid], actor=CLERK)[first.uuid]) == 1

    def test_queues_no_email_for_who_switched_it_off_or_has_no_address(self, citizen: Actor):
        api.save_preferences(email=False, actor=citizen, now=NOW)
        assert api.get_preferences(actor=citizen).email is False
        without = a_citizen()
        messages = [sent(citizen).uuid, sent(without).uuid]
        assert api.list_deliveries(messages=messages, actor=CLERK) == {}

    def test_knows_no_topic_of_another_name(self, citizen: Actor):
        with pytest.raises(TopicUnknown) as raised:
            sent(citizen, topic="newsletter")
        assert "case_closed" in raised.value.known

    def test_asks_a_visitor_to_sign_in(self, citizen: Actor):
        with pytest.raises(NotAllowed) as raised:
            sent(citizen, actor=ANONYMOUS)
        assert raised.value.reason is Reason.SIGN_IN_NEEDED


class TestInbox:
    def test_shows_newest_first_in_pages(self, citizen: Actor):
        for number in range(5):
            sent(citizen, key=str(number), reference=str(number))
        first = api.list_inbox(actor=citizen, now=NOW, page_size=3)
        sent(citizen, key="new", reference="new")
        second = api.list_inbox(actor=citizen, now=NOW, cursor=first.cursor, page_size=3)
        assert [each.reference for each in first.items + second.items] == ["4", "3", "2", "1", "0"]
        assert second.cursor == ""
        with pytest.raises(InvalidCursor):
            api.list_inbox(actor=citizen, now=NOW, cursor="1")

    def test_is_empty_for_another_citizen_who_cannot_mark_it_read(self, citizen: Actor):
        message, other = sent(citizen), a_citizen()
        assert api.list_inbox(actor=other, now=NOW).items == ()
        with pytest.raises(NotAllowed) as raised:
            api.mark_read(message=message.uuid, actor=other, now=NOW)
        assert raised.value.reason is Reason.HIDDEN

    def test_is_closed_to_staff_and_to_a_weak_sign_in(self, citizen: Actor):
        with pytest.raises(NotAllowed):
            api.list_inbox(actor=CLERK, now=NOW)
        with pytest.raises(NotAllowed) as raised:
            api.list_inbox(actor=a_citizen(assurance=Assurance.LOW), now=NOW)
        assert raised.value.reason is Reason.ASSURANCE_TOO_LOW

    def test_of_an_organization_opens_to_who_represents_it(self, citizen: Actor):
        bakery = Subject(kind="organization", uuid=ids.new_uuid(NOW))
        message = sent(citizen, person=bakery.uuid)
        acting = a_citizen(represents=bakery)
        assert api.list_inbox(actor=acting, now=NOW).items == (message,)
        api.mark_read(message=message.uuid, actor=acting, now=NOW)
        assert api.list_inbox(actor=citizen, now=NOW).items == ()

    def test_counts_what_is_unread_and_keeps_the_first_reading(self, citizen: Actor):
        message = sent(citizen)
        assert api.count_unread(actor=citizen) == 1
        api.mark_read(message=message.uuid, actor=citizen, now=NOW)
        api.mark_read(message=message.uuid, actor=citizen, now=NOW + timedelta(days=1))
        assert api.count_unread(actor=citizen) == api.count_unread(actor=ANONYMOUS) == 0
        assert api.list_inbox(actor=citizen, now=NOW).items[0].read_at == NOW

    def test_knows_no_message_of_a_random_id(self, citizen: Actor):
        with pytest.raises(MessageNotFound):
            api.mark_read(message=ids.new_uuid(NOW), actor=citizen, now=NOW)

    def test_does_not_reach_another_organization(self, citizen: Actor, other_tenant: object):
        message = sent(citizen)
        with tenants.unbound(), tenants.bind_tenant(other_tenant):
            assert api.list_inbox(actor=citizen, now=NOW).items == ()
            with pytest.raises(MessageNotFound):
                api.mark_read(message=message.uuid, actor=citizen, now=NOW)


def delivered(delivery: UUID) -> None:
    """Carry a message as the worker does, waiting for the channel."""
    asked = api.deliver(delivery=delivery, now=NOW)
    if asked is not None:
        asked.settle(asked.ask, now=NOW)


class TestDeliver:
    def test_sends_once_with_number_and_link_and_without_the_title(self, citizen: Actor, post: PostOffice):
        registry.save_setting(
            name="notify.site_url", value="https://vlavirgem.example.org/", actor=CLERK, now=NOW
        )
        message = sent(citizen)
        for _time in range(2):
            delivered(delivery_of(message).uuid)
        assert len(post.parcels) == 1
        parcel = post.parcels[0]
        assert "https://vlavirgem.example.org/mijn/zaken/1" in parcel.text
        assert parcel.sender_address == "noreply@vlavirgem.example.org"
        assert "VLA-2026-000001-1" in parcel.text
        assert "Kapvergunning" not in parcel.text + parcel.subject
        assert (delivery_of(message).state, delivery_of(message).attempts) == (DeliveryState.SENT, 1)

    def test_records_a_bounce_and_does_not_try_again(self, citizen: Actor, post: PostOffice):
        post.answer = Outcome(state=DeliveryState.BOUNCED, reason="smtp550")
        message = sent(citizen)
        delivered(delivery_of(message).uuid)
        delivered(delivery_of(message).uuid)
        assert (delivery_of(message).state, delivery_of(message).reason) == (DeliveryState.BOUNCED, "smtp550")
        assert len(post.parcels) == 1

    def test_tries_again_while_the_server_says_later_and_gives_up_at_the_fifth(
        self, citizen: Actor, post: PostOffice
    ):
        post.answer = TemporarilyRefused("smtp451")
        delivery = delivery_of(message := sent(citizen)).uuid
        for _time in range(4):
            with pytest.raises(TemporarilyRefused):
                delivered(delivery)
        assert delivery_of(message).state is DeliveryState.QUEUED
        delivered(delivery)
        assert (delivery_of(message).state, delivery_of(message).reason) == (DeliveryState.FAILED, "smtp451")

    def test_does_not_send_again_what_was_cut_short(self, citizen: Actor, post: PostOffice):
        delivery = delivery_of(message := sent(citizen)).uuid
        post.deliver = _cut_short  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            delivered(delivery)
        assert delivery_of(message).state is DeliveryState.SENDING
        delivered(delivery)
        assert (delivery_of(message).state, delivery_of(message).reason) == (
            DeliveryState.FAILED,
            "interrupted",
        )

    def test_respects_a_choice_made_after_sending(self, citizen: Actor, post: PostOffice):
        message = sent(citizen)
        api.save_preferences(email=False, actor=citizen, now=NOW)
        delivered(delivery_of(message).uuid)
        assert (delivery_of(message).reason, post.parcels) == ("switchedOff", [])

    def test_says_nothing_was_sent_without_a_mail_server(self, citizen: Actor):
        message = sent(citizen)
        delivered(delivery_of(message).uuid)
        assert (delivery_of(message).state, delivery_of(message).reason) == (
            DeliveryState.NOT_SENT,
            "noMailServer",
        )

    def test_hides_deliveries_from_citizens(self, citizen: Actor):
        with pytest.raises(NotAllowed):
            api.list_deliveries(messages=[sent(citizen).uuid], actor=citizen)


def _cut_short(*, parcel: Parcel) -> Outcome:
    raise KeyboardInterrupt


def test_loading_replaces_the_topics_of_a_pack(loaded: None):
    hello = "{code: hello, placeholders: [], title: Dag, body: [], email: {subject: Dag, body: []}}"
    one = f"placeholders: []\ntopics: [{hello}]"
    file = PackFile(pack="notifications", version="2", kind="topics", path="topics.yaml", raw=one.encode())
    api.load_topics(file=file, now=NOW)
    assert api.list_topics() == ("hello",)
    with pytest.raises(MalformedInput):
        api.load_topics(
            file=PackFile(pack="x", version="1", kind="topics", path="t", raw=b"topics: 1"), now=NOW
        )


def test_the_worker_sends_what_was_queued(committed_tenant: object, post: PostOffice):
    file = PackFile(
        pack="notifications", version="1", kind="topics", path="topics.yaml", raw=PACK.read_bytes()
    )
    api.load_topics(file=file, now=NOW)
    message = sent(a_citizen())
    jobs.visit(now=NOW + timedelta(seconds=1), budget_ms=5000)
    assert [parcel.delivery for parcel in post.parcels] == [delivery_of(message).uuid]
    assert delivery_of(message).state is DeliveryState.SENT
