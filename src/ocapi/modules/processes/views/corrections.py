"""Giving a value of a run another content: the values, what a colleague asks, and doing it with four eyes."""

import re
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Definition, Field, FieldKind, Option, PageOf, Row, Table
from ocapi.lib import written
from ocapi.lib.feel import typed
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Correction,
    CorrectionNotFound,
    HeldValues,
    InstanceNotFound,
    InstanceState,
    NotRunning,
    RunChanged,
    SamePerson,
    StepNotPossible,
    Value,
)
from ocapi.modules.processes.views import telling

MAX_REASON = 300
SHOWN = 300  # characters of a value
LONGEST = 20_000  # characters of a content as typed
NEW = "+"  # before the number of the part that gets a value of a new name
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d{1,30})(?:,\d{1,30})?", re.ASCII)
_TRUTH = {"ja": True, "nee": False}


class Unreadable(ValueError):
    """What was typed is no content of the chosen kind; the text says how to write it."""


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, instance: UUID) -> HttpResponse:
    """Show the values of a run and what is asked of them, and take what somebody asks."""
    if request.method != "POST":
        return _page(request, instance)
    problems, wish = _read(request)
    if wish is not None:
        try:
            api.ask_correction(
                instance=instance, actor=request.actor, now=request.now, **wish)  # type: ignore[attr-defined]
            return ui.redirect("processes:correct", instance=instance)
        except InstanceNotFound:
            raise Http404 from None
        except RunChanged:
            return _page(request, instance, problem=_(
                "This run took a step in the meantime. Look at the values again and send it once more."))
        except NotRunning:
            return _page(request, instance, problem=_(
                "This run stands still or has ended. Resume it first."))
        except StepNotPossible as refusal:
            problems = _refused(refusal)
    return _page(request, instance, problems=problems)


def _refused(refusal: StepNotPossible) -> dict[str, str]:
    return {
        "sameValue": {"content": _("This is what the value holds already. Fill in another content.")},
        "variableTooLarge": {"content": _("This is too much for one value. Shorten it.")},
        "notStorable": {"content": _("A value can't hold this. Fill in another content.")},
        "variableName": {"name": _("A name has 1 to 200 characters, without line breaks.")},
        "scopeGone": {"which": _("This part of the run has ended. Choose another value.")},
    }.get(refusal.reason, {"reason": _("Say why, in at most 300 characters.")})


def _read(request: HttpRequest) -> tuple[dict[str, str], dict[str, object] | None]:
    """Read what was posted: what is wrong by field, or the wish."""
    post, problems = request.POST, dict[str, str]()
    is_new = (which := post.get("which", "")).startswith(NEW)
    part, _mark, name = which.removeprefix(NEW).partition(":")
    name = post.get("name", "").strip() if is_new else name
    if not (part.isascii() and part.isdigit() and len(part) < 10):
        problems["which"] = _("Choose a value.")
    elif is_new and not name:
        problems["name"] = _("Say what the new value is called.")
    kind, content = post.get("kind", ""), None
    try:
        if kind in {each.value for each in _kinds()}:
            content = _content(kind, post.get("content", ""), request.now)  # type: ignore[attr-defined]
        else:
            problems["kind"] = _("Choose what kind of content it is.")
    except Unreadable as refusal:
        problems["content"] = str(refusal)
    reason = post.get("reason", "").replace("\r\n", "\n")
    if not reason.strip() or len(reason) > MAX_REASON:
        problems["reason"] = _("Say why, in at most 300 characters.")
    if problems:
        return problems, None
    revision = post.get("revision", "")
    return {}, {
        "scope": int(part), "name": name, "value": content, "reason": reason,
        "revision": int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
    }


