"""What a verb refuses, as the problem document of its kind, in the caller's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError

from cases.errors import Changed, NotAllowed
from cases.schemas import BadAnswers
from governance.api import Problem
from governance.uploads import BadPicture

CONFLICT = OpenApiResponse(description="not_allowed or changed: see `detail`")
BAD = OpenApiResponse(description="invalid (see `errors`) or bad_picture")


@contextmanager
def refusals(field: str = "answers") -> Iterator[None]:
    """409 `changed` and `not_allowed`, 400 `bad_picture`, and answers that do not fit their form
    as a 400 that names each of them below `field`."""
    try:
        yield
    except BadAnswers as error:
        whole = "non_field_errors"
        faults = {name or whole: [why] for name, why in error.faults.items()}
        raise ValidationError({field: faults}) from error
    except Changed as error:
        raise Problem(409, "changed", str(error)) from error
    except NotAllowed as error:
        raise Problem(409, "not_allowed", str(error)) from error
    except BadPicture as error:
        raise Problem(400, "bad_picture", str(error)) from error
