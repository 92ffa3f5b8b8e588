from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "ocapi.modules.governance"
    label = "governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.governance.module import MANIFEST

        registry.register(MANIFEST)
