"""People where they live: persons, households, who lives where and since when."""

from people.models.changes import ChangeKind, ChangeRequest, ChangeState, Merge, Provenance
from people.models.exports import Export, ExportForm, ExportState
from people.models.persons import (
    Household,
    Leaving,
    Person,
    Relation,
    Residency,
    ResidencyKind,
)
from people.models.rights import (
    ENDED,
    Claimant,
    Proof,
    RightKind,
    RightsAction,
    RightsRequest,
    RightsStep,
    RightState,
)

__all__ = [
    "ENDED",
    "ChangeKind",
    "ChangeRequest",
    "ChangeState",
    "Claimant",
    "Export",
    "ExportForm",
    "ExportState",
    "Household",
    "Leaving",
    "Merge",
    "Person",
    "Proof",
    "Provenance",
    "Relation",
    "Residency",
    "ResidencyKind",
    "RightKind",
    "RightState",
    "RightsAction",
    "RightsRequest",
    "RightsStep",
]
