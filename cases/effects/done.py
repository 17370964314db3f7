"""What a move is made with, as its effect gets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.given import Given
from cases.items import Limit

if TYPE_CHECKING:
    from governance.models import User


@dataclass
class Done:
    """What a move is made with and what it came to."""

    by: User | None
    now: datetime
    given: Given
    historical: bool = False
    details: dict[str, Any] = field(default_factory=dict)
    # The clock of the state starts anew though the state stays; its limit, where not the item's.
    restart: bool = False
    limit: Limit | None = None
