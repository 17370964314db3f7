"""The part of a template that htmx asks for."""

from __future__ import annotations

from django.http import HttpRequest


def partial(request: HttpRequest, template: str, name: str) -> str:
    """The part of a page for htmx; the whole page for everybody else and for the back button."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return f"{template}#{name}" if htmx and not htmx.history_restore_request else template
