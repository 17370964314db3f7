"""The master keys of personal data: from files or the environment, never in the database; refused
at the start when they are faulty.

Changing one, while everything runs:

1. Add the new key to PERSONAL_DATA_OTHER_KEYS and restart: every process can open with both.
2. Put the new key into PERSONAL_DATA_KEY and the old one into PERSONAL_DATA_OTHER_KEYS; at the
   first change set PERSONAL_INDEX_KEY to the old one, which blind indexes were made with. Restart.
3. `manage.py rotate_keys` (governance/rotation.py) wraps the data keys again while readers run.
4. When it says left=0, take the old key out of PERSONAL_DATA_OTHER_KEYS and restart.

Blind indexes stay as they are: another PERSONAL_INDEX_KEY takes `manage.py reindex_people`, in a
quiet hour, as people are not found while theirs are of the other key.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

HEX = re.compile(r"[0-9a-fA-F]{64}")
NAMES = ("PERSONAL_DATA_KEY", "PERSONAL_DATA_OTHER_KEYS", "PERSONAL_INDEX_KEY")
# Where containers mount secrets, world-readable: nobody but the application is in there.
MOUNTED = "/run/secrets/"


# At the start -----------------------------------------------------------------------------------


def faults() -> list[str]:
    """What is wrong with the keys, a sentence each; no sentence repeats one."""
    found = list(wrong_files())
    if not is_good(settings.PERSONAL_DATA_KEY):
        found.append("PERSONAL_DATA_KEY must be 64 hexadecimal digits, and not all zeros.")
    if not all(HEX.fullmatch(key) for key in settings.PERSONAL_DATA_OTHER_KEYS):
        found.append("Each of PERSONAL_DATA_OTHER_KEYS must be 64 hexadecimal digits.")
    if settings.PERSONAL_INDEX_KEY and not HEX.fullmatch(settings.PERSONAL_INDEX_KEY):
        found.append("PERSONAL_INDEX_KEY must be 64 hexadecimal digits.")
    if settings.PERSONAL_DATA_OTHER_KEYS and not settings.PERSONAL_INDEX_KEY:
        found.append(
            "With PERSONAL_DATA_OTHER_KEYS, PERSONAL_INDEX_KEY must say which key the blind indexes"
            " were made with: the PERSONAL_DATA_KEY of before the first change."
        )
    return found


def is_good(key: str) -> bool:
    """The demo's own key is all zeros, and the demo's alone."""
    return bool(HEX.fullmatch(key)) and (set(key) != {"0"} or settings.DEVELOPMENT)


def wrong_files() -> Iterator[str]:
    for name in NAMES:
        path = os.environ.get(f"{name}_FILE", "")
        if path and not path.startswith(MOUNTED) and is_open(Path(path)):
            yield f"{name}_FILE is readable by everybody: chmod o-r, or 600."


def is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))


def insist() -> None:
    """Raises ImproperlyConfigured instead of starting with faulty keys."""
    if found := faults():
        raise ImproperlyConfigured(" ".join(found))
