from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "ocapi.modules.capture"
    label = "capture"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.capture.module import MANIFEST

        registry.register(MANIFEST)
