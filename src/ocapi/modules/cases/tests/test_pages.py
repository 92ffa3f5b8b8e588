"""What clerks see and send at the desk. Not covered: look and keyboard (journeys), shells (ui),
policy (test_api).
"""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.cases import api
from ocapi.modules.cases.tests.factories import PDF, a_case, a_file, in_status

pytestmark = pytest.mark.usefixtures("content")
CLERK = a_staff_member("clerk", display_name="Lotte Voorbeeld")


@pytest.fixture(autouse=True)
def _urls() -> object:
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="ocapi.modules.cases.tests.urls"):
        yield


def answer(method: str, path: str, *, actor=CLERK, now=NOW, **data: object) -> HttpResponse:
    """Call the view behind a path as the middleware of web would."""
    factory = RequestFactory()
    request: HttpRequest = getattr(factory, method)(path, data)
    request.actor, request.now, request.address_form = actor, now, "informal"
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def path(name: str, **kwargs: object) -> str:
    return reverse(f"cases:{name}", kwargs=kwargs or None)


def text(response: HttpResponse) -> str:
    return response.content.decode()


class TestWorklist:
    def test_shows_cases_with_a_link_and_their_term(self):
        made = a_case()
        shown = text(answer("get", path("worklist")))
        assert made.reference in shown
        assert path("detail", case=made.uuid) in shown
        assert "22/01/2027" in shown

    def test_asks_who_it_is_before_it_reads_the_query(self):
        with pytest.raises(NotAllowed):  # 501 parameters: more than web reads
            answer("get", path("worklist"), actor=ANONYMOUS, **{f"q{each}": "1" for each in range(501)})

    def test_says_so_when_it_is_empty(self):
        assert "ocapi-empty" in text(answer("get", path("worklist")))

    def test_needs_as_many_statements_for_one_case_as_for_a_hundred(self):
        def statements() -> int:
            with CaptureQueriesContext(connection) as seen:
                assert answer("get", path("worklist")).status_code == 200
            return len(seen)

        a_case()
        one = statements()
        for _ in range(24):
            a_case()
        assert statements() == one
        assert one <= 10

    def test_leaves_out_closed_cases_until_asked(self):
        made = in_status(a_case(), "decide", "close")
        assert made.reference not in text(answer("get", path("worklist")))
        assert made.reference in text(answer("get", path("worklist"), status="all"))

    def test_finds_a_case_by_reference_in_the_address(self):
        made, other = a_case(), a_case()
        shown = text(answer("get", path("worklist"), q=made.reference))
        assert made.reference in shown
        assert other.reference not in shown

    def test_does_not_search_a_name_from_the_address(self):
        a_case(applicant_name="Zoë De Bruyère")
        shown = text(answer("get", path("worklist"), q="Bruyère"))
        assert "ocapi-notice--warning" in shown
        assert 'value="Bruyère"' not in shown

    def test_finds_a_name_from_the_body_and_makes_no_link_with_it(self):
        made = a_case(applicant_name="Zoë De Bruyère")
        shown = text(answer("post", path("by-name"), name="bruyere"))
        assert made.reference in shown
        assert "?name" not in shown
        assert "bruyere&" not in shown

    def test_asks_for_a_name_when_none_was_typed(self):
        assert answer("post", path("by-name"), name=" ").status_code == 422

    def test_begins_again_with_a_cursor_nobody_gave_out(self):
        a_case()
        assert answer("get", path("worklist"), cursor="xyz").status_code == 200

    def test_is_not_for_citizens(self):
        with pytest.raises(NotAllowed):
            answer("get", path("worklist"), actor=a_citizen())


class TestExport:
    def test_gives_the_filtered_list_and_defuses_formulas(self):
        made = a_case(applicant_name="=HYPERLINK(1)")
        in_status(a_case(), "decide", "close")
        response = answer("get", path("export"))
        lines = response.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert made.reference in lines[1]
        assert "'=HYPERLINK(1)" in lines[1]
        assert "attachment" in response["Content-Disposition"]


class TestDetail:
    def test_shows_answers_with_their_source_files_and_letters(self):
        made = a_case(attachments=(a_file("tuinplan.pdf"),))
        shown = text(answer("get", path("detail", case=made.uuid)))
        for expected in (
            "Een zieke eik",
            "Rijksregister",
            "tuinplan.pdf",
            "ontvangen",
            path("start", case=made.uuid),
        ):
            assert expected in shown

    def test_escapes_what_people_typed(self):
        made = a_case(applicant_name="<script>alert(1)</script>")
        shown = text(answer("get", path("detail", case=made.uuid)))
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown

    def test_offers_only_what_the_status_allows(self):
        made = in_status(a_case(), "decide")
        shown = text(answer("get", path("detail", case=made.uuid)))
        assert path("close", case=made.uuid) in shown
        assert path("decide", case=made.uuid) not in shown

    def test_needs_a_bounded_number_of_statements(self):
        made = a_case(attachments=tuple(a_file() for _ in range(5)))
        with CaptureQueriesContext(connection) as seen:
            answer("get", path("detail", case=made.uuid))
        assert len(seen) <= 20


