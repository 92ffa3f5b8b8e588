"""A slash too many behind the address of a page leads to the page. Not covered: the addresses of APIs, which
are exact.
"""

import pytest
from django.test import Client


@pytest.fixture
def browser(tenant):
    return Client(headers={"host": f"{tenant.key}.localhost"}, raise_request_exception=False)


class TestSlashTooMany:
    @pytest.mark.parametrize(("asked", "known"), [
        ("/mijn/berichten/", "/mijn/berichten"),
        ("/zoeken/?q=r%C3%A9is&x=%2F", "/zoeken?q=r%C3%A9is&x=%2F"),
        ("/desk", "/desk/"),
    ])
    def test_leads_to_the_known_address_with_its_question(self, browser, asked, known):
        answer = browser.get(asked)
        assert (answer.status_code, answer.headers["location"]) == (301, known)

    def test_stays_below_the_prefix_of_an_organization(self, browser):
        answer = browser.get("/mijn/berichten/", SCRIPT_NAME="/o/aalter")
        assert answer.headers["location"] == "/o/aalter/mijn/berichten"

    @pytest.mark.parametrize("path", [
        "/mijn/berichten//", "/is-er-niet/", "//evil.example/", "//evil.example/mijn/berichten/",
        "/api/cases/v1/cases/", "/mijn/zaken/no-uuid/",
    ])
    def test_leads_nowhere_when_that_is_no_page_either(self, browser, path):
        assert browser.get("/", PATH_INFO=path).status_code == 404

    @pytest.mark.parametrize("path", ["/api/cases/v1/cases/a%0Ab", "/api/nothing", "/api/nothing/v1/x/"])
    def test_is_told_a_program_in_its_own_form(self, browser, path):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")

    def test_is_no_way_to_send_something(self, browser):
        assert browser.post("/zoeken/").status_code == 404

    def test_tells_nothing_of_what_stands_behind_it(self, browser):
        behind = "/mijn/zaken/01890a5d-ac96-774b-bcce-b302099a8057"
        answers = [browser.get(f"{behind}/"), browser.get(f"{behind[:-1]}8/")]
        assert {answer.status_code for answer in answers} == {301}
