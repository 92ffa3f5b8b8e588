"""Component tags: `{% load ui %}`; each takes a value of `ui.data`, or plain words, and draws it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from ocapi.kernel.ui import brushes, charts, maps
from ocapi.kernel.ui.data import (
    Card,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Definition,
    Field,
    FieldError,
    FieldKind,
    Figure,
    Map,
    NavigationItem,
    PageOf,
    Step,
    Table,
    TimelineEvent,
)
from ocapi.kernel.ui.inputs import errors_of, field_of
from ocapi.lib import codec

register = template.Library()

_GROUPS = (FieldKind.RADIO, FieldKind.CHECKBOXES)
_INPUT_TYPES = {FieldKind.DATE: "text", FieldKind.NUMBER: "text", FieldKind.AMOUNT: "text"}
_INPUT_MODES = {FieldKind.NUMBER: "numeric", FieldKind.AMOUNT: "decimal", FieldKind.DATE: "numeric"}
_STYLES = {
    ColumnKind.NUMBER: "ocapi-table__number",
    ColumnKind.CODE: "ocapi-table__code",
    ColumnKind.DATE: "ocapi-table__code",
}
_TONES = {"info": "info", "success": "check", "warning": "warning", "error": "warning"}


class _Heading(TypedDict):
    label: str
    numeric: bool
    href: str
    direction: str


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite; without `label` it is decoration and hidden from screen readers."""
    sprite = static("ui/icons.svg")
    if label:
        return format_html(
            '<svg class="ocapi-icon" role="img" aria-label="{}" width="24" height="24">'
            '<use href="{}#{}"/></svg>',
            label,
            sprite,
            name,
        )
    return format_html(
        '<svg class="ocapi-icon" aria-hidden="true" focusable="false" width="24" height="24">'
        '<use href="{}#{}"/></svg>',
        sprite,
        name,
    )


@register.simple_tag
def data_block(value: object) -> SafeString:
    """Put a value into the page as JSON-LD for search engines: data, which no browser runs.

    Every character that could end the block is escaped, so that no text of a value is ever markup.
    """
    text = codec.encode_json(value).decode()
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return format_html('<script type="application/ld+json">{}</script>', SafeString(text))


@register.inclusion_tag("ui/field.html")
def field(of: Field | BoundField) -> dict[str, object]:
    """Draw one form field with label, help, error and, when a source filled it, where it comes from."""
    drawn = of if isinstance(of, Field) else field_of(of)
    parts = (
        ("help", drawn.help),
        ("source", drawn.source or drawn.source_problem),
        ("accept", drawn.kind is FieldKind.FILE and (drawn.accepted_types or drawn.max_size)),
        ("error", drawn.error),
    )
    return {
        "field": drawn,
        "says_optional": True,
        "kind": drawn.kind.value,
        "is_group": drawn.kind in _GROUPS,
        "is_read_only": bool(drawn.source),
        "described_by": " ".join(f"{drawn.id}-{part}" for part, there in parts if there),
        "input_type": _INPUT_TYPES.get(drawn.kind, drawn.kind.value),
        "input_mode": _INPUT_MODES.get(drawn.kind, ""),
        "accepted": ",".join(drawn.accepted_types),
        "chosen": _chosen_labels(drawn),
    }


@register.inclusion_tag("ui/field.html")
def filter_field(of: Field | BoundField) -> dict[str, object]:
    """Draw one field of a form that narrows what a page shows; that it is optional goes without saying."""
    return {**field(of), "says_optional": False}


def _chosen_labels(drawn: Field) -> str:
    chosen = drawn.values or (drawn.value,)
    labels = [option.label for option in drawn.options if option.value in chosen]
    return ", ".join(labels) or drawn.value


@register.inclusion_tag("ui/error_summary.html")
def error_summary(of: BaseForm | Sequence[Field | FieldError]) -> dict[str, object]:
    """Draw the list of what to repair, each line leading to its field; draws nothing when all is well."""
    if isinstance(of, BaseForm):
        return {"errors": errors_of(of)}
    lines = [_line_of(each) for each in of]
    return {"errors": [line for line in lines if line.text]}


def _line_of(each: Field | FieldError) -> FieldError:
    return each if isinstance(each, FieldError) else FieldError(text=each.error, field_id=each.id)


