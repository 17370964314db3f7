import gc

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("组织与底座")

    def ready(self) -> None:
        from governance import (  # noqa: PLC0415 -- they register themselves
            bursts,  # noqa: F401
            checks,  # noqa: F401
            keeping,  # noqa: F401
            resets,  # noqa: F401
            retention,  # noqa: F401
            sign_ins,  # noqa: F401
            tokens,  # noqa: F401
            units,  # noqa: F401
        )

        gc.freeze()  # nor later on
        gc.enable()
