from django.apps import AppConfig


class CouncilConfig(AppConfig):
    name = "ocapi.modules.council"
    label = "council"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.kernel.tenants.extensions import ColumnVault, add_vault
        from ocapi.modules.council import models, reporting
        from ocapi.modules.council.module import MANIFEST

        registry.register(MANIFEST)
        add_vault(ColumnVault(name=reporting.KEY_CONTEXT, model=models.ReportingRow, column="sealed_key"))
