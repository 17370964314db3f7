"""A new password for who forgot theirs: by two administrators of different kinds.

Nobody alone may become somebody else: one begins and learns the first half of a password, another
confirms and learns the second; until then the old password holds. Its owner gets the halves from
both, changes the password on entering, and is told of both steps. For staff these are the system
and the security administrator; for an administrator's account any two kinds, so that it works for
the only one of a kind; never its owner, who has the page for changing one's own.

The halves follow from the row and SECRET_KEY and are shown once: no table or log holds them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, outbox, passwords, permissions
from governance.models import PasswordReset, Post, User
from governance.outbox import Note
from governance.permissions import ADMINISTRATORS
from governance.roles import Role

ASKED, WAITING, DONE = "password.asked", "password.waiting", "password.reset"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
LENGTH = 8

outbox.SENTENCES |= {
    ASKED: _("%(by)s申请重置您的密码。不是您要求的，请立即告知其他管理员，不予确认。"),
    WAITING: _("%(by)s申请重置账号 %(username)s 的密码，请当面核实本人后确认。"),
    DONE: _("您的密码已由%(begun)s和%(by)s重置。不是您要求的，请立即告知审计管理员。"),
}
outbox.LINKS[WAITING] = lambda params: reverse(
    "admin:auth_user_password_change", args=[params["user"]]
)


class NotAllowed(Exception):
    """This person may not do this step; the text says why."""


def hands(user: User) -> frozenset[Role]:
    """The kinds of administrators of whom two reset this user's password."""
    posts = Post.objects.not_over(clock.today()).filter(user=user, role__in=ADMINISTRATORS)
    return ADMINISTRATORS if posts.exists() else ADMINISTRATORS - {Role.AUDIT_ADMIN}


def hand(user: User, by: User) -> Role:
    """As which administrator `by` acts; raises NotAllowed where it is not theirs."""
    if by == user:
        raise NotAllowed(
            _t("本人的密码不能由本人重置；记得的请自行修改，忘记的请另两名管理员办理。")
        )
    held = {post.role for post in permissions.posts_of(by)} & hands(user)
    if not held:
        raise NotAllowed(_t("工作人员的密码由系统管理员和安全管理员共同重置。"))
    return Role(min(held))


def waiting(user: User, now: datetime) -> PasswordReset | None:
    """What was begun for this user and may still be confirmed."""
    known = PasswordReset.objects.waiting(now).filter(user=user)
    return known.select_related("begun_by").first()


@transaction.atomic
def begin(user: User, by: User, now: datetime) -> str:
    """Returns the first half, for `by` to hand to the owner. The old password still holds."""
    role = hand(user, by)
    lock(user)
    if waiting(user, now):
        raise NotAllowed(_t("已有待确认的重置申请，请先确认或撤回。"))
    PasswordReset.objects.open().filter(user=user).update(withdrawn_at=now)  # lapsed
    reset = PasswordReset.objects.create(user=user, begun_by=by, begun_as=role, begun_at=now)
    said = {"by": str(by), "username": user.username, "user": str(user.pk)}
    notes = [Note(pk, WAITING, key(WAITING, reset), said) for pk in confirmers(reset)]
    outbox.tell([Note(user.pk, ASKED, key(ASKED, reset), {"by": str(by)}), *notes], now)
    return half(reset, 1)


@transaction.atomic
def confirm(user: User, by: User, now: datetime) -> str:
    """Set the password, which its owner has to change; returns its second half. All that was
    open with the old one, sessions and tokens, ends."""
    role = hand(user, by)
    lock(user)
    reset = waiting(user, now)
    if reset is None:
        raise NotAllowed(_t("没有待确认的重置申请，或已超过一天，请重新申请。"))
    if role == reset.begun_as:
        raise NotAllowed(_t("须由另一类管理员确认。"))
    reset.confirmed_by, reset.confirmed_as, reset.confirmed_at = by, role, now
    reset.save()
    passwords.reset(user, half(reset, 1) + half(reset, 2), now)
    said = {"begun": str(reset.begun_by), "by": str(by)}
    outbox.tell([Note(user.pk, DONE, key(DONE, reset), said)], now)
    return half(reset, 2)


@transaction.atomic
def withdraw(user: User, by: User, now: datetime) -> None:
    """The old password stays; who the owner is may be in doubt, so any of them may."""
    hand(user, by)
    PasswordReset.objects.open().filter(user=user).update(withdrawn_at=now)


def lock(user: User) -> None:
    """Two who begin or confirm at once go one after the other."""
    User.objects.select_for_update().get(pk=user.pk)


def confirmers(reset: PasswordReset) -> list[int]:
    asked = hands(reset.user) - {reset.begun_as}
    known = permissions.holders().items()
    found = {pk for (_unit, role), ids in known if role in asked for pk in ids}
    return sorted(found - {reset.user_id})


def key(kind: str, reset: PasswordReset) -> str:
    return f"{kind}:{reset.pk}"


def half(reset: PasswordReset, number: int) -> str:
    """The first ends in a hyphen, so that the two are typed one after the other."""
    text = f"{reset.pk}:{reset.begun_at.isoformat()}:{number}"
    digest = salted_hmac("governance.resets", text, algorithm="sha256").digest()
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])
    return f"{letters}-" if number == 1 else letters
