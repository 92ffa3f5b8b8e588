"""What speaks against a request of staff, weighed (ASVS 8.4.2). Not covered: what the decision makes of it
(access).
"""

import pytest
from django.test import RequestFactory

from ocapi.kernel.accounts.risk import CERTAIN, circumstances_of, weigh

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
BROWSER = {"HTTP_USER_AGENT": FIREFOX, "HTTP_ACCEPT_LANGUAGE": "nl-BE,nl;q=0.9",
           "HTTP_SEC_FETCH_SITE": "none", "REMOTE_ADDR": "193.190.10.7"}


def found(**changes):
    return circumstances_of(RequestFactory().get("/desk/", **{**BROWSER, **changes}))


class TestWeigh:
    @pytest.mark.parametrize(("changes", "score"), [
        ({}, 0),
        ({"REMOTE_ADDR": "193.190.10.200"}, 0),  # the same office
        ({"HTTP_USER_AGENT": FIREFOX.replace("145", "146")}, 0),  # it was updated meanwhile
        ({"REMOTE_ADDR": "81.82.1.1"}, 30),
        ({"HTTP_USER_AGENT": "curl/8.1"}, 60),
        ({"HTTP_ACCEPT_LANGUAGE": "ru"}, 60),
        ({"HTTP_SEC_FETCH_SITE": ""}, 40),
        ({"HTTP_USER_AGENT": "curl/8.1", "REMOTE_ADDR": "81.82.1.1"}, CERTAIN),
        ({"HTTP_USER_AGENT": "curl/8.1", "HTTP_SEC_FETCH_SITE": ""}, 100),
    ])
    def test_gives_what_speaks_against_it(self, tenant, changes, score):
        assert weigh(found(), found(**changes)) == score

    def test_counts_a_browser_that_never_told_what_it_is_less(self, tenant):
        old = {"HTTP_SEC_FETCH_SITE": ""}
        assert weigh(found(**old), found(**old)) == 10

    def test_finds_nothing_where_nothing_was_seen_at_sign_in(self, tenant):
        assert weigh(None, found(HTTP_USER_AGENT="curl/8.1")) == 0

    @pytest.mark.parametrize("address", ["", "x", "::1", "2a02:1810::7", "1.2.3.4.5"])
    def test_takes_any_text_for_an_address(self, tenant, address):
        assert found(REMOTE_ADDR=address) == found(REMOTE_ADDR=address)

    def test_keeps_no_address_and_no_browser_and_nothing_another_organization_could_compare(
        self, tenant, other_tenant
    ):
        from ocapi.kernel.tenants import api as tenants

        seen = found()
        assert len(seen.network) == len(seen.browser) == 16
        assert "." not in seen.network + seen.browser
        with tenants.unbound(), tenants.bind_tenant(other_tenant):
            assert found().network != seen.network
