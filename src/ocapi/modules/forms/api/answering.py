"""The part of the door for who fills in a form without a draft: a clerk at a task of a process."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext

from ocapi.kernel.tenants import api as tenants
from ocapi.modules.forms import queries
from ocapi.modules.forms.data import CALCULATED, CITIZEN, FormNotFound, LoosePage
from ocapi.modules.forms.extensions import prefill_sources
from ocapi.modules.forms.services import loose


def fill_in(
    *,
    form: str,
    raw: Mapping[str, Sequence[str]] | None,
    now: datetime,
    address_form: str,
    version: str = "",
    sha256: str = "",
) -> LoosePage:
    """Read, decide and draw a form on one page; `answers` of it holds typed facts and what is to repair.

    raw: what was posted, None to show it for the first time. version: the current one when left out; sha256:
    of the version that was pinned, empty for any. Nothing is kept and nobody's data is read: who asks keeps
    the facts and writes the leaf. No source is asked and no file is taken. Raises FormNotFound.
    """
    row = queries.form_row(code=form, version=version) if version else queries.current_form(code=form)
    if sha256 and row.sha256 != sha256:
        raise FormNotFound(f"{form} {version} {sha256}")
    return loose.page(
        queries.definition_of(row),
        raw,
        now=now,
        address_form=address_form,
        allow_synthetic=tenants.current().is_demo,
    )


def source_title(*, source: str) -> str:
    """Give where an answer comes from as people know it; empty for what was filled in by hand.

    source: of an answer: a source of prefill, or one of the words of the module itself.
    """
    if source in ("", CITIZEN):
        return ""
    if source == CALCULATED:
        return gettext("these answers")
    found = prefill_sources.find(source)
    return found.title if found else source
