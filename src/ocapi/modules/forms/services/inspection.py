"""The linter of forms: nobody is asked what a connected source knows, and texts help who fills in."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop

from ocapi.modules.forms.data import Field, FieldType, Finding, FormDefinition, Severity, Wording, Words
from ocapi.modules.forms.extensions import CaseKind, KnownFact, PrefillSource, case_kinds, prefill_sources

_ADDRESSING = re.compile(r"\b(uw|je|jouw|mijn|de|het)\b")
_ASKING = re.compile(r"^(wat is|wat zijn|geef|vul)\b|\bin$")  # around what a question is about
_FORMAL = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
_INFORMAL = re.compile(r"\b(je|jij|jou|jouw)\b", re.IGNORECASE)
_NEEDS_HELP = (FieldType.UPLOAD, FieldType.REPEAT, FieldType.IBAN, FieldType.ENTERPRISE_NUMBER)
LONGEST_SENTENCE = 30  # words; above it, people stop reading


def warnings(definition: FormDefinition) -> Iterator[Finding]:
    """Give each question a connected source could answer, and each source that is named but not connected."""
    for field in definition.fields:
        if field.prefill is None:
            yield from _asked_in_vain(field)
            continue
        source = prefill_sources.find(field.prefill.source)
        if source is None:
            yield _found(
                field.code,
                gettext_noop("source {source} is not connected; name another one"),
                source=field.prefill.source,
            )
        elif field.prefill.path not in {fact.path for fact in source.knows}:
            yield _found(
                field.code,
                gettext_noop("{source} does not know {path}; use a path it lists"),
                source=source.title,
                path=field.prefill.path,
            )


def kinds_of_cases() -> tuple[CaseKind, ...]:
    """Give every kind of case that a form of the bound organization can become."""
    return tuple(each for known in case_kinds for each in known.listed())


def of_case_type(definition: FormDefinition) -> Iterator[Finding]:
    """Say when nobody would handle what is sent: no case type, or one that the organization does not have."""
    if definition.is_internal:
        return
    if not definition.case_type:
        unnamed = gettext_noop(
            "This form names no case type: only a process can ask it. Choose one in the settings."
        )
        yield _warned("", unnamed)
    elif definition.case_type not in {each.code for each in kinds_of_cases()}:
        yield _found(
            "",
            gettext_noop("There is no case type {code}. Choose one in the settings of the form."),
            code=definition.case_type,
        )


def _found(at: str, text: str, *, severity: Severity = Severity.ERROR, **values: str) -> Finding:
    return Finding(at=at, text=text, values=values, severity=severity)


def _asked_in_vain(field: Field) -> Iterator[Finding]:
    for source in prefill_sources:
        for fact in source.knows:
            if _asks(field, fact):
                yield _advice(field, source, fact)
                return


def _asks(field: Field, fact: KnownFact) -> bool:
    whole = [text.lower().strip(" ?:") for text in _texts(field.label)]
    bare = [text for label in whole for text in (label, _ASKING.sub("", label).strip())]
    plain = {" ".join(label.split()) for text in bare for label in (text, _ADDRESSING.sub(" ", text))}
    return (
        field.type in fact.types
        or (bool(field.autocomplete) and field.autocomplete in fact.autocomplete)
        or bool(plain & set(fact.labels))
    )


def _advice(field: Field, source: PrefillSource, fact: KnownFact) -> Finding:
    return _found(
        field.code,
        gettext_noop(
            "{source} knows this already; "
            "add prefill (source: {name}, path: {path}) or leave the question out"
        ),
        source=source.title,
        name=source.name,
        path=fact.path,
    )


def _texts(words: Words | None) -> tuple[str, ...]:
    return (words.formal, words.informal) if isinstance(words, Wording) else (words or "",)


def advice(definition: FormDefinition) -> Iterator[Finding]:
    """Give what could be better for who fills in: help, address forms, long sentences."""
    for words in (definition.title, definition.intro, definition.submit_label):
        yield from _of_words(words, at="")
    for section in definition.sections:
        yield from _of_words(section.title, at=section.code)
        yield from _of_words(section.help, at=section.code)
        for field in section.fields:
            yield from _of_field(field)
            for cell in field.fields:
                yield from _of_field(cell)


def _of_field(field: Field) -> Iterator[Finding]:
    if field.type in _NEEDS_HELP and not field.help:
        yield _warned(field.code, gettext_noop("There is no help here. Say what is needed, in one sentence."))
    if not any(text.strip() for text in _texts(field.label)):
        yield _found(field.code, gettext_noop("This question has no text. Write what is asked."))
    for words in (field.label, field.help, *(option.label for option in field.options)):
        yield from _of_words(words, at=field.code)
    for own in (*field.errors.values(), *(check.message for check in field.checks)):
        yield from _of_words(own, at=field.code)


def _warned(at: str, text: str, **values: str) -> Finding:
    return _found(at, text, severity=Severity.WARNING, **values)


def _of_words(words: Words | None, *, at: str) -> Iterator[Finding]:
    if isinstance(words, Wording):
        if _INFORMAL.search(words.formal) or _FORMAL.search(words.informal):
            mixed = gettext_noop("“{words}” mixes u and je. Keep them apart.")
            yield _warned(at, mixed, words=words.formal[:60])
    elif words and (_FORMAL.search(words) or _INFORMAL.search(words)):
        yield _warned(
            at, gettext_noop("“{words}” says u or je. Write it in both address forms."), words=words[:60]
        )
    for text in dict.fromkeys(_texts(words)):
        longest = max((len(sentence.split()) for sentence in re.split(r"[.!?:]", text)), default=0)
        if longest > LONGEST_SENTENCE:
            yield _warned(
                at,
                gettext_noop("“{words}…” is a sentence of {count} words. Make two of it."),
                words=text[:60],
                count=str(longest),
            )
