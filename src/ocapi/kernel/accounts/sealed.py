"""Where accounts keeps sealed values: national numbers, the identity provider's secret, one-time codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp

from ocapi.kernel.accounts import adapters, persons
from ocapi.kernel.accounts.models import NationalNumberRow
from ocapi.kernel.tenants.extensions import ColumnVault, RowVault, add_vault, as_is, instead


def register() -> None:
    """Let key rotations reach them; a second call changes nothing."""
    add_vault(ColumnVault(name=persons.CONTEXT, model=NationalNumberRow, column="ciphertext"))
    add_vault(RowVault(
        name=adapters.SECRET_CONTEXT, model=SocialApp, column="secret", read=as_is, write=instead,
    ))
    add_vault(RowVault(
        name=adapters.SECOND_FACTOR_CONTEXT, model=Authenticator, column="data", read=_secret,
        write=_with_secret,
    ))


def _secret(data: dict[str, Any]) -> str:
    return str(data.get("secret", ""))


def _with_secret(data: dict[str, Any], text: str) -> dict[str, Any]:
    return {**data, "secret": text}
