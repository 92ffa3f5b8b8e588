"""The national register as a prefill source, asked through exchange, which keeps the evidence."""

from collections.abc import Mapping
from datetime import datetime

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.registry import api as registry
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.forms.data import ADDRESS_PARTS, Address, FieldType, PrefillState, Value
from ocapi.modules.forms.extensions import FieldRef, KnownFact, Prefilled

WHOLE_NAME = "person.whole_name"
"""Given name and family name together; the register is asked for both."""
_NAMES = ("person.given_name", "person.family_name")


class Unconnected:
    """The same source where no register is connected: it never answers, and nobody is stopped by that."""

    name = "national-register"
    title = "Rijksregister"
    knows = (
        KnownFact(path="person.given_name", labels=("voornaam", "voornamen"), autocomplete=("given-name",)),
        KnownFact(
            path="person.family_name", labels=("familienaam", "achternaam"), autocomplete=("family-name",)
        ),
        KnownFact(
            path=WHOLE_NAME,
            labels=(
                "uw naam", "je naam", "jouw naam", "volledige naam", "voornaam en familienaam",
                "voornaam en naam", "naam en voornaam", "voor- en familienaam",
            ),
            autocomplete=("name",),
        ),
        KnownFact(
            path="person.birth_date",
            labels=("geboortedatum", "wanneer bent u geboren", "wanneer ben je geboren"),
            autocomplete=("bday",),
        ),
        KnownFact(
            path="person.address",
            labels=(
                "adres", "thuisadres", "woonadres", "domicilie", "domicilieadres", "waar woont u",
                "waar woon je",
            ),
            autocomplete=("street-address", "address-line1"),
        ),
        KnownFact(
            path="person.national_number", labels=("rijksregisternummer",), types=(FieldType.NATIONAL_NUMBER,)
        ),
    )

    def fetch(
        self,
        *,
        fields: tuple[FieldRef, ...],
        subject: Subject,
        actor: Actor,
        purpose: str,
        reference: str,
        now: datetime,
    ) -> tuple[Prefilled, ...]:
        """Answer sourceDown for every field."""
        return tuple(Prefilled(field=each.field, state=PrefillState.SOURCE_DOWN) for each in fields)


class NationalRegister(Unconnected):
    """Facts about a person as the register holds them, all of a form's fields in one consultation."""

    def fetch(
        self,
        *,
        fields: tuple[FieldRef, ...],
        subject: Subject,
        actor: Actor,
        purpose: str,
        reference: str,
        now: datetime,
    ) -> tuple[Prefilled, ...]:
        """Ask for the fields' facts; an organization has none there, an unconnected register is down.

        Whom exchange refuses gets nothing filled in, and goes on by hand.
        """
        if subject.kind != "person":
            return ()
        if self.check_config():
            return super().fetch(
                fields=fields,
                subject=subject,
                actor=actor,
                purpose=purpose,
                reference=reference,
                now=now,
            )
        from ocapi.modules.exchange import api as exchange  # at use: forms also run where exchange does not

        try:
            answer = exchange.consult_national_register(
                person=subject.uuid,
                fields=tuple(dict.fromkeys(
                    path for each in fields for path in (_NAMES if each.path == WHOLE_NAME else (each.path,))
                )),
                purpose=purpose,
                reference=reference,
                actor=actor,
                now=now,
            )
        except NotAllowed:
            return ()
        if answer.state == PrefillState.SOURCE_DOWN.value:
            return super().fetch(
                fields=fields,
                subject=subject,
                actor=actor,
                purpose=purpose,
                reference=reference,
                now=now,
            )
        return tuple(_prefilled(each, answer.values) for each in fields)

    def check_config(self) -> tuple[str, ...]:
        """Give what stands in the way of asking the register here, empty when nothing does."""
        if registry.is_mounted("exchange"):
            return ()
        return ("exchange is not mounted on this organization; the national register can't be asked",)


def _prefilled(field: FieldRef, found: Mapping[str, str]) -> Prefilled:
    value = _value(field, found)
    if value is None:
        return Prefilled(field=field.field, state=PrefillState.EMPTY)
    return Prefilled(field=field.field, state=PrefillState.OK, value=value)


def _value(field: FieldRef, found: Mapping[str, str]) -> Value | None:
    if field.path == WHOLE_NAME:
        return " ".join(filter(None, (found.get(path, "").strip() for path in _NAMES))) or None
    if field.type is not FieldType.ADDRESS:
        return found.get(field.path, "").strip() or None
    parts = {part: found.get(f"{field.path}.{part}", "").strip() for part in ADDRESS_PARTS}
    is_whole = all(text for part, text in parts.items() if part != "box_number")
    return Address(**parts) if is_whole else None
