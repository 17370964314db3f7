"""Answers to the questions of a check-list: which fit, and how they read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases.models import AnswerKind, Question

YES, NO, NOT_APPLICABLE = "yes", "no", "na"
YES_NO = {YES: _("是"), NO: _("否"), NOT_APPLICABLE: _("不涉及")}
LONGEST = 500
LARGEST = 10**9


def fault(question: Question, value: object) -> str:
    """What is wrong with an answer; "" when nothing is."""
    if question.kind == AnswerKind.NUMBER:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # NaN lies between no two numbers
        fits = number and 0 <= value <= LARGEST  # type: ignore[operator]
        return "" if fits else _t("请填写数字，不小于 0。")
    if question.kind == AnswerKind.TEXT:
        if not isinstance(value, str) or not value.strip():
            return _t("请填写此项。")
        if not storable(value):
            return _t("填写的内容不符合要求。")
        return "" if len(value) <= LONGEST else _t("最多 %(limit)s 个字。") % {"limit": LONGEST}
    offered = YES_NO if question.kind == AnswerKind.YES_NO else question.choices
    return "" if isinstance(value, str) and value in offered else _t("请从所列选项中选择。")


def storable(text: str) -> bool:
    """Whether the database takes it: JSON lets a NUL and half a character through."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def words(question: Question, value: Any) -> str:
    """An answer as people read it."""
    if question.kind == AnswerKind.YES_NO:
        return str(YES_NO.get(value, value))
    if question.kind == AnswerKind.NUMBER:
        number = int(value) if value == int(value) else value
        return f"{number} {question.measure}".strip()
    return str(value)
