"""Archives are judged before they are unpacked. Not covered: what importers make of a sound one."""

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import archives
from ocapi.lib.archives import ArchiveRefused

MOST = 1 << 20


def made(*entries: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file


class TestRequireSound:
    def test_gives_the_size_of_a_sound_one(self) -> None:
        sound = made(("a.csv", b"1;2\n" * 10), ("b/c.xml", b"<a/>"))
        assert archives.require_sound(sound, most_bytes=MOST) == 44

    @pytest.mark.parametrize(("entries", "word"), [
        ((("a.csv", b"0" * (MOST - 1)),), "grows"),
        (tuple((f"{number}", b"0" * 40_000) for number in range(30)), "unpacks"),
        ((("a.zip", b"PK"),), "an archive"), ((("../a", b"x"),), "leads out"),
        ((("/etc/a", b"x"),), "leads out"), ((("c:\\a", b"x"),), "leads out"),
        ((("a\\..\\b", b"x"),), "leads out"),
    ])
    def test_refuses_by_its_limit(self, entries: tuple[tuple[str, bytes], ...], word: str) -> None:
        with pytest.raises(ArchiveRefused, match=word):
            archives.require_sound(made(*entries), most_bytes=MOST)

    def test_refuses_too_many_entries_and_two_of_one_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archives, "MOST_ENTRIES", 3)
        with pytest.raises(ArchiveRefused, match="more than 3 entries"):
            archives.require_sound(made(*((str(number), b"") for number in range(4))), most_bytes=MOST)
        with pytest.warns(UserWarning, match="Duplicate"):
            twice = made(("a", b"1"), ("a", b"2"))
        with pytest.raises(ArchiveRefused, match="two entries"):
            archives.require_sound(twice, most_bytes=MOST)

    def test_refuses_an_encrypted_entry(self) -> None:
        raw = bytearray(made(("a", b"x")).getvalue())
        place = raw.rindex(b"PK\x01\x02") + 8
        raw[place : place + 2] = struct.pack("<H", 1)
        with pytest.raises(ArchiveRefused, match="encrypted"):
            archives.require_sound(io.BytesIO(bytes(raw)), most_bytes=MOST)

    def test_holds_a_directory_that_lies_to_what_it_says(self) -> None:
        raw = bytearray(made(("a", bytes(range(256)) * 400), how=zipfile.ZIP_DEFLATED).getvalue())
        place = raw.rindex(b"PK\x01\x02") + 24
        raw[place : place + 4] = struct.pack("<I", 10)
        file = io.BytesIO(bytes(raw))
        assert archives.require_sound(file, most_bytes=MOST) == 10
        with zipfile.ZipFile(file) as archive, pytest.raises(zipfile.BadZipFile):
            archive.read("a")

    @given(raw=st.binary(max_size=300), at=st.integers(0, 80), byte=st.integers(0, 255))
    @settings(max_examples=80, deadline=None)
    def test_gives_a_size_or_refuses_whatever_the_bytes(self, raw: bytes, at: int, byte: int) -> None:
        changed = bytearray(made(("a", raw[:50])).getvalue())
        changed[at % len(changed)] = byte
        for content in (raw, bytes(changed)):
            with contextlib.suppress(ArchiveRefused):
                assert archives.require_sound(io.BytesIO(content), most_bytes=MOST) <= MOST

    def test_reads_a_file_by_its_path(self, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_bytes(b"no archive")
        with pytest.raises(ArchiveRefused, match="no archive"):
            archives.require_sound(tmp_path / "a.zip", most_bytes=MOST)
