"""Rules, rows and typed answers through the door. Not covered: the rules by themselves, the designer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ocapi.kernel.audit.testing import leaves_of
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.modules.forms import api
from ocapi.modules.forms.data import DesignChanged, EditRefused, FormNotFound, Move, Place, Rows
from ocapi.modules.forms.models import FormRow
from ocapi.modules.forms.tests.factories import a_field, a_form, loaded

pytestmark = pytest.mark.usefixtures("tenant")
FIELDS = [
    a_field("integer", code="age"),
    a_field("text", code="licence", visible_when="age >= 18"),
    a_field("repeat", code="team", max_rows=3, fields=[
        a_field("text", code="name"), a_field("amount", code="fee"),
    ]),
    a_field("amount", code="total", required=False, calculation="sum(team.fee)"),
]
RAW = {"age": ["40"], "licence": ["B"], "team-0-name": ["An"], "team-0-fee": ["12,50"]}


@pytest.fixture
def citizen():
    return a_citizen()


@pytest.fixture
def draft(citizen):
    loaded(sections=[{"code": "s", "title": "S", "fields": FIELDS}])
    return api.start(form="proef", actor=citizen, now=NOW)


def save(draft, citizen, raw, **more):
    return api.save_section(
        draft=draft.uuid, section="s", raw=raw, actor=citizen, now=NOW, address_form="informal",
        revision=draft.revision, **more,
    )


def value(draft, code):
    return next((each.value for each in draft.answers if each.field == code), None)


class TestSaving:
    def test_tells_of_questions_that_appeared_by_an_answer_on_the_same_page(self, draft, citizen):
        first = save(draft, citizen, {key: RAW[key] for key in ("age", "team-0-name", "team-0-fee")})
        assert first.revealed == ("licence",)
        assert save(first.draft, citizen, RAW).revealed == ()

    def test_adds_and_takes_away_rows_and_keeps_what_was_typed(self, draft, citizen):
        more = save(draft, citizen, {**RAW, "add-team": ["1"]})
        assert (more.changed_rows, more.problems) == ("team", ())
        page = api.page_of(draft=more.draft, section="s", actor=citizen, now=NOW, address_form="formal")
        rows = next(each for each in page.fields if each.code == "team").rows
        assert [row.fields[0].controls[0].value for row in rows] == ["An", ""]
        less = save(more.draft, citizen, {**RAW, "team-1-row": ["1"], "remove-team-0": ["1"]})
        assert value(less.draft, "team") is None and less.draft.empty_rows == {"team": 1}

    def test_a_row_that_can_not_be_read_is_kept_as_typed_on_another_device(self, draft, citizen):
        saved = save(draft, citizen, {**RAW, "team-1-name": ["Bo"], "team-1-fee": ["veel"]})
        assert [each.name for each in saved.problems] == ["team-1-fee"]
        later = api.get_draft(draft=draft.uuid, actor=citizen, now=NOW + timedelta(days=2))
        page = api.page_of(draft=later, section="s", actor=citizen, now=NOW, address_form="formal")
        rows = next(each for each in page.fields if each.code == "team").rows
        assert [row.fields[1].controls[0].value for row in rows] == ["12,50", "veel"]

    def test_never_takes_a_calculated_answer_from_outside(self, draft, citizen):
        saved = save(draft, citizen, {**RAW, "total": ["999"]}).draft
        assert value(saved, "total") == 1250
        assert value(saved, "team") == Rows(items=({"name": "An", "fee": 1250},))


class TestSending:
    def test_pins_the_version_and_hands_typed_answers_over(self, draft, citizen):
        saved = save(draft, citizen, RAW).draft
        sent = api.submit(draft=saved.uuid, actor=citizen, now=NOW, address_form="informal")
        facts = api.read_facts(submission=sent.uuid, actor=citizen, now=NOW)
        assert facts["age"] == 40 and facts["team"] == [{"name": "An", "fee": Decimal("12.50")}]
        assert facts["total"] == Decimal("12.50")
        written = [each.value_text for each in sent.answers if each.field == "team"]
        assert [text.replace("\xa0", " ") for text in written] == ["Vraag: An; Vraag: € 12,50"]
        assert FormRow.objects.get(is_current=True).sha256


class TestAtATask:
    def test_a_form_is_drawn_read_and_decided_without_a_draft(self, draft):
        shown = api.fill_in(form="proef", raw=None, now=NOW, address_form="formal")
        assert shown.answers.problems and not shown.sections[0].errors
        done = api.fill_in(form="proef", raw=RAW, now=NOW, address_form="formal", version="1")
        assert done.answers.problems == () and done.answers.facts["total"] == Decimal("12.5")

    def test_a_pinned_form_that_changed_is_not_found(self, draft):
        sha256 = FormRow.objects.get(is_current=True).sha256
        assert api.fill_in(form="proef", raw=None, now=NOW, address_form="formal", version="1", sha256=sha256)
        with pytest.raises(FormNotFound):
            api.fill_in(form="proef", raw=None, now=NOW, address_form="formal", version="1", sha256="0" * 64)


class TestDesigning:
    CLERK = a_staff_member("clerk")

    def test_never_lets_two_designers_overwrite_each_other(self, draft):
        down = Move(code="age", to=Place.DOWN)
        made = api.edit_design(form="proef", edit=down, revision=0, actor=self.CLERK, now=NOW)
        assert (made.revision, made.base) == (1, "1")
        with pytest.raises(DesignChanged) as refused:
            api.edit_design(form="proef", edit=down, revision=0, actor=self.CLERK, now=NOW)
        assert refused.value.theirs.revision == 1

    def test_leaves_the_version_in_use_alone_and_writes_a_leaf(self, draft):
        up = Move(code="licence", to=Place.UP)
        api.edit_design(form="proef", edit=up, revision=0, actor=self.CLERK, now=NOW)
        assert [each.code for each in api.get_form(code="proef").fields][:2] == ["age", "licence"]
        assert len(leaves_of("forms.design")) == 1

    def test_does_not_begin_what_is_there(self, draft):
        with pytest.raises(EditRefused) as refused:
            api.begin_design(form="proef", title="Proef", actor=self.CLERK, now=NOW)
        assert refused.value.reason == "codeTaken"


class TestUpgrading:
    def test_a_definition_stored_before_a_member_was_added_is_still_the_same_version(self, draft, citizen):
        row = FormRow.objects.get(is_current=True)
        stored = {**row.definition, "intro": None, "minutes": 5}
        FormRow.objects.filter(id=row.id).update(definition=stored, sha256="")
        again = api.read_definition(value=a_form(sections=[{"code": "s", "title": "S", "fields": FIELDS}]))
        assert api.load_form(definition=again, now=NOW) is False
        assert FormRow.objects.get(is_current=True).sha256 == row.sha256


def test_lint_tells_of_files_in_words_and_by_exit_code(tmp_path, capsys):
    from argparse import Namespace

    from ocapi.lib import codec
    from ocapi.modules.forms import commands

    good, bad, no_form = (tmp_path / name for name in ("good.json", "bad.json", "no.yaml"))
    good.write_bytes(codec.encode_json(a_form(sections=[{"code": "s", "title": "S", "fields": FIELDS}])))
    wrong = [a_field("text", visible_when="onbekend = 1"), a_field("text", code="first", label="Voornaam")]
    bad.write_bytes(codec.encode_json(a_form(sections=[{"code": "s", "title": "S", "fields": wrong}])))
    no_form.write_text("- a\n")
    assert commands.lint(Namespace(files=[good])) == 0
    assert commands.lint(Namespace(files=[bad, no_form, tmp_path / "none.yaml"])) == 1
    said = capsys.readouterr().out
    assert "names onbekend" in said and "Rijksregister knows this already" in said
    assert "this is no form" in said and "can't be read" in said
