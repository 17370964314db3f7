"""A condition on cases as SQL, for the statements that are written by hand because they are hot."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q

from cases.models import Case


def where(condition: Q) -> tuple[str, tuple[Any, ...]]:
    """The condition over the table cases_case, and its parameters."""
    try:
        compiler = Case.objects.filter(condition).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.compile(compiler.query.where)
    except EmptyResultSet:
        return "false", ()
    except FullResultSet:
        return "true", ()
    return sql, tuple(params)