@register.inclusion_tag("ui/button.html")
def button(
    label: str, kind: str = "primary", href: str = "", icon: str = "", name: str = "", value: str = ""
) -> dict[str, object]:
    """Draw a submit button, or a link with `href`; kind primary, secondary, danger or quiet."""
    return {"label": label, "kind": kind, "href": href, "icon": icon, "name": name, "value": value}


@register.simple_tag
def badge(label: str, tone: str = "neutral") -> SafeString:
    """Draw a small label; tone neutral, info, success, warning or error, and the words say the same."""
    return format_html('<span class="ocapi-badge ocapi-badge--{}">{}</span>', tone, label)


@register.inclusion_tag("ui/table.html", takes_context=True)
def table(context: Context, of: Table) -> dict[str, object]:
    """Draw a table with caption, sort links that keep the filters, paging, export and its empty state."""
    return {
        "table": of,
        "headings": [_heading(context, of, column) for column in of.columns],
        "rows": [_aligned(of, row.cells, row.highlighted) for row in of.page.items],
        **_pages(context, of.page),
    }


def _heading(context: Context, of: Table, column: Column) -> _Heading:
    ascending, descending = of.sort == column.code, of.sort == f"-{column.code}"
    href = _address(context, sort=f"-{column.code}" if ascending else column.code) if column.sortable else ""
    direction = "ascending" if ascending else "descending" if descending else ""
    return {
        "label": column.label,
        "numeric": column.kind is ColumnKind.NUMBER,
        "href": href,
        "direction": direction,
    }


def _aligned(of: Table, cells: Sequence[object], highlighted: bool) -> dict[str, object]:
    pairs = zip(cells, of.columns, strict=True)
    return {
        "highlighted": highlighted,
        "cells": [(cell, _STYLES.get(column.kind, ""), column.label) for cell, column in pairs],
    }


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, of: PageOf[object]) -> dict[str, object]:
    """Draw links to the previous and next page of a list with cursors, keeping the filters of the address."""
    return _pages(context, of)


def _pages(context: Context, of: PageOf[object]) -> dict[str, object]:
    return {
        "previous_href": _address(context, cursor=of.previous_cursor) if of.previous_cursor else "",
        "next_href": _address(context, cursor=of.next_cursor) if of.next_cursor else "",
        "shown": len(of.items),
        "total": of.total,
    }


def _address(context: Context, **changes: str) -> str:
    """Give the query of this page with changes; a new sort starts at the first page."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return "?" + "&".join(f"{name}={value}" for name, value in changes.items())
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


@register.inclusion_tag("ui/tabs.html")
def tabs(items: Sequence[NavigationItem], label: str) -> dict[str, object]:
    """Draw a row of links to the parts of one thing; `label` names the row to screen readers."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/timeline.html")
def timeline(events: Sequence[TimelineEvent]) -> dict[str, object]:
    """Draw a history, in the order given."""
    return {"events": events}


@register.inclusion_tag("ui/steps.html")
def steps(of: Sequence[Step]) -> dict[str, object]:
    """Draw the status steps of a case with their days; state is in words too."""
    return {"steps": [(step, step.state.value) for step in of]}


@register.inclusion_tag("ui/progress.html")
def progress(step: int, of: int, name: str = "") -> dict[str, object]:
    """Draw "Stap 2 van 4" with a bar of as many parts."""
    parts = ["done" if each < step else "current" if each == step else "todo" for each in range(1, of + 1)]
    return {"step": step, "of": of, "name": name, "parts": parts}


@register.inclusion_tag("ui/cards.html")
def cards(items: Sequence[Card], level: int = 2) -> dict[str, object]:
    """Draw a grid of cards whose titles are links; `level` is the heading level, 2 to 4."""
    return {"items": items, "heading": f"h{min(max(level, 2), 4)}"}


@register.inclusion_tag("ui/figures.html")
def figures(items: Sequence[Figure]) -> dict[str, object]:
    """Draw a row of key figures."""
    return {"items": items}


@register.inclusion_tag("ui/search_box.html")
def search_box(
    action: str, query: str = "", label: str = "", large: bool = False, name: str = "q"
) -> dict[str, object]:
    """Draw a search form that works by GET; `large` for the home page."""
    return {"action": action, "query": query, "label": label, "large": large, "name": name}


