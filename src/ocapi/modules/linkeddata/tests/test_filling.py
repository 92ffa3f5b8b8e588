"""Many things at once: what a batch writes, and what it leaves as it was. Not covered: how fast it is."""

from datetime import date

import pytest

from ocapi.kernel.audit.testing import leaves_of
from ocapi.kernel.outbox.testing import published
from ocapi.lib import clock
from ocapi.modules.linkeddata import api, taking
from ocapi.modules.linkeddata.data import RegisteredThing, ThingsRefused
from ocapi.modules.linkeddata.models import ObjectRow, PersonalContentRow, ServiceRow, VersionRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization

pytestmark = pytest.mark.usefixtures("services")


def a_thing(key, **changes):
    ended_on, heirs = changes.pop("ended_on", None), changes.pop("replaced_by", ())
    body = an_organization(**changes)
    return RegisteredThing(key=key, term="Organisatie", body=body, ended_on=ended_on, replaced_by=heirs)


def load(*things, service="open"):
    return api.load_register(service=service, things=things, actor=OPERATOR, now=clock.now())


def told():
    kept = VersionRow.objects.order_by("number").values_list("object__title", "sequence", "number", "change")
    return list(kept)


class TestLoadRegister:
    def test_keeps_each_version_with_its_number_and_fact_and_tells_of_all_in_one_leaf(self):
        gone = a_thing("b", naam="Moerzeke", ended_on=date(1977, 1, 1), replaced_by=("a",))
        assert load(a_thing("a"), gone) == (2, 0)
        assert told() == [
            ("Hamme", 1, 1, "created"), ("Moerzeke", 1, 2, "created"), ("Moerzeke", 2, 3, "ended"),
        ]  # fmt: skip
        assert len(published("be.ocapi.linkeddata.object.changed.v1")) == 3
        (leaf,) = leaves_of("linkeddata.write")
        assert (leaf.reference, leaf.outcome) == ("versions 1-3", "filled")
        assert ServiceRow.objects.get(code="open").last_number == 3
        ended = ObjectRow.objects.get(title="Moerzeke")
        heir = ObjectRow.objects.get(title="Hamme")
        assert (ended.sequence, ended.replaced_by) == (2, [heir.iri])

    def test_changes_nothing_again_and_renews_what_says_something_else(self):
        load(a_thing("a"), a_thing("b", naam="Zele"))
        assert load(a_thing("a"), a_thing("b", naam="Zele")) == (0, 2)
        assert load(a_thing("a", naam="Hamme (O.-Vl.)"), a_thing("b", naam="Zele")) == (1, 1)
        assert told()[2:] == [("Hamme (O.-Vl.)", 2, 3, "replaced")]
        assert VersionRow.objects.get(number=3).content["naam"] == "Hamme (O.-Vl.)"

    def test_takes_a_thing_that_comes_twice_in_the_order_it_comes(self):
        assert load(a_thing("a"), a_thing("a", naam="Later")) == (2, 0)
        assert [each[1:] for each in told()] == [(1, 1, "created"), (2, 2, "replaced")]

    def test_knows_the_things_before_it_in_its_batch_and_no_others(self):
        service = ServiceRow.objects.get(code="open")
        names = [api.name_of(service="open", term="Organisatie", key=key) for key in ("a", "nergens")]
        assert load(a_thing("a"), a_thing("b", deel=[names[0]])) == (2, 0)
        with pytest.raises(ThingsRefused):
            load(a_thing("c", deel=[names[1]]))
        assert taking.uuid_of(service=service.uuid, key="a").hex in names[0].replace("-", "")

    def test_names_what_is_refused_and_takes_all_else(self):
        with pytest.raises(ThingsRefused) as some:
            load(a_thing("a"), a_thing("b", nummer="geen"), a_thing("c", naam="Zele"), a_thing("a"))
        assert [key for key, _reason in some.value.refused] == ["b"]
        assert "PatternConstraintComponent $.nummer" in str(some.value)
        assert (some.value.changed, some.value.same, some.value.count) == (2, 1, 1)
        assert [each[0] for each in told()] == ["Hamme", "Zele"]

    def test_refuses_what_names_a_thing_that_was_refused_and_what_has_no_class(self):
        (name,) = (api.name_of(service="open", term="Organisatie", key=key) for key in "b")
        odd = RegisteredThing(key="d", term="Nergens", body={})
        with pytest.raises(ThingsRefused) as some:
            load(a_thing("b", nummer="geen"), a_thing("c", deel=[name]), odd, a_thing("e"))
        assert [key for key, _reason in some.value.refused] == ["b", "c", "d"]
        assert len(told()) == 1

    def test_refuses_a_text_that_no_store_can_keep(self):
        with pytest.raises(ThingsRefused) as some:
            load(
                a_thing("a", naam="Ham\0me"),
                a_thing("b", vestiging=[{"@type": "Vestiging", "plaats": "\0"}]),
                a_thing("c", naam="Ham\\u0000me"),
            )
        assert some.value.refused == (
            ("a", "schemaViolation $.naam"),
            ("b", "schemaViolation $.vestiging[0].plaats"),
        )
        assert [each[0] for each in told()] == ["Ham\\u0000me"]

    def test_names_no_more_than_can_be_read_and_counts_all(self, monkeypatch):
        monkeypatch.setattr(api, "NAMED", 3)
        monkeypatch.setattr(api, "FILLED_AT_ONCE", 2)
        with pytest.raises(ThingsRefused) as some:
            load(*(a_thing(f"k{each}", nummer="geen") for each in range(7)))
        assert ([key for key, _reason in some.value.refused], some.value.count) == (["k0", "k1", "k2"], 7)

    def test_keeps_what_is_about_persons_apart_with_a_leaf_for_each(self):
        assert load(a_thing("a"), a_thing("b", naam="Zele"), service="personal") == (2, 0)
        assert {row.content["naam"] for row in PersonalContentRow.objects.all()} == {"Hamme", "Zele"}
        assert set(VersionRow.objects.values_list("content", flat=True)) == {None}
        assert set(ObjectRow.objects.values_list("title", flat=True)) == {""}
        assert len(leaves_of("linkeddata.write_personal")) == 2
