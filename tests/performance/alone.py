"""One organization of this process alone, for what is measured inside it."""

import os
from pathlib import Path
from typing import Any


def bound(folder: Path) -> Any:
    """Make a database with one organization; gives what binds this process to it as long as it is held."""
    os.environ |= {
        "OCAPI_DATA": str(folder),
        "OCAPI_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "ocapi.main.settings",
    }
    import django

    django.setup()
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.lib import clock, collecting

    now = clock.now()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key="bench", kind=Kind.MUNICIPALITY, now=now)
    held = tenants.bind("bench")
    held.__enter__()
    collecting.resume()  # as every process of ours does when it is ready
    return held
