"""Who may what: the one table. Views, API and admin ask it; nothing else decides.

Where a person may do it follows from the unit of the post: `cases/access.py` and the like join a
permission with the tree. `manage.py permissions` prints this table, /permissions/ shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance import clock
from governance.models.units import BESIDE, LEVELS, Post, UnitKind
from governance.reference import Reference, versions
from governance.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.models import User

R = Role
ADMINISTRATORS = frozenset({R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.AUDIT_ADMIN})
STAFF = frozenset(R) - ADMINISTRATORS - {R.SPONSOR}
CENTRE = frozenset({R.CLERK, R.DISPATCHER})
LEADERS = frozenset({R.LEADER, R.CO_OPTED, R.SUPERVISOR})
FIELD = frozenset({R.STATION_LEAD, R.GRID_LEADER, R.GRID_WORKER})
VOLUNTEERS = frozenset({R.CORRESPONDENT, R.HOUSEHOLD_HEAD})
DEPARTMENT = frozenset({R.DEPARTMENT_LEAD, R.HANDLER})
SYSTEM, SECURITY, AUDIT = ({R.SYSTEM_ADMIN}, {R.SECURITY_ADMIN}, {R.AUDIT_ADMIN})


class Permission(NamedTuple):
    label: str | Promise
    roles: frozenset[Role]


def _row(label: str | Promise, *groups: frozenset[Role] | set[Role]) -> Permission:
    return Permission(label, frozenset().union(*groups))


TABLE: dict[str, Permission] = {
    # the work
    "case.see": _row(_("查看本辖区、本部门或本人上报的事件"), STAFF),
    "case.report": _row(_("上报事件"), STAFF),
    "case.accept": _row(_("受理"), CENTRE),
    "case.refuse": _row(pgettext_lazy("action", "不予受理"), CENTRE),
    "case.join": _row(_("并案"), CENTRE),
    "case.unjoin": _row(_("撤销并案"), CENTRE),
    "case.split": _row(_("拆分"), CENTRE),
    "case.dispatch": _row(_("派遣"), {R.DISPATCHER}),
    "case.insist": _row(_("坚持派遣"), {R.DISPATCHER}),
    "case.rule": _row(_("裁定派遣"), {R.SUPERVISOR, R.LEADER}),
    "case.sign": _row(_("签收"), DEPARTMENT),
    "case.return": _row(_("退单"), DEPARTMENT),
    "case.pass_up": _row(_("提级上报"), CENTRE),
    "case.hand_down": _row(_("交办下级"), CENTRE),
    "case.handle_on_spot": _row(_("自行处置"), FIELD),
    "case.ask_extension": _row(_("申请延期"), DEPARTMENT),
    "case.ask_suspension": _row(_("申请挂账"), DEPARTMENT),
    "case.grant": _row(_("批准延期、挂账"), {R.DISPATCHER, R.SUPERVISOR}),
    "case.deny": _row(_("不予批准延期、挂账"), {R.DISPATCHER, R.SUPERVISOR}),
    "case.ask_reporter": _row(_("询问反映人"), CENTRE, DEPARTMENT),
    "case.reply": _row(_("代录补充答复"), CENTRE),
    "case.resume": _row(_("恢复办理"), {R.DISPATCHER, R.SUPERVISOR}, DEPARTMENT),
    "case.whistle": _row(_("吹哨"), CENTRE, {R.LEADER}),
    "case.sign_task": _row(_("签收任务"), DEPARTMENT),
    "case.contact": _row(_("先行联系"), DEPARTMENT),
    "case.arrive": _row(_("到场签到"), DEPARTMENT),
    "case.report_task": _row(_("任务反馈"), DEPARTMENT),
    "case.excuse": _row(_("免除任务"), CENTRE, {R.LEADER, R.SUPERVISOR}),
    "case.score": _row(_("评价部门"), CENTRE, {R.LEADER}),
    "case.conclude": _row(_("联合办结"), CENTRE, {R.LEADER}),
    "case.consult": _row(_("会商"), {R.DISPATCHER, R.LEADER, R.SUPERVISOR}),
    "case.find": _row(_("登记检查发现"), CENTRE, FIELD, DEPARTMENT),
    "case.order": _row(_("责令整改"), DEPARTMENT),
    "case.recheck": _row(_("整改复查"), CENTRE, FIELD, DEPARTMENT),
    "case.finish": _row(_("处置反馈"), DEPARTMENT),
    "case.verify": _row(_("核查通过"), FIELD, {R.CLERK}),
    "case.fail": _row(_("核查不通过"), FIELD, {R.CLERK}),
    "case.close": _row(_("结案"), CENTRE),
    "case.force_close": _row(_("强制结案"), {R.LEADER}),
    "case.answer": _row(_("回告"), CENTRE),
    "case.rate": _row(_("代录评价"), CENTRE),
    "case.reopen": _row(_("重新办理"), CENTRE),
    "case.call_back": _row(_("回访"), CENTRE),
    "case.archive": _row(_("归档"), CENTRE),
    "case.urge": _row(_("催办"), CENTRE, {R.SUPERVISOR}),
    "case.supervise": _row(_("督办"), {R.SUPERVISOR, R.LEADER}),
    "case.reply_supervision": _row(_("督办回复"), CENTRE, DEPARTMENT),
    "case.lift_supervision": _row(_("撤销督办"), {R.SUPERVISOR, R.LEADER}),
    "case.correct": _row(_("更正"), CENTRE),
    "case.share": _row(_("共享"), CENTRE, {R.SUPERVISOR}),
    "case.unshare": _row(_("取消共享"), CENTRE, {R.SUPERVISOR}),
    "case.make_paper": _row(_("制作文书"), CENTRE, DEPARTMENT),
    "case.review": _row(_("追责"), {R.SUPERVISOR, R.LEADER}),
    "figures.see": _row(
        _("查看办理情况"), {R.DISPATCHER, R.DEPARTMENT_LEAD, R.LEADER, R.SUPERVISOR}
    ),
    "case.mediate": _row(_("调解纠纷"), CENTRE, FIELD, DEPARTMENT),
    "case.publish_photo": _row(_("公开照片"), CENTRE),
    "case.add_photo": _row(_("补充照片"), CENTRE, FIELD, DEPARTMENT),
    "reporter.reveal": _row(_("查看反映人联系方式"), CENTRE, FIELD, DEPARTMENT),
    # service on behalf
    "service.see": _row(_("查看本辖区、本部门的办事代办"), FIELD, CENTRE, LEADERS, DEPARTMENT),
    "service.entrust": _row(_("接受委托、补正、回访"), FIELD, {R.CLERK}),
    "service.handle": _row(_("办理代办事项"), DEPARTMENT, {R.CLERK}),
    "service.reveal": _row(_("查看代办申请人信息与材料"), FIELD, {R.CLERK}, DEPARTMENT),
    # suggestions, those of residents and those on the platform itself
    "suggestion.see": _row(_("查看本辖区、本部门或本人登记的建议"), STAFF),
    "suggestion.collect": _row(_("登记建议"), STAFF),
    "suggestion.answer": _row(_("答复、公开建议"), CENTRE, DEPARTMENT, {R.LEADER, R.SUPERVISOR}),
    "suggestion.hand_over": _row(_("把建议转为事件"), CENTRE),
    "suggestion.reassign": _row(_("转交建议"), CENTRE, {R.SUPERVISOR}),
    "suggestion.reveal": _row(_("查看建议人联系方式"), CENTRE, DEPARTMENT),
    "platform.suggest": _row(_("对平台提意见"), frozenset(R) - {R.SPONSOR}),
    "platform.answer": _row(_("答复对平台的意见（区级）"), {R.SUPERVISOR, R.LEADER}),
    # campaigns, inspections, spot checks
    "campaign.see": _row(_("查看本辖区、本部门的专项行动"), FIELD, CENTRE, LEADERS, DEPARTMENT),
    "campaign.launch": _row(_("发起、抽取、结束专项行动"), CENTRE, {R.LEADER, R.SUPERVISOR}),
    "campaign.answer": _row(_("完成专项行动任务"), FIELD, DEPARTMENT),
    # territory and organisation
    "unit.see": _row(_("查看组织架构"), frozenset(R) - {R.SPONSOR}),
    "person.see": _row(_("查看本辖区人口"), FIELD, {R.CLERK}),
    "person.register": _row(_("登记人口、来去、更正"), FIELD, {R.CLERK}),
    "person.import": _row(_("批量导入人口与单位"), {R.STATION_LEAD, R.CLERK}),
    "person.approve": _row(_("审批证件更正、死亡、合并"), {R.STATION_LEAD, R.CLERK}),
    "visit.see": _row(_("查看本辖区走访与覆盖"), FIELD, {R.CLERK, R.LEADER}),
    "visit.make": _row(_("走访"), FIELD, {R.CLERK}),
    "visit.plan": _row(_("制定走访计划"), {R.STATION_LEAD, R.CLERK, R.LEADER}),
    "support.see": _row(_("查看本人参加的帮扶计划"), STAFF),
    "support.make": _row(_("制定帮扶计划"), FIELD, {R.CLERK}),
    "support.count": _row(_("查看帮扶统计（十人以上）"), {R.CLERK, R.LEADER, R.SUPERVISOR}),
    "person.reveal": _row(_("查看人员完整信息"), FIELD, {R.CLERK}),
    "person.export": _row(_("申请导出人口"), {R.CLERK}),
    "person.approve_export": _row(_("审批人口导出"), {R.LEADER, R.SUPERVISOR}),
    "export.see": _row(_("查看人口导出"), {R.CLERK, R.LEADER, R.SUPERVISOR}),
    "right.handle": _row(_("受理个人信息权利请求"), {R.CLERK}),
    "right.erase": _row(_("复核删除个人信息"), {R.CLERK, R.STATION_LEAD, R.LEADER}),
    # departments meet doors in their cases alone; what stands in the street is theirs to mend
    "place.see": _row(_("查看本辖区地址、楼栋与房屋"), STAFF - DEPARTMENT),
    "facility.see": _row(_("查看本辖区公共部件"), STAFF),
    "place.register": _row(_("维护地址、楼栋、房屋、隐患与部件"), FIELD, {R.CLERK}),
    "place.import": _row(_("批量导入楼栋与房屋"), SYSTEM, {R.CLERK}),
    "entity.see": _row(_("查看本辖区单位"), FIELD, {R.CLERK, R.LEADER}),
    "entity.register": _row(_("登记单位、证照、检查"), FIELD, {R.CLERK}),
    "entity.reveal": _row(_("查看单位联系人"), FIELD, {R.CLERK}),
    "tenancy.see": _row(_("查看本辖区租住登记与申报"), FIELD, {R.CLERK}),
    "tenancy.register": _row(_("登记、核对租住"), FIELD, {R.CLERK}),
    "joint.see": _row(_("查看本辖区联户单位"), FIELD, {R.CLERK}),
    "joint.form": _row(_("组建联户单位"), FIELD, {R.CLERK}),
    "grid.see": _row(_("查看网格地图"), frozenset(R) - {R.SPONSOR}),
    "item.see": _row(_("查看事项清单"), frozenset(R) - {R.SPONSOR}),
    "rule.see": _row(_("查看派遣规则与配置检查"), SYSTEM, {R.DISPATCHER, R.SUPERVISOR}),
    "message.see": _row(_("查看本人消息"), frozenset(R) - {R.SPONSOR}),
    # administration, in three hands
    "admin.enter": _row(_("进入管理后台"), ADMINISTRATORS),
    "permission.see": _row(_("查看权限表"), ADMINISTRATORS),
    "unit.change": _row(_("维护单位与网格"), SYSTEM),
    "item.change": _row(_("维护事项清单"), SYSTEM),
    "calendar.change": _row(_("维护工作日历"), SYSTEM),
    "jobs.see": _row(_("查看计时器与发送"), SYSTEM),
    "jobs.retry": _row(_("重试计时器与发送"), SYSTEM),
    "user.see": _row(_("查看用户与岗位"), ADMINISTRATORS),
    "user.change": _row(_("维护用户"), SYSTEM),
    # two of different kinds, each one half of the password: governance/resets.py
    "user.reset": _row(_("重置密码（须两类管理员共同办理）"), ADMINISTRATORS),
    "post.change": _row(_("任免岗位、签发接口令牌"), SECURITY),
    "history.see": _row(_("查看审计记录"), AUDIT),
}


class Held(NamedTuple):
    """A post as a check needs it: the role, its unit, and the unit's chain."""

    role: str
    unit_id: int
    kind: str
    district_id: int | None
    street_id: int | None
    community_id: int | None
    grid_id: int | None

    @property
    def territory(self) -> tuple[str, int] | None:
        """The level column and id that this post covers, e.g. ("community_id", 7).

        None for a department, an area or a team: it hangs on a level and does not cover it.
        """
        if self.kind in BESIDE and self.kind != UnitKind.STATION:
            return None
        for level in reversed(LEVELS):
            column = f"{level}_id"
            if value := getattr(self, column):
                return column, value
        return None


