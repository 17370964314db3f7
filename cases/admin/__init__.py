"""What administrators keep of the cases' room, by subject: the catalogue, its rules, texts, check
lists, services; and what leaves the house about cases, without the words of it.

Cases and photos are not here. Who enters the admin is an administrator, and administrators see no
case: they keep the house, others do its work (governance/permissions.py). Who may see cases has the
desk, where each move goes through the workflow and each look at a reporter leaves a record.
"""

from cases.admin import catalogue, check_lists, notices, rules, services, texts

__all__ = ["catalogue", "check_lists", "notices", "rules", "services", "texts"]
