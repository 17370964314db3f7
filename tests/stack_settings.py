"""For the processes of tests/stack.py: pages as in production, e-mails as files in a folder."""

import os

from tests.settings import *  # noqa: F403

DEBUG = False
BEHIND_NGINX = True
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ["EMAIL_FILE_PATH"]
MEDIA_ROOT = os.environ["MEDIA_ROOT"]
