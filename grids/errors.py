"""Why a verb of the places would not do it, in words for who asked."""

from __future__ import annotations


class NotAllowed(Exception):
    """The rules forbid it; the text says which and what to do."""


class BadDetails(NotAllowed):
    """What was typed cannot be; `faults` names each field with its reason."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults
