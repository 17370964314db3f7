"""The administrators' pages, by subject; each asks the permission table."""

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import Group
from knox.models import AuthToken

from governance.admin import audit, calendar, jobs, units, users

__all__ = ["audit", "calendar", "jobs", "units", "users"]

# What other packages put there themselves; rights come from posts, tokens have their own page.
for model in (Group, AuthToken, AccessAttempt):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
