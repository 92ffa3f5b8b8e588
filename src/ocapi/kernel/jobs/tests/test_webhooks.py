"""Webhooks to a receiver on this machine. Not covered: TLS, and addresses that egress refuses (lib)."""

import base64
import http.server
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from django.db import transaction

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.jobs import api, data, signing, timing, visiting, webhooks
from ocapi.kernel.jobs.courier import Receipt, WaitingCourier
from ocapi.kernel.jobs.models import DeliveryRow, SubscriptionRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.outbox.data import ChangedPersons
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import codec
from ocapi.lib.envelope import Fact, event

ADMIN = a_staff_member("tenant_admin")
ALL = ("be.ocapi.hooks.*",)


@event("be.ocapi.hooks.parcel.sent.v1")
class ParcelSent(Fact):
    """Emitted by these tests only."""

    parcel: str
    number: int = 0
    personal: ChangedPersons | None = None


@pytest.fixture(autouse=True)
def _policy():
    for operation in data.OPERATIONS:
        if operations.find(operation.name) is None:
            operations.add(operation)


@dataclass
class Receiver:
    """Answers each parcel with the next status of its script (200 when it has none) and keeps what it got."""

    script: dict = field(default_factory=dict)
    got: list = field(default_factory=list)

    def carry(self, parcel):
        body = codec.decode_untyped(parcel.body)
        self.got.append((body["subject"], body["data"]["number"], parcel.body))
        answers = self.script.get(body["subject"], [])
        status = answers.pop(0) if answers else 200
        return Receipt(
            delivery=parcel.delivery, fence=parcel.fence, status=status,
            failure="" if status else "unreachable",
        )

    def numbers(self, subject):
        return [number for found, number, _body in self.got if found == subject]


def publish(subject, number=0, **changes):
    with transaction.atomic():
        return outbox.publish(
            ParcelSent(parcel=subject, number=number, **changes), actor=a_staff_member(), now=NOW
        )


def an_active_subscription(patterns=ALL):
    made = api.subscribe(url="https://receiver.example.org/in", patterns=patterns, actor=ADMIN, now=NOW)
    SubscriptionRow.objects.filter(uuid=made.uuid).update(state="active")
    return made


def visit(receiver, at=NOW):
    return visiting.visit(
        now=at, budget_ms=0, max_jobs=0, courier=WaitingCourier(receiver.carry), random=lambda: 0.5
    )


def states():
    return list(DeliveryRow.objects.order_by("id").values_list("state", flat=True))


class TestSubscribe:
    @pytest.mark.parametrize(
        "url",
        ["http://example.org", "ftp://example.org", "https://", "https://a:b@example.org", "x", "https://["],
    )
    def test_refuses_an_address_it_may_not_call(self, tenant, url):
        with pytest.raises(data.InvalidSubscription):
            api.subscribe(url=url, patterns=ALL, actor=ADMIN, now=NOW)

    @pytest.mark.parametrize("patterns", [(), ("*",), ("be.ocapi.cases.*.v1",), ("com.example.x",)])
    def test_refuses_patterns_that_name_no_type_of_ours(self, tenant, patterns):
        with pytest.raises(data.InvalidSubscription):
            api.subscribe(url="https://example.org", patterns=patterns, actor=ADMIN, now=NOW)

    def test_refuses_who_may_not(self, tenant):
        with pytest.raises(NotAllowed):
            api.subscribe(url="https://example.org", patterns=ALL, actor=a_staff_member("clerk"), now=NOW)

    def test_sends_nothing_before_the_receiver_agreed(self, tenant):
        api.subscribe(url="https://receiver.example.org/in", patterns=ALL, actor=ADMIN, now=NOW)
        publish("a")
        receiver = Receiver()
        visit(receiver)
        assert not receiver.got


