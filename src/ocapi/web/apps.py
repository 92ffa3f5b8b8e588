from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ocapi.web"
    label = "web"
    verbose_name = "Web"

    def ready(self) -> None:
        from ocapi.kernel.accounts.extensions import page_makers
        from ocapi.kernel.ui.extensions import shell_sources
        from ocapi.web.shell import AccountPages, PlatformShell

        shell_sources.add(PlatformShell)
        page_makers.add(AccountPages)
