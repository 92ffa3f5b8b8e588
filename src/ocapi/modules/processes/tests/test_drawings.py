"""Drawings in progress through their pages. Not covered: drawing in a browser (journeys)."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import flow
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Connection, DefinitionRefused, DrawingChanged
from ocapi.modules.processes.tests.factories import ADMIN, CLERK, coupled
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

DRAW = "/desk/werkstromen/tekenen/"
TASK = '<userTask id="a" name="Kijk na"/>'
CALL = coupled("b", "rest", "connection", "method", "path", name="Meld")
UNNAMED = '<serviceTask id="b" name="Meld"/>'


def raw_of(body=TASK, *flows, key="straatfeest", name="Straatfeest"):
    made = process(f'<startEvent id="s" name="Start"/><endEvent id="e"/>{body}'
                   f'{flow(*(flows or ("s>a", "a>e")))}', key=key)
    return made.replace(b"<process ", f'<process name="{name}" '.encode())


def upload(raw):
    return SimpleUploadedFile("x.bpmn", raw)


def a_drawing(raw=None):
    return api.create_drawing(actor=ADMIN, now=NOW, raw=raw or raw_of())


class TestApi:
    def test_keeps_a_file_as_it_came(self, tenant):
        raw = raw_of().replace(b"<userTask", b"<!-- wat iemand noteerde -->\n<userTask")
        assert api.read_drawn(drawing=a_drawing(raw).uuid, actor=ADMIN) == raw

    def test_begins_with_a_sheet_that_is_ready_to_run(self, tenant):
        made = api.create_drawing(actor=ADMIN, now=NOW, title='Één "straat" & feest')
        raw = api.read_drawn(drawing=made.uuid, actor=ADMIN)
        report, = api.check_drawing(raw=raw, actor=ADMIN).processes
        assert (report.id, report.name, report.reasons) == ("een-straat-feest", 'Één "straat" & feest', ())

    def test_loses_nothing_when_two_save(self, tenant):
        made = a_drawing()
        mine, theirs = raw_of(name="Mijn feest"), raw_of(name="Hun feest")
        api.save_drawing(drawing=made.uuid, raw=theirs, revision=1, actor=ADMIN, now=NOW)
        with pytest.raises(DrawingChanged) as refused:
            api.save_drawing(drawing=made.uuid, raw=mine, revision=1, actor=ADMIN, now=NOW)
        assert refused.value.revision == 2
        assert api.read_drawn(drawing=made.uuid, actor=ADMIN) == theirs

    @pytest.mark.parametrize(("written", "said"), [
        ("= adviseur", "= adviseur"), ("Politie, Brandweer", "Politie, Brandweer"), ("", ""),
    ])
    def test_says_in_words_who_does_a_step_also_when_it_is_computed(self, tenant, written, said):
        raw = raw_of(f'<userTask id="a" name="Kijk na" o:candidateGroups="{written}"/>')
        found = api.list_elements(raw=raw, actor=ADMIN)
        assert next(each.group for each in found if each.id == "a") == said

    def test_takes_the_same_file_twice_as_one(self, tenant):
        made = a_drawing()
        for _again in range(2):
            saved = api.save_drawing(
                drawing=made.uuid, raw=raw_of(name="Feest"), revision=1, actor=ADMIN, now=NOW)
        assert saved.revision == 2

    def test_publishes_only_what_was_seen_and_can_run(self, tenant):
        made = a_drawing(raw_of(UNNAMED, "s>b", "b>e"))
        with pytest.raises(DefinitionRefused):
            api.publish_drawing(drawing=made.uuid, revision=1, actor=ADMIN, now=NOW)
        api.save_drawing(drawing=made.uuid, raw=raw_of(), revision=1, actor=ADMIN, now=NOW)
        with pytest.raises(DrawingChanged):
            api.publish_drawing(drawing=made.uuid, revision=1, actor=ADMIN, now=NOW)
        version, = api.publish_drawing(drawing=made.uuid, revision=2, actor=ADMIN, now=NOW)
        assert (version.key, version.version) == ("straatfeest", 1)
        assert api.get_drawing(drawing=made.uuid, actor=ADMIN).based_on == version.uuid

    def test_names_the_input_that_a_coupling_misses_and_the_form_that_is_not_there(self, tenant):
        form = TASK.replace("/>", ' o:formKey="nergens"/>')
        for given, missing in ((("connection", "method"), ["path"]), ((), ["connection", "method", "path"])):
            raw = raw_of(coupled("b", "rest", *given), "s>b", "b>e")
            found = api.check_drawing(raw=raw, actor=ADMIN).processes[0].reasons
            assert [(each.element, each.reason, each.detail) for each in found] == [
                ("b", "inputMissing", name) for name in missing]
        found = api.check_drawing(raw=raw_of(form), actor=ADMIN).processes[0].reasons
        assert [(each.reason, each.detail) for each in found] == [("formUnknown", "nergens")]

    def test_is_for_administrators(self, tenant):
        with pytest.raises(NotAllowed):
            api.create_drawing(actor=CLERK, now=NOW, title="Feest")


class TestFilesOfOthers:
    def test_are_opened_checked_and_kept_verbatim(self, tenant, shared, capsys):
        folder = shared / "data" / "processes"
        files = [each for each in sorted(folder.rglob("*")) if each.suffix in (".bpmn", ".bpmn20")]
        passed = 0
        for path in files:
            raw = path.read_bytes()
            made = api.create_drawing(actor=ADMIN, now=NOW, raw=raw)
            api.check_drawing(raw=raw, actor=ADMIN)
            api.list_elements(raw=raw, actor=ADMIN)
            same = api.compare_drawings(before=raw, after=raw, actor=ADMIN) == ()
            passed += same and api.read_drawn(drawing=made.uuid, actor=ADMIN) == raw
        with capsys.disabled():
            print(f"\nBPMN files opened as drawings and kept verbatim: {passed} / {len(files)}")
        assert passed == len(files) > 0


class TestPages:
    def test_begin_with_a_name_or_a_file_and_say_what_is_wrong_with_another(self, desk):  # noqa: F811
        admin = desk("tenant_admin")
        assert "Geen tekeningen in opmaak" in text(admin.get(DRAW))
        assert "Geef de tekening een naam" in text(admin.post(f"{DRAW}nieuw/"), 422)
        assert "geen BPMN 2.0-bestand" in text(admin.post(f"{DRAW}nieuw/", {"drawing": upload(b"<x/>")}), 422)
        assert "Dit bestand is leeg." in text(admin.post(f"{DRAW}nieuw/", {"drawing": upload(b"")}), 422)
        answer = admin.post(f"{DRAW}nieuw/", {"title": "Straatfeest"})
        assert "De tekening in woorden" in text(admin.get(answer["Location"]))

    def test_save_with_json_or_with_a_page(self, desk):  # noqa: F811
        admin, made = desk("tenant_admin"), a_drawing()
        place = f"{DRAW}{made.uuid}/bewaren/"
        json_of = {"headers": {"Accept": "application/json"}}
        saved = admin.post(place, {"drawing": upload(raw_of(name="A")), "revision": "1"}, **json_of)
        assert json.loads(text(saved))["revision"] == 2
        late = admin.post(place, {"drawing": upload(raw_of(name="B")), "revision": "1"}, **json_of)
        assert "niet weg" in json.loads(text(late, 409))["problem"]
        assert "Niet bewaard" in text(
            admin.post(place, {"drawing": upload(raw_of(name="C")), "revision": "1"}), 409)
        assert admin.post(place, {"drawing": upload(b"<x/>"), "revision": "2"}, **json_of).status_code == 422
        again = admin.post(place, {"drawing": upload(raw_of(name="C")), "revision": "2"})
        assert again["Location"].endswith(f"{made.uuid}/")

    def test_check_what_is_drawn_without_storing_it(self, desk):  # noqa: F811
        admin = desk("tenant_admin")
        answer = admin.post(f"{DRAW}nakijken/", {"drawing": upload(raw_of(UNNAMED, "s>b", "b>e"))})
        body = json.loads(text(answer))
        assert [each["element"] for each in body["findings"]] == ["b"]
        assert body["findings"][0]["remedy"] == "Kies een koppeling."
        assert ["b", "Meld", "Koppeling", "–", "Einde zonder naam"] in body["elements"]
        assert admin.post(f"{DRAW}nakijken/", {"drawing": upload(b"geen xml")}).status_code == 422
        assert "Geen tekeningen" in text(admin.get(DRAW))

    def test_publish_with_reasons_and_what_changes(self, desk):  # noqa: F811
        admin, made = desk("tenant_admin"), a_drawing()
        first = api.publish_drawing(drawing=made.uuid, revision=1, actor=ADMIN, now=NOW)[0]
        api.save_drawing(drawing=made.uuid, raw=raw_of(UNNAMED, "s>b", "b>e"), revision=1, actor=ADMIN,
                         now=NOW)
        shown = text(admin.get(f"{DRAW}{made.uuid}/publiceren/"))
        assert "Kies een koppeling." in shown and "Weggehaald" in shown and "Publiceer deze" not in shown
        assert admin.post(f"{DRAW}{made.uuid}/publiceren/", {"revision": "2"}).status_code == 409
        other = raw_of(TASK.replace("Kijk na", "Kijk mee"))
        api.save_drawing(drawing=made.uuid, raw=other, revision=2, actor=ADMIN, now=NOW)
        answer = admin.post(f"{DRAW}{made.uuid}/publiceren/", {"revision": "3"})
        second = re.findall(r"[0-9a-f-]{36}", answer["Location"])[0]
        compared = text(admin.get(f"/desk/werkstromen/{second}/verschil/{first.uuid}/"))
        assert "Veranderd" in compared and "Kijk mee" in compared
        newest = text(admin.get(f"/desk/werkstromen/{second}/"))
        assert f'href="/desk/werkstromen/{first.uuid}/"' in newest  # what began earlier goes on there
        assert f"verschil/{first.uuid}/" in text(admin.get(answer["Location"]))

    def test_begin_from_a_published_version(self, desk):  # noqa: F811
        admin, made = desk("tenant_admin"), a_drawing()
        version = api.publish_drawing(drawing=made.uuid, revision=1, actor=ADMIN, now=NOW)[0]
        answer = admin.post(f"{DRAW}nieuw/", {"source": str(version.uuid)})
        again = re.findall(r"[0-9a-f-]{36}", answer["Location"])[0]
        assert api.get_drawing(drawing=again, actor=ADMIN).based_on == version.uuid

    def test_throw_away_after_a_question(self, desk):  # noqa: F811
        admin, made = desk("tenant_admin"), a_drawing()
        assert "weggooien?" in text(admin.get(f"{DRAW}{made.uuid}/weg/"))
        admin.post(f"{DRAW}{made.uuid}/weg/")
        assert admin.get(f"{DRAW}{made.uuid}/").status_code == 404

    def test_are_not_for_clerks(self, desk):  # noqa: F811
        assert desk("clerk").get(DRAW).status_code == 403


class TestTrial:
    def moves(self, shown):
        from html import unescape

        return unescape(re.findall(r'name="moves" value="([^"]*)"', shown)[0])

    def test_is_played_step_by_step_and_stores_nothing(self, desk):  # noqa: F811
        admin, made = desk("tenant_admin"), a_drawing(raw_of(TASK + CALL, "s>a", "a>b", "b>e"))
        place = f"{DRAW}{made.uuid}/proef/"
        shown = text(admin.get(place))
        for move, values, said in (
            ("start:s", 'straat = "Dorp"', "Kijk na: gevraagd aan iedereen."),
            ("complete:0", "goed = true", "hier zou de koppeling"),
            ("complete:0", "status = 200", "Het verloop is afgelopen."),
        ):
            shown = text(admin.post(place, {"move": move, "values": values, "moves": self.moves(shown)}))
            assert said in shown
        assert "straat" in shown
        shown = text(admin.post(place, {"undo": "1", "moves": self.moves(shown)}))
        assert "hier zou de koppeling" in shown
        assert api.list_definitions(actor=ADMIN) == ()

    @pytest.mark.parametrize(("sent", "said"), [
        ({"move": "start:s", "values": "straat ="}, "Regel 1 is niet te lezen"),
        ({"move": "complete:7", "values": ""}, "Daar wacht niets meer op."),
        ({"move": "weg:0", "values": ""}, "Kies wat er moet gebeuren."),
        ({"move": "start:s", "values": "", "moves": '{"began": "2026-11-23T00:00:00+00:00", "moves": '
          '[{"what": "start", "number": "s", "values": "a = ("}]}'}, "Dat past hier niet"),
        ({"move": "start:s", "values": "", "moves": "[" * 500}, "Kijk na: gevraagd"),
    ])
    def test_says_what_does_not_fit(self, desk, sent, said):  # noqa: F811
        answer = desk("tenant_admin").post(f"{DRAW}{a_drawing().uuid}/proef/", sent)
        assert said in answer.content.decode() and answer.status_code in (200, 422)

    def test_names_what_keeps_the_drawing_from_running(self, desk):  # noqa: F811
        made = a_drawing(raw_of(UNNAMED, "s>b", "b>e"))
        assert "Kies een koppeling." in text(desk("tenant_admin").get(f"{DRAW}{made.uuid}/proef/"), 409)


class TestWords:
    def test_advise_a_name_and_an_arrow_where_a_reader_will_miss_them(self, tenant):
        body = ('<userTask id="a"/><userTask id="los" name="Los"/><boundaryEvent id="c" attachedToRef="a">'
                '<compensateEventDefinition/></boundaryEvent><userTask id="terug" name="Terug"'
                ' isForCompensation="true"/><association id="as" sourceRef="c" targetRef="terug"/>')
        found = api.list_elements(raw=raw_of(body, "s>a", "a>e"), actor=ADMIN)
        assert {each.id: each.advice for each in found if each.advice} == {
            "a": ("unnamed",), "los": ("loose",)}

    def test_advise_to_list_the_system_that_a_call_names(self, tenant):
        def advised(connection):
            rest = (
                '<serviceTask id="b" name="Bel" implementation="urn:ocapi:connector:rest">'
                f"<dataInputAssociation id='i'><targetRef>t</targetRef><assignment><from>{connection}</from>"
                "<to>connection</to></assignment></dataInputAssociation></serviceTask>"
            )
            found = api.list_elements(raw=raw_of(rest, "s>b", "b>e"), actor=ADMIN)
            return [each.advice for each in found if each.id == "b"]

        assert advised('"politie"') == [("systemUnlisted",)] and advised("welk_systeem") == [()]
        given = Connection(code="politie", title="Politie", base_url="https://api.example.org/v1")
        api.save_connection(connection=given, secret="", is_new=True, actor=ADMIN, now=NOW)
        assert advised('"politie"') == [()]

    def test_tell_once_of_a_coupling_with_each_value_it_misses(self, desk):  # noqa: F811 (the fixture)
        raw = raw_of('<serviceTask id="b" implementation="urn:ocapi:connector:rest"/>', "s>b", "b>e")
        told = desk("tenant_admin").post(f"{DRAW}nakijken/", {"drawing": upload(raw)}).json()
        (one,) = told["findings"]
        assert one["detail"].startswith("Systeem, uit de lijst van verbindingen; Methode")
        assert "Koppeling zonder naam" in [each[1] for each in told["elements"]]

    def test_say_to_the_second_who_saves_what_differs(self, desk):  # noqa: F811 (the fixture)
        made, admin = a_drawing(), desk("tenant_admin")
        theirs = raw_of(TASK + '<userTask id="z" name="Zij"/>', "s>a", "a>z", "z>e")
        api.save_drawing(drawing=made.uuid, raw=theirs, revision=1, actor=ADMIN, now=NOW)
        mine = {"drawing": upload(raw_of(TASK.replace("Kijk na", "Lees na"))), "revision": "1"}
        shown = text(admin.post(f"{DRAW}{made.uuid}/bewaren/", mine), 409)
        assert "Lees na (Taak voor iemand): anders (naam)." in shown
        assert "Zij (Taak voor iemand): staat alleen in de andere tekening." in shown
