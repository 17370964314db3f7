from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("人口与单位")

    def ready(self) -> None:
        from people import exports, keeping, rights  # noqa: F401, PLC0415 -- they register
