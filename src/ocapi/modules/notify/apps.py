"""Registers the manifest of notify."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "ocapi.modules.notify"
    label = "notify"
    verbose_name = "Notify"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry."""
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.notify.module import MANIFEST

        registry.register(MANIFEST)
