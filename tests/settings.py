"""The product's settings; passwords hash fast, mail stays in memory, media in a folder."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from governance.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# One folder a run, in it one a worker: what one test counts no other one may add to.
if "TEST_MEDIA" not in os.environ:
    os.environ["TEST_MEDIA"] = tempfile.mkdtemp(prefix="governance-test-media-")
    atexit.register(shutil.rmtree, os.environ["TEST_MEDIA"], ignore_errors=True)
MEDIA_ROOT = str(Path(os.environ["TEST_MEDIA"]) / os.environ.get("PYTEST_XDIST_WORKER", "main"))