def _content(kind: str, text: str, now: datetime) -> Value:
    """Read a content of a kind as people write it; raises Unreadable."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise Unreadable(_("This is too much for one value. Shorten it."))
    if kind == "empty":
        return None
    if not text:
        raise Unreadable(_("Fill in the right content, or choose \"Nothing\"."))
    if kind == "text":
        return text
    if kind == "number":
        if _NUMBER.fullmatch(text) is None:
            raise Unreadable(_("Write a number in digits, with a comma, such as 1.234,50."))
        return Decimal(text.replace(".", "").replace(",", "."))
    if kind == "truth":
        if text.casefold() not in _TRUTH:
            raise Unreadable(_("Write yes or no."))
        return _TRUTH[text.casefold()]
    if kind == "day":
        day = written.read_day(text)
        if day is None:
            raise Unreadable(_("Write the date as dd/mm/yyyy, for example 07/03/2026."))
        return day
    try:
        return typed.read_value(text, now=now)  # type: ignore[return-value]
    except typed.LineRefused:
        raise Unreadable(_("This FEEL can't be read. Write it such as: [1, 2] or {a: \"b\"}.")) from None


def _page(
    request: HttpRequest, instance: UUID, *, problems: dict[str, str] | None = None, problem: str = ""
) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.CORRECT)
    is_whole, wrong = request.GET.get("personen") == "ja", problems or {}
    try:
        run = api.get_path(instance=instance, actor=actor).instance
        look = api.list_values if is_whole else api.list_masked_values
        found = look(instance=instance, actor=actor, now=now)
        wishes = api.list_corrections if is_whole else api.list_masked_corrections
        asked = wishes(instance=instance, actor=actor, now=now)
    except InstanceNotFound:
        raise Http404 from None
    is_running = run.state is InstanceState.RUNNING
    hides = any(each.is_hidden for each in found.items) or any(each.is_hidden for each in asked)
    return ui.page(
        request, "processes/correct.html", status=422 if wrong or problem else 200, problem=problem,
        fields=_fields(request, found, wrong) if is_running else (), revision=found.revision,
        asked=tuple(_wish(instance, each) for each in asked), table=_table(found),
        whole_href="?personen=ja" if hides else "", is_running=is_running,
        is_suspended=run.state is InstanceState.SUSPENDED,
        back_href=reverse("processes:instance", args=[instance]),
    )


def _called(name: str, place: str) -> str:
    return _("{name} (in {place})").format(name=name, place=place) if place else name


def _table(found: HeldValues) -> Table:
    rows = tuple(
        Row(cells=(
            Cell(text=_called(each.name, each.place)),
            Cell(text=_shown(each.value, is_hidden=each.is_hidden)),
            Cell(text="" if each.is_hidden else _kind_of(each.value)),
        ))
        for each in found.items
    )
    return Table(
        caption=_("Values of this run"),
        columns=(
            Column(code="name", label=_("Name")), Column(code="value", label=_("Value")),
            Column(code="kind", label=_("Kind")),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        empty_title=_("No values"), empty_text=_("This run holds no values of its own."),
    )


def _shown(value: object, *, is_hidden: bool) -> str:
    if is_hidden:
        return _("Personal data, hidden")
    return telling.masked(telling.words(value)).replace("\n", ", ")[:SHOWN]


def _kind_of(value: object) -> str:
    """Say of what kind a value is: 12 as a text and as a number look alike, and only one can be added up."""
    kinds = {"text": str, "truth": bool, "number": Decimal}
    labels = {each.value: each.label for each in _kinds()}
    if value is None:
        return labels["empty"]
    found = next((code for code, kind in kinds.items() if isinstance(value, kind)), "")
    if found:
        return labels[found]
    if isinstance(value, list):
        return _("List")
    return _("Several parts") if isinstance(value, dict) else _("Date or time")


def _kinds() -> tuple[Option, ...]:
    return (
        Option(value="text", label=_("Text")),
        Option(value="number", label=_("Number")),
        Option(value="truth", label=_("Yes or no")),
        Option(value="day", label=_("Date")),
        Option(value="empty", label=_("Nothing"), help=_("The content stays empty then.")),
        Option(value="feel", label=_("Something else, in FEEL"),
               help=_("For a list, a moment, a duration or several parts.")),
    )


def _fields(request: HttpRequest, found: HeldValues, problems: dict[str, str]) -> tuple[Field, ...]:
    post = request.POST
    ways = tuple(
        Option(value=f"{each.scope}:{each.name}", label=_called(each.name, each.place))
        for each in found.items
    ) + tuple(
        Option(value=f"{NEW}{number}:", label=_called(_("A value of a new name"), place))
        for number, place in found.places
    )
    return (
        Field(
            name="which", label=_("Which value?"), kind=FieldKind.SELECT, options=ways,
            value=post.get("which", ""), error=problems.get("which", ""),
        ),
        Field(
            name="name", label=_("Name of the new value"), value=post.get("name", ""), max_length=200,
            error=problems.get("name", ""), required=False, help=_("Only for a value of a new name."),
        ),
        Field(
            name="kind", label=_("What kind of content?"), kind=FieldKind.RADIO, options=_kinds(),
            value=post.get("kind", ""), error=problems.get("kind", ""),
        ),
        Field(
            name="content", label=_("The right content"), kind=FieldKind.TEXTAREA, rows=3,
            value=post.get("content", ""), error=problems.get("content", ""),
            help=_("A number such as 1.234,50, a date such as 07/03/2026, or yes or no."),
        ),
        Field(
            name="reason", label=_("Why"), kind=FieldKind.TEXTAREA, rows=3, max_length=MAX_REASON,
            value=post.get("reason", ""), error=problems.get("reason", ""),
            help=_("Your colleague reads this. Name no persons."),
        ),
    )


def _wish(instance: UUID, each: Correction) -> dict[str, object]:
    before = "–" if each.is_new else _shown(each.before, is_hidden=each.is_hidden)
    after, kind = _shown(each.value, is_hidden=each.is_hidden), _kind_of(each.value)
    return {
        "title": _called(each.name, each.place), "is_own": each.is_own,
        "facts": (
            Definition(term=_("Now"), value=before),
            Definition(term=_("Becomes"), value=after if each.is_hidden else f"{after} ({kind.lower()})"),
            Definition(term=_("Why"), value=each.reason),
            Definition(term=_("Asked"), value=written.moment(each.asked_at)),
            Definition(term=_("Asked by"), value=_("You") if each.is_own else _("A colleague")),
        ),
        "confirm": reverse("processes:correction", args=[instance, each.uuid, "bevestigen"]),
        "withdraw": reverse("processes:correction", args=[instance, each.uuid, "intrekken"]),
    }


@require_POST
def decide(request: HttpRequest, instance: UUID, correction: UUID, choice: str) -> HttpResponse:
    """Do what a colleague asked, or forget what was asked."""
    act = {"bevestigen": api.confirm_correction, "intrekken": api.withdraw_correction}.get(choice)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.CORRECT)
    if act is None:
        raise Http404
    try:
        act(instance=instance, correction=correction, actor=actor, now=now)
    except InstanceNotFound:
        raise Http404 from None
    except SamePerson:
        return _page(
            request, instance, problem=_("You asked this yourself. Let a colleague confirm it."))
    except NotRunning:
        return _page(request, instance, problem=_("This run stands still or has ended. Resume it first."))
    except (CorrectionNotFound, StepNotPossible):
        return _page(request, instance, problem=_(
            "That is not possible any more: the value has changed or its part has ended."))
    return ui.redirect("processes:instance", instance=instance)
