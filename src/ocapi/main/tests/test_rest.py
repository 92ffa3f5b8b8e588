"""What holds before every operation of the APIs, asked at the served addresses, not at the routers."""

import pytest
from django.test import Client

from ocapi.kernel.accounts import testing as accounts
from ocapi.kernel.tenants.testing import NOW

LIST = "/api/cases/v1/cases"


@pytest.fixture
def client(tenant: object) -> Client:
    return Client(HTTP_HOST="alpha.localhost", enforce_csrf_checks=True)


class TestServedOperation:
    def test_reads_the_bearer_token(self, client: Client) -> None:
        answer = client.get(LIST, HTTP_AUTHORIZATION="Bearer abc")
        assert answer.status_code == 401 and answer.json()["type"].endswith(":invalidAccessToken")

    def test_refuses_a_parameter_it_does_not_know(self, client: Client) -> None:
        answer = client.get(f"{LIST}?statuss=open")
        assert answer.status_code == 400 and "statuss" in answer.content.decode()

    def test_asks_the_csrf_token_of_a_session(self, client: Client) -> None:
        accounts.signed_in(client, person=accounts.a_person(now=NOW).uuid)
        answer = client.post(LIST, data="{}", content_type="application/json")
        assert answer.status_code == 403 and "CSRF" in answer.json()["detail"]
