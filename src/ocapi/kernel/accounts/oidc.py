"""The relying party.

What allauth's OpenID Connect leaves out is added here (nonce, signature, algorithms, azp).
"""

import hmac
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

from ocapi.kernel.accounts import claims
from ocapi.kernel.accounts.data import Claims, ClaimsRefused
from ocapi.lib import ids
from ocapi.lib.actor import Assurance

PROVIDER = "acm"
ALGORITHMS = ("RS256", "ES256", "PS256")  # never none, never a shared secret (HS*)
WELL_KNOWN = "/.well-known/openid-configuration"
LEEWAY_S = 60  # seconds two clocks may differ (standards.md 23)


class IdentityProviderClient(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Talks to the identity provider and hands the verified claims over on the request.

    allauth keeps what a login returns as `extra_data` in the database, so that only the subject is returned:
    the national number must not stand anywhere but in the encrypted table.
    """

    @property
    def openid_config(self) -> dict[str, Any]:
        """Give the provider's metadata, of the configured issuer alone (RFC 8414, 3.3)."""
        found: dict[str, Any] = super().openid_config
        configured = str(self.get_provider().server_url).removesuffix(WELL_KNOWN)
        if str(found.get("issuer")).removesuffix("/") != configured.removesuffix("/"):
            raise OAuth2Error("metadata of another issuer")
        return found

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Verify the id token, add the user information about the same subject, and read the claims."""
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("no id_token")
        told = self._decode_id_token(app, id_token)
        user_info = self._fetch_user_info(token.token)
        if user_info.get("sub") != told["sub"]:
            raise OAuth2Error("user information of another subject")
        request.ocapi_nonce = str(told.get("nonce", ""))  # type: ignore[attr-defined]
        try:
            request.ocapi_claims = claims.read({**user_info, **told})  # type: ignore[attr-defined]
        except ClaimsRefused as refusal:
            raise OAuth2Error(refusal.reason) from refusal
        return self.get_provider().sociallogin_from_response(request, {"id_token": {"sub": told["sub"]}})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Verify signature, issuer, audience, authorized party and times; also over a direct connection."""
        config = self.openid_config
        try:
            algorithm, key = jwtkit.fetch_key(id_token, config["jwks_uri"], jwtkit.lookup_kid_jwk)
            if algorithm not in ALGORITHMS:
                raise OAuth2Error("algorithm refused")
            told: dict[str, Any] = jwt.decode(
                id_token,
                key=key,
                algorithms=[algorithm],
                issuer=config["issuer"],
                audience=app.client_id,
                leeway=LEEWAY_S,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, KeyError) as refusal:
            raise OAuth2Error("id_token refused") from refusal
        audience = told["aud"]
        if isinstance(audience, list) and len(audience) > 1 and told.get("azp") != app.client_id:
            raise OAuth2Error("id_token for another party")
        if told.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("id_token for another party")
        return told


def callback(request: HttpRequest) -> HttpResponse:
    """Answer the identity provider's redirect: exchange the code, verify, sign in."""
    view = OAuth2CallbackView.adapter_view(IdentityProviderClient(request, PROVIDER))
    response: HttpResponse = view(request)
    return response


def begin(request: HttpRequest, *, next_url: str, minimum: Assurance, login_hint: str) -> HttpResponse:
    """Redirect to the identity provider with state, nonce and PKCE.

    minimum: asks the provider for at least this level, when above none. login_hint: which capacity is meant.
    """
    provider = get_adapter(request).get_provider(request, PROVIDER)
    provider.oauth2_adapter_class = IdentityProviderClient
    nonce = ids.token(24)
    wishes = {"nonce": nonce, **_level_wish(minimum), **({"login_hint": login_hint} if login_hint else {})}
    response: HttpResponse = provider.redirect(
        request,
        process=AuthProcess.LOGIN,
        next_url=next_url or None,
        auth_params=wishes,
        nonce=nonce,
    )
    return response


def _level_wish(minimum: Assurance) -> dict[str, str]:
    if minimum <= Assurance.NONE:
        return {}
    return {"acr_values": f"{claims.LOA_PREFIX}{minimum.name.lower()}", "prompt": "login"}


def claims_of(request: HttpRequest, state: Mapping[str, Any]) -> Claims:
    """Give the claims verified in this request, when the nonce is the one this browser was sent away with."""
    told: Claims | None = getattr(request, "ocapi_claims", None)
    expected = str(state.get("nonce") or "")
    if told is None or not expected or not hmac.compare_digest(expected, getattr(request, "ocapi_nonce", "")):
        raise ClaimsRefused("nonceDiffers")
    return told
