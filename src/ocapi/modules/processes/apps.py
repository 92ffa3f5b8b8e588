"""Registers the manifest of processes."""

from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "ocapi.modules.processes"
    label = "processes"
    verbose_name = "Processes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the manifest to the registry, and where secrets stand to the rotation of keys."""
        from ocapi.kernel.registry import api as registry
        from ocapi.kernel.tenants.extensions import ColumnVault, add_vault
        from ocapi.modules.processes.models import ConnectionRow
        from ocapi.modules.processes.module import MANIFEST
        from ocapi.modules.processes.services.connections import SECRETS

        registry.register(MANIFEST)
        add_vault(ColumnVault(name=SECRETS, model=ConnectionRow, column="secret"))
