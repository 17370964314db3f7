import gc

# What comes into being while the platform loads stays as long as it runs: to look through it for
# garbage again and again took a fifth of the start. GovernanceConfig.ready ends it.
gc.disable()

from governance.celery import app as celery_app  # noqa: E402 -- the load has begun

__all__ = ["celery_app"]
