"""An organization below `/o/KEY` of the machine itself. Not covered: the same prefix at web (main)."""

import json
import re

import pytest

from ocapi.dataplane.tests.asgi import ask
from ocapi.dataplane.tests.driving import BETA, Client, bearer, drive, publish, room

MACHINE = b"localhost:8000"
BELOW = "/o/aalter/ngsi-ld/v1"
ORIGIN = "http://localhost:8000/o/aalter"


def tell(folder, story, **changes):
    drive(folder, story, is_prefix_allowed=True, **changes)


async def asked(client: Client, method: str, path: str, *, body: object = None, token=None, host=MACHINE):
    headers = [(b"authorization", bearer() if token is None else token)]
    raw = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        headers.append((b"content-type", b"application/json"))
    return await ask(client.plane, method, path, headers=tuple(headers), chunks=(raw,), host=host)


class TestPrefix:
    def test_makes_and_finds_an_entity_and_links_below_it(self, tmp_path):
        async def story(client):
            made = await asked(client, "POST", f"{BELOW}/entities", body=room())
            assert made.status == 201
            assert made.headers["location"] == f"{BELOW}/entities/urn:ngsi-ld:Room:1"
            found = await asked(client, "GET", made.headers["location"])
            assert json.loads(found.body)["id"] == "urn:ngsi-ld:Room:1"
            await asked(client, "POST", f"{BELOW}/entities", body=room(2))
            page = await asked(client, "GET", f"{BELOW}/entities?type=Room&limit=1")
            assert f"<{BELOW}/entities?" in page.headers["link"]
            following = re.search(r'<([^>]+)>; rel="next"', page.headers["link"])[1]
            assert json.loads((await asked(client, "GET", following)).body)[0]["id"] == "urn:ngsi-ld:Room:2"

        tell(tmp_path, story)

    def test_the_forms_with_a_slash_and_with_an_escaped_one_stay_what_they_are(self, tmp_path):
        async def story(client):
            await asked(client, "POST", f"{BELOW}/entities/", body={**room(), "id": "urn:x:a/b"})
            found = await asked(client, "GET", f"{BELOW}/entities/urn%3Ax%3Aa%2Fb/")
            assert json.loads(found.body)["id"] == "urn:x:a/b"

        tell(tmp_path, story)

    def test_a_context_is_known_by_the_address_it_was_given(self, tmp_path):
        async def story(client):
            headers = ((b"authorization", bearer()), (b"content-type", b"application/ld+json"))
            made = await ask(client.plane, "POST", f"{BELOW}/jsonldContexts", headers=headers, host=MACHINE,
                             chunks=(b'{"@context": {"a": "urn:x:a"}}',))
            assert made.headers["location"].startswith(f"{BELOW}/jsonldContexts/")
            address = json.loads(made.body)["url"]
            assert address.startswith(f"{ORIGIN}/ngsi-ld/v1/jsonldContexts/")
            thing = {"id": "urn:x:1", "type": "T", "@context": address, "a": {"type": "Property", "value": 1}}
            kept = await ask(client.plane, "POST", f"{BELOW}/entities", headers=headers, host=MACHINE,
                             chunks=(json.dumps(thing).encode(),))
            assert kept.status == 201
            assert "urn:x:a" in json.loads((await asked(client, "GET", f"{BELOW}/entities/urn:x:1")).body)

        tell(tmp_path, story)

    def test_sensorthings_links_below_it(self, tmp_path):
        async def story(client):
            root = json.loads((await asked(client, "GET", "/o/aalter/sta/v1.1")).body)
            things = next(each["url"] for each in root["value"] if each["name"] == "Things")
            assert things == f"{ORIGIN}/sta/v1.1/Things"
            made = await asked(client, "POST", "/o/aalter/sta/v1.1/Things",
                               body={"name": "a", "description": "b"})
            assert made.headers["location"].startswith(f"{ORIGIN}/sta/v1.1/Things(")

        tell(tmp_path, story)

    def test_the_streams_of_readings_link_below_it(self, tmp_path):
        async def story(client):
            publish(tmp_path, generation=2, scopes=("capture:streams:read",))
            client.plane.policy.refresh()
            token = bearer(("capture:streams:read",))
            got = await asked(client, "GET", "/o/aalter/ingest/v1/streams", token=token)
            assert json.loads(got.body)["self"] == f"{ORIGIN}/ingest/v1/streams"

        tell(tmp_path, story)

    def test_sparql_says_what_it_is_below_it_to_who_has_no_token(self, tmp_path):
        async def story(client):
            got = await ask(client.plane, "GET", "/o/aalter/sparql", host=MACHINE)
            assert got.status == 200 and f"<{ORIGIN}/sparql>".encode() in got.body
            page = await ask(client.plane, "GET", "/o/aalter/sparql", host=MACHINE,
                             headers=((b"accept", b"text/html"),))
            assert page.status == 303 and page.headers["location"].startswith("/o/aalter/")

        tell(tmp_path, story)


class TestWhose:
    def test_a_token_of_another_organization_is_refused(self, tmp_path):
        async def story(client):
            got = await asked(client, "GET", f"{BELOW}/types", token=bearer(uuid=BETA))
            assert got.status == 401
            own = await asked(client, "GET", "/o/beta/ngsi-ld/v1/types", token=bearer(uuid=BETA))
            assert own.status == 200

        tell(tmp_path, story)

    @pytest.mark.parametrize(("path", "host"), [
        ("/o/niemand/sparql", MACHINE),  # no organization
        ("/o/aalter/sparql", b"beta.localhost:8000"),  # below another one's own name
        ("/o/aalter/sparql", b"example.org"),
        ("/o/aalter/o/beta/sparql", MACHINE),
        ("/o/AALTER/sparql", MACHINE),
    ])
    def test_anything_else_is_not_ours_to_answer(self, tmp_path, path, host):
        async def story(client):
            got = await ask(client.plane, "GET", path, host=host)
            assert got.status == 503  # handed on to web, which does not run here

        tell(tmp_path, story)

    def test_outside_of_a_demo_there_is_no_such_prefix(self, tmp_path):
        async def story(client):
            assert (await ask(client.plane, "GET", "/o/aalter/sparql", host=MACHINE)).status == 503

        drive(tmp_path, story)
