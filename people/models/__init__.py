"""People where they live, the visits at their doors, and the plans that help them."""

from people.models.changes import ChangeKind, ChangeRequest, ChangeState, Merge, Provenance
from people.models.persons import (
    Household,
    Leaving,
    Person,
    Relation,
    Residency,
    ResidencyKind,
)
from people.models.support import (
    Basis,
    PlanWords,
    StepWords,
    SupportKind,
    SupportPlan,
    SupportStep,
    TeamMember,
    TeamRole,
)
from people.models.visits import (
    Period,
    Sheet,
    Skipped,
    Visit,
    VisitAim,
    VisitPlan,
    VisitWords,
)

__all__ = [
    "Basis",
    "ChangeKind",
    "ChangeRequest",
    "ChangeState",
    "Household",
    "Leaving",
    "Merge",
    "Period",
    "Person",
    "PlanWords",
    "Provenance",
    "Relation",
    "Residency",
    "ResidencyKind",
    "Sheet",
    "Skipped",
    "StepWords",
    "SupportKind",
    "SupportPlan",
    "SupportStep",
    "TeamMember",
    "TeamRole",
    "Visit",
    "VisitAim",
    "VisitPlan",
    "VisitWords",
]
