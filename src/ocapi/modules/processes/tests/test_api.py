"""Processes through their door. Not covered: elements (lib/tests/test_bpmn_engine), crashes (test_crash)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.outbox.testing import published
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import identifiers
from ocapi.lib.dmn.tests.fees import fees
from ocapi.lib.tests.bpmn_models import definitions, process
from ocapi.modules.processes import api, data
from ocapi.modules.processes.data import InstanceState
from ocapi.modules.processes.models import HistoryRow, MessageRow, ModelRow, ScopeRow, TimerRow, TokenRow
from ocapi.modules.processes.services import steps
from ocapi.modules.processes.tests.factories import (
    ADMIN,
    CLERK,
    KEY,
    SYSTEM,
    coupled,
    deployed,
    done,
    failing,
    flaky,
    seen,
    started,
    tasks,
    worked,
)
from ocapi.modules.rules import api as rules

pytestmark = pytest.mark.usefixtures("tenant")
A, B = '<userTask id="a" name="Check"/>', '<userTask id="b"/>'
CALL = coupled("x", "flaky", "amount")
BROKEN = '<scriptTask id="x" o:resultVariable="v"><script>n + 1</script></scriptTask>'
MESSAGE = '<message id="m" name="paid"/>'
SIGNAL = '<signal id="z" name="stop"/>'
WAIT_DAY = ('<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>P1D</timeDuration>'
            "</timerEventDefinition></intermediateCatchEvent>")


def facts() -> list[str]:
    return [row.type.removeprefix("be.ocapi.processes.") for row in published("be.ocapi.processes.")]


class TestDeploy:
    def test_gives_a_version_per_content_and_keeps_the_file_once(self):
        first = deployed(A, "s>a", "a>e")
        assert deployed(A, "s>a", "a>e") == first
        assert deployed(A + B, "s>a", "a>b").version == 2
        assert ModelRow.objects.count() == 2
        assert [each.version for each in api.list_definitions(actor=CLERK)] == [2]

    def test_refuses_what_cannot_be_executed_with_every_reason(self):
        with pytest.raises(data.DefinitionRefused) as refused:
            api.deploy(raw=process('<serviceTask id="y"/><adHocSubProcess id="z"/>'), actor=ADMIN, now=NOW)
        assert {each.element for each in refused.value.report.processes[0].reasons} == {"y", "z"}

    @pytest.mark.parametrize("task", [
        '<serviceTask id="y" implementation="urn:ocapi:connector:none"/>',
        '<businessRuleTask id="y" implementation="urn:ocapi:decision:none"/>',
    ])
    def test_refuses_a_connector_or_decision_that_nobody_registered(self, task):
        with pytest.raises(data.DefinitionRefused, match="y "):
            api.deploy(raw=process(task), actor=ADMIN, now=NOW)

    def test_passes_over_a_pool_that_is_only_drawn(self):
        raw = definitions('<process id="q"><userTask id="u"/></process>'
                          '<process id="p" isExecutable="true"><userTask id="v"/></process>')
        assert [each.key for each in api.deploy(raw=raw, actor=ADMIN, now=NOW)] == ["p"]

    def test_leaves_running_instances_on_their_version(self):
        deployed(A, "s>a", "a>e")
        old = started()
        deployed(A + B, "s>a", "a>b")
        done("a")
        assert seen(old.uuid).state is InstanceState.COMPLETED


class TestRunning:
    def test_goes_from_start_to_end_with_its_facts(self):
        deployed(A, "s>a", "a>e")
        instance = started(amount=3)
        assert (instance.nodes, instance.variables) == (("a",), {})  # who reads variables leaves a leaf
        assert seen(instance.uuid).variables == {"amount": 3}
        done("a", approved=True)
        ended = seen(instance.uuid)
        assert (ended.state, ended.variables["approved"]) == (InstanceState.COMPLETED, True)
        assert facts() == ["instance.started.v1", "task.created.v1", "task.completed.v1",
                           "instance.completed.v1"]
        assert (TokenRow.objects.count(), ScopeRow.objects.count()) == (0, 1)
        assert HistoryRow.objects.filter(instance__uuid=instance.uuid).count() >= 3

    def test_refuses_an_unknown_process_and_a_variable_that_is_too_large(self):
        with pytest.raises(data.ProcessNotFound):
            started(key="nothing")
        deployed(A, "s>a")
        with pytest.raises(data.StepNotPossible, match="variableTooLarge"):
            started(text="x" * 70_000)

    def test_completes_a_task_once(self):
        deployed(A + B, "s>a", "a>b")
        started()
        task = tasks()[0]
        done("a")
        with pytest.raises(data.TaskNotFound):
            api.complete_task(task=task.uuid, variables={}, actor=CLERK, now=NOW)

    def test_runs_a_sub_process_and_drops_its_scope(self):
        deployed(f'<subProcess id="q">{A}</subProcess>{B}', "s>q", "q>b")
        started()
        done("a")
        assert [each.node for each in tasks()] == ["b"]
        assert ScopeRow.objects.count() == 1

    def test_calls_another_process_by_key(self):
        deployed(A, "s>a", "a>e", key="called")
        deployed('<callActivity id="c" calledElement="called"/>' + B, "s>c", "c>b")
        started()
        done("a", found=True)
        assert [each.node for each in tasks()] == ["b"]
        assert seen(tasks()[0].instance).variables["found"] is True

    def test_keeps_the_answers_of_a_repetition_in_order(self):
        body = ('<dataObject id="o1" name="names"/><dataObject id="o2" name="all"/><userTask id="a">'
                "<multiInstanceLoopCharacteristics><loopDataInputRef>o1</loopDataInputRef><loopDataOutputRef>"
                'o2</loopDataOutputRef><inputDataItem name="name"/><outputDataItem name="name"/>'
                "</multiInstanceLoopCharacteristics></userTask>")
        deployed(body + B, "s>a", "a>b")
        instance = started(names=["x", "y", "z"])
        for task in reversed(tasks()):
            api.complete_task(task=task.uuid, variables={}, actor=CLERK, now=NOW)
        assert seen(instance.uuid).variables["all"] == ["x", "y", "z"]


class TestTasks:
    def test_are_listed_by_group_page_by_page_with_the_case(self):
        lane = '<laneSet><lane id="l" name="Balie"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
        deployed(lane + A + B, "s>a", "s>b")
        for number in range(3):
            started(business_key=f"VLA-{number}")
        page = api.list_tasks(actor=CLERK, group="Balie", page_size=2)
        rest = api.list_tasks(actor=CLERK, group="Balie", page_size=2, cursor=page.cursor)
        assert [each.reference for each in (*page.items, *rest.items)] == ["VLA-0", "VLA-1", "VLA-2"]
        assert rest.cursor == ""
        with pytest.raises(data.InvalidCursor):
            api.list_tasks(actor=CLERK, cursor="x!")

    def test_are_found_by_the_reference_as_people_type_it(self):
        deployed(A, "s>a", "a>e")
        whole = identifiers.case_reference("VLA", 2026, 12)
        for key in (whole, identifiers.case_reference("VLA", 2026, 120)):
            started(business_key=key)
        for typed in (whole, whole.lower().replace("-", " "), whole[:15]):
            assert [each.reference for each in tasks(about=typed)] == [whole]
        assert tasks(about=whole[:9]) and not tasks(about="VLA-2025")

    def test_runs_are_found_by_how_their_key_begins_and_no_sign_stands_for_others(self):
        definition = deployed(A, "s>a", "a>e").uuid
        for key in ("BOOM_1%", "BOOM_12", "BOOMX1", "EIK-1", "é"):
            started(business_key=key)

        def found(typed):
            items = api.list_instances(definition=definition, about=typed, actor=CLERK).items
            return [each.business_key for each in items]

        assert found("BOOM") == ["BOOMX1", "BOOM_12", "BOOM_1%"]
        assert (found("boom_"), found("BOOM_1%")) == (["BOOM_12", "BOOM_1%"], ["BOOM_1%"])
        assert (found("é"), found("IK"), found("%"), found("\\")) == (["é"], [], [], [])

    def test_are_done_by_who_claimed_them(self):
        deployed(A, "s>a", "a>e")
        started()
        task = api.claim_task(task=tasks()[0].uuid, actor=CLERK, now=NOW)
        assert task.assignee == CLERK.person
        assert [each.uuid for each in tasks(is_mine=True)] == [task.uuid]
        other = a_staff_member("clerk")
        with pytest.raises(data.TaskClaimed):
            api.complete_task(task=task.uuid, variables={}, actor=other, now=NOW)
        with pytest.raises(data.TaskClaimed):
            api.claim_task(task=task.uuid, actor=other, now=NOW)
        api.release_task(task=task.uuid, actor=CLERK, now=NOW)
        api.complete_task(task=task.uuid, variables={}, actor=other, now=NOW)

    def test_are_hidden_from_citizens(self):
        with pytest.raises(NotAllowed):
            api.list_tasks(actor=a_citizen())


class TestConnectors:
    def test_do_their_work_outside_the_step(self):
        connector = flaky()
        deployed(CALL + A, "s>x", "x>a")
        instance = started(amount=5)
        assert (instance.nodes, connector.keys) == (("x",), [])
        worked()
        assert seen(instance.uuid).variables["receipt"] == "r-1"
        assert len(connector.keys) == 1

    def test_are_tried_again_under_the_same_key_then_give_an_incident(self):
        connector = flaky()
        connector.failures = [failing(), failing(), failing()]
        deployed(CALL + A, "s>x", "x>a")
        instance = started(amount=5)
        worked(later=timedelta(hours=1))
        worked(later=timedelta(hours=2))
        worked(later=timedelta(hours=3))
        assert len(set(connector.keys)) == 1
        assert [(each.node, each.reason) for each in seen(instance.uuid).incidents] == [("x", "timeout")]
        incident = seen(instance.uuid).incidents[0]
        api.retry_incident(incident=incident.uuid, actor=CLERK, now=NOW)
        worked(later=timedelta(hours=4))
        assert seen(instance.uuid).nodes == ("a",)

    @pytest.mark.parametrize(("amount", "answer", "reason"), [
        ("five", {"receipt": "r"}, "inputType"), (5, {"receipt": 1}, "outputType"), (5, {}, "outputType"),
    ])
    def test_are_given_and_give_only_what_they_declare(self, amount, answer, reason):
        flaky().answer = answer
        deployed(CALL, "s>x", "x>e")
        instance = started(amount=amount)
        worked()
        assert [each.reason for each in seen(instance.uuid).incidents] == [reason]

    def test_are_not_called_for_an_instance_that_was_cancelled(self):
        connector = flaky()
        deployed(CALL, "s>x", "x>e")
        instance = started(amount=1)
        api.cancel(instance=instance.uuid, actor=CLERK, now=NOW)
        worked()
        assert connector.keys == []


class TestCompensation:
    def test_remembers_over_steps_what_is_to_be_undone(self):
        body = (A + '<boundaryEvent id="c" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
                '<userTask id="u" isForCompensation="true"/><association id="l" sourceRef="c" targetRef="u"/>'
                f'{B}<endEvent id="x"><compensateEventDefinition/></endEvent>')
        deployed(body, "s>a", "a>b", "b>x")
        instance = started()
        done("a")
        assert seen(instance.uuid).nodes == ("b",)  # a memory is no place where the instance stands
        done("b")
        assert [each.node for each in tasks()] == ["u"]
        done("u")
        assert seen(instance.uuid).state is InstanceState.COMPLETED
        assert not TokenRow.objects.exists()


class TestDecisions:
    RULE = ('<businessRuleTask id="r" implementation="urn:ocapi:decision:Leges" o:resultVariable="fee"/>')

    def test_are_asked_of_the_rules_and_kept_with_the_rules_that_fired(self):
        rules.deploy(raw=fees(), actor=ADMIN, now=NOW)
        deployed(A + self.RULE + B, "s>a", "a>r", "r>b")
        instance = started(oppervlakte=60)
        done("a")
        found = seen(instance.uuid)
        assert found.variables["fee"] == Decimal("25.50")
        assert [each.decision for each in found.decisions] == ["Leges"]
        assert b"Daarom geldt regel 2" in found.decisions[0].explanation

    def test_that_fail_are_incidents(self):
        rules.deploy(raw=fees(), actor=ADMIN, now=NOW)
        deployed(self.RULE + A, "s>r", "r>a")
        rules.deploy(raw=fees(decision="Anders"), actor=ADMIN, now=NOW)
        found = started(oppervlakte=60)
        assert [(each.node, each.reason) for each in found.incidents] == [("r", "decisionUnknown")]


class TestTimers:
    def test_fire_when_they_are_due_and_once(self):
        deployed(WAIT_DAY + A, "s>t", "t>a")
        instance = started()
        worked(later=timedelta(hours=23))
        assert seen(instance.uuid).nodes == ("t",)
        worked(later=timedelta(days=1))
        assert seen(instance.uuid).nodes == ("a",)
        assert api.fire_timers(now=NOW + timedelta(days=2)) == 0

    def test_stand_still_with_a_suspended_instance(self):
        deployed(WAIT_DAY + A, "s>t", "t>a")
        instance = started()
        api.suspend(instance=instance.uuid, actor=CLERK, now=NOW)
        worked(later=timedelta(days=2))
        assert seen(instance.uuid).nodes == ("t",)
        api.resume(instance=instance.uuid, actor=CLERK, now=NOW + timedelta(days=2))
        worked(later=timedelta(days=2))
        assert seen(instance.uuid).nodes == ("a",)

    def test_of_one_task_that_are_due_together_fire_until_one_ends_it(self):
        timer = ('<boundaryEvent id="{0}" attachedToRef="a"{1}><timerEventDefinition><timeDuration>PT{2}H'
                 '</timeDuration></timerEventDefinition></boundaryEvent><userTask id="of{0}"/>')
        deployed(A + timer.format("x", ' cancelActivity="false"', 1) + timer.format("y", "", 2)
                 + timer.format("z", "", 3), "s>a", "a>e", "x>ofx", "y>ofy", "z>ofz")
        started()
        assert api.fire_timers(now=NOW + timedelta(days=2)) == 2
        assert [each.node for each in tasks()] == ["ofx", "ofy"]

    def test_that_fail_hold_no_other(self, monkeypatch):
        deployed(WAIT_DAY + A, "s>t", "t>a")
        for key in ("first", "broken", "last"):
            started(business_key=key)
        step = steps.step

        def breaking(row: object, *more: object, **named: object) -> object:
            made = step(row, *more, **named)
            return 1 / 0 if row.business_key == "broken" else made

        with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
            broken.setattr(steps, "step", breaking)
            api.fire_timers(now=NOW + timedelta(days=2))
        assert [each.reference for each in tasks()] == ["first", "last"]
        assert api.fire_timers(now=NOW + timedelta(days=2)) == 1
        assert [each.reference for each in tasks()] == ["first", "last", "broken"]

    def test_start_a_process_in_a_cycle(self):
        body = ('<startEvent id="w"><timerEventDefinition><timeCycle>R2/P1D</timeCycle>'
                f"</timerEventDefinition></startEvent>{A}"
                '<sequenceFlow id="f" sourceRef="w" targetRef="a"/>')
        api.deploy(raw=process(body), actor=ADMIN, now=NOW)
        for day in (1, 2, 3):
            api.fire_timers(now=NOW + timedelta(days=day))
        assert len(tasks()) == 2
        assert TimerRow.objects.count() == 0


class TestMessages:
    RECEIVE = '<receiveTask id="r" messageRef="m"/>'

    def correlated(self, key: str = KEY, **variables: object) -> data.Correlated:
        return api.correlate_message(name="paid", key=key, variables=variables, actor=SYSTEM, now=NOW)

    def test_reach_the_instance_with_the_key_once(self):
        deployed(self.RECEIVE + A, "s>r", "r>a", shared=MESSAGE)
        started(business_key="other")
        instance = started()
        assert self.correlated(amount=7).instance == instance.uuid
        assert seen(instance.uuid).variables["amount"] == 7
        with pytest.raises(data.MessageUnmatched):
            self.correlated()

    def test_start_a_process(self):
        body = ('<startEvent id="w"><messageEventDefinition messageRef="m"/></startEvent>' + A
                + '<sequenceFlow id="f" sourceRef="w" targetRef="a"/>')
        api.deploy(raw=process(body, shared=MESSAGE), actor=ADMIN, now=NOW)
        assert self.correlated("VLA-9").is_new
        assert tasks()[0].reference == "VLA-9"

    def test_go_from_one_instance_to_another(self):
        deployed(self.RECEIVE + A, "s>r", "r>a", shared=MESSAGE, key="receiver")
        deployed('<sendTask id="x" messageRef="m"/>', "s>x", "x>e", shared=MESSAGE)
        waiting = started(key="receiver")
        started()
        worked()
        assert seen(waiting.uuid).nodes == ("a",)
        assert MessageRow.objects.count() == 0

    def test_are_refused_by_a_suspended_instance(self):
        deployed(self.RECEIVE, "s>r", shared=MESSAGE)
        instance = started()
        api.suspend(instance=instance.uuid, actor=CLERK, now=NOW)
        with pytest.raises(data.NotRunning):
            self.correlated()

    def test_of_kind_signal_reach_all(self):
        catch = ('<intermediateCatchEvent id="c"><signalEventDefinition signalRef="z"/>'
                 "</intermediateCatchEvent>")
        deployed(catch + A, "s>c", "c>a", shared=SIGNAL)
        for number in range(3):
            started(business_key=str(number))
        api.broadcast_signal(name="stop", variables={"why": "x"}, actor=SYSTEM, now=NOW)
        worked()
        assert len(tasks()) == 3
        assert MessageRow.objects.count() == 0


    def test_of_kind_signal_wait_for_a_suspended_instance(self):
        catch = ('<intermediateCatchEvent id="c"><signalEventDefinition signalRef="z"/>'
                 "</intermediateCatchEvent>")
        deployed(catch + A, "s>c", "c>a", shared=SIGNAL)
        instance, gone = started(), started(business_key="gone")
        for each in (instance, gone):
            api.suspend(instance=each.uuid, actor=CLERK, now=NOW)
        api.broadcast_signal(name="stop", variables={"why": "x"}, actor=SYSTEM, now=NOW)
        worked()
        assert seen(instance.uuid).nodes == ("c",)
        api.resume(instance=instance.uuid, actor=CLERK, now=NOW)
        worked()
        assert (seen(instance.uuid).nodes, seen(instance.uuid).variables["why"]) == (("a",), "x")
        api.cancel(instance=gone.uuid, actor=CLERK, now=NOW)
        assert MessageRow.objects.count() == 0


class TestIncidents:
    def test_name_the_element_and_are_repaired(self):
        deployed(BROKEN + A, "s>x", "x>a")
        instance = started()
        found = seen(instance.uuid).incidents[0]
        assert (found.node, found.reason) == ("x", "expressionFailed")
        assert "incident.raised.v1" in facts()
        assert api.list_incidents(actor=ADMIN).items == (found,)
        again = api.retry_incident(incident=found.uuid, actor=CLERK, now=NOW).incidents[0]
        assert again.uuid != found.uuid
        assert api.skip_incident(incident=again.uuid, actor=CLERK, now=NOW).nodes == ("a",)
        with pytest.raises(data.IncidentNotFound):
            api.skip_incident(incident=again.uuid, actor=CLERK, now=NOW)

    def test_end_with_the_instance(self):
        deployed(BROKEN, "s>x")
        instance = started()
        ended = api.cancel(instance=instance.uuid, actor=CLERK, now=NOW)
        assert (ended.state, ended.incidents, ended.nodes) == (InstanceState.CANCELLED, (), ())
        assert "instance.failed.v1" in facts()
        with pytest.raises(data.NotRunning):
            api.cancel(instance=instance.uuid, actor=CLERK, now=NOW)

    def test_stop_a_loop_without_a_wait(self):
        deployed("<task id='t'/>", "s>t", "t>t")
        assert seen(started().uuid).incidents[0].reason == "stepBudget"


class TestFacts:
    def test_hold_no_variable(self):
        deployed(A, "s>a", "a>e")
        started(name="Canary Vogelaar")
        done("a", note="Canary Vogelaar")
        stored = "".join(f"{row.subject} {row.data}" for row in published("be.ocapi.processes."))
        assert "Vogelaar" not in stored


class TestFiguresOfNodes:
    def test_count_the_turns_of_a_repetition_and_not_what_holds_them(self):
        many = ('<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
                '</multiInstanceLoopCharacteristics></userTask><subProcess id="q"><userTask id="b"/>'
                "</subProcess>")
        version = deployed(many, "s>a", "a>q", "q>e")
        started()
        assert self.waiting(version) == {"a": 2}
        done("a")
        assert self.waiting(version) == {"a": 1}
        done("a")
        assert self.waiting(version) == {"q": 1, "b": 1}

    @staticmethod
    def waiting(version):
        found = api.list_node_figures(definition=version.uuid, actor=CLERK)
        return {each.node: each.waiting for each in found if each.waiting}
