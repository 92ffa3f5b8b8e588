"""What comes in through pages and APIs: files, texts that are shown later, odd requests, odd hosts."""

import json
import random
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from ocapi.lib import clock
from tests.proofs.hostile import generators
from tests.proofs.hostile.listening import Listener
from tests.proofs.isolation import asking, judging, matrix
from tests.proofs.isolation.asking import Reply
from tests.proofs.isolation.holding import House
from tests.security.conftest import read_table

LONGEST_S = 1.0  # CPU of one hostile request, eight times what any page takes
CHUNK = 64 << 10
LIMIT = 1 << 20
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
Wrong = tuple[str, str]


class World:
    """The filled organization."""

    house: House
    sighted: int = 0


WORLD = World()


def uploads(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A file whose name, type or content lies, or that does not end; nothing lands outside its folder."""
    from ocapi.kernel.files import api as files
    from ocapi.kernel.files.data import FileRefused

    kind = coin.choice(sorted(UPLOADS))
    name, content, is_refused = UPLOADS[kind](coin)
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        for chunk in content:
            read += len(chunk)
            if read > 8 * LIMIT:
                return  # more than enough is proven, and the disk of who tests is not ours
            yield chunk

    before = _outside()
    with judging.undone(WORLD.house):
        try:
            kept = files.receive(chunks=chunks(), name=name, max_bytes=LIMIT, now=clock.now())
        except FileRefused:
            kept = None
        except Exception as failure:
            return "FileRefused", f"{kind} {name!r}: {type(failure).__name__}: {failure}"[:200]
        if kept is not None and is_refused:
            return "a refusal", f"{kind} {name!r} is kept as {kept.name!r}"
        if kept is not None and (set(kept.name) & set("/\\\r\n\0") or len(kept.name) > 120):
            return "a plain name", repr(kept.name)
    if read > LIMIT + CHUNK:
        return f"at most {LIMIT + CHUNK} bytes read", f"{kind}: {read}"
    left = _outside() - before
    return ("no file elsewhere", str(left)) if left else None


def _outside() -> set[str]:
    root = Path(settings.OCAPI.data)
    return {
        str(each.relative_to(root))
        for each in root.rglob("*")
        if each.is_file()
        and "blobs" not in each.parts
        and not each.name.startswith("db.sqlite")
        and not each.name.startswith("platform.sqlite")
    }


def _endless(coin: random.Random) -> tuple[str, Iterator[bytes], bool]:
    whole = 10 << 30  # 10 GB, of which a megabyte may be read
    return "a.pdf", (PDF if n == 0 else b"x" * CHUNK for n in range(whole // CHUNK)), True


def _bomb(coin: random.Random) -> tuple[str, Iterator[bytes], bool]:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(coin.choice(("../../x", "word/document.xml")), b"\0" * (4 << 20))
    name = coin.choice(("a.zip", "a.docx", "a.xlsx", "a.pdf", "a.png", "a.svgz"))
    return name, iter([packed.getvalue()]), True


def _liar(coin: random.Random) -> tuple[str, Iterator[bytes], bool]:
    heads = {
        "a.pdf": b"<html>",
        "a.png": b"%PDF-",
        "a.jpg": b"\x89PNG\r\n\x1a\n",
        "a.svg": b"<svg>",
        "a.html": PDF,
        "a.exe": b"MZ",
        "a.pdf.exe": PDF,
        "a.PDF": b"#!/bin/sh\n",
        "a": PDF,
        "": PDF,
    }
    name = coin.choice(sorted(heads))
    return name, iter([heads[name] + b"x" * coin.choice((0, 100, CHUNK))]), True


def _active(coin: random.Random) -> tuple[str, Iterator[bytes], bool]:
    part = coin.choice((b"/JavaScript (app.alert(1))", b"/JS (x)", b"/Launch << >>", b"/EmbeddedFile"))
    return "a.pdf", iter([PDF, b"2 0 obj << " + part + b" >> endobj\n"]), True


def _named(coin: random.Random) -> tuple[str, Iterator[bytes], bool]:
    return generators.name(coin), iter([PDF]), False


def _empty(coin: random.Random) -> tuple[str, Iterator[bytes], bool]:
    return "a.pdf", iter(coin.choice(([], [b""], [b"", b""], [b"%"]))), True


UPLOADS: dict[str, Callable[[random.Random], tuple[str, Iterator[bytes], bool]]] = {
    "endless": _endless,
    "bomb": _bomb,
    "liar": _liar,
    "active": _active,
    "named": _named,
    "empty": _empty,
}


class _Seen(HTMLParser):
    """Looks for elements and attributes that came out of texts, and for addresses that run code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "zqx" in tag:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            is_address = name in ("href", "src", "action", "formaction", "xlink:href")
            scheme = (value or "").strip().partition(":")[0].lower()
            if (
                "zqx" in name
                or (is_address and scheme in ("javascript", "vbscript"))
                or (is_address and scheme == "data" and name != "src")
            ):
                self.found.append(f"{tag} {name}={value!r}"[:80])
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")


def shown(name: str) -> Wrong | None:
    """One page as one party: every text in it is hostile, none may become markup."""
    return _markup(WORLD.house, matrix.parse(name))


def _markup(house: House, step: matrix.Step) -> Wrong | None:
    houses = dict.fromkeys((matrix.OWN, matrix.OTHER, matrix.FOREIGN, matrix.GHOST), house)
    taken: dict[str, matrix.Taken] = dict.fromkeys(houses, {})
    request = matrix.request_of(step, houses, taken)
    echo = "?" + "&".join(
        f"{key}={quote(text)}"
        for key, text in zip(("q", "next", "cursor", "status", "sort"), generators.SCRIPTS, strict=False)
    )
    for target in (request.target, request.target + echo):
        with judging.undone(house):
            reply = asking.ask(house.host, "GET", target, headers=request.headers)
        wrong = _harmless(reply)
        if wrong:
            return wrong[0], f"{target[:60]}: {wrong[1]}"
    return None


def _harmless(reply: Reply) -> Wrong | None:
    if reply.status >= 500 and reply.status != 503:
        return "no failure of ours", f"status {reply.status}"
    kind = reply.header("content-type").partition(";")[0]
    if kind == "text/html":
        seen = _Seen()
        seen.feed(reply.body.decode())
        WORLD.sighted += b"zqx" in reply.body
        if seen.found:
            return "no markup out of texts", str(seen.found[:3])
        policy = reply.header("content-security-policy")
        runs_nothing = "default-src 'none'" in policy and "script-src" not in policy
        if "script-src 'self'" not in policy and not runs_nothing:
            return "a policy without inline code", policy[:80]
    elif b"zqx" in reply.body and reply.header("x-content-type-options") != "nosniff":
        return "nosniff", f"{kind} without it"
    if any("\n" in value or "\r" in value for _name, value in reply.headers):
        return "one line per header", "a header that breaks"
    return None


def pages() -> Iterator[str]:
    """Give every page as every party."""
    for row in read_table("routes.csv"):
        for party in ("anonymous", "citizen_self", "clerk", "policy_maker", "tenant_admin", matrix.MACHINE):
            if party == matrix.MACHINE and not row["route"].startswith("api/"):
                continue
            count = len(matrix.identifiers(row["route"]))
            step = matrix.Step(
                key=WORLD.house.tenant.key,
                route=row["route"],
                method="GET",
                party=party,
                whose=(matrix.OWN,) * count,
            )
            yield step.id


def requests(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A request to any route, odd in one place; a refusal or an answer, never a failure of ours."""
    house = WORLD.house
    row = coin.choice(read_table("routes.csv"))
    party = coin.choice(("anonymous", "citizen_self", "clerk", "tenant_admin"))
    count = len(matrix.identifiers(row["route"]))
    step = matrix.Step(
        key=house.tenant.key, route=row["route"], method="GET", party=party, whose=(matrix.OWN,) * count
    )
    houses = dict.fromkeys((matrix.OWN, matrix.OTHER), house)
    request = matrix.request_of(step, houses, dict.fromkeys(houses, {}))
    kind = coin.choice(sorted(ODD))
    method, target, headers, body, media_type = ODD[kind](coin, request.target)
    began = time.process_time()
    try:
        with judging.undone(house):
            reply = asking.ask(
                house.host,
                method,
                target,
                headers={**request.headers, **headers},
                body=body,
                media_type=media_type,
            )
    except Exception as failure:
        return "an answer", f"{kind} {method} {target[:80]!r}: {type(failure).__name__}: {failure}"[:250]
    took = time.process_time() - began
    if reply.status >= 500 and not (reply.status == 503 and row["operation"] == "open:sign-in"):
        return "no failure of ours", f"{kind} {method} {target[:80]!r} by {party}: {reply.status}"
    return (f"{LONGEST_S} s of CPU", f"{kind} {target[:60]!r}: {took:.2f} s") if took > LONGEST_S else None


Odd = tuple[str, str, dict[str, str], bytes, str]
FORM = "application/x-www-form-urlencoded"


def _odd_query(coin: random.Random, target: str) -> Odd:
    values = (
        "%00",
        "%ff%fe",
        "%",
        "a" * 9000,
        "%F0%9F%92%A9" * 500,
        "-1",
        "1e999",
        "9" * 40,
        "[]",
        "%0d%0aX:1",
        "2026-13-45",
        "null",
        "%ed%a0%80",
        "'%20OR%201=1--",
        "../../etc/passwd",
        "\u0130",
    )
    names = (
        "q",
        "cursor",
        "page",
        "pageSize",
        "status",
        "sort",
        "from",
        "year",
        "month",
        "until",
        "reference",
        "domain",
        "code",
        "state",
        "next",
        "level",
        "assignee",
        "v",
        "unit",
        "step",
        "compare",
        "a" * 300,
    )
    query = "&".join(f"{coin.choice(names)}={coin.choice(values)}" for _ in range(coin.choice((1, 2, 400))))
    return "GET", f"{target}?{query}", {}, b"", FORM


def _odd_path(coin: random.Random, target: str) -> Odd:
    part = coin.choice(
        ("\x00", "\u00ff", "%2e%2e/", "../", "//", "a" * 5000, "\ufffd", ".", ";x=1", "\u202e", "\n")
    )
    place = coin.randrange(1, len(target) + 1)
    return coin.choice(("GET", "POST")), target[:place] + part + target[place:], {}, b"", FORM


def _odd_body(coin: random.Random, target: str) -> Odd:
    body, media_type = coin.choice(
        (
            (b"a=" + b"x" * (3 << 20), FORM),
            (b"&".join(b"k%d=v" % n for n in range(5000)), FORM),
            (b"a=%00&b=%ff&text=%00", FORM),
            (b"text=%ed%a0%80&name=%00", FORM),
            (b"\xff\xfe", FORM),
            (b"a=1", "text/plain; charset=utf-7"),
            (b"a=1", f"{FORM}; charset=nonsense"),
            (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
            (b"x", "multipart/form-data"),
            (
                b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../a"\r\n\r\nx\r\n--x--',
                "multipart/form-data; boundary=x",
            ),
            (b"x" * 100, "multipart/form-data; boundary=" + "b" * 500),
            (b"{}", "application/json"),
            (b"", ""),
        )
    )
    return "POST", target, {}, body, media_type


def _odd_json(coin: random.Random, target: str) -> Odd:
    _kind, raw, _is_refused = generators.json_bytes(coin)
    return coin.choice(("POST", "PATCH", "PUT", "DELETE")), target, {"If-Match": "x"}, raw, "application/json"


def _odd_members(coin: random.Random, target: str) -> Odd:
    value: object = coin.choice(
        (None, -1, 1e308, "x" * 100_000, "\u202e", [], {}, [[]], True, "2026-02-30", "'")
    )
    body = {
        coin.choice(("caseType", "applicant", "assignee", "url", "eventTypes", "outcome", "a")): value
        for _ in range(3)
    }
    return (
        coin.choice(("POST", "PATCH")),
        target,
        {"If-Match": '"1"'},
        json.dumps(body).encode(),
        "application/json",
    )


def _odd_headers(coin: random.Random, target: str) -> Odd:
    name = coin.choice(
        (
            "Accept",
            "Accept-Language",
            "If-None-Match",
            "If-Modified-Since",
            "Range",
            "Referer",
            "Origin",
            "User-Agent",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "Authorization",
            "BelGov-Trace-Id",
            "Idempotency-Key",
            "If-Match",
            "X-HTTP-Method-Override",
            "Content-Encoding",
        )
    )
    value = coin.choice(
        (
            "",
            "*",
            "x" * 9000,
            "\xff",
            ",".join("q" * 50 for _ in range(100)),
            "Bearer " + "a.b.c",
            "Basic ::",
            "bytes=0-,0-,0-,0-",
            '"',
            'W/"' + "x" * 100 + '"',
            "Thu, 99 Foo 2999",
            "javascript:zqx()",
        )
    )
    return coin.choice(("GET", "POST")), target, {name: value}, b"", FORM


def _odd_method(coin: random.Random, target: str) -> Odd:
    return (
        coin.choice(("TRACE", "CONNECT", "OPTIONS", "HEAD", "PUT", "PROPFIND", "get", "X" * 50)),
        target,
        {},
        b"",
        FORM,
    )


ODD: dict[str, Callable[[random.Random, str], Odd]] = {
    "query": _odd_query,
    "path": _odd_path,
    "body": _odd_body,
    "json": _odd_json,
    "members": _odd_members,
    "headers": _odd_headers,
    "method": _odd_method,
}


def addresses(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A long address of a page that asks to sign in first: the way back is kept, or left out."""
    path = coin.choice(("/desk/", "/desk/zaken/", "/mijn/", "/mijn/berichten"))
    value = coin.choice(("x", "%F0%9F%92%A9", "/", "&a=1", "%2e")) * coin.choice((1, 100, 600, 5_000))
    reply = asking.ask(WORLD.house.host, "GET", f"{path}?q={value}", headers={})
    if reply.status == 302 and reply.header("location").startswith("/account/aanmelden/?"):
        return None
    return "the way to sign in", f"{path} with {len(value)} characters: {reply.status}"


def hosts(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A host nobody serves: 421 without the name or a mark of any organization."""
    house = WORLD.house
    key = house.tenant.key
    host = coin.choice(
        (
            "evil.example",
            f"{key}.localhost.evil.example",
            f"x{house.host}",
            f"{house.host}.evil",
            "",
            "localhost",
            "127.0.0.1",
            f"{house.host}:80:80",
            f"{key}",
            "[::1]",
            "a" * 300,
            f"{house.host}\\x",
            f"user@{house.host}",
            "%00",
            ".",
            f"{house.host}%2eevil",
            "unknown.localhost",
            f"http://{house.host}",
        )
    )
    spoof = {coin.choice(("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host")): house.host}
    reply = asking.ask(host, "GET", coin.choice(("/", "/desk/", "/o/alpha/", "/zoeken")), headers=spoof)
    if reply.status != 421:
        return "421", f"{host!r}: {reply.status}"
    told = reply.raw.replace(host.encode("latin-1", "replace"), b"")
    return ("no organization named", f"{host!r}") if house.marks.mark.encode() in told else None


def receivers(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """An address of this machine as receiver of a webhook: refused at once, or never called."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.jobs.data import InvalidSubscription
    from ocapi.kernel.tenants.testing import a_staff_member

    url = coin.choice(generators.addresses(listener.port))
    before = listener.hits
    with judging.undone(WORLD.house):
        try:
            jobs.subscribe(
                url=url, patterns=("be.ocapi.*",), actor=a_staff_member("tenant_admin"), now=clock.now()
            )
        except InvalidSubscription:
            return None
        except Exception as failure:
            return "InvalidSubscription", f"{url}: {type(failure).__name__}: {failure}"[:200]
        for _ in range(3):
            jobs.visit(now=clock.now(), budget_ms=5_000)
    return ("no packet", f"{listener.hits - before} for {url}") if listener.hits != before else None


def build(seed: int) -> None:
    """Fill one organization whose every text is hostile."""
    from tests.proofs.isolation import filling

    WORLD.house = filling.fill(seed, keys=("alpha",), tails=generators.SCRIPTS)["alpha"]
    asking.application()


CHECKS = {"upload": uploads, "request": requests, "address": addresses, "host": hosts, "receiver": receivers}
