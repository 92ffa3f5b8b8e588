"""What a picture tells beside itself is taken out, the picture stays bit for bit.

Not covered: what a form says about PDF.
"""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image, PngImagePlugin

from ocapi.kernel.files import api as files
from ocapi.kernel.files.data import MediaType
from ocapi.kernel.files.stripping import MOST_PARTS, stripped
from ocapi.kernel.tenants.testing import NOW

SECRET = b"Kerkstraat 12 Aalter"


def a_picture() -> Image.Image:
    picture = Image.new("RGB", (64, 48))
    picture.putdata([(x * 4 % 256, x * 7 % 256, x % 256) for x in range(64 * 48)])
    return picture


def a_jpeg(*, orientation: int = 1, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = SECRET.decode(), "Noor Peeters"  # description, artist
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (51.0, 5.0, 3.0)  # latitude
    made = io.BytesIO()
    a_picture().save(made, "JPEG", exif=exif, comment=SECRET, **options)
    return made.getvalue()


def a_png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", SECRET.decode())
    told.add_itxt("Comment", SECRET.decode(), zip=True)
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    made = io.BytesIO()
    a_picture().save(made, "PNG", pnginfo=told, exif=exif)
    return made.getvalue()


def through(content: bytes, kind: MediaType, *, size: int = 1000) -> bytes:
    return b"".join(stripped((content[at:at + size] for at in range(0, len(content), size)), kind))


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).tobytes()


class TestPictures:
    @pytest.mark.parametrize(("content", "kind"), [
        (a_jpeg(), MediaType.JPEG), (a_jpeg(progressive=True), MediaType.JPEG), (a_png(), MediaType.PNG),
    ])
    @pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
    def test_lose_what_they_tell_and_not_one_bit_of_what_they_show(self, content, kind, size):
        left = through(content, kind, size=size)
        assert SECRET in content or b"zTXt" in content or b"iTXt" in content
        assert SECRET not in left and b"Noor" not in left
        assert pixels(left) == pixels(content)
        shown = Image.open(io.BytesIO(left))
        shown.load()
        assert not shown.getexif() and not {"comment", "Author", "Comment", "exif"} & set(shown.info)

    @pytest.mark.parametrize("orientation", [2, 3, 6, 8])
    def test_stay_upright(self, orientation):
        left = through(a_jpeg(orientation=orientation), MediaType.JPEG)
        assert dict(Image.open(io.BytesIO(left)).getexif()) == {0x0112: orientation}

    def test_keep_their_colors(self):
        left = through(a_jpeg(icc_profile=b"a profile of colors"), MediaType.JPEG)
        assert Image.open(io.BytesIO(left)).info["icc_profile"] == b"a profile of colors"

    @pytest.mark.parametrize(("content", "kind"), [(a_jpeg(), MediaType.JPEG), (a_png(), MediaType.PNG)])
    def test_lose_what_stands_behind_their_end(self, content, kind):
        assert through(content + SECRET, kind) == through(content, kind)

    @pytest.mark.parametrize(("content", "kind"), [(a_jpeg(), MediaType.JPEG), (a_png(), MediaType.PNG)])
    def test_stay_the_same_the_second_time(self, content, kind):
        once = through(content, kind)
        assert through(once, kind) == once

    def test_are_kept_without_it(self, tenant):
        stored = files.receive(chunks=[a_jpeg()], name="foto.jpg", now=NOW)
        kept = files.read(file=stored.uuid)
        assert SECRET not in kept.content and stored.size_bytes == len(kept.content)


class TestOthers:
    def test_pass_as_they_come(self):
        signed = b"%PDF-1.7 /Author (Noor) /Sig"
        assert through(signed, MediaType.PDF) == signed

    @given(some.binary(max_size=300), some.sampled_from([MediaType.JPEG, MediaType.PNG]))
    def test_that_are_no_pictures_neither_fail_nor_grow(self, content, kind):
        assert len(through(content, kind, size=17)) <= len(content)

    @pytest.mark.parametrize("part", [b"\xff\xfe\x00\x02", b"\xff\xda\x00\x02", b"\xff"])
    def test_of_a_million_parts_are_let_pass_as_they_came(self, part):
        trap = b"\xff\xd8" + part * 1_000_000
        left = through(trap, MediaType.JPEG, size=1 << 16)
        assert len(trap) - len(left) <= 4 * MOST_PARTS and trap.endswith(left[-900_000:])

    def test_cut_off_halfway_keep_what_came(self):
        cut = a_jpeg()[:-100]
        assert Image.open(io.BytesIO(through(cut, MediaType.JPEG))).size == (64, 48)
