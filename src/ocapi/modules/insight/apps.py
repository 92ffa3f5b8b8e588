from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "ocapi.modules.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.insight.module import MANIFEST

        registry.register(MANIFEST)
