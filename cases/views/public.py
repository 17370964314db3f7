"""随手拍: residents report without an account, and read what became of it with number and code."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    condition,
    require_GET,
    require_http_methods,
    require_POST,
)

from cases import items, needs, photos, workflow
from cases.errors import Changed, NotAllowed
from cases.forms import PublicReportForm, QueryForm, RatingForm, ReplyForm
from cases.models import Case, Photo, Source, State, Suggestion
from cases.moves import BY_ACTION, Action
from cases.views import desk
from governance import clock, rates
from governance.access import after_proof, for_everyone
from governance.rates import TooOften
from grids import geo, maps

PROGRESS = "public/progress.html"


# The plain stages a resident reads, and the states in each.
STAGES = (
    (_("已收到"), (State.REPORTED,)),
    (_("已受理"), (State.ACCEPTED, State.REFERRED, State.DISPATCHED)),
    (
        _("正在处理"),
        (
            *(State.HANDLING, State.JOINT, State.SUSPENDED, State.WAITING, State.SPLIT),
            *(State.JOINED, State.FINISHED, State.VERIFIED),
        ),
    ),
    (_("已办结"), (State.CLOSED,)),
    (_("已回复"), (State.ANSWERED, State.ARCHIVED)),
)
PROVED = "proved_cases"
owned = after_proof(PROVED, "public:query")
# Whether the promise was kept, once that is known.
KEPT = {None: "", True: _("按期结案"), False: _("超期结案")}


@for_everyone
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form; its answer is a number and a code."""
    form = PublicReportForm(
        request.POST or None, request.FILES or None, initial={"key": uuid.uuid4()}
    )
    status = 200
    if request.method == "POST":
        status = 400
        try:
            rates.count(request, "report", limit=10, minutes=10, now=clock.now())
        except TooOften:
            form.add_error(None, _t("提交太频繁，请过十分钟再试。"))
            status = 429
        if form.is_valid() and (case := opened(request, form)):
            prove(request, case)
            return redirect("public:receipt", case.number)
    context = {
        "form": form,
        "map_extent": geo.extent(),
        "boundary_url": reverse("public:areas"),
        "privacy_url": reverse("public:privacy"),
    }
    return render(request, "public/report.html", context, status=status)


def opened(request: HttpRequest, form: PublicReportForm) -> Case | None:
    """The case of a valid form, under the item its words speak of."""
    item = items.guess(form.cleaned_data["description"])
    if item is None:
        form.add_error(None, _t("暂不能受理，请拨打社区电话。"))
        return None
    return desk.open_from(request, form, source=Source.PUBLIC, item_id=item.pk)


def prove(request: HttpRequest, case: Case | Suggestion) -> None:
    """This visitor has shown to be who made it: remembered in the session, never in an address."""
    proved = request.session.get(PROVED, [])
    request.session[PROVED] = [*(n for n in proved if n != case.number), case.number][-20:]


def own_case(request: HttpRequest, number: str) -> Case:
    if number not in request.session.get(PROVED, []):
        raise Http404
    return get_object_or_404(Case, number=number)


@for_everyone
@require_GET
@owned
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    case = own_case(request, number)
    context = {
        "number": case.number,
        "query_code": case.query_code,
        "progress_url": reverse("public:progress", args=[case.number]),
    }
    return render(request, "public/receipt.html", context)


@for_everyone
@require_http_methods(["GET", "POST"])
def query(request: HttpRequest) -> HttpResponse:
    """Number and code lead to the progress page; guesses are counted."""
    form = QueryForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        try:
            rates.count(request, "query", limit=10, minutes=10, now=clock.now())
        except TooOften:
            form.add_error(None, _t("查询太频繁，请过十分钟再试。"))
            status = 429
        if form.is_valid():
            number = form.cleaned_data["number"].strip().upper()
            model = Suggestion if number.startswith("J") else Case
            row = model._default_manager.filter(number=number).first()
            code = form.cleaned_data["code"].strip()
            if row is not None and constant_time_compare(row.query_code, code):
                prove(request, row)
                page = "public:suggestion" if model is Suggestion else "public:progress"
                return redirect(page, row.number)
            form.add_error(None, _t("编号或查询码不对，请核对后再试。"))
    return render(request, "public/query.html", {"form": form}, status=status)


@for_everyone
@require_GET
@owned
def progress(request: HttpRequest, number: str) -> HttpResponse:
    case = own_case(request, number)
    return render(request, PROGRESS, progress_context(case, RatingForm()))


def progress_context(
    case: Case, form: RatingForm, replying: ReplyForm | None = None
) -> dict[str, Any]:
    """Plain stages, the answer, photos without persons; the question that waits for an answer, and
    the rating while it is open."""
    may_rate = case.state == State.ANSWERED and case.satisfied is None
    rated = {None: "", True: _t("满意"), False: _t("不满意，正在重新处理")}[case.satisfied]
    return {
        "case": {
            "number": case.number,
            "item": items.facts(case.item_id).title,
            "place": case.place,
            "reported_at": case.reported_at,
            "promised": case.promise_due_at if case.state != State.REFUSED else None,
            "promised_first": case.promise_first_at,
            "promise_kept": KEPT[case.promise_kept],
            "version": case.version,
        },
        "stages": stages(case),
        "told": told(case),
        "question": question(case),
        "reply_form": replying or ReplyForm(),
        "reply_url": reverse("public:reply", args=[case.number]),
        "urge_url": reverse("public:urge", args=[case.number]) if may_urge(case) else "",
        "parts": [
            {"item": items.facts(part.item_id).title, "stage": stage_of(part)}
            for part in case.parts.order_by("pk")
        ],
        "result": result(case),
        "photos": public_photos(case),
        "rating_form": form if may_rate else None,
        "rating_url": reverse("public:rate", args=[case.number]),
        "rated": rated,
    }


