from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("人口与单位")

    def ready(self) -> None:
        # they register what happens when their timers are due
        from people import following, support, visits  # noqa: F401, PLC0415
