"""Putting a run at another element: what a colleague asks, what is asked, and doing it with four eyes."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition, Field, FieldKind, Option
from ocapi.lib import written
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    InstanceNotFound,
    InstanceState,
    NotRunning,
    Relocation,
    RelocationNotFound,
    Relocations,
    SamePerson,
    StepNotPossible,
)

MAX_REASON = 300


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, instance: UUID) -> HttpResponse:
    """Show what is asked of a run, and take what somebody asks."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    problems: dict[str, str] = {}
    if request.method == "POST":
        token, _mark, target = request.POST.get("way", "").partition(":")
        reason = request.POST.get("reason", "")
        if not (token.isascii() and token.isdigit() and len(token) < 10):
            problems["way"] = _("Choose from where to where.")
        if not reason.strip() or len(reason) > MAX_REASON:
            problems["reason"] = _("Say why, in at most 300 characters.")
        if not problems:
            try:
                api.ask_relocation(
                    instance=instance, token=int(token), target=target, reason=reason, actor=actor, now=now
                )
                return ui.redirect("processes:relocate", instance=instance)
            except InstanceNotFound:
                raise Http404 from None
            except (NotRunning, StepNotPossible):
                problems["way"] = _("That is not possible any more: the run has gone on. Choose again.")
    return _page(request, instance, problems=problems)


def _page(
    request: HttpRequest, instance: UUID, *, problems: dict[str, str] | None = None, problem: str = ""
) -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        found = api.list_relocations(instance=instance, actor=actor, now=now)
    except InstanceNotFound:
        raise Http404 from None
    wrong = problems or {}
    state = api.get_path(instance=instance, actor=actor).instance.state if not found.places else None
    return ui.page(
        request, "processes/relocate.html", status=422 if wrong or problem else 200, problem=problem,
        fields=_fields(request, found, wrong) if found.places else (),
        asked=tuple(_wish(instance, each) for each in found.asked),
        is_suspended=state is InstanceState.SUSPENDED,
        back_href=reverse("processes:instance", args=[instance]),
    )


def _fields(request: HttpRequest, found: Relocations, problems: dict[str, str]) -> tuple[Field, ...]:
    ways = tuple(
        Option(value=f"{token}:{target}", label=f"{name} → {other}")
        for token, _node, name, targets in found.places for target, other in targets
    )
    return (
        Field(
            name="way", label=_("From where to where"), kind=FieldKind.SELECT, options=ways,
            value=request.POST.get("way", ""), error=problems.get("way", ""),
            help=_("What the run waits for there ends: a task disappears, a term stops."),
        ),
        Field(
            name="reason", label=_("Why"), kind=FieldKind.TEXTAREA, rows=3, max_length=MAX_REASON,
            value=request.POST.get("reason", ""), error=problems.get("reason", ""),
            help=_("Your colleague reads this. Name no persons."),
        ),
    )


def _wish(instance: UUID, each: Relocation) -> dict[str, object]:
    return {
        "title": f"{each.source[1]} → {each.target[1]}", "is_own": each.is_own,
        "facts": (
            Definition(term=_("Why"), value=each.reason),
            Definition(term=_("Asked"), value=written.moment(each.asked_at)),
            Definition(term=_("Asked by"), value=_("You") if each.is_own else _("A colleague")),
        ),
        "confirm": reverse("processes:relocation", args=[instance, each.uuid, "bevestigen"]),
        "withdraw": reverse("processes:relocation", args=[instance, each.uuid, "intrekken"]),
    }


@require_POST
def decide(request: HttpRequest, instance: UUID, relocation: UUID, choice: str) -> HttpResponse:
    """Do what a colleague asked, or forget what was asked."""
    act = {"bevestigen": api.confirm_relocation, "intrekken": api.withdraw_relocation}.get(choice)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "processes.relocate")
    if act is None:
        raise Http404
    try:
        act(instance=instance, relocation=relocation, actor=actor, now=now)
    except InstanceNotFound:
        raise Http404 from None
    except SamePerson:
        return _page(request, instance, problem=_("You asked this yourself. Let a colleague confirm it."))
    except (RelocationNotFound, NotRunning, StepNotPossible):
        return _page(request, instance, problem=_("That is not possible any more: the run has gone on."))
    return ui.redirect("processes:instance", instance=instance)
