from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "ocapi.modules.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.kernel.tenants.extensions import ColumnVault, add_vault
        from ocapi.modules.exchange import models, queries
        from ocapi.modules.exchange.module import MANIFEST

        registry.register(MANIFEST)
        add_vault(ColumnVault(name=queries.STUB_CONTEXT, model=models.StubPersonRow, column="payload"))
