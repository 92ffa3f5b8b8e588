"""The desk of the secretary from plan to publication, and what visitors and harvesters are given.

Not covered: looks and axe (tests/journeys), the rules of a meeting (test_api, test_rules).
"""

import re

import pytest

from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.actor import ANONYMOUS
from ocapi.lib.rdf import rdfa, turtle
from ocapi.lib.rdf.graph import TYPE, of_triples
from ocapi.modules.council import api
from ocapi.modules.council.data import DocumentKind
from ocapi.modules.council.names import PREFIXES
from ocapi.modules.council.tests.factories import SECRETARY, a_held_meeting, a_town, an_item, released, seen

LINK = "http://lblod.data.gift/vocabularies/besluit/linkToPublication"
DESK = "/desk/zittingen/"


@pytest.fixture
def nobody(browse):
    return browse()


@pytest.fixture
def clerk(browse):
    return browse("clerk")


def graph_of(answer, path):
    return rdfa.read(answer.content, base_iri=f"https://raadpleeg.example.org{path}").graph


class TestPublicPages:
    def test_say_so_when_nothing_is_published(self, nobody):
        assert "Er is nog niets bekendgemaakt" in nobody.get("/besluiten/").content.decode()

    def test_lead_harvesters_from_the_overview_to_each_document(self, nobody):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        answer = nobody.get("/besluiten/")
        links = [value for _s, predicate, value in graph_of(answer, "/besluiten/") if predicate == LINK]
        assert len(links) == 2
        for link in links:
            path = link.removeprefix("https://raadpleeg.example.org")
            kinds = {v for _s, p, v in graph_of(nobody.get(path), path) if p == TYPE}
            assert f"{PREFIXES['besluit']}Zitting" in kinds

    def test_of_a_document_say_in_every_format_what_the_page_says(self, nobody):
        town, item, _secret = a_held_meeting()
        release = released(town, DocumentKind.EXTRACT, item)
        document = api.get_publication(release=release, actor=ANONYMOUS).release.document
        path = f"/besluiten/documenten/{document}"
        text = nobody.get(path, headers={"accept": "text/turtle"}).content
        read = of_triples(turtle.parse(text, format=turtle.Format.TURTLE, base_iri="urn:x"))
        decisions = read.subjects(TYPE, f"{PREFIXES['besluit']}Besluit")
        on_page = graph_of(nobody.get(path), path).subjects(TYPE, f"{PREFIXES['besluit']}Besluit")
        assert decisions == on_page != []

    def test_of_a_version_never_change_and_are_told_apart_by_their_hash(self, nobody):
        town = a_town()
        an_item(town)
        release = released(town, DocumentKind.AGENDA)
        answer = nobody.get(f"/besluiten/versies/{release}/bron")
        found = api.get_publication(release=release, actor=ANONYMOUS)
        assert answer["ETag"] == f'"{found.release.digest}"'
        assert "immutable" in answer["Cache-Control"]
        again = nobody.get(f"/besluiten/versies/{release}/bron", headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304

    def test_do_not_exist_before_publication(self, nobody):
        town = a_town()
        an_item(town)
        draft = api.prepare_document(
            meeting=town.meeting, kind=DocumentKind.AGENDA, item=None, actor=SECRETARY, now=NOW
        )
        assert nobody.get(f"/besluiten/zittingen/{town.meeting}").status_code == 404
        assert nobody.get(f"/besluiten/versies/{draft}").status_code == 404
        assert nobody.get(f"/id/zitting/{town.meeting}").status_code == 404

    def test_are_reached_by_the_names_of_things(self, nobody):
        town = a_town()
        an_item(town)
        released(town, DocumentKind.AGENDA)
        answer = nobody.get(f"/id/zitting/{town.meeting}")
        assert (answer.status_code, answer["Location"]) == (303, f"/besluiten/zittingen/{town.meeting}")

    def test_show_mandate_holders_as_linked_data_without_more_than_names(self, nobody):
        a_town()
        graph = graph_of(nobody.get("/besluiten/mandatarissen"), "/besluiten/mandatarissen")
        space = PREFIXES["mandaat"]
        holders = graph.subjects(TYPE, f"{space}Mandataris")
        assert len(holders) == 4
        for each in holders:
            assert graph.one(each, f"{space}start").text == "2024-12-31T23:00:00Z"
            assert graph.one(graph.one(each, f"{PREFIXES['org']}holds"), f"{PREFIXES['org']}role")
            assert graph.one(
                graph.one(each, f"{space}isBestuurlijkeAliasVan"), f"{PREFIXES['foaf']}familyName"
            )


class TestDesk:
    def test_asks_visitors_to_sign_in(self, nobody):
        assert nobody.get(DESK).status_code == 302

    def test_takes_a_meeting_from_plan_to_agenda_with_two_clerks(self, browse):
        first, second = browse("clerk"), browse("clerk")
        town = a_town()
        answer = first.post(f"{DESK}nieuw", {"body": str(town.body), "day": "15/01/2027", "time": "20:00"})
        here = answer["Location"]
        revision = _revision(first.get(f"{here}punt"))
        first.post(f"{here}punt", {"title": "Begroting", "revision": revision})
        assert first.post(f"{here}documenten").status_code == 422
        answer = first.post(f"{here}documenten", {"kind": "agenda"})
        release = answer["Location"]
        assert first.post(f"{release}/publiceer").status_code == 409
        assert second.post(f"{release}/publiceer").status_code == 302
        assert (
            "Begroting" in browse().get("/besluiten/").content.decode()
            or api.list_public_meetings(actor=ANONYMOUS).items
        )

    def test_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(self, clerk):
        town = a_town()
        answer = clerk.post(f"{DESK}nieuw", {"body": str(town.body), "day": "31/02/2027", "time": "20:00"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Schrijf de dag als dd/mm/jjjj" in page
        assert "31/02/2027" in page

    def test_asks_for_a_body_when_none_was_chosen(self, clerk):
        answer = clerk.post(f"{DESK}nieuw", {"day": "15/01/2027", "time": "20:00"})
        assert answer.status_code == 422
        assert "Kies uit de lijst" in answer.content.decode()

    def test_refuses_an_older_page_without_losing_the_text(self, clerk):
        town = a_town()
        answer = clerk.post(f"{DESK}{town.meeting}/punt", {"title": "Verlicht plein", "revision": "99"})
        assert answer.status_code == 409
        assert "Verlicht plein" in answer.content.decode()

    def test_records_attendance_vote_and_decision_and_closes(self, clerk):
        town = a_town()
        item = an_item(town)
        released(town, DocumentKind.AGENDA)
        here = f"{DESK}{town.meeting}/"
        roles = {
            town.chair: "chair",
            town.members[0]: "member",
            town.members[1]: "excused",
            town.director: "secretary",
        }
        _send(clerk, f"{here}aanwezigheid", {f"h-{holder}": part for holder, part in roles.items()})
        _send(clerk, f"{here}open", {"day": "03/12/2026", "time": "20:00"})
        _send(
            clerk,
            f"{here}punten/{item}/besluit",
            {"type": "subsidy", "title": "Subsidie", "motivation": "Daarom.", "articles": "Een.\n\nTwee."},
        )
        _send(
            clerk, f"{here}punten/{item}/stemming", {"subject": "Subsidie", "way": "hands", "votes_for": "2"}
        )
        _send(clerk, f"{here}sluit", {"day": "03/12/2026", "time": "22:00"})
        found = seen(town)
        assert [each.number for each in found.items[0].decision.articles] == ["1", "2"]
        assert (found.state.value, found.items[0].decision.outcome.value) == ("closed", "adopted")
        assert clerk.get(here).status_code == 200

    def test_says_why_a_vote_cannot_be(self, clerk):
        town, item, _secret = a_held_meeting()
        path = f"{DESK}{town.meeting}/punten/{item}/stemming"
        answer = clerk.post(
            path, {"subject": "X", "way": "hands", "votes_for": "9", "revision": _revision(clerk.get(path))}
        )
        assert answer.status_code == 422
        assert "Er zijn meer stemmen dan aanwezige leden" in answer.content.decode()

    def test_shows_bodies_and_takes_in_a_mandate_holder(self, clerk):
        town = a_town()
        answer = clerk.post(
            f"{DESK}organen/periodes/{town.term}/mandataris",
            {"given_name": "Ann", "family_name": "Nieuwland", "role": "alderman", "starts_on": "01/06/2026"},
        )
        assert answer.status_code == 302
        assert "Ann Nieuwland" in clerk.get(f"{DESK}organen").content.decode()

    @pytest.mark.parametrize("path", ["organen/nieuw", "nieuw", "organen"])
    def test_is_no_business_of_a_policy_maker(self, browse, path):
        assert browse("policy_maker").get(DESK).status_code == 200
        assert browse("policy_maker").get(f"{DESK}{path}").status_code == 403


def _revision(answer):
    return re.search(r'name="revision" value="(\d+)"', answer.content.decode())[1]


def _send(browser, path, typed):
    answer = browser.post(path, {**typed, "revision": _revision(browser.get(path))})
    assert answer.status_code == 302, answer.content.decode()
