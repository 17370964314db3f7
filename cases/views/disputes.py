"""The page of a dispute with a form a verb, on the desk and on the phone; and the reception list
(一站式接待)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise as Lazy
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from cases import access, disputes, entrusting, items, service_items, services
from cases import dispute_forms as forms
from cases.errors import NotAllowed
from cases.forms import RevealForm
from cases.models import (
    AGREED,
    OPEN,
    Case,
    Dispute,
    DisputeOutcome,
    DisputeParty,
    ServiceRequest,
    ServiceState,
    Source,
    State,
)
from governance import clock, permissions, units
from governance.access import StaffRequest, needs
from governance.models import User

DESK, PHONE = "/cases/", "/m/cases/"
LONGEST = 100


class Verb(NamedTuple):
    label: str | Lazy
    form: type[forms.DisputeForm]
    do: Callable[..., Any]


VERBS: dict[str, Verb] = {
    "open": Verb(_("登记纠纷"), forms.OpenForm, disputes.open_dispute),
    "party": Verb(_("登记当事人"), forms.PartyForm, disputes.add_party),
    "correct": Verb(_("更正当事人"), forms.CorrectForm, disputes.correct_party),
    "consent": Verb(_("记录当事人意见"), forms.ConsentForm, disputes.consent),
    "session": Verb(_("记录调解"), forms.SessionForm, disputes.hold_session),
    "agree": Verb(_("达成协议"), forms.AgreeForm, disputes.agree),
    "hand-over": Verb(_("移交调解"), forms.HandOverForm, disputes.hand_over),
    "end": Verb(_("结束调解"), forms.EndForm, disputes.end_without),
    "visit": Verb(_("履行回访"), forms.VisitForm, disputes.fulfil),
    "court": Verb(_("申请司法确认"), forms.CourtForm, disputes.confirm_by_court),
}


@needs(disputes.PERMISSION)
@require_GET
def desk_page(request: StaffRequest, number: str) -> HttpResponse:
    return page(request, number, DESK)


@needs(disputes.PERMISSION)
@require_POST
def desk_act(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    return act(request, number, verb, DESK)


@needs(disputes.PERMISSION)
@require_GET
def phone_page(request: StaffRequest, number: str) -> HttpResponse:
    return page(request, number, PHONE)


@needs(disputes.PERMISSION)
@require_POST
def phone_act(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    return act(request, number, verb, PHONE)


@needs(disputes.PERMISSION)
@require_POST
def desk_reveal(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    return reveal(request, number, key, DESK)


@needs(disputes.PERMISSION)
@require_POST
def phone_reveal(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    return reveal(request, number, key, PHONE)


def reveal(request: StaffRequest, number: str, key: UUID, prefix: str) -> HttpResponse:
    """A party in clear, after the look was written down: its line for htmx, else the page."""
    case = case_for(request, number)
    party = next((p for p in parties_of(of_case(case)) if p.pk == key), None)
    if party is None:
        raise Http404
    form, shown = RevealForm(request.POST), False
    if form.is_valid():
        reason, now = form.cleaned_data["reason"], clock.now()
        disputes.reveal(case, by=request.user, now=now, party_id=key, reason=reason)
        shown = True
    if "HX-Request" in request.headers:
        line = {"party": party, "revealed": shown}
        response = render(request, "includes/dispute_party.html", line)
    else:
        if not shown:
            messages.error(request, _t("请写明查看的事由。"))
        response = page(
            request, number, prefix, revealed=key if shown else None, status=200 if shown else 400
        )
    response.headers["Cache-Control"] = "no-store"
    return response


def act(request: StaffRequest, number: str, code: str, prefix: str) -> HttpResponse:
    case, verb = case_for(request, number), VERBS.get(code)
    if verb is None:
        raise Http404
    form = form_of(code, case, parties_of(of_case(case)), request.POST)
    status = 400
    if form.is_valid():
        try:
            verb.do(case, by=request.user, now=clock.now(), **form.given())
        except NotAllowed as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _t("已完成：%(action)s。") % {"action": verb.label})
            return redirect(f"{prefix}{number}/dispute/")
    return page(request, number, prefix, failed=(code, form), status=status)


def case_for(request: StaffRequest, number: str) -> Case:
    """What is said in a mediation is for those who may mediate the case, not for all who see it."""
    case = access.case_for(request.user, number)
    if not disputes.may_mediate(request.user, case):
        raise PermissionDenied
    return case


def of_case(case: Case) -> Dispute | None:
    return Dispute.objects.filter(case=case).first()


def parties_of(dispute: Dispute | None) -> list[DisputeParty]:
    if dispute is None:
        return []
    return list(dispute.parties.select_related("data_key").order_by("side", "added_at", "pk"))


def form_of(
    code: str, case: Case, parties: list[DisputeParty], data: Any = None, **more: Any
) -> forms.DisputeForm:
    """Several stand on one page: each has its own ids."""
    about = more.get("initial", {}).get("obligation_id", "")
    auto_id = f"id_{code}{about}_%s"
    return VERBS[code].form(data, case=case, parties=parties, auto_id=auto_id, **more)


Failed = tuple[str, forms.DisputeForm]


def page(
    request: StaffRequest,
    number: str,
    prefix: str,
    failed: Failed | None = None,
    status: int = 200,
    revealed: UUID | None = None,
) -> HttpResponse:
    case = case_for(request, number)
    dispute = of_case(case)
    parties = parties_of(dispute)
    url = f"{prefix}{number}/dispute/"
    shown_forms = [
        shown(code, case, parties, url, failed, **more)
        for code, more in offered(case, dispute, parties)
    ]
    # a form that is not offered any more cannot say itself why it was refused
    homeless = failed is not None and not any(row["open"] for row in shown_forms)
    context: dict[str, Any] = {
        "number": case.number,
        "item": items.facts(case.item_id).title,
        "back": f"{prefix}{number}/",
        "dispute": dispute and facts(dispute),
        "parties": [
            {"row": party, "key": str(party.pk), "shown": party.pk == revealed} for party in parties
        ],
        "reveal_url": f"{url}parties/",
        "sessions": sessions(dispute) if dispute else [],
        "obligations": obligations(dispute, {p.pk: str(p) for p in parties}) if dispute else [],
        "forms": shown_forms,
        "service_url": hand_over_url(request, case, prefix),
        "failed": failed[1].non_field_errors() if failed and homeless else [],
    }
    template = "phone/dispute.html" if prefix == PHONE else "cases/dispute.html"
    return render(request, template, context, status=status)


def hand_over_url(request: StaffRequest, case: Case, prefix: str) -> str:
    """Where what is wished for can be had without a quarrel: a service, with no second telling."""
    if not entrusting.may_hand_over(request.user, case):
        return ""
    name = "phone:service_guide" if prefix == PHONE else "desk:service_guide"
    return f"{reverse(name)}?{urlencode({'case': case.number})}"


def offered(
    case: Case, dispute: Dispute | None, parties: list[DisputeParty]
) -> list[tuple[str, dict[str, Any]]]:
    """The verbs that make sense now, in the order of the work."""
    if dispute is None:
        return [("open", {})] if disputes.may_begin(case) else []
    if dispute.ended_at is None:
        ready = bool(parties) and all(party.consent for party in parties)
        asked = ["consent", "correct"] if parties else []
        going = ["session", "agree"] if ready else []
        return [(code, {}) for code in ("party", *asked, *going, "hand-over", "end")]
    open_rows = dispute.obligations.filter(fulfilled_at=None).order_by("due_on", "pk")
    found = [
        ("visit", {"initial": {"obligation_id": row.pk}, "about": row.what}) for row in open_rows
    ]
    asks = dispute.outcome == DisputeOutcome.AGREED_WRITTEN and not dispute.court_confirmed_on
    return [*found, *([("court", {})] if asks else [])]


def shown(
    code: str,
    case: Case,
    parties: list[DisputeParty],
    url: str,
    failed: Failed | None,
    *,
    about: str = "",
    initial: dict[str, Any] | None = None,
) -> dict[str, Any]:
    form = form_of(code, case, parties, initial=initial or {})
    own = failed is not None and failed[0] == code and same_row(failed[1], form)
    return {
        "label": VERBS[code].label,
        "about": about,
        "url": f"{url}{code}/",
        "form": failed[1] if failed and own else form,
        "open": own,
    }


def same_row(failed: forms.DisputeForm, form: forms.DisputeForm) -> bool:
    about = form.initial.get("obligation_id")
    return about is None or failed.data.get("obligation_id") == str(about)


def facts(dispute: Dispute) -> dict[str, Any]:
    ended = dispute.ended_at is not None
    agreed = dispute.outcome in AGREED
    return {
        "request": dispute.request,
        "track": dispute.get_track_display(),
        "unit": units.name_of(dispute.track_unit_id),
        "mediators": _t("、").join(str(user) for user in dispute.mediators.order_by("pk")),
        "opened_at": dispute.opened_at,
        "due": dispute.due_at,
        "late": not ended and dispute.due_at < clock.now(),
        "outcome": dispute.get_outcome_display(),
        "ended_at": dispute.ended_at,
        "terms": dispute.terms,
        "court": dispute.court_confirmed_on,
        "other_ways": disputes.OTHER_WAYS if ended and not agreed else "",
    }


def sessions(dispute: Dispute) -> list[dict[str, Any]]:
    rows = dispute.sessions.select_related("by").prefetch_related("present__data_key")
    return [
        {
            "held_at": row.held_at,
            "place": row.place,
            "minutes": row.minutes,
            "by": str(row.by),
            "present": _t("、").join(str(party) for party in row.present.all()),
        }
        for row in rows.order_by("held_at", "pk")
    ]


def obligations(dispute: Dispute, names: dict[Any, str]) -> list[dict[str, Any]]:
    return [
        {
            "party": names[row.party_id],
            "what": row.what,
            "due_on": row.due_on,
            "fulfilled_at": row.fulfilled_at,
            "visited_at": row.visited_at,
            "visit": row.visit,
        }
        for row in dispute.obligations.order_by("due_on", "pk")
    ]


# 一站式接待 --------------------------------------------------------------------------------------


@needs("case.call_back")
@require_GET
def reception(request: StaffRequest) -> HttpResponse:
    """Who waits at the window: the open disputes, today's reports at the counter, the mandates not
    accepted yet; and how many disputes of this month were settled, by community."""
    now = clock.now()
    cases = access.visible_to(request.user)
    month = localdate(now).replace(day=1)
    rates = disputes.settled(cases, midnight(month), now)
    rows = [
        *waiting_disputes(cases),
        *at_the_counter(cases, now),
        *waiting_services(request.user),
    ]
    context = {
        "rows": sorted(rows, key=lambda row: row["since"])[:LONGEST],
        "rates": [
            {"unit": units.name_of(unit) or _t("未落社区"), "rate": rate}
            for unit, rate in rates.items()
        ],
        "total": disputes.total(rates.values()),
        "may_entrust": permissions.may(request.user, "service.entrust"),
    }
    return render(request, "cases/reception.html", context)


def midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, get_current_timezone())


def waiting_disputes(cases: Any) -> list[dict[str, Any]]:
    rows = Dispute.objects.filter(ended_at=None, case__in=cases).select_related("case")
    return [
        row_of(row.case, row.opened_at, str(row.get_track_display()), row.due_at, dispute=True)
        for row in rows.order_by("opened_at", "pk")[:LONGEST]
    ]


def at_the_counter(cases: Any, now: datetime) -> list[dict[str, Any]]:
    """Of today; one with a dispute stands there already."""
    today = cases.filter(source=Source.WALK_IN, reported_at__gte=midnight(localdate(now)))
    rows = today.filter(state__in=OPEN, dispute_open=False).order_by("reported_at", "pk")
    return [
        row_of(case, case.reported_at, str(Source(case.source).label), case.stage_due_at)
        for case in rows[:LONGEST]
    ]


def waiting_services(user: User) -> list[dict[str, Any]]:
    """The mandates that nobody has accepted yet, of those the user may see."""
    if not permissions.may(user, "service.see"):
        return []
    rows = services.visible_services(user).filter(state=ServiceState.ENTRUSTED)
    return [
        {
            "number": row.number,
            "url": reverse("desk:service", args=[row.number]),
            "item": service_items.facts(row.item_id).title,
            "state": row.get_state_display(),
            "kind": str(ServiceRequest._meta.verbose_name),
            "since": row.entrusted_at,
            "due": None,
        }
        for row in rows.order_by("entrusted_at", "pk")[:LONGEST]
    ]


def row_of(
    case: Case, since: datetime, kind: str, due: datetime | None, *, dispute: bool = False
) -> dict[str, Any]:
    name = "desk:dispute" if dispute else "desk:case"
    return {
        "number": case.number,
        "url": reverse(name, args=[case.number]),
        "item": items.facts(case.item_id).title,
        "state": State(case.state).label,
        "kind": kind,
        "since": since,
        "due": due,
    }
