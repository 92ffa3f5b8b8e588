"""Registers the manifest; does nothing else."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """Django's entry for services."""

    name = "ocapi.modules.services"
    label = "services"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry."""
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.services.module import MANIFEST

        registry.register(MANIFEST)
