from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "ocapi.kernel.audit"
    label = "audit"
    verbose_name = "Audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ocapi.kernel.audit.erasing import LogEraser
        from ocapi.kernel.audit.sink import AuditSink
        from ocapi.kernel.tenants.extensions import change_sinks, erasers

        if change_sinks.find(AuditSink.name) is None:
            change_sinks.add(AuditSink())
            erasers.add(LogEraser)
