"""Form controls of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class Select(forms.Select):
    """A select written in Python: Django's renders a template for each option."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: Mapping[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        chosen = set(self.format_value(value))
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})})),
            mark_safe("".join(options(self.choices, chosen))),  # noqa: S308 -- each is escaped
        )


def options(choices: Any, chosen: set[str]) -> Iterator[str]:
    """HTML of the options, of groups as well: (label, [(value, label), …])."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield f'<optgroup label="{escape(str(value))}">'
            yield from options(label, chosen)
            yield "</optgroup>"
        else:
            code = "" if value is None else str(value)
            mark = " selected" if code in chosen else ""
            yield f'<option value="{escape(code)}"{mark}>{escape(str(label))}</option>'
