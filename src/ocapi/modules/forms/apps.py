from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "ocapi.modules.forms"
    label = "forms"
    verbose_name = "Forms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.forms.module import MANIFEST

        registry.register(MANIFEST)
