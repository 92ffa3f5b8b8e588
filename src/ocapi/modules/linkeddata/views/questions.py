"""A page on which people ask a question in SPARQL of the open data, and read the answer as a table."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import codec
from ocapi.lib.rdf.asking import MAX_QUERY, TABLES, Answer, Question, QuestionRefused, QuestionStopped
from ocapi.modules.linkeddata import api

MAX_ROWS = 200  # that a page shows; the SPARQL endpoint gives all
_PLACE = re.compile(r"error at (\d+):(\d+)")


def question(request: HttpRequest) -> HttpResponse:
    """Show the editor, and the answer to what was asked."""
    query = request.GET.get("query", "")[: MAX_QUERY + 1].replace("\r\n", "\n")
    error, answer = "", None
    if query.strip():
        try:
            answer = api.ask(
                question=Question(query=query, tables=TABLES[:1], graphs=("text/turtle",)),
                actor=request.actor,  # type: ignore[attr-defined]
            )
        except QuestionRefused as refused:
            error = _why(refused)
        except QuestionStopped as stopped:
            error = _stopped(stopped)
    field = Field(
        name="query",
        label=_("Your question in SPARQL"),
        kind=FieldKind.TEXTAREA,
        value=query or _examples()[0][1],
        help=_("A question goes over all open data of this organization."),
        error=error,
        rows=10,
        max_length=MAX_QUERY,
    )
    return ui.page(
        request,
        "linkeddata/question.html",
        status=422 if error else 200,
        fields=(field,),
        field=field,
        examples=_examples(),
        address=ui.address(request, "/sparql"),
        **_shown(answer),
    )


def _shown(answer: Answer | None) -> dict[str, object]:
    """Give the answer as a table, a yes or no, or a text."""
    if answer is None:
        return {}
    if answer.media_type == "text/turtle":
        return {"text": answer.body.decode()[:100_000] or _("Nothing was found.")}
    found = codec.decode_untyped(answer.body, max_bytes=32 << 20, max_keys=2_000_000)
    assert isinstance(found, dict)
    if "boolean" in found:
        return {"verdict": _("Yes") if found["boolean"] else _("No")}
    head, results = found["head"], found["results"]
    assert isinstance(head, dict) and isinstance(results, dict)
    names, rows = head.get("vars"), results.get("bindings")
    assert isinstance(names, list) and isinstance(rows, list)
    shown = tuple(Row(cells=tuple(_cell(row, str(name)) for name in names)) for row in rows[:MAX_ROWS])
    table = Table(
        caption=_("What was found"),
        columns=tuple(Column(code=str(name), label=str(name)) for name in names),
        page=PageOf(items=shown, page_size=max(len(shown), 1)),
        empty_title=_("Nothing was found"),
        empty_text=_("The question is right, but no data answers it."),
    )
    return {"table": table, "count": len(rows), "is_cut": len(rows) > MAX_ROWS, "most": MAX_ROWS}


def _cell(row: object, name: str) -> Cell:
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, dict):
        return Cell(text="")
    text = str(value.get("value", ""))
    is_link = value.get("type") == "uri" and text.startswith(("https://", "http://"))
    return Cell(text=text, href=text if is_link else "")


def _why(refused: QuestionRefused) -> str:
    texts = {
        "service": _("Take SERVICE out: a question goes over the data of this organization only."),
        "update": _("Here you can only ask. Begin with SELECT, ASK, CONSTRUCT or DESCRIBE."),
        "tooLong": _("The question is too long. Make it shorter."),
    }
    text = texts.get(refused.reason, _("This is no question in SPARQL 1.1. Check how it is written."))
    if place := _PLACE.match(refused.detail):  # what follows is the grammar, which helps no reader
        where = _("It goes wrong at line {line}, character {character}.")
        return f"{text} {where.format(line=place[1], character=place[2])}"
    return f"{text} ({refused.detail})" if refused.detail else text


def _stopped(stopped: QuestionStopped) -> str:
    texts = {
        "time": _("The question took too long. Ask for less, for instance with LIMIT 100."),
        "memory": _("The question needs too much. Ask for less, for instance with LIMIT 100."),
        "size": _("The answer is too large. Ask for less, for instance with LIMIT 100."),
        "noIndex": _("There is no open data to ask yet. Try again in a minute."),
    }
    return texts.get(stopped.reason, _("Questions are switched off now. Try again later."))


def _examples() -> tuple[tuple[str, str], ...]:
    return (
        (
            _("How many objects are there of each kind?"),
            "SELECT ?soort (COUNT(?ding) AS ?aantal)\nWHERE { ?ding a ?soort }\n"
            "GROUP BY ?soort\nORDER BY DESC(?aantal)\nLIMIT 50",
        ),
        (
            _("What are things called?"),
            "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
            "SELECT ?ding ?naam\nWHERE { ?ding skos:prefLabel ?naam }\nORDER BY ?naam\nLIMIT 50",
        ),
        (
            _("What was replaced by what?"),
            "PREFIX dcterms: <http://purl.org/dc/terms/>\n"
            "SELECT ?oud ?nieuw\nWHERE { ?oud dcterms:isReplacedBy ?nieuw }\nLIMIT 50",
        ),
        (
            _("Which data services are there, and how much do they hold?"),
            "SELECT ?dienst (COUNT(*) AS ?uitspraken)\nWHERE { GRAPH ?dienst { ?s ?p ?o } }\n"
            "GROUP BY ?dienst\nLIMIT 50",
        ),
    )
