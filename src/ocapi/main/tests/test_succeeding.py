"""What the hosts of a replaced organization answer, and the commands. Not covered: see kernel/registry."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory

from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import uri_resolvers
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind, State
from ocapi.kernel.tenants.testing import NOW, forget_successions
from ocapi.lib import clock
from ocapi.main import commands, succeeding
from ocapi.main.wsgi import application

OLD, NEW = "borsbeek", "antwerpen"
NEW_ADDRESS = f"http://{NEW}.localhost:8000"
HEIR_LINK = f'<{NEW_ADDRESS}/>; rel="successor-version"'


@pytest.fixture(scope="module")
def merged(installation: object) -> Iterator[None]:
    """Borsbeek, which Antwerp took over on 1 January 2025."""
    made = [tenants.create(key=key, kind=Kind.MUNICIPALITY, now=NOW) for key in (OLD, NEW)]
    with tenants.bind(NEW):
        from ocapi.kernel.tenants.testing import a_staff_member

        registry.save_setting(
            name="organization.name", value="Stad Antwerpen", actor=a_staff_member(), now=NOW
        )
    registry.plan_succession(old=OLD, new=NEW, on=date(2025, 1, 1), by="uid 1", now=NOW)
    registry.confirm_succession(old=OLD, by="uid 2", now=NOW)
    tenants.forget()
    yield
    forget_successions()
    for each in made:
        tenants.delete(key=each.key)


def ask(path: str, *, method: str = "GET", host: str = OLD, **more: Any) -> tuple[int, dict[str, str], str]:
    """Run one request through WSGI; gives status, headers in lower case and body."""
    seen: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], *_rest: object) -> None:
        seen.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})

    factory = RequestFactory(SERVER_NAME=f"{host}.localhost", SERVER_PORT="8000")
    environ = factory.generic(method, path, **more).environ
    environ["HTTP_HOST"] = f"{host}.localhost:8000"
    answer = application(environ, start)
    body = b"".join(answer).decode()
    if hasattr(answer, "close"):
        answer.close()
    return seen["status"], seen["headers"], body


class TestHost:
    def test_of_the_home_page_leads_on_for_good(self, merged: None) -> None:
        status, headers, _body = ask("/")
        assert (status, headers["location"], headers["link"]) == (308, f"{NEW_ADDRESS}/", HEIR_LINK)

    def test_of_any_other_page_says_who_took_its_place_and_leads_there(self, merged: None) -> None:
        status, headers, body = ask("/contact")
        assert (status, headers["link"]) == (200, HEIR_LINK)
        assert "Stad Antwerpen" in body
        assert f'href="{NEW_ADDRESS}/"' in body

    def test_of_an_unknown_page_says_so_too(self, merged: None) -> None:
        status, _headers, body = ask("/bestaat-niet")
        assert (status, f'href="{NEW_ADDRESS}/"' in body) == (404, True)

    def test_says_nothing_of_it_at_the_successor(self, merged: None) -> None:
        status, headers, body = ask("/contact", host=NEW)
        assert (status, "link" in headers, "ocapi-site-notice" in body) == (200, False, False)

    def test_takes_no_change_and_says_that_nothing_was_saved(self, merged: None) -> None:
        from django.test import Client

        from ocapi.kernel.accounts import api as accounts
        from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
        from ocapi.kernel.ui.data import Tokens
        from ocapi.lib.actor import Capacity
        from ocapi.web.desk.brand import EDITABLE

        with tenants.bind(OLD):
            client, now = Client(headers={"host": f"{OLD}.localhost"}), clock.now()
            person = a_person(now=now, given_name="Ada", family_name="Beheerder")
            accounts.grant_role(person=person.uuid, code="tenant_admin", actor=ACTOR, now=now)
            signed_in(client, person=person.uuid, capacity=Capacity.STAFF)
            page = client.get("/desk/instellingen/")
            colors = {each: getattr(Tokens(), each) for each in EDITABLE}
            typed = {"name": "Anders", "address_form": "formal"} | colors
            answer = client.post("/desk/instellingen/", typed)
            name = registry.setting("organization.name")
        assert (page.status_code, answer.status_code, name) == (200, 410, "")
        assert "Stad Antwerpen" in answer.content.decode()

    def test_answers_machines_that_would_change_something_with_a_problem(self, merged: None) -> None:
        from ocapi.kernel.tenants.data import Replaced
        from ocapi.main import problems

        succession = tenants.by_key(OLD).succession
        assert succession is not None
        problem = problems.of_failure(Replaced(succession), api_name="cases")
        assert (problem.status, problem.type) == (410, "urn:problem-type:ocapi:organization:replaced")

    def test_of_a_dissolved_one_is_gone_and_names_the_successor(self, merged: None) -> None:
        tenants.set_state(tenants.by_key(OLD), State.DISSOLVED)
        try:
            status, headers, body = ask("/contact")
        finally:
            tenants.set_state(tenants.by_key(OLD), State.ACTIVE)
        assert (status, headers["link"]) == (410, HEIR_LINK)
        assert "Stad Antwerpen" in body


class TestIri:
    @pytest.fixture
    def held(self) -> Iterator[str]:
        """A thing that only the successor shows; gives its uuid."""
        uuid = str(uuid4())

        class Resolver:
            name = "planted"

            def find_path(self, *, kind: str, uuid: str) -> str | None:
                is_held = (kind, uuid, tenants.current().key) == ("ding", known, NEW)
                return f"/ding/{uuid}" if is_held else None

        known = uuid
        uri_resolvers.add(Resolver())
        yield uuid
        del uri_resolvers._providers["planted"]

    def test_of_what_the_successor_holds_leads_there(self, merged: None, held: str) -> None:
        status, headers, _body = ask(f"/id/ding/{held}")
        assert (status, headers["location"]) == (308, f"{NEW_ADDRESS}/id/ding/{held}")

    def test_of_what_it_does_not_hold_is_answered_by_the_old_one(self, merged: None, held: str) -> None:
        assert ask(f"/id/ding/{uuid4()}")[0] == 404


class TestCommand:
    def test_plans_confirms_by_another_account_and_undoes(
        self, installation: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [tenants.create(key=key, kind=Kind.MUNICIPALITY, now=NOW) for key in ("left", "right")]
        try:
            plan = ["tenant", "succeed", "left", "--by", "right", "--on", "2099-01-01"]
            assert commands.run([*plan, "--dry-run"]) == 0
            assert "nothing was written" in capsys.readouterr().out
            assert commands.run(plan) == 0
            assert commands.run(["tenant", "succeed", "left", "--confirm"]) == 2
            assert "four eyes" in capsys.readouterr().err
            monkeypatch.setattr(succeeding, "account", lambda: "uid 9")
            assert commands.run(["tenant", "succeed", "left", "--confirm"]) == 0
            assert commands.run(["tenant", "resolve", "left"]) == 0
            assert "key left: left until 2099-01-01" in capsys.readouterr().out
            assert commands.run(["tenant", "succeed", "left", "--undo"]) == 0
            assert commands.run(["tenant", "succeed", "left", "--undo"]) == 2
        finally:
            for each in made:
                tenants.delete(key=each.key)

    @pytest.mark.parametrize(("given", "said"), [
        (["--by", "x", "--on", "1/1/2025"], "is no day"),
        (["--on", "2025-01-01"], "--by NEW"),
        (["--by", "x", "--on", "2025-01-01"], "no organization"),
        (["--by", "x", "--confirm"], "leave --by"),
    ])
    def test_says_how_to_write_it(
        self, installation: object, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert commands.run(["tenant", "succeed", "nobody", *given]) == 2
        assert said in capsys.readouterr().err

    def test_resolves_no_nonsense(self, installation: object, capsys: pytest.CaptureFixture[str]) -> None:
        assert commands.run(["tenant", "resolve", "99999"]) == 2
        assert "is no key" in capsys.readouterr().err
