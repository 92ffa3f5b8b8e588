"""Decision models through the door. Not covered: FEEL and DMN themselves (lib), processes that ask."""

from decimal import Decimal

import pytest
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.outbox.testing import published
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.dmn.tests.fees import NS, fees
from ocapi.modules.rules import api, data
from ocapi.modules.rules.models import ModelFileRow, ModelVersionRow

pytestmark = pytest.mark.usefixtures("tenant")
CLERK, ADMIN = a_staff_member("clerk"), a_staff_member("tenant_admin")


def case(surface: int, fee: str, name: str = "klein perceel") -> data.Case:
    return data.Case(name=name, decision="Leges", facts={"oppervlakte": surface}, expected=Decimal(fee))


def deployed(raw: bytes, **more: object) -> data.ModelVersion:
    return api.deploy(raw=raw, actor=ADMIN, now=NOW, **more)  # type: ignore[arg-type]


def asked(surface: int, **more: object) -> data.Decided:
    return api.evaluate(decision="Leges", facts={"oppervlakte": surface}, actor=CLERK, now=NOW, **more)  # type: ignore[arg-type]


class TestDeploy:
    def test_keeps_the_file_verbatim_and_gives_a_version_per_content(self):
        first = deployed(fees())
        assert deployed(fees()) == first
        second = deployed(fees(low="12"))
        assert (first.version, second.version, second.decisions) == (1, 2, ("Leges",))
        assert api.export(key="leges", version=1, actor=CLERK) == fees()
        assert api.list_models(actor=CLERK) == (second,)
        assert [row.type for row in published("be.ocapi.rules.")] == ["be.ocapi.rules.model.deployed.v1"] * 2

    def test_refuses_a_model_whose_test_cases_fail_and_names_them(self):
        deployed(fees(), cases=[case(20, "10"), case(50, "25.50", "grens")])
        with pytest.raises(data.CasesFailed) as refused:
            deployed(fees(low="11"))
        assert refused.value.failed == (
            data.FailedCase(name="klein perceel", decision="Leges", expected="10", got="11"),
        )
        assert [each.version for each in api.list_models(actor=ADMIN)] == [1]
        assert deployed(fees(low="11"), cases=[case(20, "11")]).cases == 1

    @pytest.mark.parametrize(("raw", "imports", "reason"), [
        (b"<!DOCTYPE d [<!ENTITY a 'b'>]>" + fees(), (), "doctypeRefused"),
        (b"<definitions>" + b" " * (5 << 20) + b"</definitions>", (), "tooLarge"),
        (b"<no", (), "notXml"), (b"<no/>", (), "notDmn"),
        (fees(extra=f'<import name="b" namespace="urn:b" importType="{NS}"/>'), (), "importMissing"),
        (fees(extra=f'<import name="b" namespace="urn:b" importType="{NS}"/>'),
         (fees(name="b", extra=f'<import name="a" namespace="urn:leges" importType="{NS}"/>'),),
         "cyclicImport"),
    ])
    def test_refuses_hostile_files_with_what_to_do_and_stores_nothing(self, raw, imports, reason):
        with pytest.raises(data.ModelNotUsable) as refused:
            deployed(raw, imports=imports)
        assert (refused.value.reason, bool(refused.value.told)) == (reason, True)
        assert not ModelFileRow.objects.exists()

    def test_refuses_an_expression_that_cannot_be_read(self):
        with pytest.raises(data.ModelNotUsable) as refused:
            deployed(fees(low="10 +"))
        assert refused.value.element
        assert not ModelVersionRow.objects.exists()

    @pytest.mark.parametrize(("low", "extra", "reason", "said"), [
        ('{f: function(a) external {java: {class: "java.lang.Math"}}}.f(1)', "", "externalFunctionRefused",
         "Leges: Dit roept een functie in Java of PMML aan."),
        ("10", '<businessKnowledgeModel id="b" name="Som"><encapsulatedLogic kind="Java"><context/>'
         "</encapsulatedLogic></businessKnowledgeModel>", "externalFunctionRefused", "Som: Dit roept"),
        ("10 +", "", "syntax", "Leges: Een uitdrukking is geen juiste FEEL. Verbeter ze. (regel 1, teken"),
        ("10", '<decision id="x" name="X"><magic/></decision>', "unknownExpression", "X: Dit soort"),
        ("10", '<itemDefinition name="tA"><typeRef>tA</typeRef></itemDefinition>', "cyclicType",
         "tA → tA: Deze types verwijzen in een kring naar elkaar."),
    ])
    def test_names_what_can_never_answer_in_dutch(self, low, extra, reason, said):
        with translation.override("nl"), pytest.raises(data.ModelNotUsable) as refused:
            deployed(fees(low=low.replace("<", "&lt;"), extra=extra))
        assert refused.value.reason == reason and refused.value.told.startswith(said)
        assert not ModelVersionRow.objects.exists()

    def test_refuses_a_decision_that_another_model_answers(self):
        deployed(fees())
        with pytest.raises(data.DecisionTaken) as refused:
            deployed(fees(name="andere"))
        assert refused.value.by == "leges"

    def test_is_for_administrators(self):
        with pytest.raises(NotAllowed):
            api.deploy(raw=fees(), actor=CLERK, now=NOW)


class TestEvaluate:
    def test_tells_which_rule_fired_with_which_inputs_in_dutch(self):
        deployed(fees())
        found = asked(60)
        assert (found.value, found.version) == (Decimal("25.50"), 1)
        assert found.words == (
            "Tabel Leges: oppervlakte is 60. Daarom geldt regel 2, met als uitkomst 25.50.",)
        assert [rule.id for table in found.tables for rule in table.rules] == ["r1"]
        assert found.explanation()["words"] == list(found.words)

    def test_answers_by_the_version_that_is_asked_for(self):
        deployed(fees())
        deployed(fees(low="12"))
        assert [asked(10).value, asked(10, version=1).value] == [12, 10]
        with pytest.raises(data.DecisionNotFound):
            asked(10, version=3)

    def test_says_when_no_rule_applies_and_when_nothing_decides(self):
        deployed(fees())
        found = api.evaluate(decision="Leges", facts={}, actor=CLERK, now=NOW)
        assert (found.value, "geen enkele regel" in found.words[0]) == (None, True)
        with pytest.raises(data.DecisionNotFound):
            api.evaluate(decision="Niets", facts={}, actor=CLERK, now=NOW)

    def test_is_refused_to_citizens(self):
        with pytest.raises(NotAllowed):
            api.evaluate(decision="Leges", facts={}, actor=a_citizen(), now=NOW)
