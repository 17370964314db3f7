"""The grid worker's phone: tasks by deadline, the case with big buttons, reporting on the spot."""

from __future__ import annotations

import uuid
from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from cases import access, duplicates, items, queue, reviews
from cases.forms import ReportForm
from cases.models import Case, Source
from cases.views import acts, desk
from cases.views.partials import partial
from governance import clock
from governance.access import StaffRequest, needs

CASES = "/m/cases/"
TABS = ("mine", "tasks", "overdue", "all")
COMMON = 6


@needs("case.see")
@require_GET
@vary_on_headers("HX-Request")
def tasks(request: StaffRequest) -> HttpResponse:
    """What waits for me, what is due first on top; and what I may see besides."""
    now = clock.now()
    asked = request.GET.get("tab", "")
    tab = queue.BY_KEY[asked if asked in TABS else "mine"]
    rows = queue.rows(request.user, tab, now)
    page = queue.page(
        rows,
        by_due=tab.by_due,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    tabs = [tab for tab in queue.tabs_for(request.user) if tab.key in TABS]
    context = {
        "tabs": desk.tab_links(request, tabs, tab, queue.counts(request.user, now)),
        "tasks": list(queue.shown(page.lines, now, CASES)),
        "next_url": desk.address(request, after=page.next_key),
        "previous_url": desk.address(request, before=page.previous_key),
        "reviews": reviews.to_answer(request.user),
        "empty_hint": _t("有新任务会出现在这里；发现问题可以点“上报”。"),
    }
    return render(request, partial(request, "phone/tasks.html", "table"), context)


@needs("case.see")
@require_GET
def case_view(request: StaffRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    return render(request, "phone/case.html", acts.page_context(request, case, CASES))


@needs("case.see")
@require_http_methods(["GET", "POST"])
def act(request: StaffRequest, number: str, code: str) -> HttpResponse:
    return acts.do_act(request, number, code, CASES, "phone")


@needs("case.report")
@require_POST
def similar(request: StaffRequest) -> HttpResponse:
    return desk.similar_at(request, CASES)


@needs("case.join")
@require_GET
def similar_to(request: StaffRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    return acts.show_repeats(request, duplicates.of_case(case, request.user), CASES)


@needs("case.report")
@require_http_methods(["GET", "POST"])
def report(request: StaffRequest) -> HttpResponse:
    """Photo, position, item, words; what was reported can be handled on the spot at once. What was
    found on a visit comes with its door and its words."""
    visit = desk.visit_of(request)
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        initial={"key": uuid.uuid4(), **desk.found_at(request, visit)},
        residents=desk.residents_of(request, visit),
    )
    if request.method == "POST" and form.is_valid():
        case = desk.open_from(request, form, source=Source.WORKER, visit=visit)
        if case is not None:
            messages.success(request, _t("已上报，编号 %(number)s。") % {"number": case.number})
            return redirect("phone:case", case.number)
    context = {
        **desk.report_context(form, request.user),
        "item_search_url": reverse("desk:item_search"),
        "suggest_url": reverse("phone:similar"),
        "common_items": common_items(request.user.pk),
        "visit": desk.visit_note(visit, CASES),
    }
    status = 400 if form.is_bound and form.errors else 200
    return desk.kept_private(render(request, "phone/report.html", context, status=status), visit)


def common_items(user_id: int) -> list[dict[str, object]]:
    """The items this person reported most among the last hundred: one tap instead of typing."""
    recent = Case.objects.filter(reported_by=user_id).order_by("-pk")
    counted = Counter(recent.values_list("item_id", flat=True)[:100])
    found = [items.facts(pk) for pk, _n in counted.most_common(COMMON)]
    return [{"value": item.pk, "label": item.title} for item in found]
