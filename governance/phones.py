"""Telephone numbers as people type them: one rule for residents and for the registers."""

from __future__ import annotations

import re
import unicodedata

BETWEEN = re.compile(r"[\s()·./-]|[‐-―]")


def number(text: str, most: int = 15) -> str | None:
    """In plain digits, without what stands between them and without the own country's prefix, that
    of another kept; "" for none. None for what cannot be one: too short, longer than `most`, or one
    digit over and over."""
    if not text.strip():
        return ""
    found = BETWEEN.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    digits = found.removeprefix("+")
    if not re.fullmatch(r"[0-9]{7,}", digits) or len(digits) > most or len(set(digits)) == 1:
        return None
    return found
