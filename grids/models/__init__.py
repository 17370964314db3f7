"""What is where: the territories of grids, and the addresses, buildings, houses and facilities."""

from grids.models.imports import (
    ImportKind,
    PlaceImport,
    RefusedRow,
)
from grids.models.places import (
    Address,
    Building,
    BuildingUse,
    Facility,
    FacilityClass,
    Hazard,
    HazardKind,
    House,
    HouseUse,
    OwnerKind,
    Seat,
)
from grids.models.territory import DedicatedKind, Grid, GridKind, GridQuerySet

__all__ = [
    "Address",
    "Building",
    "BuildingUse",
    "DedicatedKind",
    "Facility",
    "FacilityClass",
    "Grid",
    "GridKind",
    "GridQuerySet",
    "Hazard",
    "HazardKind",
    "House",
    "HouseUse",
    "ImportKind",
    "OwnerKind",
    "PlaceImport",
    "RefusedRow",
    "Seat",
]
