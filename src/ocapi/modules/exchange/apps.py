from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "ocapi.modules.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.exchange.module import MANIFEST

        registry.register(MANIFEST)
