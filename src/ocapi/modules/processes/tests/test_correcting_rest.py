"""The API of values of runs. Not covered: what a correction does (test_correcting)."""

import json

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.problem import IfMatchMissing, IfMatchStale, InputRefused
from ocapi.modules.processes import api, data
from ocapi.modules.processes.rest.bodies import FourEyes, StateConflict
from ocapi.modules.processes.tests.factories import CLERK
from ocapi.modules.processes.tests.test_correcting import COLLEAGUE, a_stuck_run, held, wished
from ocapi.modules.processes.tests.test_rest import _urls, call  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("tenant")


class TestCorrections:
    def test_reads_values_puts_one_and_lets_a_colleague_confirm(self):
        instance = a_stuck_run()
        where = f"/instances/{instance}"
        answer = call("get", f"{where}/variables", actor=CLERK)
        (found,) = json.loads(answer.content)["items"]
        assert (found["name"], found["type"], found["value"]) == ("n", "string", "3")
        body = {"value": "2026-12-01", "type": "date", "reason": "Het is een dag."}
        answer = call("put", f"{where}/variables/n", body, actor=CLERK, headers={"If-Match": answer["ETag"]})
        wish = json.loads(answer.content)
        assert (answer.status_code, answer["Location"]) == (202, wish["href"])
        assert (wish["before"], wish["value"], wish["isOwn"]) == ("3", "2026-12-01", True)
        one = f"{where}/corrections/{wish['id']}"
        assert json.loads(call("get", one, actor=COLLEAGUE).content)["isOwn"] is False
        with pytest.raises(FourEyes):
            call("post", f"{one}/confirm", actor=CLERK)
        assert call("post", f"{one}/confirm", actor=COLLEAGUE).status_code == 200
        (found,) = json.loads(call("get", f"{where}/variables", actor=CLERK).content)["items"]
        assert (found["type"], found["value"]) == ("date", "2026-12-01")
        with pytest.raises(data.CorrectionNotFound):
            call("get", one, actor=CLERK)

    def test_refuses_a_stale_state_a_wrong_type_and_systems(self):
        instance = a_stuck_run()
        where, body = f"/instances/{instance}/variables/n", {"value": 3, "reason": "Een getal"}
        tag = {"If-Match": f'"{held(instance).revision}"'}
        with pytest.raises(IfMatchMissing):
            call("put", where, body, actor=CLERK)
        with pytest.raises(IfMatchStale):
            call("put", where, body, actor=CLERK, headers={"If-Match": '"999"'})
        for wrong in ({"type": "date"}, {"type": "nothing"}, {"value": "3"}, {"reason": ""}):
            with pytest.raises(InputRefused):
                call("put", where, body | wrong, actor=CLERK, headers=tag)
        with pytest.raises(NotAllowed):
            call("put", where, body, headers=tag)
        api.suspend(instance=instance, actor=CLERK, now=NOW)
        with pytest.raises(StateConflict):
            call("put", where, body, actor=CLERK, headers=tag)

    def test_takes_a_wish_back(self):
        instance = a_stuck_run()
        wish = wished(instance)
        assert call("delete", f"/instances/{instance}/corrections/{wish}", actor=CLERK).status_code == 204
        answer = call("get", f"/instances/{instance}/corrections", actor=CLERK)
        assert json.loads(answer.content)["items"] == []
