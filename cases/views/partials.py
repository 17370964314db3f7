"""The part of a template that htmx asks for: see governance/partials.py."""

from governance.partials import partial

__all__ = ["partial"]
