"""Publishing, order, shapes outside and the bus. Not covered: crash points, handlers and webhooks (jobs)."""

import asyncio
import shutil
import socket
import subprocess
import threading
import time

import pytest
from django.conf import settings
from django.db import connection, transaction

from ocapi.kernel.outbox import api, bus, data
from ocapi.kernel.outbox.bus import BusAway
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.kernel.tenants.testing import NOW, a_staff_member, missing
from ocapi.lib import codec
from ocapi.lib.envelope import Fact, event


@event("be.ocapi.testing.entry.added.v1")
class EntryAdded(Fact):
    """Emitted by these tests only."""

    entry: str
    personal: data.ChangedPersons | None = None


def publish(entry="e1", **changes):
    return api.publish(EntryAdded(entry=entry, **changes), actor=a_staff_member(), now=NOW)


def subjects(sequence=0):
    api.assign_sequences()
    return [found.subject for found in api.list_since(sequence=sequence)]


class TestPublish:
    def test_refuses_outside_a_transaction(self, committed_tenant):
        with pytest.raises(data.OutsideTransaction):
            publish()

    def test_disappears_with_its_change(self, committed_tenant):
        with pytest.raises(RuntimeError), transaction.atomic():
            publish()
            raise RuntimeError
        assert subjects() == []

    def test_keeps_the_personal_part_apart(self, tenant):
        publish(personal=data.ChangedPersons(persons=("p-1",)))
        api.assign_sequences()
        found = api.list_since(sequence=0)[0]
        assert b"p-1" not in found.data
        assert found.members() == {"entry": "e1", "personal": {"persons": ["p-1"]}}
        assert b"p-1" not in codec.encode_json(api.to_cloud_event(found, tenant.base_iri))

    def test_takes_the_changes_of_the_kernel_apps_below(self, tenant):
        change = Change(action="access.role.granted", resource="person/1")
        hand_on(change=change, actor=a_staff_member(), now=NOW)
        api.assign_sequences()
        found = api.list_since(sequence=0)[0]
        assert (found.type, found.subject) == ("be.ocapi.platform.change.recorded.v1", "person/1")

    def test_wakes_the_worker_after_commit_and_not_before(self, committed_tenant, worker_bell):
        with transaction.atomic():
            publish()
            with pytest.raises(BlockingIOError):
                worker_bell.recv(100)
        assert worker_bell.recv(100).decode() == committed_tenant.key

    def test_shows_nothing_to_another_organization(self, tenant, other_tenant):
        publish()
        with tenants.unbound(), tenants.bind(other_tenant.key):
            assert subjects() == []


class TestOrder:
    def test_is_gapless_and_goes_on_after_a_place(self, tenant):
        for number in range(5):
            publish(f"e{number}")
        assert subjects() == ["e0", "e1", "e2", "e3", "e4"]
        assert [found.sequence for found in api.list_since(sequence=0)] == [1, 2, 3, 4, 5]
        assert subjects(sequence=3) == ["e3", "e4"]

    def test_follows_commits_when_a_later_start_commits_first(self, committed_tenant):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has one writer: a later start can't commit first")
        started, may_commit = threading.Event(), threading.Event()

        def slow():
            with tenants.bind(committed_tenant.key), transaction.atomic():
                publish("slow")
                started.set()
                may_commit.wait(10)
            tenants.close_connections()

        thread = threading.Thread(target=slow)
        thread.start()
        started.wait(10)
        with transaction.atomic():
            publish("fast")
        assert subjects() == ["fast"]
        may_commit.set()
        thread.join()
        assert subjects(sequence=1) == ["slow"]

    def test_loses_nothing_with_several_writers_and_a_tailing_reader(self, committed_tenant):
        seen = []

        def write(name):
            with tenants.bind(committed_tenant.key):
                for number in range(15):
                    with transaction.atomic():
                        publish(f"{name}-{number}")
            tenants.close_connections()

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.tail(seen)
            time.sleep(0.001)  # lets go of the interpreter: a writer would wait for it, the lock in hand
        self.tail(seen)
        assert [found.sequence for found in seen] == list(range(1, 61))
        assert len({found.uuid for found in seen}) == 60
        for name in "abcd":
            own = [found.subject for found in seen if found.subject.startswith(name)]
            assert own == [f"{name}-{number}" for number in range(15)]

    def tail(self, seen):
        api.assign_sequences()
        seen += api.list_since(sequence=seen[-1].sequence if seen else 0)


