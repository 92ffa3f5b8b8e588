"""Hostile inputs made by chance: what each class of attack looks like, the same ones for the same seed."""

import json
import random
from collections.abc import Callable

Coin = random.Random
SPREADSHEET = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
ODD_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "01",
    "+1",
    ".5",
    "0x10",
    "1_000",
    "1" * 5000,
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-7")
NAMES = (
    "../../etc/passwd",
    "..\\..\\windows\\system32\\cmd.pdf",
    "/etc/cron.d/x.pdf",
    "a\x00.pdf",
    "\u202efdp.exe",
    "CON.pdf",
    "x" * 4000 + ".pdf",
    ".pdf",
    "..pdf",
    "a.pdf/../b",
    "\r\nSet-Cookie: a=b.pdf",
    "\ud800.pdf",
    'a".pdf',
    "<zqx>.pdf",
    " .pdf",
    "é̀" * 90 + ".pdf",
)
SCRIPTS = (
    "<zqx onload=1>",
    '"><zqx>',
    "'><zqx>",
    '" zqx="1',
    "' zqx='1",
    "</title><zqx>",
    "</textarea><zqx>",
    "--><zqx>",
    "javascript:zqx()",
    "&lt;zqx&gt;<zqx/>",
    "{{ zqx }}{% zqx %}<zqx>",
    "${zqx}<zqx>",
    '\\"><zqx>',
    "<svg/zqx onload=1><zqx>",
    "<\x00zqx><zqx>",
    "\u2028<zqx>",
    "]]><zqx>",
    "<zqx\n>",
    "%3Czqx%3E<zqx>",
)


def json_bytes(coin: Coin) -> tuple[str, bytes, bool]:
    """Give a name, a document, and whether it must be refused by every decoder."""
    kind = coin.choice(sorted(JSON))
    raw, is_refused = JSON[kind](coin)
    return kind, raw, is_refused


def _deep(coin: Coin) -> tuple[bytes, bool]:
    depth = coin.choice((65, 200, 1_000, 5_000, 100_000))
    opening, closing = coin.choice((("[", "]"), ('{"a":', "}")))
    return (opening * depth + "1" + closing * depth).encode(), True


def _unclosed(coin: Coin) -> tuple[bytes, bool]:
    return (coin.choice(("[", '{"a":')) * coin.choice((500, 50_000))).encode(), True


def _number(coin: Coin) -> tuple[bytes, bool]:
    return f'{{"a":{coin.choice(ODD_NUMBERS[:10])}}}'.encode(), True


def _nul(coin: Coin) -> tuple[bytes, bool]:
    return coin.choice(
        (b'{"a":"\\u0000"}', b'{"\\u0000":1}', b'["x\\u0000y"]', b'{"a":"\x00"}', b"\x00{}")
    ), True


def _surrogate(coin: Coin) -> tuple[bytes, bool]:
    return coin.choice((b'{"a":"\\ud800"}', b'{"a":"\\udc00x"}', b'["\xed\xa0\x80"]', b'{"\\udfff":1}')), True


def _encoding(coin: Coin) -> tuple[bytes, bool]:
    return '{"a":"\u00e9"}'.encode(coin.choice(("utf-16", "utf-32", "latin-1", "cp037"))), True


def _many_keys(coin: Coin) -> tuple[bytes, bool]:
    return json.dumps({f"k{n}": n for n in range(10_001 + coin.randrange(5_000))}).encode(), True


def _large(coin: Coin) -> tuple[bytes, bool]:
    return b'{"a":"' + b"x" * ((1 << 20) + coin.randrange(1000)) + b'"}', True


def _broken(coin: Coin) -> tuple[bytes, bool]:
    whole = b'{"a":[1,2,{"b":null}],"c":"d"}'
    place = coin.randrange(1, len(whole))
    return coin.choice(
        (whole[:place], whole + b"}", whole[:place] + b"\xff" + whole[place:], b"", b"'a'", b"{a:1}")
    ), True


JSON: dict[str, Callable[[Coin], tuple[bytes, bool]]] = {
    "deep": _deep,
    "unclosed": _unclosed,
    "number": _number,
    "nul": _nul,
    "surrogate": _surrogate,
    "encoding": _encoding,
    "many keys": _many_keys,
    "large": _large,
    "broken": _broken,
}


def xml_bytes(coin: Coin, *, body: str, address: str, file: str) -> tuple[str, bytes]:
    """Give a name and a document that must be refused. body: a whole good document, root element first.

    address, file: what an external entity would reach when anybody followed it.
    """
    kind = coin.choice(sorted(XML))
    return kind, XML[kind](coin, body, address, file)


def _doctype(coin: Coin, body: str, address: str, file: str) -> bytes:
    target = coin.choice((f'SYSTEM "{address}"', f'SYSTEM "file://{file}"', f'PUBLIC "x" "{address}"'))
    declared = coin.choice(
        (
            f"<!DOCTYPE a [<!ENTITY e {target}>]>",
            f"<!DOCTYPE a {target}>",
            f"<!DOCTYPE a [<!ENTITY % p {target}> %p;]>",
            "<!doctype a>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]>",
        )
    )
    return (declared + body.replace("</", "&e;</", 1)).encode()


