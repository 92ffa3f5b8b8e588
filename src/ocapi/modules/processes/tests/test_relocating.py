"""Putting a run at another element with four eyes. Not covered: how tokens move along flows (engine)."""

from uuid import uuid4

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.modules.processes import api, data
from ocapi.modules.processes.data import InstanceState
from ocapi.modules.processes.models import RelocationRow, TimerRow
from ocapi.modules.processes.tests.factories import ADMIN, CLERK, deployed, done, seen, started, tasks
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("tenant")
COLLEAGUE = a_staff_member("clerk")
TASKS = ('<userTask id="a" name="Kijk na"/><userTask id="b" name="Beslis"/><parallelGateway id="g"/>'
         '<boundaryEvent id="t" attachedToRef="a"><timerEventDefinition><timeDuration>P1D</timeDuration>'
         "</timerEventDefinition></boundaryEvent>")
INSIDE = ('<subProcess id="z"><startEvent id="q"/><userTask id="c"/><sequenceFlow id="y" sourceRef="q" '
          'targetRef="c"/></subProcess><userTask id="b"/>')
MANY = ('<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
        '</multiInstanceLoopCharacteristics></userTask><userTask id="b"/>')


def a_run(body=TASKS, *flows):
    deployed(body, *(flows or ("s>a", "a>g", "g>b", "b>e")))
    return started().uuid


def listed(instance):
    return api.list_relocations(instance=instance, actor=CLERK, now=NOW)


def wished(instance, target="b", *, place=0, reason="Het dossier is al volledig."):
    token = listed(instance).places[place][0]
    return api.ask_relocation(
        instance=instance, token=token, target=target, reason=reason, actor=CLERK, now=NOW)


def confirmed(instance, relocation, actor=COLLEAGUE):
    api.confirm_relocation(instance=instance, relocation=relocation, actor=actor, now=NOW)


class TestRelocation:
    def test_is_asked_by_one_and_done_by_another_and_ends_what_waited(self):
        instance = a_run()
        asked = wished(instance)
        assert [each.node for each in tasks()] == ["a"]
        with pytest.raises(data.SamePerson):
            confirmed(instance, asked, CLERK)
        confirmed(instance, asked)
        assert [each.node for each in tasks()] == ["b"]
        assert not TimerRow.objects.exists() and not RelocationRow.objects.exists()
        assert [each.what for each in api.get_path(instance=instance, actor=CLERK).passages][-2:] == [
            "relocated", "waiting"]
        done("b")
        assert seen(instance).state is InstanceState.COMPLETED

    def test_offers_elements_beside_it_and_no_gateway_start_or_edge(self):
        (place,) = listed(a_run()).places
        assert place[1:] == ("a", "Kijk na", (("e", "Einde (e)"), ("b", "Beslis")))

    def test_ends_what_runs_inside_and_never_goes_in_or_out(self):
        instance = a_run(INSIDE, "s>z", "z>b")
        (place,) = listed(instance).places  # nothing is beside the inner
        assert (place[1], dict(place[3]).keys()) == ("z", {"e", "b"})
        confirmed(instance, wished(instance))
        assert [each.node for each in tasks()] == ["b"]

    def test_takes_a_whole_repetition_and_not_one_of_its_turns(self):
        instance = a_run(MANY, "s>a", "a>b")
        assert [each[1] for each in listed(instance).places] == ["a"]
        confirmed(instance, wished(instance))
        assert [each.node for each in tasks()] == ["b"]

    def test_frees_a_run_that_got_stuck(self):
        script = ('<scriptTask id="x" o:resultVariable="v"><script>n + 1</script></scriptTask>'
                  '<userTask id="b"/>')
        instance = a_run(script, "s>x", "x>b")
        assert seen(instance).incidents
        confirmed(instance, wished(instance))
        assert not seen(instance).incidents and [each.node for each in tasks()] == ["b"]

    def test_means_nothing_any_more_when_the_run_went_on(self):
        instance = a_run()
        asked = wished(instance)
        done("a")
        assert not listed(instance).asked
        with pytest.raises(data.RelocationNotFound):
            confirmed(instance, asked)
        assert [each.node for each in tasks()] == ["b"]

    @pytest.mark.parametrize(("target", "reason", "code"), [
        ("g", "Omdat", "cantRelocate"), ("nergens", "Omdat", "cantRelocate"), ("b", " ", "reasonMissing"),
        ("b", "x" * 301, "reasonMissing"),
    ])
    def test_refuses_where_it_can_not_go_and_what_says_no_reason(self, target, reason, code):
        instance = a_run()
        with pytest.raises(data.StepNotPossible, match=code):
            wished(instance, target, reason=reason)

    def test_is_asked_once_for_a_place_and_can_be_withdrawn(self):
        instance = a_run()
        first, second = wished(instance, "e"), wished(instance)
        with pytest.raises(data.RelocationNotFound):
            confirmed(instance, first)
        api.withdraw_relocation(instance=instance, relocation=second, actor=CLERK, now=NOW)
        assert not listed(instance).asked

    def test_is_for_clerks_and_for_runs_that_go_on(self):
        instance = a_run()
        asked = wished(instance)
        with pytest.raises(NotAllowed):
            confirmed(instance, asked, ADMIN)
        api.suspend(instance=instance, actor=CLERK, now=NOW)
        with pytest.raises(data.NotRunning):
            confirmed(instance, asked)
        assert not listed(instance).places


class TestPage:
    def test_asks_in_words_and_lets_a_colleague_confirm(self, desk):  # noqa: F811
        instance, fien, lotte = a_run(), desk("clerk"), desk("clerk")
        place = f"/desk/werkstromen/lopend/{instance}/verplaatsen/"
        assert "Verplaatsen" in text(fien.get(f"/desk/werkstromen/lopend/{instance}/"))
        assert "Kijk na → Beslis" in text(fien.get(place))
        refused = fien.post(place, {"way": "x", "reason": ""})
        assert "hoogstens 300 tekens" in text(refused, 422)
        token = listed(instance).places[0][0]
        assert fien.post(place, {"way": f"{token}:g", "reason": "Omdat"}).status_code == 422
        assert fien.post(place, {"way": f"{token}:b", "reason": "Dossier is volledig"}).status_code == 302
        asked = listed(instance).asked[0].uuid
        assert "Verplaatsen: gevraagd door iemand" in text(lotte.get(f"/desk/werkstromen/lopend/{instance}/"))
        shown = text(lotte.get("/desk/werkstromen/storingen/"))
        assert "Kijk na → Beslis" in shown and place in shown and "Dossier is volledig" not in shown
        assert "Bevestigen" not in text(fien.get(place)) and "Bevestigen" in text(lotte.get(place))
        refused = fien.post(f"{place}{asked}/bevestigen/")
        assert "Laat een collega" in text(refused, 422)
        assert lotte.post(f"{place}{asked}/bevestigen/").status_code == 302
        assert [each.node for each in tasks()] == ["b"]
        assert place not in text(lotte.get("/desk/werkstromen/storingen/"))
        assert lotte.post(f"{place}{asked}/bevestigen/").status_code == 422
        assert lotte.post(f"{place}{asked}/zomaar/").status_code == 404
        assert lotte.get(f"/desk/werkstromen/lopend/{uuid4()}/verplaatsen/").status_code == 404
