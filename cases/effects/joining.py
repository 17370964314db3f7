"""One matter reported twice, and two matters reported as one."""

from __future__ import annotations

from cases import opening, stages
from cases.effects.done import Done
from cases.effects.ending import end_everything
from cases.models import Assignment, Case, Outcome


def join(case: Case, done: Done) -> None:
    """The verb has locked the main case and looked at it (`workflow.locked_main`)."""
    main = Case.objects.get(number=done.given.main)
    end_everything(case, done.details["before"], done.now)
    case.main, case.joined_at, case.outcome = main, done.now, Outcome.DUPLICATE
    case.stage_warn_at = case.stage_due_at = None
    stages.stop(case, done.now)
    done.details["main"] = main.number


def unjoin(case: Case, done: Done) -> None:
    """As it was before: the work order that was withdrawn is open again, the clocks never stood."""
    if case.department_id:
        last = Assignment.objects.filter(case=case, withdrawn_at__isnull=False).order_by("-pk")
        Assignment.objects.filter(pk__in=last.values("pk")[:1]).update(
            withdrawn_at=None,
            department=case.department_id,  # it may have been merged meanwhile
        )
    assert case.main is not None
    done.details["main"] = case.main.number
    case.main, case.joined_at, case.outcome = None, None, ""
    stages.refresh(case, done.now, restart=True)


def split(case: Case, done: Done) -> None:
    """A case for each matter, as if it had been reported alone at the same moment."""
    numbers = []
    for given in done.given.parts:
        item = opening.active_item(given.item_id)
        part = Case(
            number=opening.new_number(case.reported_at),
            state=done.details["before"],
            item_id=item.pk,
            description=given.description.strip(),
            parent=case,
            **{name: getattr(case, name) for name in INHERITED},
        )
        part.search = opening.words_of(part, item)
        opening.promise(part, item, None, historical=done.historical)
        opening.start(part, done.now, historical=done.historical)
        numbers.append(part.number)
    done.details["parts"] = numbers


INHERITED = (
    *("place", "lon", "lat", "accuracy_m", "source", "reported_at", "reporter", "reported_by"),
    *("facility_id", "visit_id"),
    *("district_id", "street_id", "community_id", "grid_id", "level"),
)