def _laughs(coin: Coin, body: str, address: str, file: str) -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, coin.choice((5, 12))))
    return f'<!DOCTYPE a [<!ENTITY e0 "ha">{levels}]>{body.replace("</", "&e4;</", 1)}'.encode()


def _hidden(coin: Coin, body: str, address: str, file: str) -> bytes:
    encoding = coin.choice(ENCODINGS)
    return f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY e "x">]>{body}'.encode(encoding)


def _nested(coin: Coin, body: str, address: str, file: str) -> bytes:
    depth = coin.choice((201, 1_000, 200_000))
    return ("<a>" * depth + "</a>" * depth).encode()


def _torn(coin: Coin, body: str, address: str, file: str) -> bytes:
    place = coin.randrange(1, len(body) - 1)
    return coin.choice(
        (body[:place].encode(), body.encode()[:place] + b"\xff<" + body.encode()[place:], b"", b"<", b"{}")
    )


def _huge(coin: Coin, body: str, address: str, file: str) -> bytes:
    return b"<a>" + b"x" * ((16 << 20) + 1) + b"</a>"


XML: dict[str, Callable[[Coin, str, str, str], bytes]] = {
    "doctype": _doctype,
    "laughs": _laughs,
    "hidden": _hidden,
    "nested": _nested,
    "torn": _torn,
    "huge": _huge,
}


def formula(coin: Coin) -> str:
    """Give a cell that a spreadsheet would run, or that looks as if it were escaped already."""
    tail = coin.choice(
        ('HYPERLINK("https://x")', "cmd|' /C calc'!A0", "1+1", "SUM(A1:A9)", '"a";"b"', "x\ny")
    )
    return "'" * coin.choice((0, 0, 0, 1, 2)) + coin.choice(SPREADSHEET) + tail


def name(coin: Coin) -> str:
    """Give a hostile file name."""
    return coin.choice(NAMES)


EXPRESSIONS = (
    "for i in 1..1000000000 return i",
    "for i in 1..90000 return for j in 1..90000 return j",
    "some i in 1..90000, j in 1..90000 satisfies i + j < 0",
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "sort(for i in 1..90000 return -i, function(a, b) a < b)",
    "for i in 1..90000 return partial",
    'for i in 1..90 return if i = 1 then "ab" else partial[-1] + partial[-1]',
    'matches(x, "(a?){500}a{500}b")',
    'replace(x, "(a+)+$", "b")',
    'matches(x, "^(a+)+$")',
    'split(x, "(a|a)*b")',
    "9 ** 9 ** 9 ** 9 ** 9",
    "count(for i in 1..1000, j in 1..1000 return i)",
    "(" * 63 + "1" + ")" * 63,
    "substring(x + x + x, 1, 100000)",
    "every i in 1..90000, j in 1..90000 satisfies true",
)
ESCAPES = (
    '__import__("os").system("id")',
    "x.__class__.__mro__",
    "().__class__.__bases__[0]",
    "x.__init__.__globals__",
    'open("/etc/passwd")',
    'eval("1")',
    'exec("1")',
    'getattr(x, "y")',
    '"{0.__class__}".format(x)',
    'os.system("id")',
    "import os",
    "lambda: 1",
    "x.func_globals",
    "$.ajax",
    "`id`",
    "$(id)",
    "; DROP TABLE x",
    "{% load x %}",
    "{{ settings.SECRET_KEY }}",
    "%(x)s",
    'function(x) external {java: {class: "java.lang.Math"}}',
)


def expression(coin: Coin) -> str:
    """Give an expression that would not end, or that wants out; now and then wrapped in another."""
    text = coin.choice(EXPRESSIONS + ESCAPES)
    return coin.choice(
        (text, text, f"if true then {text} else 1", f"[{text}]", f"{{a: {text}}}", f"({text}) = 1")
    )


def addresses(port: int) -> list[str]:
    """Give odd spellings of this machine, each with the port of a listener."""
    spelled = (
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "sub.localhost",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[::1%25lo]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "127.0.0.1%00.example.org",
        "example.org@127.0.0.1",
        "127.0.0.1#@example.org",
        "127.0.0.1\\@example.org",
        "127.0.0.1:80@127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
    )
    schemes = ("https", "http", "HTTP", "ftp", "file", "gopher", "dict", "unix", "data")
    return (
        [f"{scheme}://{host}:{port}/x" for host in spelled for scheme in schemes[:3]]
        + [f"{scheme}://127.0.0.1:{port}/x" for scheme in schemes[3:]]
        + [
            f"//127.0.0.1:{port}/x",
            f"https:127.0.0.1:{port}",
            f"https:///127.0.0.1:{port}",
            f" https://127.0.0.1:{port}/",
        ]
    )
