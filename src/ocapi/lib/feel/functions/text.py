"""Built-in functions on strings; lengths and places count characters (code points)."""

from decimal import Decimal

from ocapi.lib.feel.budget import Run, require_list, require_string
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.functions.signatures import Definition, whole_number
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.patterns import compiled, expansion, require_affordable
from ocapi.lib.feel.showing import show
from ocapi.lib.feel.values import Value


def _substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> Value:
    place = whole_number(start, "start position")
    if place == 0 or abs(place) > len(text):
        raise Fault("outOfRange", "start position")
    begin = place - 1 if place > 0 else len(text) + place
    if length is None:
        return text[begin:]
    count = int(length) if length.adjusted() < 20 else 0
    if count < 1:
        raise Fault("outOfRange", "length")
    return text[begin:begin + count]


def _before(run: Run, text: str, match: str) -> Value:
    place = text.find(match)
    return text[:place] if place > 0 else ""


def _after(run: Run, text: str, match: str) -> Value:
    return text.partition(match)[2] if match else text


def _matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Value:
    search = compiled(run, pattern, flags or "")
    require_affordable(run, search, text)
    return search.search(text) is not None


def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    search = compiled(run, pattern, flags or "")
    if search.search("") is not None:
        raise Fault("invalidPattern", "matches nothing at all")
    require_affordable(run, search, text)
    literal = "q" in (flags or "")
    parts: list[str | int] = [replacement] if literal else expansion(replacement)
    made: list[str] = []
    size = last = 0
    for match in search.finditer(text):
        run.look()  # one match may have looked through the whole text
        filled = "".join(
            part if isinstance(part, str) else _group(match.groups(), part, match.group()) for part in parts
        )
        size += match.start() - last + len(filled)
        require_string(size)
        made += (text[last:match.start()], filled)
        last = match.end()
    require_string(size + len(text) - last)
    return "".join(made) + text[last:]


def _group(groups: tuple[str | None, ...], number: int, whole: str) -> str:
    if number == 0:
        return whole
    return (groups[number - 1] or "") if number <= len(groups) else ""


def _split(run: Run, text: str, delimiter: str) -> Value:
    search = compiled(run, delimiter)
    if search.search("") is not None:
        raise Fault("invalidPattern", "matches nothing at all")
    require_affordable(run, search, text)
    parts: list[Value] = []
    last = 0
    for match in search.finditer(text):
        run.look()  # one match may have looked through the whole text
        require_list(len(parts) + 2)
        parts.append(text[last:match.start()])
        last = match.end()
    return [*parts, text[last:]]


def _join(run: Run, items: list[Value], delimiter: str | None = None) -> Value:
    run.spend(len(items))
    present = [item for item in items if item is not None]
    if not all(type(item) is str for item in present):
        raise Fault("wrongArgumentType", "list")
    require_string(sum(map(len, present)) + len(delimiter or "") * len(present))
    return (delimiter or "").join(present)


def _string(run: Run, value: Value) -> Value:
    return None if value is None else show(run, value)


def _upper(run: Run, text: str) -> Value:
    run.spend(1 + len(text) // 100)
    made = text.upper()
    require_string(len(made))
    return made


FUNCTIONS: tuple[Definition, ...] = (
    ("string", "from: any", _string),
    ("substring", "string: string, start position: number, length?: number", _substring),
    ("string length", "string: string", lambda run, text: from_int(len(text))),
    ("upper case", "string: string", _upper),
    ("lower case", "string: string", lambda run, text: text.lower()),
    ("substring before", "string: string, match: string", _before),
    ("substring after", "string: string, match: string", _after),
    ("contains", "string: string, match: string", lambda run, text, match: match in text),
    ("starts with", "string: string, match: string", lambda run, text, match: text.startswith(match)),
    ("ends with", "string: string, match: string", lambda run, text, match: text.endswith(match)),
    ("matches", "input: string, pattern: string, flags?: string|null", _matches),
    ("replace", "input: string, pattern: string, replacement: string, flags?: string|null", _replace),
    ("split", "string: string, delimiter: string", _split),
    ("string join", "list: list, delimiter?: string|null", _join),
)
