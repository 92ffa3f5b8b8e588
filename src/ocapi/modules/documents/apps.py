"""Registers the manifest of documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "ocapi.modules.documents"
    label = "documents"
    verbose_name = "Documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry."""
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.documents.module import MANIFEST

        registry.register(MANIFEST)