class TestActions:
    def test_take_a_case_in_hand(self):
        made = a_case()
        response = answer("post", path("start", case=made.uuid), revision=1)
        assert (response.status_code, response["Location"]) == (302, path("detail", case=made.uuid))
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).status == "inProgress"

    def test_assign_a_case_to_oneself(self):
        made = a_case()
        answer("post", path("assign", case=made.uuid), revision=1)
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).assignee == CLERK.person

    def test_ask_a_question_and_write_down_the_answer(self):
        made = a_case()
        answer("post", path("ask", case=made.uuid), revision=1, text="Welke boom?")
        shown = text(answer("get", path("answer", case=made.uuid)))
        assert "Welke boom?" in shown
        answer("post", path("answer", case=made.uuid), revision=2, text="De eik")
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).messages[0].answer == "De eik"

    def test_keep_an_empty_question_on_the_page(self):
        made = a_case()
        response = answer("post", path("ask", case=made.uuid), revision=1, text="  ")
        assert response.status_code == 422
        assert "ocapi-error-summary" in text(response)

    def test_keep_the_motivation_when_the_outcome_is_missing(self):
        made = a_case()
        response = answer("post", path("decide", case=made.uuid), revision=1, motivation="De eik is gezond.")
        assert response.status_code == 422
        assert "De eik is gezond." in text(response)

    def test_preview_the_letter_before_deciding(self):
        made = a_case()
        typed = {"revision": 1, "outcome": "refused", "motivation": "De eik is gezond."}
        shown = text(answer("post", path("decide", case=made.uuid), **typed, preview="1"))
        assert shown.count("<h1>") == 1
        assert "De eik is gezond." in shown
        again = text(answer("post", path("decide", case=made.uuid), **typed, edit="1"))
        assert "ocapi-error-summary" not in again
        assert "De eik is gezond." in again
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).status == "received"

    def test_decide(self):
        made = a_case()
        response = answer(
            "post", path("decide", case=made.uuid), revision=1, outcome="refused", motivation="Gezond."
        )
        assert response.status_code == 302
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).outcome == "refused"

    def test_close_only_after_the_question(self):
        made = in_status(a_case(), "decide")
        assert "ocapi-button--danger" in text(answer("get", path("close", case=made.uuid)))
        assert answer("post", path("close", case=made.uuid), revision=2).status_code == 302
        assert not api.get_case(case=made.uuid, actor=CLERK, now=NOW).is_open

    @pytest.mark.parametrize("action", ["ask", "decide", "close"])
    def test_show_their_page_to_nobody_who_may_not_do_them(self, action):
        citizen = a_citizen()
        case = in_status(a_case(citizen=citizen), "start")
        with pytest.raises(NotAllowed):
            answer("get", path(action, case=case.uuid), actor=citizen)

    def test_say_why_when_the_status_does_not_allow_it(self):
        made = a_case()
        response = answer("post", path("close", case=made.uuid), revision=1)
        assert response.status_code == 409
        assert made.reference in text(response)


class TestConcurrentEdit:
    def test_shows_both_versions_and_loses_nothing(self):
        made = a_case()
        in_status(made, "start", clerk=replace(CLERK, display_name="Bram Claes"))
        response = answer("post", path("decide", case=made.uuid), revision=1, outcome="granted",
                          motivation="Zieke eik.")
        shown = text(response)
        assert response.status_code == 409
        assert "Zieke eik." in shown
        assert "Bram Claes" in shown
        assert 'name="revision" value="2"' in shown
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).status == "inProgress"

    def test_lets_the_typed_text_be_sent_again(self):
        made = a_case()
        in_status(made, "start")
        answer("post", path("ask", case=made.uuid), revision=2, text="Welke boom?")
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).status == "informationRequested"

    def test_offers_no_sending_when_it_became_impossible(self):
        made = a_case()
        in_status(made, "decide")
        shown = text(answer("post", path("ask", case=made.uuid), revision=1, text="Welke boom?"))
        assert "Welke boom?" in shown
        assert '<button class="ocapi-button ocapi-button--primary"' not in shown


class TestFiles:
    def test_sends_an_attachment_as_a_download_in_a_sandbox(self):
        file = a_file("plan é.pdf")
        made = a_case(attachments=(file,))
        response = answer("get", path("attachment", case=made.uuid, file=file))
        assert response.content == PDF
        assert response["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response["Content-Security-Policy"]

    def test_shows_a_letter_at_once_and_leads_there_while_the_pdf_is_made(self):
        made = api.get_case(case=a_case().uuid, actor=CLERK, now=NOW)
        kwargs = {"case": made.uuid, "document": made.documents[0].document}
        assert made.reference in text(answer("get", path("letter", **kwargs)))
        assert answer("get", path("letter-pdf", **kwargs))["Location"] == path("letter", **kwargs)


class TestTermBadge:
    def test_warns_when_late(self):
        a_case()
        shown = text(answer("get", path("worklist"), now=NOW + timedelta(days=62)))
        assert "ocapi-badge--error" in shown

    def test_keeps_filters_in_the_link_of_the_export(self):
        a_case()
        query = urlencode({"type": "kapvergunning"})
        assert query in text(answer("get", f"{path('worklist')}?{query}"))
