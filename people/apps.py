from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("人口与单位")

    def ready(self) -> None:
        # they register what happens when their timers are due, and what is erased when
        from people import exports, keeping, rights, support, visits  # noqa: F401, PLC0415
