"""The product's settings; passwords hash fast, mail stays in memory, media in a folder."""

import os
import tempfile
from pathlib import Path

from governance.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# One folder a run, in it one a worker: what one test counts no other one may add to.
_media = Path(
    os.environ.setdefault("TEST_MEDIA", tempfile.mkdtemp(prefix="governance-test-media-"))
)
MEDIA_ROOT = str(_media / os.environ.get("PYTEST_XDIST_WORKER", "main"))