def result(case: Case) -> str:
    """What the centre told the reporter: the answer, or why the report was not admitted."""
    if case.state == State.REFUSED:
        line = case.transitions.filter(action="refuse").order_by("-pk").first()
        return line.note if line else ""
    return case.answer if case.state in {State.ANSWERED, State.ARCHIVED} else ""


def question(case: Case) -> str:
    """What the staff asked the reporter, while they wait for the answer."""
    if case.state != State.WAITING:
        return ""
    line = case.transitions.filter(action=Action.ASK_REPORTER).order_by("-pk").first()
    return line.note if line else ""


def told(case: Case) -> str:
    """What a reporter should know of a case that does not go its plain way."""
    if case.state == State.JOINED:
        return _t("同一问题已有人反映在先，正在一并处理，结果会同时告知您。")
    if case.state == State.SUSPENDED:
        pause = case.pauses.filter(ended_at=None).first()
        until = localtime(pause.until) if pause else None
        day = f"{until:%Y-%m-%d}" if until else ""
        return _t("因客观条件暂时无法处理，将于 %(day)s 恢复处理。") % {"day": day}
    if case.state == State.SPLIT:
        return _t("您反映的几个问题已分别处理，全部办结后一并答复。")
    return ""


def may_urge(case: Case) -> bool:
    move = BY_ACTION[Action.URGE]
    return case.state in move.source and not needs.not_urged(case, None, clock.now())


def stage_of(case: Case) -> str:
    """The plain stage in which a case is; that of its main case where it was joined to one."""
    shown = case.main if case.main is not None and case.state == State.JOINED else case
    if shown.state == State.REFUSED:
        return str(State.REFUSED.label)
    return next(str(label) for label, states in STAGES if shown.state in states)


def stages(case: Case) -> list[dict[str, Any]]:
    """Each stage with "done", "now" or "todo", and when it was first reached."""
    if case.state == State.REFUSED:
        return [
            {"label": STAGES[0][0], "state": "done", "at": case.reported_at},
            {"label": _t("不予受理"), "state": "now", "text": _t("理由见下方。")},
        ]
    lines = list(case.transitions.order_by("pk").values_list("to_state", "at"))
    state = case.main.state if case.main is not None and case.state == State.JOINED else case.state
    here = next(i for i, (_label, states) in enumerate(STAGES) if state in states)
    return [
        {
            "label": label,
            "state": "done" if i < here else "now" if i == here else "todo",
            "at": next((at for state, at in lines if state in states), None) if i <= here else None,
        }
        for i, (label, states) in enumerate(STAGES)
    ]


def public_photos(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("public:photo", args=[photo.uuid]),
            "thumb_url": reverse("public:photo", args=[photo.uuid]),
            "kind_label": photo.get_kind_display(),
        }
        for photo in photos.public(case)
    ]


@for_everyone
@require_POST
@owned
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Satisfied, or not: then the same case is worked on again."""
    case = own_case(request, number)
    form = RatingForm(request.POST)
    if form.is_valid():
        return moved(request, case, Action.RATE, _t("谢谢您的评价。"), **form.cleaned_data)
    return render(request, PROGRESS, progress_context(case, form), status=400)


@for_everyone
@require_POST
@owned
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """The answer to what the staff asked: then the case goes on."""
    case = own_case(request, number)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return render(request, PROGRESS, progress_context(case, RatingForm(), form), status=400)
    note = form.cleaned_data["note"]
    return moved(request, case, Action.REPLY, _t("已收到您的答复。"), note=note)


@for_everyone
@require_POST
@owned
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """Once a stage a reporter may ask for speed."""
    return moved(request, own_case(request, number), Action.URGE, _t("已为您催办。"))


def moved(
    request: HttpRequest, case: Case, action: Action, said: str, **given: Any
) -> HttpResponse:
    """A move that the reporter makes from the progress page, and back to it. What was written for
    the case as it stood before something came in between stands there again."""
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isdecimal() else None
    try:
        workflow.take(case, action, by=None, now=clock.now(), version=version, **given)
    except Changed:
        messages.error(request, _t("这件事刚刚有了新进展，请看过最新情况后再提交。"))
        context = progress_context(own_case(request, case.number), RatingForm(), written(request))
        return render(request, PROGRESS, context, status=409)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("public:progress", case.number)


def written(request: HttpRequest) -> ReplyForm:
    """An answer that was typed already; a rating is asked for anew, of another result."""
    return ReplyForm(initial={"note": request.POST.get("note", "")})


@for_everyone
@require_GET
def photo(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A photo of one's own case that somebody ticked as showing no person."""
    row = Photo.objects.filter(uuid=key, no_person_visible=True).select_related("case").first()
    if row is None:
        raise Http404
    own_case(request, row.case.number)
    return photos.download(row.thumb)


@for_everyone
@require_GET
@condition(etag_func=lambda request: maps.public_fingerprint())
def areas(request: HttpRequest) -> HttpResponse:
    """The grids' outlines under their communities' names: one finds one's place without a map."""
    headers = {"Cache-Control": "public, max-age=600"}
    return HttpResponse(
        orjson.dumps(maps.public_collection()), "application/geo+json", headers=headers
    )


@for_everyone
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "public/privacy.html")


@for_everyone
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "public/accessibility.html")
