"""What waits for a second person's yes: asking for it, and deciding one by one or many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock
from governance.access import StaffRequest, needs, record_looks
from governance.surfaces import show, to
from people import access, changes, person_page
from people.errors import NotAllowed
from people.forms import Blaming, DeathForm, DecideForm, DocumentForm, MergeForm, text
from people.models import ChangeKind, ChangeRequest, Merge, Person

FORMS: dict[str, type[Blaming]] = {
    ChangeKind.DOCUMENT: DocumentForm,
    ChangeKind.DEATH: DeathForm,
    ChangeKind.MERGE: MergeForm,
}


@needs("person.register")
@require_http_methods(["GET", "POST"])
def ask(request: StaffRequest, key: UUID, kind: str) -> HttpResponse:
    person = access.person_for(request.user, key)
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST or None, initial={"into": request.GET.get("into", "")})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        reason, into = given.pop("reason"), given.pop("into", None)
        try:
            changes.ask(
                person,
                kind,
                reason=reason,
                by=request.user,
                now=clock.now(),
                into=access.person_for(request.user, into) if into else None,
                **{name: text(value) for name, value in given.items()},
            )
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已提交，等待审批。"))
            return redirect(to(request, "people:person", key))
    context = {
        "form": form,
        "title": ChangeKind(kind).label,
        "name": str(person),
        **(merging(request, person, form) if kind == ChangeKind.MERGE else {}),
        "back_url": to(request, "people:person", key),
    }
    return show(request, "people/ask.html", context, 400 if form.errors else 200)


def merging(request: StaffRequest, person: Person, form: Blaming) -> dict[str, Any]:
    """Where the two live, so that nobody merges into the wrong one."""
    try:
        key = UUID(str(form["into"].value()))
    except ValueError:
        return {}
    rows = access.persons(request.user).filter(pk=key)
    into = rows.select_related("data_key").first()
    if into is None:
        return {}
    return {
        "homes": homes_of(request, person),
        "into": into,
        "into_homes": homes_of(request, into),
        "into_url": to(request, "people:person", key),
    }


def homes_of(request: StaffRequest, person: Person) -> str:
    rows = access.residencies(request.user).filter(person=person)
    found = rows.select_related("household__house__building").order_by("pk")
    return _t("、").join(person_page.place(row) for row in found)


@needs("person.approve")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """What waits for this user. A day of death is shown, which is a look: to decide one has to read
    it. The numbers of documents stay masked until they are asked for, one by one."""
    return listed(request)


@needs("person.approve")
@require_POST
def reveal(request: StaffRequest, key: UUID) -> HttpResponse:
    """The same list with the numbers of one request in clear; the look is written down."""
    if not changes.waiting(request.user).filter(pk=key).exists():
        raise Http404
    return listed(request, key)


def listed(request: StaffRequest, key: UUID | None = None, status: int = 200) -> HttpResponse:
    """The list; what was ticked and written before it came back stands there again."""
    rows = list(changes.waiting(request.user)[:100])
    clear = {row.pk for row in rows if row.kind != ChangeKind.DOCUMENT or row.pk == key}
    record_looks(
        request.user,
        [("people.ChangeRequest", row.pk, ["before", "after"]) for row in rows if row.pk in clear],
        reason=_t("审批变更申请"),
        now=clock.now(),
    )
    context = {
        "rows": [row_of(request, row, clear=row.pk in clear) for row in rows],
        "answer": request.POST.get("answer", ""),
        "decide_url": to(request, "people:changes_decide"),
        "list_url": to(request, "people:list"),
    }
    response = show(request, "people/changes.html", context, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def row_of(request: HttpRequest, row: ChangeRequest, *, clear: bool) -> dict[str, Any]:
    return {
        "key": str(row.pk),
        "chosen": str(row.pk) in request.POST.getlist("chosen"),
        "kind": row.get_kind_display(),
        "name": str(row.person),
        "url": to(request, "people:person", row.person_id),
        "into_url": to(request, "people:person", row.into_id) if row.into_id else "",
        "before": changes.as_text(row.before.reveal(), clear=clear) if row.before else "",
        "after": changes.as_text(row.after.reveal(), clear=clear) if row.after else "",
        "reveal_url": "" if clear else to(request, "people:changes_reveal", row.pk),
        "reason": row.reason,
        "by": str(row.asked_by),
        "at": row.asked_at,
    }


@needs("person.approve")
@require_POST
def decide(request: StaffRequest) -> HttpResponse:
    rows = {str(row.pk): row for row in changes.waiting(request.user)}
    form = DecideForm(request.POST, keys=list(rows))
    if not form.is_valid():
        messages.error(request, _t("请选择要审批的申请。"))
        return listed(request, status=400)
    given = form.cleaned_data
    outcome = changes.decide_many(
        [rows[key] for key in given["chosen"]],
        granted=given["granted"],
        answer=given["answer"],
        by=request.user,
        now=clock.now(),
    )
    done = [row for row, why in outcome if not why]
    if done:
        said_so = ngettext("已审批 %(n)d 件。", "已审批 %(n)d 件。", len(done))
        messages.success(request, said_so % {"n": len(done)})
    for row, why in outcome:
        if why:
            messages.error(request, f"{row.get_kind_display()} · {row.person}{_t('：')}{why}")
    return redirect(to(request, "people:changes"))


@needs("person.approve")
@require_POST
def split(request: StaffRequest, key: UUID, pk: int) -> HttpResponse:
    """Undo a wrong merge."""
    access.person_for(request.user, key)
    row = Merge.objects.filter(pk=pk, into=key).first()
    if row is None:
        raise Http404
    try:
        person = changes.split(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(to(request, "people:person", key))
    messages.success(request, _t("已撤销合并。"))
    return redirect(to(request, "people:person", person.pk))
