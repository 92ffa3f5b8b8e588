"""Registers the manifest; does nothing else."""

from django.apps import AppConfig


class LinkeddataConfig(AppConfig):
    """Django's entry for linkeddata."""

    name = "ocapi.modules.linkeddata"
    label = "linkeddata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry."""
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.linkeddata.module import MANIFEST

        registry.register(MANIFEST)
