"""How the configuration follows departments: items, rules and service items name their heir.

What names a department that was split stays, and `check_config` says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import DispatchRule, Item, ServiceItem
from governance import clock, following, units
from governance.following import Kind
from governance.models import Post

Joint: Any = Item.joint.through


def move_items(items: list[Item], now: datetime) -> None:
    """The lead is not joint as well."""
    following.rewrite(items, ("department_id",), following.named)
    Joint.objects.filter(item__in=items, item__department=F("unit")).delete()


def move_joint(rows: list[Any], now: datetime) -> None:
    """Each department once an item."""
    found = Joint.objects.filter(item__in={row.item_id for row in rows})
    known = set(found.values_list("item_id", "unit_id"))
    known |= set(found.values_list("item_id", "item__department_id"))
    twice = []
    for row in rows:
        row.unit_id = following.heir_or_same(row.unit_id)
        if (row.item_id, row.unit_id) in known:
            twice.append(row.pk)
        known.add((row.item_id, row.unit_id))
    Joint.objects.filter(pk__in=twice).delete()
    Joint.objects.bulk_update([row for row in rows if row.pk not in twice], ["unit"])
    # the catalogue in memory is read anew when a row of its own tables was written
    Item.objects.filter(pk__in={row.item_id for row in rows}).update(name=F("name"))


def rules() -> QuerySet[DispatchRule]:
    rows = DispatchRule.objects.filter(Q(valid_to=None) | Q(valid_to__gt=clock.today()))
    return rows.select_related("post")


def move_rules(rows: list[DispatchRule], now: datetime) -> None:
    """Also the post that a rule names: its holder has the same at the heir."""
    following.rewrite(rows, ("department_id", "unit_id"), following.named)
    for rule in rows:
        if rule.post is not None and (heir := units.heir_id(rule.post.unit_id)):
            rule.post = same_post(rule.post, heir) or rule.post
    DispatchRule.objects.bulk_update(rows, ["post"])


def same_post(post: Post, unit_id: int) -> Post | None:
    held = Post.objects.not_over(clock.today()).filter(
        unit=unit_id,
        role=post.role,
        user=post.user_id,
        member_name=post.member_name,
        holder_unit=post.holder_unit_id,
    )
    return held.order_by("pk").first()


following.register(
    "item",
    _("事项的主责、配合部门"),
    Kind(Item.objects.all, ("department_id",), wanted=following.named, move=move_items),
    Kind(Joint.objects.all, ("unit_id",), wanted=following.named, move=move_joint),
    on_move=False,
)
following.register(
    "dispatch_rule",
    _("派遣规则"),
    Kind(rules, ("department_id", "unit_id"), wanted=following.named, move=move_rules),
    on_move=False,
)
following.register(
    "service_item",
    _("办事事项的承办部门"),
    Kind(ServiceItem.objects.all, ("department_id",), wanted=following.named),
    on_move=False,
)
