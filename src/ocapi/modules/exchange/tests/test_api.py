"""The register's stand-in and the policy snapshot. Not covered: a real national register,
which has no adapter.
"""

import json

import pytest
from django.conf import settings

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.accounts.testing import a_person
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import actor as actors
from ocapi.lib import snapshot
from ocapi.lib.identifiers import InvalidIdentifier
from ocapi.modules.exchange import api
from ocapi.modules.exchange.data import RegisterAddress, RegisterPerson, SourceAnswer, SourceState
from ocapi.modules.exchange.extensions import authentic_sources
from ocapi.modules.exchange.tests.keys import KeyPair

NUMBER = "85630711261"
FIELDS = ("person.given_name", "person.address")


@pytest.fixture
def noor(tenant):
    return a_person(now=NOW, national_number=NUMBER).uuid


def a_record(**changes):
    values = {
        "national_number": NUMBER, "given_name": "Noor", "family_name": "Peeters", "birth_date": "1985-03-07",
        "address": RegisterAddress(
            street_name="Proefstraat", house_number="12", postal_code="9880", municipality="Aalter"
        ), **changes,
    }
    return RegisterPerson(**values)


def consult(person, actor):
    return api.consult_national_register(
        person=person, fields=FIELDS, purpose="prefill", reference="", actor=actor, now=NOW
    )


def leaves_about(person):
    return audit.list_consultations(person=person, actor=a_citizen(person=person), now=NOW).items


class TestNationalRegister:
    def test_gives_the_fields_asked_for_and_leaves_a_leaf(self, noor):
        api.load_register_persons([a_record()], now=NOW)
        answer = consult(noor, a_citizen(person=noor))
        assert (answer.state, answer.source, answer.at) == (SourceState.OK, "Rijksregister", NOW)
        assert answer.values == {
            "person.given_name": "Noor", "person.address.street_name": "Proefstraat",
            "person.address.house_number": "12", "person.address.postal_code": "9880",
            "person.address.municipality": "Aalter",
        }
        assert [line.operation for line in leaves_about(noor)] == ["exchange.consult_national_register"]

    def test_says_that_the_source_is_down_and_never_that_it_is_empty(self, noor):
        api.load_register_persons([a_record()], now=NOW)
        registry.save_setting(
            name="exchange.national_register", value="off", actor=actors.system("test"), now=NOW
        )
        answer = consult(noor, a_citizen(person=noor))
        assert (answer.state, answer.values) == (SourceState.SOURCE_DOWN, {})
        assert leaves_about(noor) == ()  # nobody was asked

    def test_records_a_question_before_it_is_asked(self, noor, monkeypatch):
        stub = authentic_sources.get("stub")
        seen = []

        def down(**_question):
            seen.extend(line.operation for line in leaves_about(noor))
            return SourceAnswer(state=SourceState.SOURCE_DOWN)

        monkeypatch.setattr(stub, "fetch", down)
        assert consult(noor, a_citizen(person=noor)).state is SourceState.SOURCE_DOWN
        assert seen == ["exchange.consult_national_register"]

    def test_is_empty_for_a_person_nobody_loaded(self, noor):
        assert consult(noor, a_citizen(person=noor)).state is SourceState.EMPTY

    def test_is_closed_to_others(self, noor):
        for actor in (a_citizen(), actors.ANONYMOUS, a_staff_member("policy_maker")):
            with pytest.raises(NotAllowed):
                consult(noor, actor)

    def test_keeps_no_readable_person_in_the_database(self, tenant):
        from ocapi.modules.exchange.models import StubPersonRow

        api.load_register_persons([a_record(), a_record()], now=NOW)
        (row,) = StubPersonRow.objects.all()
        assert b"Noor" not in bytes(row.payload) and NUMBER not in row.lookup

    def test_refuses_the_number_of_somebody_who_may_live(self, tenant):
        with pytest.raises(InvalidIdentifier):
            api.load_register_persons([a_record(national_number="85030711245")], now=NOW)

    def test_tells_what_keeps_a_source_from_answering(self, tenant):
        assert all(source.check_config() for source in authentic_sources)
        api.load_register_persons([a_record()], now=NOW)
        assert authentic_sources.get("stub").check_config() == ()


class TestSnapshot:
    def test_reaches_the_data_plane_with_keys_and_revocations(self, committed_tenant):
        pair = KeyPair()
        admin = a_staff_member("tenant_admin")
        scope = api.list_scopes()[0].code
        made = api.register_application(
            name="x", jwks=json.dumps(pair.jwk), scopes=(scope,), actor=admin, now=NOW
        )
        assert api.publish_snapshot(now=NOW)
        part = loaded().parts[committed_tenant.key]
        assert [(key.owner, key.x) for key in part.keys] == [(made.client_id, pair.jwk["x"])]
        assert [(grant.scopes, grant.state) for grant in part.grants] == [((scope,), "active")]
        first = loaded().generation
        assert not api.publish_snapshot(now=NOW)
        api.revoke_application(application=made.uuid, actor=admin, now=NOW)
        assert api.publish_snapshot(now=NOW)
        part = loaded().parts[committed_tenant.key]
        assert (part.keys, [grant.state for grant in part.grants]) == ((), ["revoked"])
        assert loaded().generation > first

    def test_holds_every_organization_after_the_index_was_lost(self, committed_tenant, other_tenant):
        api.publish_snapshot(now=NOW)
        (folder() / snapshot.INDEX_NAME).unlink()
        assert api.publish_snapshot(now=NOW)
        assert {committed_tenant.key, other_tenant.key} <= set(loaded().parts)


def folder():
    from pathlib import Path

    return Path(settings.OCAPI.data) / "snapshot"


def loaded():
    public = tenants.platform_signing_key().private.public_key()
    return snapshot.load(folder(), public_key=public, now=NOW)
