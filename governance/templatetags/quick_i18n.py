"""Django's i18n tags; a literal `{% translate "…" %}` is looked up once a language, not each time.

Named `i18n` in the settings, so templates load it as ever. A page of ours holds a hundred of them,
and Django's resolves, translates and escapes each anew.
"""

from __future__ import annotations

from typing import Any

from django.template import Library, Node
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags = dict(i18n.register.tags)
register.filters = dict(i18n.register.filters)


class Literal(Node):
    """A `translate` node whose text depends on the language alone."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.texts: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = self.node.render(context)
        return text


def is_literal(expression: FilterExpression | None) -> bool:
    """Whether it is a quoted text without filters; None, for none, counts as one."""
    return expression is None or (
        not expression.filters and getattr(expression.var, "literal", None) is not None
    )


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    node: Any = i18n.do_translate(parser, token)
    once = not node.asvar and is_literal(node.filter_expression)
    return Literal(node) if once and is_literal(node.message_context) else node
