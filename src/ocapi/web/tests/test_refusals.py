"""What a visitor gets who must sign in first. Not covered: who must, see tests/security."""

import pytest


class TestSignIn:
    def test_leads_back_to_what_was_asked(self, visitor):
        answer = visitor.get("/desk/zaken/?q=1")
        assert (answer.status_code, "next=%2Fdesk%2Fzaken%2F%3Fq%3D1" in answer["Location"]) == (302, True)

    @pytest.mark.parametrize("query", ["q=" + "x" * 9000, "q=" + "\U0001f4a9" * 500])
    def test_leads_home_from_an_address_that_is_too_long(self, visitor, query):
        answer = visitor.get(f"/desk/zaken/?{query}")
        assert (answer.status_code, "next=%2F&" in answer["Location"] + "&") == (302, True)
