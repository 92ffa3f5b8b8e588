"""What one version of a profile says that another does not, as far as objects notice it."""

from collections.abc import Iterator
from dataclasses import dataclass

from ocapi.lib.profile.model import Class, Profile, Property


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """One difference. kind: classAdded, classRemoved, propertyAdded, propertyRemoved, renamed, count, values,
    kindOfValue. where: `Class` or `Class.property`. before, after: in words of the profile.

    is_breaking: objects that were right may no longer be.
    """

    kind: str
    where: str
    before: str = ""
    after: str = ""
    is_breaking: bool = False


def between(old: Profile, new: Profile) -> tuple[ProfileChange, ...]:
    """Give the differences, by class and property."""
    return tuple(sorted(_classes(old, new), key=lambda each: (each.where, each.kind)))


def _classes(old: Profile, new: Profile) -> Iterator[ProfileChange]:
    before, after = {each.iri: each for each in old.classes}, {each.iri: each for each in new.classes}
    for iri, each in before.items():
        if iri not in after:
            yield ProfileChange(kind="classRemoved", where=each.term, is_breaking=True)
        else:
            yield from _properties(each, after[iri])
    for iri, each in after.items():
        if iri not in before:
            yield ProfileChange(kind="classAdded", where=each.term)


def _properties(old: Class, new: Class) -> Iterator[ProfileChange]:
    if old.term != new.term:
        yield ProfileChange(
            kind="renamed", where=old.term, before=old.term, after=new.term, is_breaking=True
        )
    before, after = {each.iri: each for each in old.properties}, {each.iri: each for each in new.properties}
    for iri, each in before.items():
        where = f"{old.term}.{_name(each)}"
        if iri not in after:
            yield ProfileChange(kind="propertyRemoved", where=where, is_breaking=True)
        else:
            yield from _details(where, each, after[iri])
    for iri, each in after.items():
        if iri not in before:
            yield ProfileChange(
                kind="propertyAdded",
                where=f"{new.term}.{_name(each)}",
                after=_count(each),
                is_breaking=each.minimum > 0,
            )


def _details(where: str, old: Property, new: Property) -> Iterator[ProfileChange]:
    if old.terms != new.terms:
        gone = set(old.terms) - set(new.terms)
        yield ProfileChange(
            kind="renamed",
            where=where,
            before=", ".join(old.terms),
            after=", ".join(new.terms),
            is_breaking=bool(gone),
        )
    if _count(old) != _count(new):
        is_less = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
        yield ProfileChange(
            kind="count",
            where=where,
            before=_count(old),
            after=_count(new),
            is_breaking=new.minimum > old.minimum or is_less,
        )
    if (old.datatype, old.of_class, old.is_text) != (new.datatype, new.of_class, new.is_text):
        yield ProfileChange(
            kind="kindOfValue", where=where, before=_kind(old), after=_kind(new), is_breaking=True
        )
    if set(old.allowed) != set(new.allowed):
        is_less = bool(new.allowed) and not (old.allowed and set(old.allowed) <= set(new.allowed))
        yield ProfileChange(
            kind="values",
            where=where,
            before=_values(old),
            after=_values(new),
            is_breaking=is_less,
        )


def _name(each: Property) -> str:
    return each.terms[0] if each.terms else each.iri


def _count(each: Property) -> str:
    return f"{each.minimum}..{'n' if each.maximum is None else each.maximum}"


def _kind(each: Property) -> str:
    return each.of_class or each.datatype or ("text" if each.is_text else "any")


def _values(each: Property) -> str:
    return f"{len(each.allowed)} values" if each.allowed else "any"
