"""Makes allauth's OpenID Connect provider say what ACM/IDM says."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.conf import settings as django_settings

from ocapi.kernel.accounts.claims import LOA_PREFIX
from ocapi.kernel.accounts.demo_idp import provisioning
from ocapi.kernel.accounts.demo_idp.provisioning import GROUP_OF_CAPACITY, TestPerson

settings: Any = django_settings  # of main/idp_settings.py, which the type checker does not read


def username_of(person: TestPerson, level: str) -> str:
    """Give the name of the provider's user for a person at a level: one sign-in, one user."""
    return f"{person.code}|{level}"


def claims_for(person: TestPerson, level: str) -> dict[str, object]:
    """Give the claims of ACM/IDM for a test person at a level (standards.md 23)."""
    told: dict[str, object] = {
        "sub": person.subject,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "rrn": person.national_number,
        "acr": f"{LOA_PREFIX}{level}",
        "vo_id": person.subject,
        "vo_doelgroepcode": GROUP_OF_CAPACITY[person.capacity],
    }
    if person.email:
        told["email"] = person.email
    if person.organization_code:
        told["vo_orgcode"] = person.organization_code
        told["vo_orgnaam"] = person.organization_name
        told["ocapi_rol_3d"] = [f"{role}:{person.organization_code}" for role in person.roles]
    return told


class DemoAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """The provider's answers; its key comes from the provisioned file."""

    def get_issuer(self) -> str:
        return str(settings.DEMO_IDP_ISSUER)

    def get_claims(
        self,
        purpose: str,
        user: Any,
        client: Any,
        scopes: Iterable[str],
        email: str | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        code, _separator, level = user.username.partition("|")
        person = provisioning.read(Path(settings.DEMO_IDP_FOLDER)).find(code)
        return claims_for(person, level) if person is not None else {"sub": user.username}

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        data["response_types_supported"] = ["code"]
        data["grant_types_supported"] = ["authorization_code"]
        data["scopes_supported"] = list(settings.DEMO_IDP_SCOPES)
        data["acr_values_supported"] = [f"{LOA_PREFIX}{level}" for level in provisioning.LEVELS]
