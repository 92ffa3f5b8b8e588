from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "ocapi.modules.onboarding"
    label = "onboarding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.registry import api as registry
        from ocapi.modules.onboarding.module import MANIFEST

        registry.register(MANIFEST)
