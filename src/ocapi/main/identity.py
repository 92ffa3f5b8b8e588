"""Where the demo identity provider stands and how web knows it; both processes read it here."""

import hashlib

from ocapi.main.environment import Environment

PREFIX = "/idp"
CLIENT_ID = "ocapi-demo"
SCOPES = ("openid", "profile", "rrn", "vo", "ocapi")


def issuer(environment: Environment) -> str:
    """Give the issuer of the demo identity provider: browser and web reach it under the same address."""
    return f"http://localhost:{environment.port}{PREFIX}"


def client_secret(environment: Environment) -> str:
    """Give the secret web and identity provider share in a demo; derived, so it is stored nowhere."""
    return hashlib.sha256(b"demo-identity-client" + environment.secret.encode()).hexdigest()


def demo_apps(environment: Environment) -> list[dict[str, object]]:
    """Give the relying party's settings for the demo identity provider; none outside a demo.

    Elsewhere each organization keeps its own, see `accounts.configure_identity_provider`.
    """
    if not environment.is_demo:
        return []
    return [
        {
            "provider_id": "acm",
            "name": "ACM/IDM (demo)",
            "client_id": CLIENT_ID,
            "secret": client_secret(environment),
            "settings": {
                "server_url": issuer(environment),
                "scope": list(SCOPES),
                "oauth_pkce_enabled": True,
            },
        }
    ]
