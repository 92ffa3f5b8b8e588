"""The form that describes a dataset: read, checked and drawn again."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Field, FieldKind, Option
from ocapi.lib.dcat import lists
from ocapi.modules.opendata.data import About, Ground, Offer
from ocapi.modules.opendata.views import judging

LONGEST = 4_000
MAX_KEYWORDS = 20
MAX_USES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutInput:
    """What a person typed about a dataset. keywords: by comma; used_by: a line each, `name | address`."""

    typed: dict[str, str]

    @classmethod
    def read(cls, posted: QueryDict) -> "AboutInput":
        """Read the form."""
        return cls(
            typed={
                name: posted.get(name, "").strip()[: LONGEST + 1] for name in (*_TEXTS, "ground", "motive")
            }
        )

    @classmethod
    def of(cls, offer: Offer, last: About | None) -> "AboutInput":
        """Give the form as it is shown first: as it was described last, else as the module offers it."""
        if last is None:
            return cls(
                typed={
                    "title": offer.title,
                    "description": offer.description,
                    "keywords": ", ".join(offer.keywords),
                    "theme": offer.theme,
                    "frequency": offer.frequency,
                    "license": lists.FREE_REUSE,
                    "quality": offer.quality,
                }
            )
        return cls(
            typed={
                "title": last.title,
                "description": last.description,
                "keywords": ", ".join(last.keywords),
                "theme": last.theme,
                "frequency": last.frequency,
                "license": last.license,
                "hvd": last.hvd,
                "contact_name": last.contact_name,
                "contact_email": last.contact_email,
                "quality": last.quality,
                "series": last.series,
                "used_by": "\n".join(f"{name} | {href}" for name, href in last.used_by),
            }
        )

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    @property
    def about(self) -> About:
        """Give the description that was typed."""
        keywords = dict.fromkeys(" ".join(each.split())[:60] for each in self["keywords"].split(","))
        return About(
            title=" ".join(self["title"].split()),
            description=self["description"],
            keywords=tuple(each for each in keywords if each)[:MAX_KEYWORDS],
            theme=self["theme"],
            frequency=self["frequency"],
            license=self["license"],
            hvd=self["hvd"],
            contact_name=self["contact_name"],
            contact_email=self["contact_email"],
            quality=self["quality"],
            series=" ".join(self["series"].split()),
            used_by=tuple(self._uses())[:MAX_USES],
        )

    def _uses(self) -> list[tuple[str, str]]:
        lines = (each.partition("|") for each in self["used_by"].splitlines() if each.strip())
        return [(name.strip()[:200], href.strip()) for name, _bar, href in lines]

    @property
    def ground(self) -> Ground:
        """Give the legal ground that was chosen; call it only when there are no problems."""
        return Ground(self["ground"])

    @property
    def motive(self) -> str:
        """Give why it is shared."""
        return self["motive"][:LONGEST]

    def problems(self) -> dict[str, str]:
        """Give what the form alone shows to be wrong, as codes by field."""
        found = {}
        if self["ground"] not in set(Ground):
            found["ground"] = "missing"
        if any(href and not href.startswith("https://") for _name, href in self._uses()):
            found["used_by"] = "notAddress"
        return found

    def fields(self, errors: dict[str, str]) -> tuple[Field, ...]:
        """Give the controls with what was typed, and what is wrong."""
        return tuple(self._field(name, errors) for name in (*_TEXTS, "ground", "motive"))

    def _field(self, name: str, errors: dict[str, str]) -> Field:
        label, kind, help_text, required = _controls()[name]
        return Field(
            name=name,
            label=label,
            kind=kind,
            value=self[name],
            help=help_text,
            required=required,
            rows=4,
            error=_message(name, errors.get(name, "")),
            options=_options(name, required),
            max_length=0 if kind is not FieldKind.TEXTAREA else LONGEST,
        )


_TEXTS = (
    "title",
    "description",
    "keywords",
    "theme",
    "license",
    "frequency",
    "hvd",
    "series",
    "contact_name",
    "contact_email",
    "quality",
    "used_by",
)


def _controls() -> dict[str, tuple[str, FieldKind, str, bool]]:
    text, area, select = FieldKind.TEXT, FieldKind.TEXTAREA, FieldKind.SELECT
    return {
        "title": (_("Title"), text, _("Short and clear, as people would search for it."), True),
        "description": (_("Description"), area, _("What is in it, since when, and what for."), True),
        "keywords": (_("Keywords"), text, _("With commas between them."), True),
        "theme": (_("Theme"), select, "", True),
        "license": (_("License"), select, _("What others may do with it."), True),
        "frequency": (_("Renewed"), select, "", True),
        "hvd": (_("High-value data"), select, _("Only when it is on the European list."), False),
        "series": (_("Series"), text, _("Name of the series it belongs to."), False),
        "contact_name": (_("Contact point"), text, _("A service, not a person."), False),
        "contact_email": (
            _("E-mail of the contact point"),
            FieldKind.EMAIL,
            _("Empty: the address of the organization."),
            False,
        ),
        "quality": (_("Quality"), area, _("What users must know: gaps, method, precision."), False),
        "used_by": (_("Used by"), area, _("One use a line: name | https://address"), False),
        "ground": (_("Legal ground"), select, _("Why this may be shared with everybody."), True),
        "motive": (_("Reason"), area, _("For the second person and for the evidence."), False),
    }


def _options(name: str, required: bool) -> tuple[Option, ...]:
    entries = {
        "theme": lists.THEMES,
        "frequency": lists.FREQUENCIES,
        "hvd": lists.HVD_CATEGORIES,
    }.get(name)
    if name == "license":
        made = tuple(Option(value=each.iri, label=each.nl) for each in lists.LICENSES)
    elif name == "ground":
        made = tuple(Option(value=code.value, label=label) for code, label in judging.grounds())
    elif entries is not None:
        made = tuple(Option(value=each.code, label=each.nl) for each in entries)
    else:
        return ()
    first = Option(value="", label=_("Choose") if required else _("No"))
    return (first, *made)


def _message(name: str, code: str) -> str:
    if not code:
        return ""
    label = _controls()[name][0]
    return {
        "missing": _("Fill in: {label}.").format(label=label),
        "tooLong": _("Make this shorter: {label}.").format(label=label),
        "unknown": _("Choose from the list: {label}.").format(label=label),
        "notMail": _("Write an e-mail address, such as opendata@example.org."),
        "notAddress": _("Write each address in full, starting with https://."),
    }.get(code, code)
