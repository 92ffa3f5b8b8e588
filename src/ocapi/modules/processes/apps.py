"""Registers the manifest of processes."""

from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "ocapi.modules.processes"
    label = "processes"
    verbose_name = "Processes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry."""
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.processes.module import MANIFEST

        registry.register(MANIFEST)
