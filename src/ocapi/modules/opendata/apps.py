from django.apps import AppConfig


class OpendataConfig(AppConfig):
    name = "ocapi.modules.opendata"
    label = "opendata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.opendata.module import MANIFEST

        registry.register(MANIFEST)
