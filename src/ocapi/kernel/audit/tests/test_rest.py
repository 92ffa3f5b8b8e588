"""Proofs over HTTP. Not covered: authentication and the mapping of refusals, which the mounting API does."""

from dataclasses import dataclass
from http import HTTPStatus

import pytest
from ninja import NinjaAPI
from ninja.testing import TestClient

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.audit import api, data, rest
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import ANONYMOUS, Actor


@dataclass
class Caller:
    client: TestClient
    actor: Actor

    def get(self, path):
        return self.client.get(path, actor=self.actor)


@pytest.fixture(scope="module")
def client():
    mounted = NinjaAPI(urls_namespace="audit-test", openapi_url=None, docs_url=None)
    mounted.add_router("", rest.router)
    return TestClient(mounted)


@pytest.fixture
def caller(client):
    for operation in data.OPERATIONS:
        if operations.find(operation.name) is None:
            operations.add(operation)
    return Caller(client, a_citizen())


def a_leaf():
    return api.changed(actor=a_staff_member(), operation="x.changed", resource="x/1", now=NOW)


class TestRest:
    def test_gives_a_proof_with_the_head_it_leads_to(self, tenant, caller):
        leaf = a_leaf()
        api.seal(now=NOW)
        proof = caller.get(f"/leaves/{leaf}/inclusionProof").json()
        assert (proof["index"], proof["path"], proof["head"]["size"]) == (0, [], 1)
        assert proof["head"] == caller.get("/heads/latest").json()
        assert proof["head"]["key"] == caller.get("/keys").json()["keys"][0]["kid"]

    def test_says_that_a_leaf_is_unknown(self, tenant, caller):
        answer = caller.get(f"/leaves/{ids.new_uuid(NOW)}/inclusionProof")
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert answer["Content-Type"] == "application/problem+json"

    def test_says_when_to_come_back_for_a_leaf_without_head(self, tenant, caller):
        answer = caller.get(f"/leaves/{a_leaf()}/inclusionProof")
        assert answer.status_code == HTTPStatus.CONFLICT
        assert answer["Retry-After"] == "60"

    def test_says_that_an_empty_log_has_no_head(self, tenant, caller):
        assert caller.get("/heads/latest").status_code == HTTPStatus.NOT_FOUND

    def test_asks_to_sign_in(self, tenant, caller):
        caller.actor = ANONYMOUS
        with pytest.raises(NotAllowed):
            caller.get("/keys")
