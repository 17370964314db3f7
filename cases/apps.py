from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = pgettext_lazy("several", "事件")

    def ready(self) -> None:
        from cases import (  # noqa: F401, PLC0415 -- they register
            campaign_timers,
            escalation,
            feedback,
            following,
            holdings,
            keeping,
            notifications,
            recomputing,
            service_admin,
            service_timers,
            suggestion_clock,
        )
