"""帮扶计划, on desk and phone: one's own plans, one plan, and the verbs of those who answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, permissions
from governance.access import StaffRequest, needs, record_looks
from governance.surfaces import show, to
from people import access, plan_homes, support
from people.errors import NotAllowed
from people.forms import Blaming, first_fault
from people.models import SupportPlan, SupportStep, TeamMember
from people.support_forms import (
    BeginForm,
    ContactForm,
    EndForm,
    FactsForm,
    MemberForm,
    OfficerForm,
    RenewForm,
    ResultForm,
    StepForm,
)


@needs("support.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """The plans in whose team one is; figures, in groups of ten or more, for who counts them."""
    user = request.user
    rows = support.visible(user).select_related("kind", "person__data_key")
    context = {
        "plans": [
            {
                "name": str(row.person),
                "kind": row.kind.name,
                "review_on": row.review_on,
                "ends_on": row.ends_on,
                "ended": row.ended_at is not None,
                "url": to(request, "people:plan", row.pk),
            }
            for row in rows.order_by("ended_at", "review_on", "pk").distinct()[:200]
        ],
        "counts": support.counts(user) if permissions.may(user, "support.count") else None,
        "list_url": to(request, "people:list") if permissions.may(user, "person.see") else "",
    }
    return show(request, "people/plans.html", context)


@needs("support.make")
@require_http_methods(["GET", "POST"])
def begin(request: StaffRequest, key: UUID) -> HttpResponse:
    """A plan for a person who asks for help or agrees to it."""
    person = access.person_for(request.user, key)
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = support.begin(
                person, form.chosen(), **form.given(), team=(), by=request.user, now=clock.now()
            )
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已制定。请把团队成员加进来。"))
            return redirect(to(request, "people:plan", plan.pk))
    context = {
        "form": form,
        "name": str(person),
        "kinds": support.kinds(),
        "back_url": to(request, "people:person", key),
    }
    return show(request, "people/plan_new.html", context, 400 if form.errors else 200)


@needs("support.see")
@require_GET
def page(request: StaffRequest, pk: int) -> HttpResponse:
    """The plan in clear, for its team, who agreed on it together: all that is shown is written down
    as looked at. (Of the person themself the page has but the masked name.)"""
    return opened(request, support.plan_for(request.user, pk))


def opened(
    request: StaffRequest, plan: SupportPlan, failed: Mapping[Any, Any] = MappingProxyType({})
) -> HttpResponse:
    """`failed` are forms that come back as they were typed, by their verb; by its id that of a
    step."""
    keeper = support.keeps(request.user, plan) and plan.ended_at is None
    steps = plan.steps.select_related("words__data_key", "done_by").order_by("due_on", "pk")
    team = plan.team.filter(until=None).select_related("user", "data_key").order_by("since", "pk")
    record_looks(
        request.user,
        support.shown(plan, steps, team),
        reason=_t("查看帮扶计划 %(plan)d") % {"plan": plan.pk},
        now=clock.now(),
    )
    context = {
        "plan": plan,
        "name": str(plan.person),
        "waits_until": plan_homes.waits_until(plan) if plan.ended_at is None else None,
        "goal": plan.words.goal.reveal() if plan.words.goal else "",
        "agreed": plan.words.agreed.reveal() if plan.words.agreed else "",
        "team": [member_of(request, plan, row, keeper=keeper) for row in team],
        "missing": support.missing(team) if plan.ended_at is None else [],
        "steps": [
            step_of(request, row, failed.get(row.pk), is_open=plan.ended_at is None)
            for row in steps
        ],
        "keeper": keeper,
        "facts": (facts := support.facts_of(plan)),
        "unknown": [name for name, said in facts if not said],
        "forms": {
            "facts": FactsForm(facts=facts, auto_id="id_facts_%s"),
            "officer": OfficerForm(
                initial={"agreed": "0" if plan.officer_agreed else "1"}, auto_id="id_officer_%s"
            ),
            "contact": ContactForm(
                initial={"contact_weeks": plan.contact_weeks}, auto_id="id_contact_%s"
            ),
            "join": MemberForm(auto_id="id_join_%s"),
            "step": StepForm(auto_id="id_step_%s"),
            "renew": RenewForm(auto_id="id_renew_%s"),
            "end": EndForm(auto_id="id_end_%s"),
            **failed,
        },
        "urls": {verb: to(request, "people:plan_act", plan.pk, verb) for verb in VERBS},
        "list_url": to(request, "people:plans"),
    }
    response = show(request, "people/plan.html", context, 400 if failed else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def member_of(
    request: StaffRequest, plan: SupportPlan, row: TeamMember, *, keeper: bool
) -> dict[str, Any]:
    leaves = keeper and row.role != "lead"
    return {
        "role": row.get_role_display(),
        "name": str(row.user) if row.user else row.name.reveal(),
        "phone": row.phone.reveal() if row.phone else "",
        "leave_url": to(request, "people:plan_leave", plan.pk, row.pk) if leaves else "",
    }


def step_of(
    request: StaffRequest, row: SupportStep, failed: ResultForm | None, *, is_open: bool
) -> dict[str, Any]:
    return {
        "form": failed or ResultForm(auto_id=result_id(row)),
        "what": row.words.what.reveal() if row.words.what else "",
        "due_on": row.due_on,
        "done_at": row.done_at,
        "done_by": str(row.done_by) if row.done_by else "",
        "result": row.words.result.reveal() if row.words.result else "",
        "url": to(request, "people:step_done", row.pk) if is_open and not row.done_at else "",
    }


def join(plan: SupportPlan, form: MemberForm, **more: Any) -> None:
    support.join(plan, form.member(), **more)


def agree(plan: SupportPlan, form: StepForm, **more: Any) -> None:
    support.agree_step(plan, form.cleaned_data["what"], form.cleaned_data["due_on"], **more)


def renew(plan: SupportPlan, form: RenewForm, **more: Any) -> None:
    support.renew(plan, form.cleaned_data["agreed"], **more)


def review(plan: SupportPlan, form: Any, **more: Any) -> None:
    support.review(plan, **more)


def learn(plan: SupportPlan, form: FactsForm, **more: Any) -> None:
    support.learn(plan, form.given(), **more)


def ask_officer(plan: SupportPlan, form: OfficerForm, **more: Any) -> None:
    support.ask_officer(plan, **form.cleaned_data, **more)


def keep_in_touch(plan: SupportPlan, form: ContactForm, **more: Any) -> None:
    support.keep_in_touch(plan, form.cleaned_data["contact_weeks"], **more)


def end(plan: SupportPlan, form: EndForm, **more: Any) -> None:
    support.end(plan, form.cleaned_data["reason"], **more)


VERBS: dict[str, tuple[Any, Callable[..., None]]] = {
    "join": (MemberForm, join),
    "step": (StepForm, agree),
    "facts": (FactsForm, learn),
    "contact": (ContactForm, keep_in_touch),
    "officer": (OfficerForm, ask_officer),
    "renew": (RenewForm, renew),
    "review": (Blaming, review),
    "end": (EndForm, end),
}


@needs("support.see")
@require_POST
def act(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    plan = support.plan_for(request.user, pk)
    if verb not in VERBS:
        raise Http404
    kind, do = VERBS[verb]
    more = {"facts": support.facts_of(plan)} if kind is FactsForm else {}
    form = kind(request.POST, auto_id=f"id_{verb}_%s", **more)
    if form.is_valid():
        try:
            do(plan, form, by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已保存。"))
            return redirect(to(request, "people:plan", pk))
    plan = support.plan_for(request.user, pk)
    if kind is Blaming or not support.keeps(request.user, plan) or plan.ended_at is not None:
        messages.error(request, first_fault([form]))  # it has no place there
    return opened(request, plan, {verb: form})


@needs("support.see")
@require_POST
def leave(request: StaffRequest, pk: int, member: UUID) -> HttpResponse:
    plan = support.plan_for(request.user, pk)
    row = plan.team.filter(pk=member, until=None).first()
    if row is None:
        raise Http404
    try:
        support.leave(plan, row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已退出团队。"))
    there = support.visible(request.user).filter(pk=pk).exists()
    return redirect(to(request, "people:plan", pk) if there else to(request, "people:plans"))


@needs("support.see")
@require_POST
def step_done(request: StaffRequest, pk: int) -> HttpResponse:
    access.enter(request.user)
    step = SupportStep.objects.filter(pk=pk).first()
    if step is None:
        raise Http404
    form = ResultForm(request.POST, auto_id=result_id(step))
    if not form.is_valid():
        return opened(request, support.plan_for(request.user, step.plan_id), {step.pk: form})
    try:
        support.finish_step(step, form.cleaned_data["result"], by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已记录完成。"))
    return redirect(to(request, "people:plan", step.plan_id))


def result_id(step: SupportStep) -> str:
    """Several stand on one page: each has its own ids."""
    return f"id_result{step.pk}_%s"
