from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "ocapi.kernel.jobs"
    label = "jobs"
    verbose_name = "Jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.jobs import standing

        standing.register()
