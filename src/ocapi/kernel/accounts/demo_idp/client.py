"""The one client of the demo identity provider, kept equal to the provisioned file."""

from pathlib import Path
from typing import Any

from allauth.idp.oidc.models import Client
from django.conf import settings as django_settings

from ocapi.kernel.accounts.demo_idp import provisioning

settings: Any = django_settings  # of main/idp_settings.py, which the type checker does not read


class Synchronizer:
    """Takes the provisioned file over when it changed; cheap to call on every request."""

    def __init__(self) -> None:
        self._taken = -1

    def __call__(self) -> None:
        """Write the client anew when the file is another than last time."""
        folder = Path(settings.DEMO_IDP_FOLDER)
        path = provisioning.file_of(folder)
        changed = path.stat().st_mtime_ns if path.exists() else 0
        if changed != self._taken:
            write_client(provisioning.read(folder))
            self._taken = changed


def write_client(known: provisioning.Provisioning) -> None:
    """Allow the platform's client the code grant with its redirect addresses, and nothing else."""
    client = Client.objects.filter(id=settings.DEMO_IDP_CLIENT_ID).first() or Client(
        id=settings.DEMO_IDP_CLIENT_ID
    )
    client.name = "OCAPI"
    client.type = Client.Type.CONFIDENTIAL
    client.skip_consent = True
    client.set_scopes(list(settings.DEMO_IDP_SCOPES))
    client.grant_types = Client.GrantType.AUTHORIZATION_CODE.value
    client.set_response_types(["code"])
    client.set_redirect_uris(list(known.redirect_uris))
    client.set_secret(settings.DEMO_IDP_CLIENT_SECRET)
    client.save()
