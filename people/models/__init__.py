"""People where they live: persons, households, who lives where and since when."""

from people.models.changes import ChangeKind, ChangeRequest, ChangeState, Merge, Provenance
from people.models.persons import (
    Household,
    Leaving,
    Person,
    Relation,
    Residency,
    ResidencyKind,
)

__all__ = [
    "ChangeKind",
    "ChangeRequest",
    "ChangeState",
    "Household",
    "Leaving",
    "Merge",
    "Person",
    "Provenance",
    "Relation",
    "Residency",
    "ResidencyKind",
]
