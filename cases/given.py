"""What comes with a move, beside the case and who makes it: one shape for every surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cases.dispatch import Reason


class Part(NamedTuple):
    """One matter of a report that is split."""

    item_id: int
    description: str


class Decision(NamedTuple):
    """What a consultation decided for one department, and by what day."""

    department_id: int
    what: str
    due_on: date


@dataclass
class Given:
    """Fields are named for what they are; which a move needs, its row of the table says."""

    note: str = ""
    department_id: int | None = None
    outcome: str = ""
    satisfied: bool | None = None
    item_id: int | None = None
    until: date | None = None
    main: str = ""  # the number of the case to join
    parts: tuple[Part, ...] = ()
    whistle_kind: str = ""
    department_ids: tuple[int, ...] = ()
    task_id: int | None = None
    score: int | None = None
    lon: float | None = None
    lat: float | None = None
    held_on: date | None = None
    participants: str = ""
    decisions: tuple[Decision, ...] = ()
    finding_id: int | None = None
    what: str = ""
    party: str = ""
    order_number: str = ""
    ground: str = ""
    due_on: date | None = None
    recheck_on: date | None = None
    mended: bool | None = None
    severity: str = ""
    # A correction: None leaves a thing as it is.
    place: str | None = None
    place_unit_id: int | None = None  # the community or grid of a case without a point
    description: str | None = None
    reporter_name: str | None = None
    reporter_phone: str | None = None
    reporter_email: str | None = None
    promise_on: date | None = None
    unit_id: int | None = None
    user_id: int | None = None
    mode: str = ""
    # Department → its open work orders, from who looks at many cases at once.
    loads: Mapping[int, int] | None = None
    # What the verb finds out on the way.
    reasons: tuple[Reason, ...] = ()
    handler_id: int | None = None  # who holds the post that a dispatch rule names
    item_before: int | None = None
