"""Registers the manifest; does nothing else."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Django's entry for portal."""

    name = "ocapi.modules.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry."""
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.portal.module import MANIFEST

        registry.register(MANIFEST)