def load() -> dict[int, tuple[Held, ...]]:
    """User id → the posts held today."""
    rows = (
        Post.objects.valid(clock.today())
        .exclude(user=None)
        .order_by("pk")
        .values_list(
            "user_id",
            "role",
            "unit_id",
            "unit__kind",
            "unit__district_id",
            "unit__street_id",
            "unit__community_id",
            "unit__grid_id",
        )
    )
    found: dict[int, tuple[Held, ...]] = {}
    for row in rows:
        found[row[0]] = (*found.get(row[0], ()), Held(*row[1:]))
    return found


# with the units, as a post covers what its unit's chain names
held = Reference("posts", load, lambda: (clock.today(), versions().get("units", 0)))


def load_holders() -> dict[tuple[int, str], tuple[int, ...]]:
    """(unit, role) → the active users in that post today."""
    rows = (
        Post.objects.valid(clock.today())
        .filter(user__is_active=True)
        .order_by("pk")
        .values_list("unit_id", "role", "user_id")
    )
    found: dict[tuple[int, str], tuple[int, ...]] = {}
    for unit_id, role, user_id in rows:
        assert user_id is not None
        found[unit_id, role] = (*found.get((unit_id, role), ()), user_id)
    return found


holders = Reference("posts", load_holders, clock.today)


def at(unit_id: int | None, roles: Iterable[str]) -> list[int]:
    """The users who hold one of the roles at a unit."""
    known = holders()
    return [user for role in roles for user in known.get((unit_id or 0, role), ())]


def posts_of(user: User | AnonymousUser) -> tuple[Held, ...]:
    """The posts this user holds today; read once a request and kept on the user object."""
    if not user.is_authenticated or not user.is_active:
        return ()
    kept: tuple[Held, ...] | None = user.__dict__.get("_held_posts")
    if kept is None:
        kept = user.__dict__["_held_posts"] = held().get(user.pk, ())
    return kept


def may(user: User | AnonymousUser, code: str) -> bool:
    """Whether any post of this user gives the permission. KeyError for a code not in the table."""
    return bool(posts_with(user, code))


def by_method(code: str, post: str) -> dict[str, str]:
    """The methods of a page that ask for something else than to see it. Who may do it sees it."""
    assert TABLE[post or code].roles <= TABLE[code].roles, (code, post)
    return {"POST": post} if post else {}


def posts_with(user: User | AnonymousUser, code: str) -> list[Held]:
    """The user's posts that give the permission."""
    roles = TABLE[code].roles
    return [post for post in posts_of(user) if post.role in roles]
