"""Why somebody looks at what is masked: one of a list, and the number of the work that it is for,
which has to be there and to be theirs to see. A higher room names its own:

    reasons.NUMBERS["case"] = lambda user, number: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from people import visits

if TYPE_CHECKING:
    from governance.models import User

REASONS = [
    ("visit", _("上门走访")),
    ("case", _("办理事件")),
    ("service", _("代办事项")),
    ("check", _("核对登记")),
    ("asked", _("本人要求")),
]


def visited(user: User, number: str) -> bool:
    return visits.visible(user).filter(number=number).exists()


# By reason: whether the user sees work of this number. These reasons ask for one.
NUMBERS: dict[str, Callable[[User, str], bool]] = {"visit": visited}


def known(user: User, why: str, number: str) -> bool:
    """Whether the number is of the kind of work that the reason speaks of, or of any."""
    asked = [NUMBERS[why]] if why in NUMBERS else list(NUMBERS.values())
    return any(sees(user, number) for sees in asked)
