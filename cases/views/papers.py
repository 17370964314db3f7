"""Papers of a case: made, opened as a page to print, downloaded; the templates to start from."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_POST

from cases import access, papers, word
from cases.errors import NotAllowed
from cases.models import PaperKind
from governance import clock
from governance.access import StaffRequest, needs


@needs("case.make_paper")
@require_POST
def make(request: StaffRequest, number: str) -> HttpResponse:
    """Of the kind that was chosen: "kind" or "kind:finding"."""
    case = access.case_for(request.user, number)
    if not papers.kinds_for(request.user, case):
        raise PermissionDenied
    kind, _colon, finding_id = request.POST.get("paper", "").partition(":")
    if kind not in PaperKind.values or not (finding_id or "0").isdecimal():
        raise Http404
    finding = case.findings.filter(pk=int(finding_id)).first() if finding_id else None
    try:
        paper = papers.make(case, kind, by=request.user, now=clock.now(), finding=finding)
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect("desk:case", number)
    messages.success(request, _t("已制作：%(number)s。") % {"number": paper.number})
    return redirect("desk:paper", number, paper.pk)


@needs("case.see")
@require_GET
def page(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    """As it would be printed."""
    paper = papers.opened(request.user, number, key, clock.now())
    args = [number, key]
    context = {
        "sheet": papers.sheet(paper),
        "back": reverse("desk:case", args=[number]),
        "file_url": reverse("desk:paper_file", args=args),
    }
    response = render(request, "cases/paper.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("case.see")
@require_GET
def file(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    return papers.download(papers.opened(request.user, number, key, clock.now()))


@needs("item.change")
@require_GET
def template(request: StaffRequest, kind: str) -> HttpResponse:
    """The template in force, to be edited in Word and uploaded as the office's own."""
    if kind not in PaperKind.values:
        raise Http404
    data = papers.template(kind, clock.today())
    response: HttpResponse = FileResponse(BytesIO(data), content_type=word.MIME)  # type: ignore[assignment]
    return papers.attached(response, f"{PaperKind(kind).label}.docx")