@register.simple_block_tag
def notice(content: SafeString, tone: str = "info", title: str = "") -> SafeString:
    """Draw a notice around its content: `{% notice tone="warning" title="…" %}…{% endnotice %}`."""
    heading = format_html('<p class="ocapi-notice__title">{}</p>', title) if title else ""
    return format_html(
        '<div class="ocapi-notice ocapi-notice--{}">{}<div class="ocapi-notice__body">{}{}</div></div>',
        tone,
        icon(_TONES.get(tone, "info")),
        heading,
        content,
    )


@register.inclusion_tag("ui/definitions.html")
def definitions(rows: Sequence[Definition]) -> dict[str, object]:
    """Draw terms with values; with their source, "Klopt dit niet?" and "Wijzig" where given."""
    return {"rows": rows}


@register.inclusion_tag("ui/confirm.html", takes_context=True)
def confirm(
    context: Context, question: str, consequence: str, action: str, cancel_href: str, post_href: str = ""
) -> dict[str, object]:
    """Draw the question before something that cannot be undone: consequence, the button, and the way back."""
    return {
        "question": question,
        "consequence": consequence,
        "action": action,
        "cancel_href": cancel_href,
        "post_href": post_href,
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("ui/empty_state.html")
def empty_state(
    title: str, text: str = "", action: str = "", href: str = "", icon: str = "inbox"
) -> dict[str, object]:
    """Draw what stands in the place of an empty list: what it means and what to do."""
    return {"title": title, "text": text, "action": action, "href": href, "icon": icon}


@register.inclusion_tag("ui/chart.html")
def chart(of: Chart, level: int = 2) -> dict[str, object]:
    """Draw a chart with its legend, its table twin and where the numbers come from."""
    notes: dict[int, list[str]] = {}
    for place, letter, text in charts.lettered(of):
        notes.setdefault(place, []).append(f"{letter}. {text}")
    for number, (place, text) in enumerate(of.marks, start=1):
        notes.setdefault(place, []).append(f"{number}. {text}")
    rows = [
        (label, [charts.value_text(of, each, place) for each in of.series], " ".join(notes.get(place, ())))
        for place, label in enumerate(of.categories)
    ]
    return {
        "chart": of,
        "breaks": [(letter, text) for _place, letter, text in charts.lettered(of)],
        "picture": charts.svg(of),
        "strip": brushes.svg(of.brush) if of.brush else "",
        "legend": [(at + 1, series.name) for at, series in enumerate(of.series)]
        if len(of.series) > 1
        else [],
        "is_line": of.kind is ChartKind.LINE,
        "has_gaps": of.kind is ChartKind.LINE and any(None in series.values for series in of.series),
        "gap_label": _gap_label(of),
        "rows": rows,
        "heading": f"h{min(max(level, 2), 4)}",
    }


@register.inclusion_tag("ui/map.html")
def choropleth(of: Map, level: int = 2) -> dict[str, object]:
    """Draw a map with its legend, its table twin and where the numbers come from."""
    found = maps.classes(each.value for each in of.places)
    texts = {each.number: maps.range_text(of, each) for each in found}
    chosen = next((each for each in of.places if each.code == of.chosen), None)
    return {
        "map": of,
        "picture": maps.svg(of),
        "legend": [
            {"shade": maps.shade(each.number, found) + 1, "text": texts[each.number], "count": each.count}
            for each in found
        ],
        "missing": sum(each.value is None for each in of.places),
        "rows": [
            (each, texts.get(maps.class_of(each.value, found), gettext("no number")))
            for each in maps.sorted_places(of)
        ],
        "chosen_name": chosen.name if chosen else "",
        "chosen_text": chosen.text if chosen else "",
        "heading": f"h{min(max(level, 2), 4)}",
    }


def _gap_label(of: Chart) -> str:
    """Say what gaps mean: numbers that are held back, or none at all."""
    held_back = sum(len(series.suppressed | series.withheld) for series in of.series)
    gaps = sum(series.values.count(None) for series in of.series)
    return gettext("not shown") if held_back == gaps else gettext("no data")


@register.filter
def local(path: str) -> str:
    """Give a stored path of this site as this request reaches it: below `/o/KEY` where that is the way in."""
    return get_script_prefix().rstrip("/") + path if path.startswith("/") else path


@register.filter
def dutch_number(value: Decimal | int, decimals: int = 0) -> str:
    """Write a number with comma and dots the Dutch way."""
    return charts.number(value, decimals)
