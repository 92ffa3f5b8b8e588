"""Calls between members that are away. Not covered: what they answer, which `test_mirror` plays."""

import pytest

from ocapi.lib import clock, egress
from ocapi.lib.members import calling, membership
from ocapi.lib.members.signing import Signer


@pytest.fixture
def network(monkeypatch):
    """Let nobody answer, and time stand still; gives (who was asked, how to pass time)."""
    asked, now = [], [1_000.0]

    def send(*, url, **_more):
        asked.append(url)
        raise egress.EgressFailed(egress.Failure.UNREACHABLE, "h")

    monkeypatch.setattr(egress, "send", send)
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return asked, wait


@pytest.fixture
def calls():
    """Give what makes calls of one membership, as each organization does."""
    found = membership.read("a=http://h1:1 b=http://h2:1")
    return lambda: calling.Calls(found, Signer("", ("x" * 32,)))


class TestCalls:
    def test_ask_one_that_is_away_no_more_for_a_while(self, network, calls):
        asked, wait = network
        for _organization in range(5):
            with pytest.raises(calling.Away):
                calls().ask("a", "/x")
        assert asked == ["http://h1:1/x"]
        wait(calling.AWAY_S)
        with pytest.raises(calling.Away):
            calls().ask("a", "/x")
        assert len(asked) == 2

    def test_ask_the_others_meanwhile(self, network, calls):
        asked, _wait = network
        for member in "ab":
            with pytest.raises(calling.Away):
                calls().ask(member, "/x")
        assert asked == ["http://h1:1/x", "http://h2:1/x"]
