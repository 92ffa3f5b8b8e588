"""Notes on points of an indicator: who wrote them and when; a writer changes or removes the own ones."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.ui.data import Field, FieldError, FieldKind, Option
from ocapi.lib import clock, written
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import (
    IndicatorResult,
    Note,
    NotesFull,
    NotTheWriter,
    SeriesOf,
    TextMissing,
)
from ocapi.modules.insight.views import periods, tiles

WRITE = "insight.write_note"
LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A note that was not kept: what to repair, and what was typed. note: the one that was to be changed."""

    text: str
    typed: str = ""
    period: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNote:
    """A note as the page shows it. field: to change it; None for who may not, or who did not ask for it."""

    uuid: str
    period: str
    text: str
    signature: str
    is_mine: bool
    field: Field | None = None


def done(request: HttpRequest, code: str) -> Refused | None:
    """Keep, change or remove the note of a form; gives what was refused. Raises NotAllowed."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, WRITE)  # before anything is said of what was typed
    typed, period, changed = (request.POST.get(name, "") for name in ("tekst", "periode", "wijzig"))
    kept = {"typed": typed, "period": period, "note": changed}
    try:
        if request.POST.get("weg"):
            api.remove_note(note=UUID(request.POST["weg"]), actor=actor, now=now)
        elif changed:
            api.change_note(note=UUID(changed), text=typed, actor=actor, now=now)
        else:
            day = date.fromisoformat(period)
            api.write_note(code=code, period=day, text=typed, actor=actor, now=now)
    except TextMissing:
        return Refused(text=_("Write what happened in this period."), **kept)
    except NotTheWriter:
        return Refused(text=_("Only who wrote a note can change or remove it."), **kept)
    except NotesFull:
        return Refused(text=_("There are 200 notes already. Remove one that no longer matters."), **kept)
    except ValueError:
        return Refused(text=_("Choose a period from the list."), **kept)
    return None


def block(
    request: HttpRequest,
    result: IndicatorResult,
    series: SeriesOf | None,
    notes: tuple[Note, ...],
    refused: Refused | None,
) -> dict[str, object]:
    """Give what the page draws: the notes, the form for a new one, and what is to be repaired."""
    actor = request.actor  # type: ignore[attr-defined]
    may_write = access.may(actor, WRITE)
    asked = refused.note if refused else request.GET.get("wijzig", "")
    shown = tuple(_shown(each, result, may_write, asked, refused) for each in notes)
    is_new = refused is not None and not any(each.field for each in shown)
    point = tiles.point_now(result, clock.local_day(request.now))  # type: ignore[attr-defined]
    today = point.period if point else None  # of a plan the running period, not its last one
    fields = _fields(result, series, today, refused if is_new else None) if may_write and series else ()
    error_id = next((each.field.id for each in shown if each.field), "id_tekst")
    return {
        "notes": shown,
        "note_fields": fields,
        "errors": (FieldError(text=refused.text, field_id=error_id),) if refused else (),
    }


def _shown(
    note: Note, result: IndicatorResult, may_write: bool, asked: str, refused: Refused | None
) -> ShownNote:
    is_mine, uuid = may_write and note.is_mine, str(note.uuid)
    field = None
    if is_mine and asked == uuid:
        field = Field(
            name="tekst",
            html_id=f"id_note_{uuid}",
            label=_("What happened?"),
            kind=FieldKind.TEXTAREA,
            rows=2,
            max_length=LONGEST,
            value=refused.typed if refused else note.text,
            error=refused.text if refused else "",
        )
    return ShownNote(
        uuid=uuid,
        period=spelled.period(result.indicator, note.period),
        text=note.text,
        signature=signature(note),
        is_mine=is_mine,
        field=field,
    )


def signature(note: Note) -> str:
    """Say who wrote a note and when, and when it was changed."""
    name = note.author_name or _("a colleague who no longer works here")
    values = {"name": name, "day": written.moment_in_words(note.written_at)}
    if note.changed_at is None:
        return _("%(name)s, %(day)s") % values
    values["changed"] = written.moment_in_words(note.changed_at)
    return _("%(name)s, %(day)s, changed on %(changed)s") % values


def _fields(
    result: IndicatorResult, series: SeriesOf, today: date | None, refused: Refused | None
) -> tuple[Field, ...]:
    spans = periods.spans(result.indicator, series)
    running = next((each.first for each in spans if today and each.first <= today <= each.last), None)
    return (
        Field(
            name="periode",
            label=_("Period"),
            kind=FieldKind.SELECT,
            value=refused.period if refused else running.isoformat() if running else "",
            options=tuple(Option(value=each.first.isoformat(), label=each.label) for each in reversed(spans)),
            html_id="id_note_period",
        ),
        Field(
            name="tekst",
            label=_("What happened?"),
            kind=FieldKind.TEXTAREA,
            rows=2,
            max_length=LONGEST,
            value=refused.typed if refused else "",
            error=refused.text if refused else "",
            help=_("For example: the bridge was closed. Name no persons."),
        ),
    )
