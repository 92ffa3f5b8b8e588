"""A question in SPARQL to an index on disk, answered by a process of its own that can be ended.

`pyoxigraph` can't stop a query and would do real HTTP for SERVICE. So: what may go out is refused before the
query is tried, the process has no sockets, little memory and seconds of time, and it reads a published copy
that nobody writes (SPARQL 1.1 Protocol, section 2.1; errors as section 2.2.6).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ocapi.lib import codec, confined

WALL_SECONDS = 5.0
CPU_SECONDS = 5
PROGRAM = "ocapi.lib.rdf.answering"
MEMORY_BYTES = 1 << 30
MAX_QUERY = 64 << 10  # characters
MAX_ANSWER = 16 << 20  # bytes
TABLES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
    "application/json",
    "application/xml",
)
"""Formats of rows and of yes or no, the usual one first."""
GRAPHS = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/trig",
    "application/n-quads",
)
"""Formats of statements, the usual one first."""
_WORDS = re.compile(
    r"""(?P<skipped>\#[^\n\r]*|<[^<>"{}|^`\\\x00-\x20]*>|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|[?$@]\w+)|(?P<word>[\w.-]*:[\w.%-]*|\w+)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query with its dataset. tables, graphs: formats the asker takes, the best first; `*/*` is any.

    default_graphs, named_graphs: what the protocol names; both empty means all there is, or what the query
    itself names. base: IRI against which relative ones in the query are read.
    """

    query: str
    base: str = "urn:ocapi:question"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    tables: tuple[str, ...] = TABLES[:1]
    graphs: tuple[str, ...] = GRAPHS[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it. media_type: of the body."""

    media_type: str
    body: bytes


class QuestionRefused(ValueError):
    """The question can't be answered as it is.

    reason: notAQuery | update | service | tooLong | notAcceptable. detail: of the parser, with the place.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


class QuestionStopped(RuntimeError):
    """The limits were reached, or nothing can be answered now.

    reason: time | memory | size | notConfined | noIndex.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def words_of(query: str) -> frozenset[str]:
    """Give the bare words of a query in capitals: no texts, comments, names or variables."""
    found = (each["word"] for each in _WORDS.finditer(query))
    return frozenset(each.upper() for each in found if each and ":" not in each)


def check(question: Question) -> None:
    """Refuse what is too long, goes out, or changes something; raises QuestionRefused."""
    if len(question.query) > MAX_QUERY:
        raise QuestionRefused("tooLong")
    words = words_of(question.query)
    if "SERVICE" in words:
        raise QuestionRefused("service")
    if not words & {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}:
        is_update = words & {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"}
        raise QuestionRefused("update" if is_update else "notAQuery")


def command() -> list[str]:
    """Give the program that answers."""
    return confined.command(PROGRAM)


def environment() -> dict[str, str]:
    """Give all that the program is told of the world."""
    # One arena: each thread of the index else reserves 128 MiB of addresses, and the start of a thread that
    # finds none left ends the process (seen in 1 of 100 questions).
    return confined.environment(PYTHONDONTWRITEBYTECODE="1", MALLOC_ARENA_MAX="1")


def sent(question: Question, *, store: Path) -> bytes:
    """Give what the program reads."""
    return codec.encode_json(
        {
            "store": str(store),
            "query": question.query,
            "base": question.base,
            "default": list(question.default_graphs),
            "named": list(question.named_graphs),
            "tables": list(question.tables),
            "graphs": list(question.graphs),
        }
    )


def received(said: bytes, code: int) -> Answer:
    """Give the answer of what the program wrote; raises QuestionRefused, QuestionStopped."""
    head, _, body = said.partition(b"\n")
    if code or not head:
        raise QuestionStopped("time" if confined.Ended(code, said).is_out_of_time else "memory")
    found = codec.decode_json(head, dict[str, str])
    if found["status"] == "ok":
        return Answer(media_type=found["type"], body=body)
    if found["status"] == "stopped":
        raise QuestionStopped(found["reason"])
    raise QuestionRefused(found["reason"], found.get("detail", ""))


def ask(question: Question, *, store: Path, wall_seconds: float = WALL_SECONDS) -> Answer:
    """Answer a question and wait for it; raises QuestionRefused, QuestionStopped."""
    check(question)
    asked = sent(question, store=store)
    try:
        done = confined.run(PROGRAM, asked=asked, wall_seconds=wall_seconds, told=environment())
    except confined.TooLong:
        raise QuestionStopped("time") from None
    return received(done.said, done.code)
