"""Rotation of keys, by the job that does it. Not covered: kills in the middle (crash proof)."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from ocapi.dataplane.snapshot import Policy
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.models import NationalNumberRow, PersonRow, User
from ocapi.kernel.accounts.testing import a_person
from ocapi.kernel.audit.models import LeafRow
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs import standing
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants import binding, keyring, rotation
from ocapi.kernel.tenants.data import Resume, UnknownVault
from ocapi.kernel.tenants.keyring import ring
from ocapi.kernel.tenants.models import KeyRow
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import actor, clock
from ocapi.main import commands
from ocapi.modules.exchange import api as exchange

SPEAKER = actor.system("test")
NUMBERS = ("85.73.30-033.28", "90.62.01-997.04")
CONTEXT = "accounts.national_number"
FACTOR = "accounts.second_factor"


def rotate(now=NOW):
    tenants.rotate_keys(actor=SPEAKER, now=now)


def go_on(now, since=None):
    return tenants.go_on_rotating(since=since or Resume(), actor=SPEAKER, now=now, budget_s=5)


def live_keys(purpose="data"):
    rows = KeyRow.objects.using("platform").filter(tenant__uuid=tenants.current().uuid, purpose=purpose)
    return rows.filter(retired_at__isnull=True)


def sealed(value, context=CONTEXT):
    """Put a value in the table of national numbers that is none, which is all the same to a key."""
    person = a_person(now=NOW)
    from ocapi.lib import ids

    return NationalNumberRow.objects.create(
        uuid=ids.new_uuid(NOW), person=PersonRow.objects.get(uuid=person.uuid),
        ciphertext=tenants.encrypt(value, context=context), lookup=value.encode(),
    )


def opened(row):
    row.refresh_from_db()
    return tenants.decrypt(bytes(row.ciphertext), context=CONTEXT)


class TestRotation:
    def test_seals_new_values_under_the_new_key_and_reads_old_ones(self, committed_tenant):
        old = sealed("one")
        rotate()
        new = sealed("two")
        assert bytes(old.ciphertext)[:9] != bytes(new.ciphertext)[:9]
        assert (opened(old), opened(new)) == ("one", "two")

    def test_leaves_nothing_under_the_old_key_and_retires_it(self, committed_tenant):
        rows = [sealed(f"value {number}") for number in range(7)]
        old_kid = live_keys().get().kid
        rotate()
        assert tenants.rotation_progress().left[CONTEXT] == 7
        resume = go_on(NOW)
        assert resume == Resume(due_at=NOW + rotation.SETTLE)
        assert live_keys().count() == 2  # others may not have heard of the new one
        go_on(NOW + rotation.SETTLE)
        assert set(tenants.rotation_progress().left.values()) == {0}
        assert [opened(row) for row in rows] == [f"value {number}" for number in range(7)]
        assert live_keys().get().kid != old_kid

    def test_refuses_what_is_under_a_retired_key(self, committed_tenant):
        stored = tenants.encrypt("kept elsewhere", context=CONTEXT)
        rotate()
        go_on(NOW)
        go_on(NOW + rotation.SETTLE)
        with pytest.raises(InvalidTag):
            tenants.decrypt(stored, context=CONTEXT)

    def test_does_not_retire_while_somebody_still_uses_the_old_key(self, committed_tenant):
        rotate()
        go_on(NOW)
        row = sealed("late")
        late = rotation.keys.NONCE_BYTES * b"n"
        old = ring.data_keys(tenants.current().uuid)[1]
        text = old.mark + late + AESGCM(old.secret).encrypt(late, b"late", CONTEXT.encode())
        NationalNumberRow.objects.filter(pk=row.pk).update(ciphertext=text)
        go_on(NOW + rotation.SETTLE)
        assert opened(row) == "late"
        assert live_keys().count() == 1
        assert set(tenants.rotation_progress().left.values()) == {0}

    def test_gives_one_that_is_being_rotated_no_third_key(self, committed_tenant):
        rotate()
        rotate()
        assert live_keys().count() == 2

    def test_goes_on_where_it_was_interrupted(self, committed_tenant, monkeypatch):
        rows = [sealed(f"value {number}") for number in range(5)]
        rotate()
        first = rotation.go_on(since=Resume(), actor=SPEAKER, now=NOW, budget_s=0, batch=2)
        assert (first.vault, tenants.rotation_progress().left[CONTEXT]) == (CONTEXT, 3)
        go_on(NOW, first)
        assert set(tenants.rotation_progress().left.values()) == {0}
        assert [opened(row) for row in rows] == [f"value {number}" for number in range(5)]

    def test_reads_values_of_before_marks_and_seals_them_anew(self, committed_tenant):
        row = sealed("old form")
        NationalNumberRow.objects.filter(pk=row.pk).update(ciphertext=bytes(row.ciphertext)[9:])
        assert opened(row) == "old form"
        rotate()
        assert opened(row) == "old form"
        go_on(NOW)
        go_on(NOW + rotation.SETTLE)
        assert opened(row) == "old form"

    def test_does_not_overwrite_what_changed_meanwhile(self, committed_tenant):
        from ocapi.kernel.tenants import sealed as places

        row = sealed("before")
        stale = (row.pk, b"what stood there long ago", b"sealed anew from it")
        places._store(NationalNumberRow, "ciphertext", [stale])
        assert opened(row) == "before"

    def test_reaches_the_secret_of_the_identity_provider(self, committed_tenant):
        accounts.configure_identity_provider(
            issuer="https://a.example", client_id="x", secret="s3", scopes=()
        )
        before = SocialApp.objects.get().secret
        rotate()
        go_on(NOW)
        after = SocialApp.objects.get().secret
        assert before != after
        assert tenants.decrypt(base64.b64decode(after), context="accounts.identity_provider") == "s3"

    def test_reaches_the_seed_of_a_second_factor(self, committed_tenant):
        person = a_person(now=NOW)
        row = PersonRow.objects.get(uuid=person.uuid)
        user = User.objects.create(uuid=person.uuid, username="x", person=row, password="!")
        seed = base64.b64encode(tenants.encrypt("seed", context=FACTOR)).decode()
        row = Authenticator.objects.create(user=user, type="totp", data={"secret": seed, "other": 1})
        Authenticator.objects.create(user=user, type="recovery_codes", data={"migrated_codes": []})
        rotate()
        assert tenants.rotation_progress().left[FACTOR] == 1
        go_on(NOW)
        row.refresh_from_db()
        assert (row.data["secret"] != seed, row.data["other"]) == (True, 1)
        assert tenants.decrypt(base64.b64decode(row.data["secret"]), context=FACTOR) == "seed"

    def test_leaves_a_line_when_it_begins_and_when_it_ends(self, committed_tenant):
        rotate()
        go_on(NOW)
        go_on(NOW + rotation.SETTLE)
        written = LeafRow.objects.filter(operation__startswith="tenants.key_rotation").order_by("id")
        assert [row.operation.rpartition(".")[2] for row in written] == ["started", "retired"]

    def test_begins_anew_when_told_to_go_on_in_a_place_that_is_gone(self, committed_tenant):
        rotate()
        with pytest.raises(UnknownVault):
            go_on(NOW, Resume(vault="gone", after="1"))


class TestSigningKeys:
    def test_is_published_before_it_signs(self, committed_tenant):
        first = tenants.signing_key().kid
        rotate(clock.now())
        assert len(tenants.signing_keys()) == 2
        assert tenants.signing_key().kid == first

    def test_signs_once_it_was_published_long_enough(self, committed_tenant):
        first = tenants.signing_key().kid
        rotate(clock.now() - keyring.LEAD)
        assert tenants.signing_key().kid == tenants.signing_keys()[0].kid != first

    def test_stays_published_as_long_as_what_it_signed_is_good(self, committed_tenant):
        rotate()
        go_on(NOW + rotation.SETTLE)
        go_on(NOW + rotation.RETIRE_SIGNING_AFTER - timedelta(seconds=1))
        assert len(tenants.signing_keys()) == 2
        assert go_on(NOW + rotation.RETIRE_SIGNING_AFTER) is None
        assert len(tenants.signing_keys()) == 1

    def test_of_the_installation_is_replaced_in_the_same_way(self, committed_tenant):
        with binding.unbound():
            tenants.rotate_platform_keys(now=NOW)
        assert len(tenants.platform_signing_keys()) == 2
        go_on(NOW + rotation.RETIRE_SIGNING_AFTER)
        assert len(tenants.platform_signing_keys()) == 1


    def test_stands_in_the_published_set_from_the_start(self, committed_tenant):
        rotate(clock.now())
        published = {jwk["kid"] for jwk in exchange.public_keys()}
        assert published >= {key.kid for key in tenants.signing_keys()}
        assert len(tenants.signing_keys()) == 2

    def test_of_the_installation_is_followed_by_a_data_plane_that_pinned_the_old_one(self, committed_tenant):
        now = clock.now()
        exchange.publish_snapshot(now=now)
        policy = Policy(Path(settings.OCAPI.data) / "snapshot")
        assert policy.refresh()
        with binding.unbound():
            tenants.rotate_platform_keys(now=now - keyring.LEAD)
        old, new = (key.kid for key in reversed(tenants.platform_signing_keys()))
        exchange.publish_snapshot(now=now + timedelta(minutes=10))
        assert policy.refresh()
        assert list(policy.keys()) == [old, new]
        go_on(now + rotation.RETIRE_SIGNING_AFTER)
        assert [key.kid for key in tenants.platform_signing_keys()] == [new]


class TestJob:
    def test_takes_a_rotation_to_its_end(self, committed_tenant):
        rows = [sealed(f"value {number}") for number in range(3)]
        rotate()
        standing.begin_rotating(now=NOW)
        for at in (NOW, NOW + rotation.SETTLE, NOW + rotation.RETIRE_SIGNING_AFTER):
            jobs.visit(now=at, budget_ms=5000, only=(standing.ROTATE_KEYS,))
        told = tenants.rotation_progress()
        assert (len(told.data_keys), len(told.signing_keys), set(told.left.values())) == (1, 1, {0})
        assert [opened(row) for row in rows] == [f"value {number}" for number in range(3)]


class TestCommand:
    @pytest.fixture
    def ocapi(self, committed_tenant, capsys):
        """Give a function that runs `ocapi --tenant KEY …` and gives exit code and what it printed."""
        def run(*arguments, tenant=committed_tenant.key):
            with binding.unbound():
                code = commands.run(["--tenant", tenant, *arguments])
            return code, "".join(capsys.readouterr())

        return run

    def test_begins_and_leaves_the_rest_to_the_worker(self, ocapi):
        sealed("one")
        assert ocapi("keys", "rotate")[0] == 0
        assert "data keys 2, signing keys 2, not under the newest: accounts.national_number 1" in ocapi(
            "keys", "status")[1]
        jobs.visit(now=clock.now(), budget_ms=5000, only=(standing.ROTATE_KEYS,))
        assert "data keys 2, signing keys 2, not under the newest: none" in ocapi("keys", "status")[1]

    def test_does_the_work_itself_when_asked_to_wait(self, ocapi, monkeypatch):
        monkeypatch.setattr(rotation, "SETTLE", timedelta())
        row = sealed("one")
        code, told = ocapi("keys", "rotate", "--wait")
        assert (code, "1 values left" in told, "old data keys retired" in told) == (0, True, True)
        assert (opened(row), live_keys().count()) == ("one", 1)

    def test_refuses_an_organization_nobody_knows(self, ocapi):
        code, told = ocapi("keys", "status", tenant="niemand")
        assert (code, "niemand" in told) == (2, True)
