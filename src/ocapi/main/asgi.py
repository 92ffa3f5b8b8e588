"""The data plane process: Starlette behind granian, the front door of the installation. No Django here."""

from pathlib import Path
from typing import Any

from ocapi.lib import collecting

collecting.pause()

from ocapi.dataplane.app import COLLECT_AFTER, DataPlane  # noqa: E402
from ocapi.dataplane.plan import Plan  # noqa: E402
from ocapi.main import environment, logs, supervisor  # noqa: E402

_settings = environment.read()
supervisor.end_with_parent()
logs.configure()
environment.begin_spans("dataplane", _settings)
collecting.resume(*COLLECT_AFTER)

application: Any = DataPlane(
    Plan(
        data=Path(_settings.data),
        static=Path(_settings.project) / "build" / "static",
        upload_bytes=_settings.upload_bytes,
        is_prefix_allowed=_settings.is_demo or _settings.is_debug,
        web_processes=_settings.workers,
        mqtt_host=_settings.mqtt_host,
        mqtt_port=_settings.mqtt_port or -1,
        mqtt_certificate=_settings.mqtt_certificate,
        mqtt_key=_settings.mqtt_key,
        secrets=(_settings.secret, _settings.secret_also),
        shelf=_settings.shelf,
        membership=_settings.membership if _settings.member_disk else None,
        disk=Path(_settings.member_disk).absolute() if _settings.member_disk else None,
    )
)
if _settings.metrics_port:
    from ocapi.main import measuring

    application = measuring.asgi(application, measuring.Meter("dataplane"))
