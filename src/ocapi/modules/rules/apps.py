from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "ocapi.modules.rules"
    label = "rules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.rules.module import MANIFEST

        registry.register(MANIFEST)