class TestDelivery:
    def test_carries_the_public_event_without_its_personal_part(self, tenant):
        an_active_subscription()
        uuid = publish("a", personal=ChangedPersons(persons=("p-1",)))
        receiver = Receiver()
        visit(receiver)
        body = codec.decode_untyped(receiver.got[0][2])
        assert body["type"] == "be.ocapi.hooks.v1.parcels.notify.sent"
        assert (body["id"], body["source"]) == (str(uuid), tenant.base_iri)
        assert "p-1" not in receiver.got[0][2].decode()
        assert states() == ["delivered"]

    @pytest.mark.parametrize(
        ("patterns", "count"),
        [(("be.ocapi.hooks.parcel.sent.v1",), 1), (("be.ocapi.hooks.v1.parcels.notify.sent",), 1),
         (("be.ocapi.other.*",), 0), (("be.ocapi.hooks.parcel.sent.v2",), 0), (("be.ocapi.*",), 1)],
    )
    def test_follows_the_patterns_in_either_form(self, tenant, patterns, count):
        an_active_subscription(patterns)
        publish("a")
        receiver = Receiver()
        visit(receiver)
        assert len(receiver.got) == count

    def test_keeps_the_order_of_a_subject_and_lets_others_pass(self, tenant):
        an_active_subscription()
        for number in range(3):
            publish("slow", number)
            publish("quick", number)
        receiver = Receiver(script={"slow": [500, 500]})
        for seconds in range(0, 100, 3):
            visit(receiver, NOW + timedelta(seconds=seconds))
        assert receiver.numbers("slow") == [0, 0, 0, 1, 2]
        assert receiver.numbers("quick") == [0, 1, 2]

    def test_repeats_the_same_bytes(self, tenant):
        an_active_subscription()
        publish("a")
        receiver = Receiver(script={"a": [500]})
        visit(receiver)
        visit(receiver, NOW + timedelta(seconds=2))
        assert receiver.got[0] == receiver.got[1]

    def test_fills_the_error_queue_after_the_last_try_and_frees_the_subject(self, tenant):
        an_active_subscription()
        publish("a", 1)
        publish("a", 2)
        receiver = Receiver(script={"a": [500] * timing.MAX_ATTEMPTS})
        moment = NOW
        for _ in range(timing.MAX_ATTEMPTS):
            visit(receiver, moment)
            moment = DeliveryRow.objects.order_by("id")[0].due_at
        visit(receiver, moment)
        assert states() == ["failed", "delivered"]
        failed = api.list_deliveries(actor=ADMIN, state=data.DeliveryState.FAILED).items[0]
        assert (failed.attempts, failed.status, failed.error_code) == (14, 500, "status500")

    def test_can_be_replayed_from_the_error_queue(self, tenant):
        an_active_subscription()
        publish("a")
        receiver = Receiver()
        visit(receiver)
        DeliveryRow.objects.update(state="failed")
        api.replay(delivery=DeliveryRow.objects.get().uuid, actor=ADMIN, now=NOW)
        visit(receiver)
        assert receiver.got[0] == receiver.got[1]
        assert states() == ["delivered"]

    def test_can_be_replayed_from_a_place_on(self, tenant):
        made = an_active_subscription()
        for number in range(4):
            publish("a", number)
        receiver = Receiver()
        for _ in range(4):
            visit(receiver)
        assert api.replay_since(subscription=made.uuid, sequence=2, actor=ADMIN, now=NOW) == 2
        for _ in range(2):
            visit(receiver)
        assert receiver.numbers("a") == [0, 1, 2, 3, 2, 3]

    def test_waits_as_long_as_the_receiver_asks(self, tenant):
        an_active_subscription()
        publish("a")
        webhooks_due = self.postponed(retry_after_s=120)
        assert webhooks_due == NOW + timedelta(seconds=120)

    def postponed(self, **answer):
        visit(Receiver(script={"a": [503]}))
        DeliveryRow.objects.update(state="waiting", due_at=NOW)
        parcel = webhooks.claim(now=NOW)[0]
        receipt = Receipt(delivery=parcel.delivery, fence=parcel.fence, status=503, **answer)
        webhooks.mark(receipt, now=NOW, random=lambda: 0.5)
        return DeliveryRow.objects.get().due_at

    def test_ends_the_subscription_when_the_receiver_is_gone(self, tenant):
        an_active_subscription()
        publish("a", 1)
        publish("a", 2)
        receiver = Receiver(script={"a": [410]})
        visit(receiver)
        visit(receiver)
        assert len(receiver.got) == 1
        assert api.list_subscriptions(actor=ADMIN)[0].ended_reason == "gone"
        assert states() == ["ended", "ended"]

    def test_pauses_a_receiver_that_cannot_be_reached_and_no_other(self, tenant):
        unreachable = an_active_subscription()
        receiver = Receiver(script={"a": [0]})
        publish("a")
        visit(receiver)
        other = an_active_subscription()
        publish("b")
        visit(receiver)
        found = {(row.subscription, row.subject): row.state for row in api.list_deliveries(actor=ADMIN).items}
        assert found == {
            (unreachable.uuid, "a"): "waiting", (unreachable.uuid, "b"): "waiting",
            (other.uuid, "b"): "delivered",
        }

    def test_drops_a_receipt_whose_lease_was_lost(self, tenant):
        an_active_subscription()
        publish("a")
        visiting.relay.relay(now=NOW)
        slow = webhooks.claim(now=NOW)[0]
        assert webhooks.claim(now=NOW + timedelta(seconds=59)) == ()
        webhooks.claim(now=NOW + timedelta(seconds=60))
        receipt = Receipt(delivery=slow.delivery, fence=slow.fence, status=500)
        webhooks.mark(receipt, now=NOW, random=lambda: 0.5)
        assert states() == ["sending"]

    def test_stays_in_its_organization(self, tenant, other_tenant):
        an_active_subscription()
        publish("a")
        receiver = Receiver()
        with tenants.unbound(), tenants.bind(other_tenant.key):
            visit(receiver)
        assert not receiver.got


