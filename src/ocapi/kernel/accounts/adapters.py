"""What allauth asks of us: who may sign in, what a sign-in opens, where to go, and how secrets are kept."""

import base64
import logging
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix

from ocapi.kernel.accounts import oidc, pages, sessions, sign_in
from ocapi.kernel.accounts.data import ClaimsRefused, IdentityConflict, NationalNumberTaken
from ocapi.kernel.accounts.models import User
from ocapi.kernel.accounts.risk import circumstances_of
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock
from ocapi.lib.identifiers import InvalidIdentifier

log = logging.getLogger("ocapi.sign_in")

SECRET_CONTEXT = "accounts.identity_provider"
SECOND_FACTOR_CONTEXT = "accounts.second_factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No local accounts: nobody registers here, and allauth's own messages and mails are not sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return get_script_prefix()

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return get_script_prefix()

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        return None

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        """Open Django's session, under a new key, and ours in it."""
        super().login(request, user)
        now = clock.now()
        told = request.ocapi_claims  # type: ignore[attr-defined]
        opened = sign_in.start(
            request.session, person=user.person, claims=told, now=now,
            circumstances=circumstances_of(request),
        )
        sessions.forget(request)
        by = f"{opened.capacity.value} at level {told.assurance.name.lower()}"
        log.info("signed in", extra={"actor": str(user.person.uuid), "reason": by})


class IdentityProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Ties the identity provider's subject to a person of the bound organization."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Check the nonce, find or make the person, and let allauth go on with its user."""
        try:
            told = oidc.claims_of(request, sociallogin.state)
            known = sociallogin.user if sociallogin.is_existing else None
            user = sign_in.user_for(told, known=known, now=clock.now())
        except (ClaimsRefused, IdentityConflict, NationalNumberTaken, InvalidIdentifier) as refusal:
            raise ImmediateHttpResponse(pages.refused(request, type(refusal).__name__)) from refusal
        if known is None:
            sociallogin.user = user
            sociallogin.save(request, connect=True)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Show our own page in place of allauth's; a cancelled sign-in is no error."""
        error = getattr(kwargs.get("error"), "value", kwargs.get("error")) or "unknown"
        reason = "Cancelled" if str(error) == "cancelled" else "ProviderFailed"
        raise ImmediateHttpResponse(pages.refused(request, reason))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Give the bound organization's own provider, else the installation's.

        Its secret is opened here only.
        """
        own = SocialApp.objects.filter(provider_id=oidc.PROVIDER)
        apps = [_opened(app) for app in own]
        if not apps:
            configured: Any = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
            apps = [SocialApp(provider="openid_connect", **values) for values in configured]
        return [
            app
            for app in apps
            if provider in (None, app.provider, app.provider_id) and client_id in (None, app.client_id)
        ]


def _opened(app: SocialApp) -> SocialApp:
    app.secret = tenants.decrypt(base64.b64decode(app.secret), context=SECRET_CONTEXT)
    return app


def configure_identity_provider(*, issuer: str, client_id: str, secret: str, scopes: tuple[str, ...]) -> None:
    """Keep the bound organization's identity provider; its secret is stored encrypted.

    Raises ValueError for an issuer whose answers could be read or changed on the way.
    """
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ValueError(f"{issuer}: an issuer's address begins with https://")
    wrapped = base64.b64encode(tenants.encrypt(secret, context=SECRET_CONTEXT)).decode()
    SocialApp.objects.update_or_create(
        provider="openid_connect",
        provider_id=oidc.PROVIDER,
        defaults={
            "name": "ACM/IDM",
            "client_id": client_id,
            "secret": wrapped,
            "settings": {"server_url": issuer, "scope": list(scopes), "oauth_pkce_enabled": True},
        },
    )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secret of a one-time code encrypted.

    The step is ours, so allauth's own login stage never runs.
    """

    def encrypt(self, text: str) -> str:
        return base64.b64encode(tenants.encrypt(text, context=SECOND_FACTOR_CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return tenants.decrypt(base64.b64decode(encrypted_text), context=SECOND_FACTOR_CONTEXT)

    def is_mfa_enabled(self, user: User, types: Any = None) -> bool:
        return False
