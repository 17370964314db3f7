from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class GridsConfig(AppConfig):
    name = "grids"
    verbose_name = pgettext_lazy("several", "网格")

    def ready(self) -> None:
        from grids import following, keeping, place_import, territory  # noqa: F401, PLC0415 -- they register themselves
