from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("组织与底座")

    def ready(self) -> None:
        from governance import checks, retention, units  # noqa: F401, PLC0415 -- they register
