"""What a visitor gets who must sign in first. Not covered: who must, see tests/security."""

from uuid import UUID

import pytest
from lxml import html


class TestSignIn:
    def test_leads_back_to_what_was_asked(self, visitor):
        answer = visitor.get("/desk/zaken/?q=1")
        assert (answer.status_code, "next=%2Fdesk%2Fzaken%2F%3Fq%3D1" in answer["Location"]) == (302, True)

    @pytest.mark.parametrize("query", ["q=" + "x" * 9000, "q=" + "\U0001f4a9" * 500])
    def test_leads_home_from_an_address_that_is_too_long(self, visitor, query):
        answer = visitor.get(f"/desk/zaken/?{query}")
        assert (answer.status_code, "next=%2F&" in answer["Location"] + "&") == (302, True)


class TestLine:
    """Of refused input a line is left: by whom and at which route, without what was typed."""

    def told(self, caplog):
        return [
            (each.operation, each.reason, each.actor) for each in caplog.records if each.name == "ocapi.web"
        ]

    @pytest.fixture(autouse=True)
    def listening(self, caplog):
        caplog.set_level("INFO", logger="ocapi")

    def test_is_left_of_a_method_that_is_not_served(self, visitor, caplog):
        assert visitor.post(f"/loket/ontvangst/{UUID(int=7)}?q=planted").status_code == 405
        told = [("POST loket/ontvangst/<uuid:case>", "status 405", "anonymous:-")]
        assert self.told(caplog) == told

    def test_is_not_left_of_what_is_answered(self, visitor, caplog):
        assert visitor.get("/").status_code == 200
        assert self.told(caplog) == []


class TestMenu:
    """Who is refused somewhere finds the menu there is for that person."""

    def links(self, answer):
        page = html.fromstring(answer.content.decode())
        return page.xpath("//nav[@id='hoofdmenu']//a[not(contains(@class, 'close'))]/@href")

    def test_of_the_site_is_there_for_a_citizen_who_strays_to_the_desk(self, visitor, citizen):
        answer = visitor.get("/desk/zaken/")
        assert answer.status_code == 403 and "/mijn/zaken" in self.links(answer)
        assert self.links(answer) == self.links(visitor.get("/"))

    def test_of_the_desk_stands_beside_what_is_not_there(self, visitor, administrator):
        answer = visitor.get("/desk/medewerkers/weg/")
        assert answer.status_code == 404 and "/desk/instellingen/" in self.links(answer)
