"""The roles that a post can give. What each may do: governance/permissions.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    LEADER = "leader", _("书记")
    CO_OPTED = "co_opted", _("兼职委员")
    CLERK = "clerk", _("社区专干")
    DISPATCHER = "dispatcher", _("派遣员")
    SUPERVISOR = "supervisor", _("督办员")
    STATION_LEAD = "station_lead", _("网格站长")
    GRID_LEADER = "grid_leader", _("网格长")
    GRID_WORKER = "grid_worker", _("专职网格员")
    GRID_GUIDE = "grid_guide", _("网格指导员")
    CORRESPONDENT = "correspondent", _("网格信息员")
    HOUSEHOLD_HEAD = "household_head", _("联户长")
    SPONSOR = "sponsor", _("包保单位")
    DEPARTMENT_LEAD = "department_lead", _("部门负责人")
    HANDLER = "handler", _("部门处置员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")
