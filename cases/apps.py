from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = pgettext_lazy("several", "事件")

    def ready(self) -> None:
        from cases import (  # noqa: F401, PLC0415 -- they register
            campaign_following,
            campaign_timers,
            catalogue_following,
            escalation,
            feedback,
            following,
            holdings,
            joint_calls,
            keeping,
            notifications,
            recomputing,
            service_following,
            service_timers,
            suggestion_clock,
            visit_findings,
        )
