from django.contrib.admin.apps import AdminConfig


class GovernanceAdminConfig(AdminConfig):
    """Django's admin, with our site as the default one."""

    default_site = "governance.admin_site.GovernanceAdminSite"
