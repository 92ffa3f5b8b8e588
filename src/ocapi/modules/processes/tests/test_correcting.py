"""Giving a value of a run another content with four eyes. Not covered: what FEEL makes of a value (lib)."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.audit.testing import leaves_of
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.bpmn.engine.values import MAX_BYTES
from ocapi.lib.feel import to_feel
from ocapi.modules.processes import api, data
from ocapi.modules.processes.models import CorrectionRow
from ocapi.modules.processes.tests.factories import ADMIN, CLERK, SYSTEM, deployed, done, seen, started, tasks
from ocapi.modules.processes.tests.test_api import facts
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("tenant")
COLLEAGUE = a_staff_member("clerk")
SCRIPT = '<scriptTask id="x" name="Reken" o:resultVariable="v"><script>n + 1</script></scriptTask>'
MANY = ('<userTask id="a" name="Advies"><multiInstanceLoopCharacteristics><loopDataInputRef>who'
        "</loopDataInputRef><inputDataItem name=\"each\"/></multiInstanceLoopCharacteristics></userTask>")


def a_stuck_run(**variables):
    deployed(f'{SCRIPT}<userTask id="b"/>', "s>x", "x>b", "b>e")
    run = started(**(variables or {"n": "3"}))
    assert seen(run.uuid).incidents
    return run.uuid


def held(instance):
    return api.list_values(instance=instance, actor=CLERK, now=NOW)


def wished(instance, value=3, *, name="n", scope=1, reason="Het is een getal.", revision=None, actor=CLERK):
    return api.ask_correction(
        instance=instance, scope=scope, name=name, value=value, reason=reason, actor=actor, now=NOW,
        revision=held(instance).revision if revision is None else revision)


def confirmed(instance, correction, actor=COLLEAGUE):
    api.confirm_correction(instance=instance, correction=correction, actor=actor, now=NOW)


def asked(instance, actor=CLERK):
    return api.list_corrections(instance=instance, actor=actor, now=NOW)


class TestCorrection:
    def test_is_asked_by_one_and_done_by_another_and_then_the_step_is_tried_again(self):
        instance = a_stuck_run()
        wish = wished(instance)
        assert seen(instance).variables["n"] == "3"
        with pytest.raises(data.SamePerson):
            confirmed(instance, wish, CLERK)
        confirmed(instance, wish)
        run = seen(instance)
        assert run.variables["n"] == 3 and run.incidents and not CorrectionRow.objects.exists()
        api.retry_incident(incident=run.incidents[0].uuid, actor=CLERK, now=NOW)
        assert seen(instance).variables["v"] == 4 and [each.node for each in tasks()] == ["b"]

    def test_stands_in_the_history_and_is_published_without_a_content(self):
        instance = a_stuck_run()
        confirmed(instance, wished(instance, Decimal("77.25")))
        last = api.get_path(instance=instance, actor=CLERK).passages[-1]
        assert (last.name, last.what) == ("n", "corrected")
        assert "variable.corrected.v1" in facts()

    def test_leaves_the_name_and_never_a_content(self):
        instance = a_stuck_run()
        confirmed(instance, wished(instance, "waterval-88"))
        found = leaves_of(api.CORRECT)
        assert [(each.outcome, each.fields_seen) for each in found] == [("asked", ["n"]), ("done", ["n"])]
        assert not any(b"waterval-88" in each.canonical for each in found)

    def test_is_a_consultation_to_look_at_values_and_at_wishes(self):
        instance = a_stuck_run()
        wished(instance)
        asked(instance)
        assert leaves_of("processes.read_instance")[-1].fields_seen == ["n"]
        last = leaves_of(api.CORRECT)[-1]
        assert (last.kind, last.fields_seen) == ("consultation", ["askedBy", "n", "reason"])

    def test_sets_a_value_that_was_missing(self):
        deployed(f'{SCRIPT}<userTask id="b"/>', "s>x", "x>b", "b>e")
        instance = started(m=1).uuid
        confirmed(instance, wished(instance, 1))
        assert seen(instance).variables == {"m": 1, "n": 1}

    def test_of_one_turn_of_a_repetition_leaves_the_others(self):
        deployed(MANY, "s>a", "a>e")
        instance = started(who=["Politie", "Brandwer"]).uuid
        found = [each for each in held(instance).items if each.name == "each"]
        assert [(each.place, each.value) for each in found] == [("Advies (1)", "Politie"),
                                                                ("Advies (2)", "Brandwer")]
        confirmed(instance, wished(instance, "Brandweer", name="each", scope=found[1].scope))
        after = [each.value for each in held(instance).items if each.name == "each"]
        assert after == ["Politie", "Brandweer"]
        with pytest.raises(data.StepNotPossible, match="scopeGone"):
            wished(instance, 1, name="new", scope=found[1].scope)

    def test_means_nothing_any_more_when_the_value_has_changed(self):
        deployed('<userTask id="a"/><userTask id="b"/>', "s>a", "a>b", "b>e")
        instance = started(n="3").uuid
        wish = wished(instance)
        done("a", n="5")
        assert not asked(instance)
        with pytest.raises(data.CorrectionNotFound):
            confirmed(instance, wish)
        assert seen(instance).variables["n"] == "5"

    def test_is_refused_when_the_run_took_a_step_since_it_was_looked_at(self):
        deployed('<userTask id="a"/><userTask id="b"/>', "s>a", "a>b", "b>e")
        instance = started(n="3").uuid
        revision = held(instance).revision
        done("a")
        with pytest.raises(data.RunChanged):
            wished(instance, revision=revision)

    @pytest.mark.parametrize(("wrong", "code"), [
        ({"value": "3"}, "sameValue"), ({"reason": " "}, "reasonMissing"),
        ({"reason": "x" * 301}, "reasonMissing"), ({"scope": 99}, "scopeGone"),
        ({"name": " "}, "variableName"),
        ({"name": "a\0b"}, "variableName"), ({"name": "x" * 201}, "variableName"),
        ({"value": "x" * (MAX_BYTES + 1)}, "variableTooLarge"), ({"value": object()}, "notStorable"),
    ])
    def test_refuses_what_no_value_holds_and_what_says_no_reason(self, wrong, code):
        instance = a_stuck_run()
        with pytest.raises(data.StepNotPossible, match=code):
            wished(instance, **({"value": 3} | wrong))

    def test_is_asked_once_for_a_value_and_can_be_withdrawn(self):
        instance = a_stuck_run()
        first, second = wished(instance), wished(instance, 4)
        with pytest.raises(data.CorrectionNotFound):
            confirmed(instance, first)
        api.withdraw_correction(instance=instance, correction=second, actor=CLERK, now=NOW)
        assert not asked(instance)

    def test_is_for_clerks_and_for_runs_that_go_on(self):
        instance = a_stuck_run()
        wish = wished(instance)
        for stranger in (ADMIN, SYSTEM):
            with pytest.raises(NotAllowed):
                confirmed(instance, wish, stranger)
        api.suspend(instance=instance, actor=CLERK, now=NOW)
        with pytest.raises(data.NotRunning):
            confirmed(instance, wish)
        api.cancel(instance=instance, actor=CLERK, now=NOW)
        assert not CorrectionRow.objects.exists()

    def test_hides_persons_until_somebody_asks_for_them(self, monkeypatch):
        monkeypatch.setattr("ocapi.modules.processes.services.personal.names", lambda: frozenset({"n"}))
        instance = a_stuck_run()
        wished(instance, "waterval-88")
        shown = (api.list_masked_values(instance=instance, actor=CLERK, now=NOW).items,
                 api.list_masked_corrections(instance=instance, actor=CLERK, now=NOW))
        assert all(each.is_hidden for part in shown for each in part)
        assert "waterval-88" not in repr(shown) and "'3'" not in repr(shown)
        assert asked(instance)[0].value == "waterval-88"


class TestPage:
    def test_asks_in_words_and_lets_a_colleague_confirm(self, desk):  # noqa: F811
        instance, fien, lotte = a_stuck_run(), desk("clerk"), desk("clerk")
        run = f"/desk/werkstromen/lopend/{instance}/"
        place = f"{run}verbeteren/"
        assert place in text(fien.get(run))
        assert "Gegevens van dit verloop" in text(fien.get(place))
        wish = {"which": "1:n", "kind": "number", "content": "1.234,5", "reason": "Een getal",
                "revision": str(held(instance).revision)}
        for wrong, said in (
            ({"which": "x"}, "Kies een gegeven"), ({"content": "1,234.5"}, "zoals 1.234,50"),
            ({"kind": "day", "content": "31/02/2026"}, "dd/mm/jjjj"),
            ({"reason": ""}, "hoogstens 300 tekens"),
            ({"kind": "truth", "content": "misschien"}, "ja of nee"),
            ({"kind": "feel", "content": "1 +"}, "FEEL"),
            ({"which": "+1:"}, "hoe het nieuwe gegeven heet"), ({"revision": "0"}, "intussen"),
            ({"kind": "text", "content": "3"}, "er al in"), ({"content": ""}, "juiste inhoud"),
            ({"kind": ""}, "wat voor inhoud"),
        ):
            assert said in text(fien.post(place, wish | wrong), 422)
        assert fien.post(place, wish).status_code == 302
        (found,) = asked(instance)
        assert (found.before, found.value) == ("3", Decimal("1234.5"))
        assert "Gegeven verbeteren: gevraagd door iemand" in text(lotte.get(run))
        shown = text(lotte.get("/desk/werkstromen/storingen/"))
        assert place in shown and "Een getal" not in shown and "1234" not in shown
        assert "Bevestigen" not in text(fien.get(place)) and "Bevestigen" in text(lotte.get(place))
        assert "Laat een collega" in text(fien.post(f"{place}{found.uuid}/bevestigen/"), 422)
        assert lotte.post(f"{place}{found.uuid}/bevestigen/").status_code == 302
        assert "Gegeven verbeterd door twee collega" in text(lotte.get(run))
        assert lotte.post(f"{place}{found.uuid}/bevestigen/").status_code == 422
        assert lotte.post(f"{place}{found.uuid}/zomaar/").status_code == 404
        assert lotte.get(f"/desk/werkstromen/lopend/{uuid4()}/verbeteren/").status_code == 404

    @pytest.mark.parametrize(("kind", "content", "value"), [
        ("text", "12", "12"), ("truth", "Ja", True), ("truth", "nee", False), ("number", "-3", -3),
        ("number", "1234,50", Decimal("1234.50")), ("empty", "", None), ("feel", "[1, 2]", [1, 2]),
        ("day", "07/03/2026", date(2026, 3, 7)),
    ])
    def test_reads_a_content_as_people_write_it(self, desk, kind, content, value):  # noqa: F811
        instance = a_stuck_run()
        answer = desk("clerk").post(f"/desk/werkstromen/lopend/{instance}/verbeteren/", {
            "which": "+1:", "name": "fresh", "kind": kind, "content": content, "reason": "Ontbrak",
            "revision": str(held(instance).revision)})
        assert answer.status_code == 302
        confirmed(instance, asked(instance)[0].uuid)
        found = next(each for each in held(instance).items if each.name == "fresh").value
        assert found == to_feel(value)
