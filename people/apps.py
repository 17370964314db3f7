from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("人口与单位")

    def ready(self) -> None:
        # they register what happens when their timers are due, what a sheet of a grid tells, and
        # what is erased when
        from people import (  # noqa: PLC0415
            entities,  # noqa: F401
            exports,  # noqa: F401
            following,  # noqa: F401
            holdings,  # noqa: F401
            import_jobs,  # noqa: F401
            keeping,  # noqa: F401
            occupancy,  # noqa: F401
            rights,  # noqa: F401
            support,  # noqa: F401
            tenancies,  # noqa: F401
            visits,  # noqa: F401
        )
