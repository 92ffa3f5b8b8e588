"""Outside input is bounded and typed. Not covered: limits on reading the body, which the server keeps."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import codec
from ocapi.lib.codec import MalformedInput, Reason


class Kind(StrEnum):
    A = "a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    number: int
    amount: Decimal = Decimal("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    one: Inner | None = None
    many: list[Inner] = field(default_factory=list)
    by_key: dict[str, Inner] = field(default_factory=dict)
    free: Any = None


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sensor: str
    values: list[int] = []


def refusal(raw: bytes, as_type: type) -> tuple[str, str]:
    with pytest.raises(MalformedInput) as caught:
        codec.decode_json(raw, as_type)
    return caught.value.reason.value, caught.value.path


class TestDecodeJson:
    def test_gives_typed_values(self) -> None:
        made = codec.decode_json(b'{"name":"x","one":{"number":1,"amount":"1.50"}}', Outer)
        assert made == Outer(name="x", one=Inner(number=1, amount=Decimal("1.50")))
        assert codec.decode_json(b'{"sensor":"s","values":[1]}', Reading) == Reading("s", [1])

    @pytest.mark.parametrize(
        ("raw", "path"),
        [
            (b'{"name":"x","nmae":1}', "$.nmae"),
            (b'{"name":"x","one":{"number":1,"b":2}}', "$.one.b"),
            (b'{"name":"x","many":[{"number":1},{"number":1,"c":2}]}', "$.many[1].c"),
            (b'{"name":"x","by_key":{"k":{"number":1,"d":2}}}', "$.by_key.k.d"),
        ],
    )
    def test_names_the_unknown_member_of_a_dataclass(self, raw: bytes, path: str) -> None:
        assert refusal(raw, Outer) == ("unknownMember", path)

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b'{"sensor":"s","other":1}', ("unknownMember", "$.other")),
            (b'{"values":[]}', ("missingMember", "$.sensor")),
            (b'{"sensor":1}', ("wrongType", "$.sensor")),
            (b'{"sensor":"s","values":[1,"2"]}', ("wrongType", "$.values[1]")),
            (b'{"sensor":"\\u0000"}', ("nulCharacter", "$")),
            (b'{"sensor"', ("notJson", "$")),
            (b"", ("notJson", "$")),
            (b'{"sensor":"\xff"}', ("notUtf8", "$")),
            (b" " * (codec.MAX_BYTES + 1), ("tooLarge", "$")),
            (b'{"sensor":' + b"[" * 5000, ("wrongType", "$.sensor")),
        ],
    )
    def test_says_what_is_wrong_and_where(self, raw: bytes, expected: tuple[str, str]) -> None:
        assert refusal(raw, Reading) == expected

    def test_bounds_the_free_part_of_a_typed_value(self) -> None:
        raw = b'{"name":"x","free":' + b"[" * 900 + b"]" * 900 + b"}"
        assert refusal(raw, Outer)[0] == "tooDeep"

    def test_accepts_an_escaped_backslash_before_digits(self) -> None:
        assert codec.decode_json(b'{"sensor":"\\\\u0000"}', Reading).sensor == "\\u0000"


class TestDecodeUntyped:
    @pytest.mark.parametrize("depth", [65, 1000, 100_000])
    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    def test_refuses_depth_without_recursion_error(self, depth: int, opening: bytes) -> None:
        closing = b"]" if opening == b"[" else b"}"
        for decode in (codec.decode_untyped, codec.decode_signed_json):
            with pytest.raises(MalformedInput) as caught:
                decode(opening * depth + b"1" + closing * depth)
            assert caught.value.reason is Reason.TOO_DEEP

    def test_accepts_the_allowed_depth(self) -> None:
        assert codec.decode_untyped(b"[" * 64 + b"]" * 64)

    def test_refuses_too_many_members(self) -> None:
        raw = json.dumps({str(n): n for n in range(11)}).encode()
        with pytest.raises(MalformedInput) as caught:
            codec.decode_untyped(raw, max_keys=10)
        assert caught.value.reason is Reason.TOO_MANY_MEMBERS

    @pytest.mark.parametrize("raw", [b'"a\\u0000b"', b'{"\\u0000":1}', b'[["\\u0000"]]'])
    def test_refuses_nul_in_texts_and_names(self, raw: bytes) -> None:
        with pytest.raises(MalformedInput) as caught:
            codec.decode_untyped(raw)
        assert caught.value.reason is Reason.NUL_CHARACTER

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\u0019eE-+.nNaI', max_size=40).map(str.encode))
    def test_only_ever_raises_malformed_input(self, raw: bytes) -> None:
        for decode in (codec.decode_untyped, codec.decode_signed_json):
            with suppress(MalformedInput):
                decode(raw)
        with suppress(MalformedInput):
            codec.decode_yaml(raw, object)


class TestDecodeSignedJson:
    def test_refuses_a_member_that_stands_twice(self) -> None:
        with pytest.raises(MalformedInput) as caught:
            codec.decode_signed_json(b'{"a":1,"b":{"c":1,"c":2}}')
        assert caught.value.reason is Reason.DUPLICATE_MEMBER

    @pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b"1e999", b"[-1e999]", b'"\\ud800"', b"[1,]"])
    def test_refuses_what_is_not_json(self, raw: bytes) -> None:
        with pytest.raises(MalformedInput) as caught:
            codec.decode_signed_json(raw)
        assert caught.value.reason is Reason.NOT_JSON


class TestEncodeJson:
    def test_writes_our_formats(self) -> None:
        value = {
            "at": datetime(2027, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=1))),
            "on": date(2027, 1, 2),
            "id": UUID(int=1),
            "amount": Decimal("1.50"),
            "kind": Kind.A,
            "inner": Inner(number=2),
        }
        assert codec.decode_untyped(codec.encode_json(value)) == {
            "at": "2027-01-02T02:04:05.000006Z",
            "on": "2027-01-02",
            "id": "00000000-0000-0000-0000-000000000001",
            "amount": "1.50",
            "kind": "a",
            "inner": {"number": 2, "amount": "0"},
        }

    @pytest.mark.parametrize("value", [datetime(2027, 1, 1), float("nan"), [float("inf")]])
    def test_refuses_values_without_one_meaning(self, value: object) -> None:
        with pytest.raises(ValueError, match="cannot be encoded"):
            codec.encode_json(value)

    @settings(max_examples=50, deadline=None)
    @given(
        name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        number=st.integers(0, 9),
    )
    def test_comes_back_equal(self, name: str, number: int) -> None:
        value = Outer(name=name, many=[Inner(number=number)])
        assert codec.decode_json(codec.encode_json(value), Outer) == value


class TestCanonicalJson:
    def test_orders_members_by_utf16_and_writes_no_space(self) -> None:
        value = {"b": [True, None, "é\n\u001f\u007f"], "\U0001f600": 1, "\ufb33": 2, "a": {"z": 1, "y": 2}}
        expected = '{"a":{"y":2,"z":1},"b":[true,null,"é\\n\\u001f\u007f"],"\U0001f600":1,"\ufb33":2}'
        assert codec.canonical_json(value) == expected.encode()

    @settings(max_examples=50, deadline=None)
    @given(value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
        max_leaves=8,
    ))
    def test_writes_what_pythons_own_encoder_writes_in_order(self, value: object) -> None:
        expected = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert codec.canonical_json(value) == expected.encode()

    @pytest.mark.parametrize("value", [1.5, {"a": [2.0]}, 2**53])
    def test_refuses_numbers_that_readers_disagree_on(self, value: object) -> None:
        with pytest.raises(ValueError, match="canonical"):
            codec.canonical_json(value)

    def test_is_the_same_for_equal_instants(self) -> None:
        first = datetime(2027, 1, 1, 12, tzinfo=UTC)
        same = first.astimezone(timezone(timedelta(hours=2)))
        assert codec.canonical_json({"at": first}) == codec.canonical_json({"at": same})


class TestDecodeYaml:
    def test_gives_typed_values_and_dates(self) -> None:
        made = codec.decode_yaml(b"name: x\nmany:\n- {number: 1}\nfree: 2027-01-02\n", Outer)
        assert made == Outer(name="x", many=[Inner(number=1)], free=date(2027, 1, 2))

    @pytest.mark.parametrize(
        ("raw", "reason", "path"),
        [
            (b"a: &x [1]\nb: *x\n", Reason.ALIAS_REFUSED, "line 1"),
            (b"a: 1\na: 2\n", Reason.DUPLICATE_MEMBER, "line 2"),
            (b"[" * 65 + b"]" * 65, Reason.TOO_DEEP, "line 1"),
            (b"[" * 100_000, Reason.TOO_DEEP, "line 1"),
            (b"a: !!python/object/apply:os.system [x]", Reason.NOT_YAML, "line 1"),
            (b"a: [1\nb: 2", Reason.NOT_YAML, "line 2"),
            (b'a: "\\0"', Reason.NUL_CHARACTER, "$"),
            (b"a: \xff", Reason.NOT_UTF8, "line 1"),
            (b"a: 2027-99-99", Reason.NOT_YAML, "$"),
            (b"? [1]\n: 2", Reason.NOT_YAML, "line 1"),
            (b"--- 1\n--- 2\n", Reason.NOT_YAML, "line 2"),
        ],
    )
    def test_refuses_with_the_place(self, raw: bytes, reason: Reason, path: str) -> None:
        with pytest.raises(MalformedInput) as caught:
            codec.decode_yaml(raw, object)
        assert (caught.value.reason, caught.value.path) == (reason, path)

    def test_names_the_unknown_member(self) -> None:
        with pytest.raises(MalformedInput) as caught:
            codec.decode_yaml(b"name: x\nnmae: y\n", Outer)
        assert (caught.value.reason, caught.value.path) == (Reason.UNKNOWN_MEMBER, "$.nmae")


class TestTables:
    def test_guesses_the_delimiter_skips_the_mark_and_counts_lines(self) -> None:
        header, rows = codec.decode_csv('\ufeffcode;naam\r\n1;"a\r\nb"\r\n\r\n2;é\r\n'.encode())
        assert header == ["code", "naam"]
        assert list(rows) == [(2, ["1", "a\r\nb"]), (5, ["2", "é"])]

    @pytest.mark.parametrize(
        ("raw", "reason", "path"),
        [
            (b"a,b\n1,\xe9\n", Reason.NOT_UTF8, "line 2"),
            ("a,b".encode("utf-16"), Reason.NOT_UTF8, "line 1"),
            (b"a,b\n\n1,\0\n", Reason.NUL_CHARACTER, "line 3"),
            (b'a,b\n1,"2"3\n', Reason.NOT_CSV, "line 2"),
            (b'a,b\n1,"2\n', Reason.NOT_CSV, "line 2"),
            (b"", Reason.NOT_CSV, "line 1"),
        ],
    )
    def test_refuses_with_the_line(self, raw: bytes, reason: Reason, path: str) -> None:
        with pytest.raises(MalformedInput) as caught:
            list(codec.decode_csv(raw)[1])
        assert (caught.value.reason, caught.value.path) == (reason, path)

    @pytest.mark.parametrize("start", "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
    def test_disarms_every_start_of_a_formula(self, start: str) -> None:
        raw = codec.encode_csv([["h"], [f"{start}1+1"]])
        assert next(codec.decode_csv(raw, delimiter=",", unescape=False)[1]).cells == [f"'{start}1+1"]

    def test_leaves_numbers_and_dates_alone(self) -> None:
        raw = codec.encode_csv([["a", "b", "c"], [-5, Decimal("-1.50"), date(2027, 1, 2)], [None, "", "x"]])
        assert raw == b"a,b,c\r\n-5,-1.50,2027-01-02\r\n,,x\r\n"

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.lists(st.text("='+-@\t\r\n,;\"ab\uff1d", max_size=6), min_size=2, max_size=2),
            min_size=1,
            max_size=4,
        )
    )
    def test_comes_back_equal(self, rows: list[list[str]]) -> None:
        header, back = codec.decode_csv(codec.encode_csv([["x", "y"], *rows]), delimiter=",")
        assert (header, [row.cells for row in back]) == (["x", "y"], rows)


class TestUnique:
    @pytest.mark.parametrize("raw", [
        b'{"a":1,"a":2}', b'{"a" : 1, "a" : 2}', b'{"a":{"b":1,"b":2}}', b'{"x":"\\":","a":1,"a":2}',
        b'{"a":1,"\\u0061":2}', b'[{"a"\n:1,"a":2}]',
    ])
    def test_refuses_a_member_that_stands_twice(self, raw: bytes) -> None:
        with pytest.raises(codec.MalformedInput):
            codec.decode_unique(raw)

    @pytest.mark.parametrize("raw", [
        b'{"a":1,"b":{"a":2}}', b'{"a" : "x\\":y", "b":[{"a":1},{"a":1}]}', b'[]', b'"\\":"',
    ])
    def test_takes_what_stands_once_in_each_object(self, raw: bytes) -> None:
        assert codec.decode_unique(raw) == codec.decode_untyped(raw)
