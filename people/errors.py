"""Why a verb of the registers would not do it, in words for who asked."""

from __future__ import annotations

from django.utils.translation import gettext as _t


class NotAllowed(Exception):
    """The rules forbid it; the text says which and what to do."""


class BadDetails(NotAllowed):
    """What was typed cannot be; `faults` names each field with its reason."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


class Repeated(NotAllowed):
    """The same form came before, with another content."""


class Changed(NotAllowed):
    """Somebody else changed the row since the page was shown; it has this version now."""

    def __init__(self, version: int) -> None:
        super().__init__(_t("该登记已被他人更新，请查看最新内容后再改。"))
        self.version = version