class TestSignature:
    def test_covers_id_timestamp_and_body(self, tenant):
        sent = signing.headers(event_id="e-1", body=b"{}", now=NOW)
        protected, _, signature = sent["Ocapi-Signature"].split(".")
        header = codec.decode_untyped(unpad(protected))
        assert header["kid"] == tenants.signing_key().kid
        payload = f"{sent['Ocapi-Event-Id']}.{sent['Ocapi-Timestamp']}.".encode() + b"{}"
        verify(protected.encode() + b"." + payload, unpad(signature))
        with pytest.raises(InvalidSignature):
            verify(protected.encode() + b"." + payload + b" ", unpad(signature))


class TestOverTheNetwork:
    def test_shakes_hands_and_delivers(self, tenant, served):
        made = api.subscribe(
            url=f"{served.url}/in", patterns=ALL, actor=ADMIN, now=NOW, is_internal=True
        )
        api.visit(now=NOW, budget_ms=5000)
        assert api.list_subscriptions(actor=ADMIN)[0].state is data.SubscriptionState.ACTIVE
        uuid = publish("a")
        api.visit(now=NOW, budget_ms=5000)
        method, headers, body = served.got[-1]
        assert (method, headers["content-type"]) == ("POST", "application/cloudevents+json")
        assert headers["idempotency-key"] == headers["ocapi-event-id"] == str(uuid)
        assert codec.decode_untyped(body)["id"] == str(uuid)
        assert served.got[0][1]["webhook-request-origin"] == urlsplit(tenant.base_iri).hostname
        assert api.list_deliveries(actor=ADMIN).items[0].subscription == made.uuid

    def test_stays_pending_when_the_receiver_does_not_agree(self, tenant, served):
        served.agrees = False
        api.subscribe(url=f"{served.url}/in", patterns=ALL, actor=ADMIN, now=NOW, is_internal=True)
        api.visit(now=NOW, budget_ms=5000)
        assert api.list_subscriptions(actor=ADMIN)[0].state is data.SubscriptionState.PENDING

    def test_calls_no_private_address_without_approval(self, tenant, served):
        api.subscribe(
            url=served.url.replace("http:", "https:"), patterns=ALL, actor=ADMIN, now=NOW
        )
        api.visit(now=NOW, budget_ms=5000)
        assert not served.got


def unpad(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(message, signature):
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public = tenants.signing_key().private.public_key()
    public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


@pytest.fixture
def served():
    class Answering(http.server.BaseHTTPRequestHandler):
        def do_OPTIONS(self):  # noqa: N802 (the name http.server looks for)
            self.answer()

        def do_POST(self):  # noqa: N802
            self.answer()

        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            server.got.append((self.command, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            if server.agrees:
                self.send_header("WebHook-Allowed-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.got, server.agrees = [], True
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