class TestCloudEvents:
    def test_carry_our_type_inside_and_the_belgif_type_outside(self, tenant):
        publish()
        api.assign_sequences()
        found = api.list_since(sequence=0)[0]
        inside, outside = (to(found, tenant.base_iri) for to in (api.to_cloud_event, api.to_public_event))
        assert (inside["type"], inside["source"]) == ("be.ocapi.testing.entry.added.v1", tenant.base_iri)
        assert outside["type"] == "be.ocapi.testing.v1.entries.notify.added"
        assert outside["service"] == "be.ocapi.testing.v1"
        assert outside["id"] == inside["id"] == str(found.uuid)
        assert "traceid" not in outside

    def test_satisfy_the_reference_reader(self, tenant):
        from cloudevents.core.bindings.http import HTTPMessage, from_http_event

        publish()
        api.assign_sequences()
        body = codec.encode_json(api.to_public_event(api.list_since(sequence=0)[0], tenant.base_iri))
        read = from_http_event(HTTPMessage(headers={"content-type": api.CONTENT_TYPE}, body=body))
        assert read.get_data() == {"entry": "e1"}


class TestPosition:
    def test_is_kept_per_reader(self, tenant):
        api.advance(reader="a", to=7)
        api.advance(reader="a", to=9)
        assert (api.position(reader="a"), api.position(reader="b")) == (9, 0)


class TestBus:
    def test_is_not_needed(self, tenant):
        publish()
        assert api.relay_to_bus() == 0

    def test_that_did_not_answer_is_left_alone_for_a_moment(self, tenant, monkeypatch):
        publish()
        api.assign_sequences()
        with socket.socket() as taken:  # nobody accepts there, and nobody else may take the port
            taken.bind(("127.0.0.1", 0))
            monkeypatch.setattr(settings.OCAPI, "bus_url", f"nats://127.0.0.1:{taken.getsockname()[1]}")
            monkeypatch.setattr(bus, "TIMEOUT_S", 0.3)
            with pytest.raises(Exception) as refused:  # noqa: B017,PT011 (whatever its client raises)
                api.relay_to_bus()
            assert not isinstance(refused.value, BusAway)
            with pytest.raises(BusAway):
                api.relay_to_bus()
        assert api.position(reader="bus") == 0

    @pytest.mark.server
    def test_receives_each_fact_once_and_in_order(self, tenant, nats_url):
        for number in range(3):
            publish(f"e{number}")
        api.assign_sequences()
        received, is_listening = [], threading.Event()
        listener = threading.Thread(target=lambda: asyncio.run(listen(nats_url, received, is_listening)))
        listener.start()
        is_listening.wait(10)
        assert api.relay_to_bus() == 3
        listener.join()
        assert [codec.decode_untyped(body)["subject"] for body in received] == ["e0", "e1", "e2"]
        assert api.relay_to_bus() == 0


async def listen(url, received, is_listening):
    import nats

    client = await nats.connect(url)
    subscription = await client.subscribe("ocapi.>")
    await client.flush()
    is_listening.set()
    for _ in range(3):
        received.append((await subscription.next_msg(timeout=5)).data)
    await client.close()


@pytest.fixture
def worker_bell(committed_tenant):
    path = api.worker_socket()
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(path))
        bell.setblocking(False)
        yield bell
    path.unlink()


@pytest.fixture
def nats_url(monkeypatch):
    program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
    if program is None:
        missing("nats", "install nats-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([program, "-a", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    monkeypatch.setattr(settings.OCAPI, "bus_url", f"nats://127.0.0.1:{port}")
    yield settings.OCAPI.bus_url
    server.terminate()
    server.wait()
