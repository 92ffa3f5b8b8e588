"""Reads the identity provider's claims (ACM/IDM, standards.md 23).

Names are configuration, values are checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocapi.kernel.accounts.data import ROLE_CODES, Claims, ClaimsRefused
from ocapi.lib.actor import Assurance, Capacity
from ocapi.lib.identifiers import InvalidIdentifier, parse_insz

CAPACITY_OF_GROUP = {
    "BUR": Capacity.CITIZEN,
    "EA": Capacity.ENTERPRISE,
    "VER": Capacity.ENTERPRISE,
    "LB": Capacity.STAFF,
    "GID": Capacity.STAFF,
    "OV": Capacity.STAFF,
}
"""Target group code to capacity: citizen, economic actor, association, local board, government, education."""

ASSURANCE_OF_LEVEL = {"low": Assurance.LOW, "substantial": Assurance.SUBSTANTIAL, "high": Assurance.HIGH}
LOA_PREFIX = "http://eidas.europa.eu/LoA/"


def _assurance_table() -> dict[str, Assurance]:
    table = {f"{LOA_PREFIX}{name}": level for name, level in ASSURANCE_OF_LEVEL.items()}
    means = {
        "eid": Assurance.HIGH,
        "itsme": Assurance.HIGH,
        "csameid": Assurance.HIGH,
        "csamtotp": Assurance.SUBSTANTIAL,
        "csamsms": Assurance.SUBSTANTIAL,
        "csammailotp": Assurance.LOW,
        "usernamepassword": Assurance.LOW,
    }
    return table | {f"urn:be:vlaanderen:authmech:{name}": level for name, level in means.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """Under which names the identity provider says what; one per organization may differ."""

    national_number: tuple[str, ...] = ("rrn", "insz")
    group: str = "vo_doelgroepcode"
    organization_code: str = "vo_orgcode"
    organization_name: str = "vo_orgnaam"
    roles: str = "ocapi_rol_3d"
    level: tuple[str, ...] = ("acr", "loa")
    assurance: Mapping[str, Assurance] = field(default_factory=_assurance_table)


STANDARD = ClaimNames()


def read(told: Mapping[str, object], names: ClaimNames = STANDARD) -> Claims:
    """Make Claims of the token's content; raises ClaimsRefused with a code, never with a value.

    Without a target group the person is a citizen. An unknown level of assurance counts as the lowest.
    """
    subject = _text(told, "sub")
    family_name = _text(told, "family_name")
    if not subject or not family_name:
        raise ClaimsRefused("subjectOrNameMissing")
    group = _text(told, names.group) or "BUR"
    if group not in CAPACITY_OF_GROUP:
        raise ClaimsRefused("unknownTargetGroup")
    capacity = CAPACITY_OF_GROUP[group]
    code = _text(told, names.organization_code) if capacity is not Capacity.CITIZEN else ""
    if capacity is not Capacity.CITIZEN and not code:
        raise ClaimsRefused("organizationCodeMissing")
    return Claims(
        subject=subject,
        given_name=_text(told, "given_name"),
        family_name=family_name,
        capacity=capacity,
        assurance=_assurance(told, names),
        national_number=_national_number(told, names),
        email=_text(told, "email"),
        organization_code=code,
        organization_name=_text(told, names.organization_name),
        roles=roles_for(_texts(told, names.roles), code),
    )


def roles_for(entries: Sequence[str], organization_code: str) -> frozenset[str]:
    """Give the role codes granted for one organization from entries like `clerk:0207449544,0212234416`."""
    granted = set()
    for entry in entries:
        code, _separator, organizations = entry.partition(":")
        if code in ROLE_CODES and organization_code and organization_code in organizations.split(","):
            granted.add(code)
    return frozenset(granted)


def _assurance(told: Mapping[str, object], names: ClaimNames) -> Assurance:
    for name in names.level:
        value = _text(told, name)
        if value:
            return names.assurance.get(value, Assurance.LOW)
    return Assurance.LOW


def _national_number(told: Mapping[str, object], names: ClaimNames) -> str:
    for name in names.national_number:
        value = _text(told, name)
        if not value:
            continue
        try:
            # Whether a synthetic number may be kept is decided where it is written.
            return parse_insz(value, allow_synthetic=True).digits
        except InvalidIdentifier as refusal:
            raise ClaimsRefused("nationalNumberInvalid") from refusal
    return ""


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _texts(told: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = told.get(name, ())
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, (list, tuple)) else ()
