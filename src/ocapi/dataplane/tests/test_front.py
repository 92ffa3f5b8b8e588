"""The front door with a stub web on a Unix socket. Not covered: header time-outs, which granian owns."""

import asyncio
import gzip
import os
import socket
from pathlib import Path

import pytest
from aiohttp import web

from ocapi.dataplane.tests.asgi import Got, ask, plan, running, web_answering

PUBLIC = {"Cache-Control": "public, s-maxage=60", "Ocapi-Cache-Tags": "home news", "Ocapi-Tenant": "aalter"}
PAGE = "<p>Welkom</p>" * 100


async def public_page(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html", headers=PUBLIC)


async def private_page(request: web.Request) -> web.Response:
    return web.Response(text="voor u", content_type="text/html", headers={"Cache-Control": "private"})


class TestBody:
    def test_a_body_that_drips_is_answered_408_and_never_reaches_web(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, int]:
            its = plan(tmp_path, body_deadline_s=0.05)
            async with web_answering(its, private_page) as stub, running(its) as app:
                got = await ask(app, "POST", "/", chunks=(b"a",), never_ends=True)
                return got, len(stub.asked)

        got, asked = asyncio.run(scenario())
        assert (got.status, asked) == (408, 0)
        assert "te lang" in got.body.decode()

    def test_a_declared_length_above_the_limit_is_refused_before_reading_on(self, tmp_path: Path) -> None:
        async def scenario() -> Got:
            its = plan(tmp_path)
            async with web_answering(its, private_page), running(its) as app:
                huge = ((b"content-length", b"10737418240"),)
                return await ask(app, "POST", "/", headers=huge, chunks=(), never_ends=True)

        assert asyncio.run(scenario()).status == 413

    def test_a_machine_is_told_by_a_problem_and_a_person_by_a_page(self, tmp_path: Path) -> None:
        async def scenario() -> list[Got]:
            async with running(plan(tmp_path)) as app:
                huge = ((b"content-length", b"10737418240"),)
                return [
                    await ask(app, "POST", "/api/cases/v1/cases", headers=huge, chunks=()),
                    await ask(app, "BREW", "/o/aalter/oauth/token"),
                    await ask(app, "GET", "/api/cases/v1/cases"),
                    await ask(app, "POST", "/apiary", headers=huge, chunks=()),
                    await ask(app, "POST", "/o/aalter/desk/", headers=huge, chunks=()),
                ]

        answers = asyncio.run(scenario())
        found = [(each.status, each.headers["content-type"]) for each in answers]
        problem, page = "application/problem+json", "text/html; charset=utf-8"
        assert found == [(413, problem), (405, problem), (503, problem), (413, page), (413, page)]
        assert [b'<a href="/">' in each.body for each in answers[3:]] == [True, False]
        assert b'<a href="/o/aalter/">' in answers[4].body

    def test_an_undeclared_body_is_refused_when_it_passes_the_limit(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, int]:
            its = plan(tmp_path, body_margin_bytes=0)
            async with web_answering(its, private_page) as stub, running(its) as app:
                got = await ask(app, "POST", "/", chunks=(b"x" * 700_000, b"x" * 700_000))
                return got, len(stub.asked)

        got, asked = asyncio.run(scenario())
        assert (got.status, asked) == (413, 0)

    def test_a_body_beyond_memory_arrives_whole(self, tmp_path: Path) -> None:
        async def scenario() -> list[bytes]:
            its = plan(tmp_path)
            async with web_answering(its, private_page) as stub, running(its) as app:
                await ask(app, "POST", "/", chunks=(b"a" * 50_000, b"b" * 50_000))
                return stub.bodies

        assert asyncio.run(scenario()) == [b"a" * 50_000 + b"b" * 50_000]


class TestForwarding:
    def test_what_a_client_says_about_itself_is_dropped(self, tmp_path: Path) -> None:
        hostile = (
            (b"x-forwarded-for", b"10.0.0.1"), (b"x-forwarded-host", b"beta.localhost"),
            (b"forwarded", b"for=1"), (b"traceparent", b"00-%s-00f067aa0ba902b7-01" % (b"a" * 32)),
            (b"baggage", b"person=1"),
            (b"x_forwarded_proto", b"https"), (b"connection", b"close, x-secret"), (b"x-secret", b"1"),
            (b"te", b"trailers"), (b"ocapi-tenant", b"beta"), (b"belgov-trace-id", b"abc"),
        )

        async def scenario() -> web.Request:
            its = plan(tmp_path)
            async with web_answering(its, private_page) as stub, running(its) as app:
                await ask(app, "GET", "/a%2Fb?x=%20y", headers=hostile)
                return stub.asked[0]

        asked = asyncio.run(scenario())
        assert asked.headers["X-Forwarded-For"] == "192.0.2.7"
        assert asked.headers["X-Forwarded-Host"] == asked.headers["Host"] == "aalter.localhost:8000"
        assert asked.headers["X-Forwarded-Proto"] == "http"
        assert asked.headers["BelGov-Trace-Id"] != "abc"
        assert not {"Forwarded", "X_forwarded_proto", "X-Secret", "Te", "Ocapi-Tenant"} & set(asked.headers)
        assert not {"Traceparent", "Baggage"} & set(asked.headers)
        assert asked.raw_path == "/a%2Fb?x=%20y"

    @pytest.mark.parametrize("headers", [
        ((b"content-length", b"5"), (b"content-length", b"6")),
        ((b"content-length", b"5"), (b"transfer-encoding", b"chunked")),
        ((b"content-length", b"+5"),),
        ((b"host", b"beta.localhost"),),
    ])
    def test_an_ambiguous_request_is_refused(
        self, tmp_path: Path, headers: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        async def scenario() -> tuple[Got, int]:
            its = plan(tmp_path)
            async with web_answering(its, private_page) as stub, running(its) as app:
                return await ask(app, "POST", "/", headers=headers, chunks=(b"12345",)), len(stub.asked)

        got, asked = asyncio.run(scenario())
        assert (got.status, asked) == (400, 0)

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
    def test_an_odd_method_is_405(self, tmp_path: Path, method: str) -> None:
        async def scenario() -> Got:
            async with running(plan(tmp_path)) as app:
                return await ask(app, method, "/")

        got = asyncio.run(scenario())
        assert got.status == 405
        assert "GET" in got.headers["allow"]

    def test_without_web_a_page_says_when_to_come_back(self, tmp_path: Path) -> None:
        async def scenario() -> Got:
            async with running(plan(tmp_path)) as app:
                return await ask(app, "GET", "/")

        got = asyncio.run(scenario())
        assert (got.status, got.headers["retry-after"]) == (503, "5")
        assert "Traceback" not in got.body.decode()

    def test_a_full_line_turns_away_unread_and_others_are_served(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, Got, Got]:
            is_over, is_asked = asyncio.Event(), asyncio.Event()

            async def slow(request: web.Request) -> web.Response:
                if request.path == "/slow":
                    is_asked.set()
                    await is_over.wait()
                return web.Response()

            its = plan(tmp_path, web_line=0)
            async with web_answering(its, slow), running(its) as app:
                await ask(app, "GET", "/", host=b"next.example")  # without a policy each host is its own
                first = asyncio.create_task(ask(app, "GET", "/slow"))
                await is_asked.wait()
                turned_away = await ask(app, "GET", "/", never_ends=True)
                written = await ask(app, "POST", "/", chunks=(b"x",))
                others = await ask(app, "GET", "/", host=b"next.example")
                is_over.set()
                await first
                return turned_away, written, others

        turned_away, written, others = asyncio.run(scenario())
        assert [each.status for each in (turned_away, written, others)] == [503, 503, 200]
        assert turned_away.headers["retry-after"] == written.headers["retry-after"] == "5"

    def test_a_flood_next_door_leaves_a_process_of_web_free(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[list[str], list[str]]:
            is_over, is_asked = asyncio.Event(), asyncio.Event()

            async def answer(request: web.Request) -> web.Response:
                if request.path == "/slow":
                    is_asked.set()
                    await is_over.wait()
                return web.Response()

            its = plan(tmp_path, web_processes=2)
            async with (
                web_answering(its, answer) as first, web_answering(its, answer, name="web-2.sock") as second,
                running(its) as app,
            ):
                await ask(app, "GET", "/", host=b"next.example")
                flood = [asyncio.create_task(ask(app, "GET", "/slow")) for _ in range(3)]
                await is_asked.wait()
                await ask(app, "GET", "/calm", host=b"next.example")
                is_over.set()
                await asyncio.gather(*flood)
                return [each.path for each in first.asked], [each.path for each in second.asked]

        assert asyncio.run(scenario()) == (["/", "/slow"], ["/calm", "/slow", "/slow"])

    def test_a_silent_web_is_504(self, tmp_path: Path) -> None:
        async def scenario() -> Got:
            is_over = asyncio.Event()

            async def silent(request: web.Request) -> web.Response:
                await is_over.wait()
                return web.Response()

            its = plan(tmp_path, answer_s=0.05)
            async with web_answering(its, silent), running(its) as app:
                got = await ask(app, "GET", "/")
                is_over.set()
                return got

        assert asyncio.run(scenario()).status == 504

    def test_a_part_that_is_not_built_is_a_problem(self, tmp_path: Path) -> None:
        async def scenario() -> Got:
            async with running(plan(tmp_path)) as app:
                return await ask(app, "GET", "/ldes/streams")

        got = asyncio.run(scenario())
        assert (got.status, got.headers["content-type"]) == (404, "application/problem+json")

    def test_idp_without_its_socket_is_not_found(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, int]:
            its = plan(tmp_path)
            async with web_answering(its, private_page) as stub, running(its) as app:
                return await ask(app, "GET", "/idp/authorize"), len(stub.asked)

        got, asked = asyncio.run(scenario())
        assert (got.status, asked) == (404, 0)


class TestPageCache:
    def test_a_public_page_is_asked_of_web_once(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[list[Got], int]:
            its = plan(tmp_path)
            async with web_answering(its, public_page) as stub, running(its) as app:
                return [await ask(app, "GET", "/") for _ in range(3)], len(stub.asked)

        answers, asked = asyncio.run(scenario())
        assert asked == 1
        assert {got.body for got in answers} == {PAGE.encode()}
        assert not {"ocapi-tenant", "ocapi-cache-tags"} & set(answers[0].headers)
        assert len({got.headers["belgov-trace-id"] for got in answers}) == 3

    @pytest.mark.parametrize("header", [
        (b"cookie", b"__Host-session-aalter=1"), (b"authorization", b"Bearer x"),
    ])
    def test_who_is_signed_in_is_never_answered_from_it(
        self, tmp_path: Path, header: tuple[bytes, bytes]
    ) -> None:
        async def scenario() -> int:
            its = plan(tmp_path)
            async with web_answering(its, public_page) as stub, running(its) as app:
                await ask(app, "GET", "/")
                await ask(app, "GET", "/", headers=(header,))
                await ask(app, "GET", "/", headers=(header,))
                return len(stub.asked)

        assert asyncio.run(scenario()) == 3

    def test_host_query_and_cookie_variant_have_pages_of_their_own(self, tmp_path: Path) -> None:
        async def scenario() -> int:
            its = plan(tmp_path)
            async with web_answering(its, public_page) as stub, running(its) as app:
                for _ in range(2):
                    await ask(app, "GET", "/")
                    await ask(app, "GET", "/", host=b"beta.localhost:8000")
                    await ask(app, "GET", "/?page=2")
                    await ask(app, "GET", "/", headers=((b"cookie", b"form=informal"),))
                    await ask(app, "GET", "/", headers=((b"cookie", b"csrftoken=abc"),))
                return len(stub.asked)

        assert asyncio.run(scenario()) == 4

    def test_a_page_that_varies_by_language_is_kept_per_language(self, tmp_path: Path) -> None:
        async def by_language(request: web.Request) -> web.Response:
            headers = {**PUBLIC, "Vary": "Accept-Language"}
            return web.Response(text=request.headers["Accept-Language"], headers=headers)

        async def scenario() -> list[bytes]:
            its = plan(tmp_path)
            async with web_answering(its, by_language), running(its) as app:
                languages = (b"nl", b"fr", b"nl", b"fr")
                return [
                    (await ask(app, "GET", "/", headers=((b"accept-language", language),))).body
                    for language in languages
                ]

        assert asyncio.run(scenario()) == [b"nl", b"fr", b"nl", b"fr"]

    @pytest.mark.parametrize("headers", [
        {"Cache-Control": "private, s-maxage=60"}, {"Cache-Control": "s-maxage=60"},
        {"Cache-Control": "public"},
        {**PUBLIC, "Set-Cookie": "a=b"}, {**PUBLIC, "Vary": "*"},
    ])
    def test_anything_but_a_plainly_public_answer_is_not_kept(
        self, tmp_path: Path, headers: dict[str, str]
    ) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(text="x", headers=headers)

        async def scenario() -> int:
            its = plan(tmp_path)
            async with web_answering(its, answer) as stub, running(its) as app:
                await ask(app, "GET", "/")
                await ask(app, "GET", "/")
                return len(stub.asked)

        assert asyncio.run(scenario()) == 2

    def test_the_same_etag_gives_304_without_a_body(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, int]:
            its = plan(tmp_path)
            async with web_answering(its, public_page) as stub, running(its) as app:
                etag = (await ask(app, "GET", "/")).headers["etag"]
                got = await ask(app, "GET", "/", headers=((b"if-none-match", etag.encode()),))
                return got, len(stub.asked)

        got, asked = asyncio.run(scenario())
        assert (got.status, got.body, asked) == (304, b"", 1)

    def test_gzip_is_given_to_who_takes_it(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, Got]:
            its = plan(tmp_path)
            async with web_answering(its, public_page), running(its) as app:
                packed = await ask(app, "GET", "/", headers=((b"accept-encoding", b"br, gzip"),))
                plain = await ask(app, "GET", "/", headers=((b"accept-encoding", b"gzip;q=0"),))
                return packed, plain

        packed, plain = asyncio.run(scenario())
        assert gzip.decompress(packed.body) == plain.body == PAGE.encode()
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) == len(packed.body)

    @pytest.mark.parametrize(("datagram", "asked_again"), [
        (b'{"tenant":"aalter","tags":["news"]}', True),
        (b'{"tenant":"aalter","tags":[]}', True),
        (b'{"tenant":"aalter","tags":["other"]}', False),
        (b'{"tenant":"beta","tags":["news"]}', False),
        (b"not json", False),
    ])
    def test_a_datagram_drops_what_it_names(self, tmp_path: Path, datagram: bytes, asked_again: bool) -> None:
        async def scenario() -> int:
            its = plan(tmp_path)
            async with web_answering(its, public_page) as stub, running(its) as app:
                await ask(app, "GET", "/")
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                    sender.sendto(datagram, str(its.run / "front.sock"))
                await asyncio.sleep(0)  # one turn of the loop takes the datagram in
                await asyncio.sleep(0)
                await ask(app, "GET", "/")
                return len(stub.asked)

        assert asyncio.run(scenario()) == (2 if asked_again else 1)

    def test_a_raised_generation_covers_a_lost_datagram(self, tmp_path: Path) -> None:
        async def scenario() -> int:
            its = plan(tmp_path)
            async with web_answering(its, public_page) as stub, running(its) as app:
                await ask(app, "GET", "/")
                (its.run / "cache").mkdir()
                (its.run / "cache" / "aalter").touch()
                app.front.generations.read()
                await ask(app, "GET", "/")
                return len(stub.asked)

        assert asyncio.run(scenario()) == 2

    def test_memory_stays_below_the_ceiling(self, tmp_path: Path) -> None:
        async def large(request: web.Request) -> web.Response:
            return web.Response(body=os.urandom(30_000), headers=PUBLIC)

        async def scenario() -> int:
            its = plan(tmp_path, cache_bytes=100_000)
            async with web_answering(its, large), running(its) as app:
                for number in range(10):
                    await ask(app, "GET", f"/?page={number}")
                return app.front.cache.held_bytes

        assert 30_000 < asyncio.run(scenario()) <= 100_000


class TestStatic:
    def test_a_hashed_name_is_kept_for_ever_and_a_plain_one_is_not(self, tmp_path: Path) -> None:
        async def scenario() -> tuple[Got, Got, Got]:
            its = plan(tmp_path)
            its.static.mkdir()
            (its.static / "a.0123456789ab.css").write_text("p{}")
            (its.static / "a.css").write_text("p{}")
            async with running(its) as app:
                return (
                    await ask(app, "GET", "/static/a.0123456789ab.css"),
                    await ask(app, "GET", "/static/a.css"),
                    await ask(app, "GET", "/static/../run/front.sock"),
                )

        hashed, plain, outside = asyncio.run(scenario())
        assert (hashed.status, "immutable" in hashed.headers["cache-control"]) == (200, True)
        assert (plain.status, "immutable" in plain.headers["cache-control"]) == (200, False)
        assert outside.status == 404

    @pytest.mark.parametrize("target", [
        "/static/.git/config", "/static/../.git/config", "/static/%2e%2e/.git/config", "/.git/config",
        "/static/..%2f.git/config", "/static//../.git/HEAD", "/.git/",
    ])
    def test_the_history_of_the_checkout_is_out_of_reach(self, tmp_path: Path, target: str) -> None:
        async def scenario() -> Got:
            its = plan(tmp_path)
            its.static.mkdir()
            (tmp_path / ".git").mkdir()
            for name in ("config", "HEAD"):
                (tmp_path / ".git" / name).write_text("planted")
            async with running(its) as app:
                return await ask(app, "GET", target)

        got = asyncio.run(scenario())
        assert (got.status in (404, 503), b"planted" in got.body) == (True, False)
