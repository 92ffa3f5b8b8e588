"""WSGI entry of the demo identity provider; `granian --interface wsgi ocapi.main.idp:application`."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = (
    "ocapi.main.idp_settings"  # also when started by a process of the platform
)

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from ocapi.kernel.accounts.demo_idp import provisioning
from ocapi.lib import durable
from ocapi.main import identity

StartResponse = Callable[..., Any]


def _prepare() -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Bring the provider's own database up to date and give its application."""
    django.setup()
    folder = Path(settings.DEMO_IDP_FOLDER)
    if not provisioning.key_of(folder).exists():
        provisioning.write(folder=folder, uris=(), persons=())
    settings.IDP_OIDC_PRIVATE_KEY = durable.read_file(provisioning.key_of(folder)).decode()
    call_command("migrate", verbosity=0, interactive=False)
    return get_wsgi_application()


class DemoIdentityProvider:
    """Serves below its prefix, whether the front door took the prefix off or not."""

    def __init__(self) -> None:
        self._django = _prepare()
        from ocapi.kernel.accounts.demo_idp.client import Synchronizer  # needs the apps that were just set up

        self._synchronize = Synchronizer()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self._synchronize()
        path = environ.get("PATH_INFO", "/")
        if path == identity.PREFIX or path.startswith(f"{identity.PREFIX}/"):
            environ["PATH_INFO"] = path[len(identity.PREFIX) :] or "/"
        environ["SCRIPT_NAME"] = identity.PREFIX
        return self._django(environ, start_response)


application = DemoIdentityProvider()
