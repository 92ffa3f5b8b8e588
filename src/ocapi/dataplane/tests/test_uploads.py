"""Files a browser sends, by a pass. Not here: who gets a pass, and what becomes of the file."""

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.dataplane.ingest import Inboxes
from ocapi.dataplane.multipart import BadForm, FileOfForm
from ocapi.dataplane.tests.asgi import Got, ask, plan, running
from ocapi.dataplane.tests.driving import NOW, publish
from ocapi.lib import clock, handed, seglog
from ocapi.lib.handed import Pass
from ocapi.lib.sealed import Sealer

SECRET = "s" * 40
UPLOAD = UUID("01a20aee-1434-734a-989a-71178ea18ac0")
TYPE = (b"content-type", b"multipart/form-data; boundary=xyz")
AGAIN = "/o/aalter/desk/sensoren/inlezen/"
CSV = b"time,sensor,value\n2026-11-28T09:00:00Z,a,1\n"


def form(content: bytes = CSV, name: str = "C:\\tellingen\\maart.csv") -> bytes:
    disposition = f'Content-Disposition: form-data; name="bestand"; filename="{name}"'.encode()
    other = b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    head = disposition + b"\r\nContent-Type: text/csv\r\n\r\n"
    return other + b"--xyz\r\n" + head + content + b"\r\n--xyz--\r\n"


def address(*, secret: str = SECRET, tenant: str = "aalter", hours: float = 1) -> str:
    until = NOW + timedelta(hours=hours)
    told = Pass(tenant=tenant, upload=UPLOAD, until=until, back=f"{AGAIN}x/", again=AGAIN)
    return f"/ingest/v1/uploads/{handed.write_pass(told, sealer=Sealer((secret,)))}"


def sent(folder: Path, target: str, *chunks: bytes, state: str = "active", **more: Any) -> Got:
    async def act() -> Got:
        publish(folder, state=state)
        async with running(plan(folder, secrets=(SECRET,), **more.pop("limits", {}))) as plane:
            headers = more.pop("headers", (TYPE,))
            return await ask(plane, "POST", target, headers=headers, chunks=chunks, **more)

    with clock.Travelling(NOW):
        return asyncio.run(act())


def left(folder: Path) -> list[str]:
    return sorted(str(each.name) for each in (folder / "tenants").rglob("*") if each.is_file()) if (
        folder / "tenants").exists() else []


class TestUpload:
    def test_is_kept_whole_and_sends_the_browser_on(self, tmp_path: Path) -> None:
        body = form()
        got = sent(tmp_path, address(), body[:70], body[70:71], body[71:])
        assert (got.status, got.headers["location"]) == (303, f"{AGAIN}x/")
        capture = tmp_path / "tenants" / "aalter" / "capture"
        ((uuid, about),) = handed.arrived(capture)
        assert (uuid, about.name, about.size_bytes) == (UPLOAD, "maart.csv", len(CSV))
        assert (handed.folder_of(capture, uuid) / handed.DATA).read_bytes() == CSV
        again = sent(tmp_path, address(), form(b"other"))
        assert (again.status, (handed.folder_of(capture, uuid) / handed.DATA).read_bytes()) == (409, CSV)

    @pytest.mark.parametrize(("target", "status"), [
        (address(secret="t" * 40), 403), (address(hours=-1), 403), (address(tenant="nobody"), 503),
        ("/ingest/v1/uploads/x", 403), (f"/ingest/v1/uploads/{'A' * 3000}", 403),
    ])
    def test_needs_a_pass_of_ours_that_has_not_ended(self, tmp_path: Path, target: str, status: int) -> None:
        assert (sent(tmp_path, target, form()).status, left(tmp_path)) == (status, [])

    @pytest.mark.parametrize(("chunks", "status"), [
        ((form(b""),), 400), ((form()[:-30],), 400), ((b"--xyz--\r\n",), 400), ((b"no form",), 400),
        ((b"--xyz\r\n" + b"a" * 9000,), 400), ((form(b"x" * 3000),), 413), ((b"\0" * 90_000,), 413),
    ])
    def test_that_is_no_whole_file_leaves_nothing(
        self, tmp_path: Path, chunks: tuple[bytes, ...], status: int
    ) -> None:
        got = sent(tmp_path, address(), *chunks, limits={"readings_bytes": 2_000})
        assert (got.status, left(tmp_path)) == (status, [])
        assert b"<h1>" in got.body

    def test_refuses_by_its_declared_length_and_by_its_pace(self, tmp_path: Path) -> None:
        length = (TYPE, (b"content-length", b"99999999999"))
        refused = sent(tmp_path, address(), form(), headers=length)
        assert (refused.status, f'<a href="{AGAIN}">'.encode() in refused.body) == (413, True)
        slow = {"body_deadline_s": 0.05}
        assert sent(tmp_path, address(), form()[:90], never_ends=True, limits=slow).status == 408
        assert left(tmp_path) == []

    def test_is_not_taken_by_an_organization_that_only_reads(self, tmp_path: Path) -> None:
        assert sent(tmp_path, address(), form(), state="moving").status == 503


class TestForm:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from([b"\r", b"\n", b"-", b"xyz", b"\0", b"\r\n--xy"]), max_size=12),
           st.integers(1, 9))
    def test_gives_back_any_content_however_it_is_cut(self, pieces: list[bytes], width: int) -> None:
        content = b"".join(pieces)
        if b"\r\n--xyz" in b"\r\n" + content:
            return
        body, reader = form(content), FileOfForm("multipart/form-data; boundary=xyz")
        got = b"".join(
            piece for at in range(0, len(body), width) for piece in reader.feed(body[at : at + width])
        )
        assert (got, reader.is_whole, reader.name) == (content, True, "maart.csv")

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=200))
    def test_holds_nothing_back_and_breaks_on_nothing(self, body: bytes) -> None:
        reader = FileOfForm('multipart/form-data; charset=utf-8; boundary="xyz"')
        with contextlib.suppress(BadForm):
            assert len(b"".join(reader.feed(b"--xyz\r\n" + body))) <= len(body)

    def test_has_a_boundary_of_the_length_the_standard_allows(self) -> None:
        for kind in ("text/csv", "multipart/form-data", f"multipart/form-data; boundary={'x' * 71}"):
            with pytest.raises(BadForm):
                FileOfForm(kind)


class TestInbox:
    def test_loses_what_the_worker_says_and_the_newest_segment_only_as_a_whole(self, tmp_path: Path) -> None:
        async def act() -> None:
            inboxes = Inboxes(tmp_path)
            try:
                await inboxes.tidy("aalter", 3)  # there is none yet
                await inboxes.append("aalter", [b"1", b"2", b"3"])
                await inboxes.tidy("aalter", 2)
                assert len(list(seglog.read(folder))) == 3
                await inboxes.tidy("aalter", 3)
                assert list(seglog.read(folder)) == []
                await inboxes.append("aalter", [b"4"])
            finally:
                inboxes.close()

        folder = tmp_path / "tenants" / "aalter" / "inbox"
        asyncio.run(act())
        assert [each.sequence for each in seglog.read(folder)] == [4]
        again = seglog.Writer(folder)
        assert (again.append([b"5"]), again.cut_bytes) == (5, 0)
        again.close()
