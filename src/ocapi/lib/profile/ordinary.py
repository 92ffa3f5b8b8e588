"""The ordinary form of an object, per class: what has it is sound, without making a graph of it.

A form is made once from the context and the shapes of a class: which members there may be, and what each may
hold when it is written as is usual (plain texts, links in full, things within with their class). It only ever
says yes: another way of writing, a fault, or a shape that asks more than a form can say is left to expansion
and the validator, which give the verdict and say why.

Plain functions, not typed structures of msgspec: those are never given back (msgspec issue 1193), and a
process that had made some for profiles ended in a segmentation fault (0.22).
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, TypeAlias

from ocapi.lib.geo import reading
from ocapi.lib.jsonld.context import Context, Term
from ocapi.lib.jsonld.expansion import MAX_DEPTH, MAX_THINGS, MAX_VALUES
from ocapi.lib.profile import lint
from ocapi.lib.rdf.graph import (
    FIRST,
    LANG_STRING,
    REST,
    STRING,
    SUBCLASS_OF,
    TYPE,
    XSD,
    Graph,
    Lexical,
    Value,
)
from ocapi.lib.shacl import checks, datatypes
from ocapi.lib.shacl.checks import NOTHING_KNOWN, Known, NotCompilable
from ocapi.lib.shacl.compiler import Validator
from ocapi.lib.shacl.shapes import Constraint, Shape

_Met: TypeAlias = list[Any]
"""What was met of an object so far: first the set of names, then an item for each thing."""
Fits: TypeAlias = Callable[[Any, _Met, int], bool]
"""Tells whether a value may stand there, given what was met so far and how deep it stands."""
_LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+").fullmatch
_DAY = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])").fullmatch
_OF_EACH = frozenset(
    {
        *("pattern", "languageIn", "minLength", "maxLength", "nodeKind", "in", "datatype"),
        *("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"),
    }
)
_OF_PAIRS = frozenset({"lessThan", "lessThanOrEquals", "disjoint"})
_OF_THINGS = frozenset({"class", "nodeKind", "minCount", "maxCount", "disjoint"})
_READ_HERE = frozenset({"minCount", "maxCount", "class", "uniqueLang", *_OF_EACH, *_OF_PAIRS})
_NOT_FOR_FORMS = frozenset({TYPE, SUBCLASS_OF, FIRST, REST})
_EMPTY = Graph()


class _NoForm(Exception):
    """A class, or a property of it, has no ordinary form."""


@dataclass(slots=True)
class _Asked:
    """What the shapes ask of one property."""

    least: int = 0
    most: int | None = None
    constraints: list[Constraint] = field(default_factory=list)

    def of(self, parameter: str) -> list[Constraint]:
        return [each for each in self.constraints if each.parameter == parameter]

    def add(self, constraints: Iterable[Constraint]) -> None:
        for each in constraints:
            self.constraints.append(each)
            if each.parameter == "minCount":
                self.least = max(self.least, int(_text(each)))
            elif each.parameter == "maxCount":
                self.most = int(_text(each)) if self.most is None else min(self.most, int(_text(each)))
            elif each.parameter in ("hasValue", "equals", "qualifiedValueShape"):
                raise _NoForm(each.parameter)  # asked of a property without values too


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """What a member may hold. text: tells whether a plain text may stand here. longest: all that is asked of
    a plain text is not to be longer; else None. things: forms of a thing that stands here, by how its class
    is written.
    """

    fits: Fits
    text: Callable[[str], object]
    longest: int | None
    things: Mapping[str, Fits]


class Ordinary:
    """The forms of a profile, each made when a thing of its class comes by for the first time."""

    def __init__(
        self, context: Context, shapes: Mapping[str, Shape], validator: Validator, known: Known
    ) -> None:
        self._context, self._shapes, self._known = context, shapes, known
        self._is_plain = not (validator.fallback or validator.elsewhere or context.within or context.aliases)
        self.has_places = any(_is_geometry(each) for each in context.terms.values())
        """Tells whether an object can say where it is."""
        self._forms: dict[str, Fits | None] = {}
        self._by_word: dict[str, Fits] = {}
        self._names: dict[str, str] = {}
        self._making = Lock()

    def is_sound(
        self, body: Mapping[str, Any], *, root: str = "", contexts: frozenset[str] = frozenset()
    ) -> bool:
        """Tell whether the shapes surely find nothing; False says only that it can't be told this way.

        root and contexts: as expansion takes them.
        """
        word = body.get("@type")
        if type(word) is not str:
            return False
        fits = self._by_word.get(word) or self._named(word)
        if fits is None:
            return False
        if "@context" in body:
            if type(said := body["@context"]) is not str or said not in contexts:
                return False
            body = {key: value for key, value in body.items() if key != "@context"}
        met: _Met = [set()]
        if root:
            if body.get("@id", root) != root:
                return False
            if "@id" not in body:
                met[0].add(root)
        return fits(body, met, 0) and len(met) <= MAX_THINGS

    def covers(self, term: str) -> bool:
        """Tell whether a class has an ordinary form."""
        return self._named(term) is not None

    def texts(self, body: Mapping[str, Any], predicate: str) -> Sequence[str]:
        """Give the plain texts of a property of an object that was found sound."""
        name = self._names.get(predicate)
        if name is None:
            term = self._term(predicate)
            name = self._names[predicate] = term.name if term is not None and not term.is_link else ""
        value = body.get(name)
        if type(value) is list:
            return [each for each in value if type(each) is str]
        return (value,) if type(value) is str else ()

    def _named(self, word: str) -> Fits | None:
        """Give the form of a class by how it is written: its name in the context, or its IRI."""
        term = self._context.terms.get(word) if self._is_plain else None
        if term is None or not lint.is_class_name(word):
            return None
        with self._making:  # no other thread may meet what stands for a form that is being made
            found = self._form(term.iri)
        if found is not None:
            self._by_word[word] = found
        return found

    def _form(self, class_iri: str) -> Fits | None:
        if class_iri not in self._forms:
            self._forms[class_iri] = self._while_made(class_iri)
            try:
                self._forms[class_iri] = self._made(class_iri)
            except (_NoForm, NotCompilable):
                self._forms[class_iri] = None
        return self._forms[class_iri]

    def _while_made(self, class_iri: str) -> Fits:
        """Stand for a form that is being made, for a class whose things hold things of that class."""

        def later(value: Any, met: _Met, depth: int) -> bool:
            fits = self._forms[class_iri]
            return fits is not None and fits(value, met, depth)

        return later

    def _made(self, class_iri: str) -> Fits:
        asked, allowed = self._asked(class_iri)
        fields: dict[str, _Field] = {}
        names: dict[str, str] = {}
        for predicate, wanted in asked.items():
            term = self._term(predicate)
            is_free = predicate not in _NOT_FOR_FORMS and (allowed is None or predicate in allowed)
            made = self._field(term, wanted) if term is not None and is_free else None
            if made is not None and term is not None:
                fields[term.name], names[predicate] = made, term.name
            elif wanted.least:
                raise _NoForm(predicate)
        needed = frozenset(names[each] for each, wanted in asked.items() if wanted.least)
        return _thing(fields, needed, tuple(_pairs(asked, names)))

    def _words(self, class_iri: str) -> frozenset[str]:
        terms = self._context.terms.items()
        return frozenset(
            {class_iri, *(each for each, term in terms if term.iri == class_iri and lint.is_class_name(each))}
        )

    def _asked(self, class_iri: str) -> tuple[dict[str, _Asked], frozenset[Value] | None]:
        """Give what is asked of each property of a thing of that class alone, and which it may have."""
        classes = {class_iri, *self._known.above.get(class_iri, ())}
        asked: dict[str, _Asked] = {}
        closed: list[frozenset[Value]] = []
        for shape in self._shapes.values():
            if classes & set(shape.target_classes):
                self._gather(shape, asked, closed)
        allowed = frozenset.intersection(*closed) if closed else None
        if allowed is not None and TYPE not in allowed:
            raise _NoForm(class_iri)
        return asked, allowed

    def _gather(self, shape: Shape, asked: dict[str, _Asked], closed: list[frozenset[Value]]) -> None:
        if not shape.is_active:
            return
        if shape.path is not None:
            if len(shape.path) != 1 or shape.path[0].is_inverse:
                raise _NoForm(shape.name)
            asked.setdefault(shape.path[0].predicate, _Asked()).add(shape.constraints)
            return
        for each in shape.constraints:
            if each.parameter == "property":
                for name in each.values:
                    self._gather(self._shapes[str(name)], asked, closed)
            elif each.parameter == "closed" and _text(each) not in ("true", "1"):
                continue
            elif each.parameter == "closed":
                paths = [self._shapes[str(name)].path for name in shape.values("property")]
                known = {path[0].predicate for path in paths if path}
                closed.append(frozenset({*known, *each.more.get("ignored", ())}))
            else:
                raise _NoForm(shape.name)

    def _term(self, predicate: str) -> Term | None:
        return next(
            (
                term
                for name, term in self._context.terms.items()
                if term.iri == predicate
                and not term.is_reverse
                and term.container in ("", "@set")
                and not lint.is_class_name(name)
                and not name.startswith("@")
            ),
            None,
        )

    def _field(self, term: Term, asked: _Asked) -> _Field | None:
        """Tell what a member may hold; None when it is not for a form."""
        if asked.least > 1 or asked.most == 0:
            return None
        if any(each.parameter not in _READ_HERE for each in asked.constraints):
            return None
        text, things = self._text(term, asked), self._things(asked)
        if text is None and not things:
            return None
        most = 1 if asked.of("uniqueLang") else MAX_VALUES if asked.most is None else asked.most
        longest = text if isinstance(text, int) else None
        said = _no_text if text is None else _within(text) if isinstance(text, int) else text
        fits = _values(said, things, least=asked.least, most=most)
        return _Field(fits=fits, text=said, longest=longest, things=things)

    def _text(self, term: Term, asked: _Asked) -> Callable[[str], object] | int | None:
        """Tell what a plain text may be here; a number when it is only not to be longer."""
        if term.is_link:
            return None if term.is_vocabulary else self._link(asked)
        if asked.of("class"):
            return None
        if term.is_text:
            literal = partial(Lexical, datatype=LANG_STRING, language=term.language)
        else:
            literal = partial(Lexical, datatype=term.datatype or STRING)
        datatype = literal("").datatype
        if any(each.values[0] not in (datatype, checks.LITERAL) for each in asked.of("datatype")):
            return None
        asks = [each for each in asked.constraints if each.parameter in _OF_EACH]
        if datatypes.takes_any_text(datatype):
            asks = [each for each in asks if each.parameter != "datatype"]
        if all(each.parameter == "maxLength" for each in asks):
            return min((int(_text(each)) for each in asks), default=sys.maxsize)
        made = [checks.make(each) for each in asks]

        def is_fit(text: str) -> bool:
            values: list[Value] = [literal(text)]
            return not any(check("", values, _EMPTY, NOTHING_KNOWN) for check in made)

        if datatype == f"{XSD}date" and all(each.parameter == "datatype" for each in asks):
            return lambda text: _DAY(text) or is_fit(text)
        return is_fit

    def _link(self, asked: _Asked) -> Callable[[str], object]:
        """Tell which link may stand here; of a class: only to what the code lists know to be of it."""
        made = [checks.make(each) for each in asked.constraints if each.parameter in (*_OF_EACH, "class")]
        known = self._known
        if not made:
            return _LINK

        def is_fit(text: str) -> bool:
            return _LINK(text) is not None and not any(check("", [text], _EMPTY, known) for check in made)

        return is_fit

    def _things(self, asked: _Asked) -> dict[str, Fits]:
        """Give the forms of what may stand here as a thing, by how its class is written."""
        wanted = {each.values[0] for each in asked.of("class")}
        if not wanted or any(each.parameter not in _OF_THINGS for each in asked.constraints):
            return {}
        kinds = [checks.make(each) for each in asked.of("nodeKind")]
        takes_named, takes_nameless = (
            not any(kind("", [each], _EMPTY, NOTHING_KNOWN) for kind in kinds)
            for each in ("https://v.be", "_:b")
        )
        found: dict[str, Fits] = {}
        for iri in {*wanted, *self._known.above}:
            if isinstance(iri, str) and wanted <= {iri, *self._known.above.get(iri, ())}:
                fits = self._form(iri)
                if fits is not None:
                    fits = _of_kind(fits, is_named=takes_named, is_nameless=takes_nameless)
                    found |= dict.fromkeys(self._words(iri), fits)
        return found


def _thing(
    fields: Mapping[str, _Field], needed: frozenset[str], pairs: tuple[tuple[str, str], ...]
) -> Fits:
    """Make the form of a class; what it is asked of is already known to bear one of its words.

    pairs: members of which only one may be there, for they are compared.
    """
    free = frozenset({"@type", *(key for key, each in fields.items() if each.longest == sys.maxsize)})
    longest = {key: each.longest for key, each in fields.items() if each.longest is not None}
    within = {key: each.things for key, each in fields.items() if each.things}
    texts = {key: each.text for key, each in fields.items() if each.longest is None}
    others = {key: each.fits for key, each in fields.items()}
    asked = tuple(needed)

    def fits_thing(body: Any, met: _Met, depth: int) -> bool:
        if depth > MAX_DEPTH:
            return False
        for key in asked:
            if key not in body:
                return False
        met.append(None)
        for key, value in body.items():
            kind = type(value)
            if kind is str:  # most are: without a call for each
                if key in free:
                    continue
                if key in texts:
                    if not texts[key](value):
                        return False
                elif key in longest:
                    if len(value) > longest[key]:
                        return False
                elif key != "@id" or not _LINK(value) or value in met[0]:
                    return False
                else:
                    met[0].add(value)  # a name that comes twice makes one thing of two
            elif kind is dict and key in within:  # a thing alone
                word = value.get("@type")
                forms = within[key]
                if type(word) is not str or word not in forms or not forms[word](value, met, depth + 1):
                    return False
            elif key not in others or not others[key](value, met, depth):
                return False
        for one, other in pairs:  # noqa: SIM110 - a generator costs as much as a thing
            if one in body and other in body:
                return False
        return True

    return fits_thing


def _of_kind(fits: Fits, *, is_named: bool, is_nameless: bool) -> Fits:
    if is_named and is_nameless:
        return fits

    def fits_kind(body: Any, met: _Met, depth: int) -> bool:
        return (is_named if "@id" in body else is_nameless) and fits(body, met, depth)

    return fits_kind


def _values(text: Callable[[str], object], things: Mapping[str, Fits], *, least: int, most: int) -> Fits:
    """Make what tells whether a member holds what it may: a value, or a list of values."""

    def fits_values(value: Any, met: _Met, depth: int) -> bool:
        kind = type(value)
        if kind is str:
            return bool(text(value))
        if kind is dict:
            value = (value,)
        elif kind is not list or not least <= len(value) <= most:
            return False
        for each in value:
            if type(each) is dict:
                word = each.get("@type")
                if type(word) is not str or word not in things or not things[word](each, met, depth + 1):
                    return False
            elif type(each) is not str or not text(each):
                return False
        return True

    return fits_values


def _is_geometry(term: Term) -> bool:
    return term.datatype in reading.LITERALS or term.iri in reading.PROPERTIES


def _no_text(text: str) -> bool:
    return False


def _within(most: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= most


def _pairs(asked: Mapping[str, _Asked], names: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for predicate, wanted in asked.items():
        for each in wanted.constraints:
            other = names.get(str(each.values[0])) if each.parameter in _OF_PAIRS else None
            if other is not None and predicate in names:
                yield names[predicate], other


def _text(constraint: Constraint) -> str:
    value = constraint.values[0]
    return value.text if isinstance(value, Lexical) else value
