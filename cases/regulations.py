"""The numbers that a place sets itself (办理规定), in memory; without a row, the defaults."""

from __future__ import annotations

from cases.models import Regulation
from governance import clock
from governance.reference import Reference


def load() -> Regulation:
    """The newest row that has begun."""
    begun = Regulation.objects.filter(valid_from__lte=clock.today())
    return begun.order_by("-valid_from").first() or Regulation(valid_from=clock.today())


regulation = Reference("regulation", load, clock.today)
