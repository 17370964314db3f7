"""Papers (文书) of a case: numbered, filled from a Word template, kept, opened and printed again.
Those of service requests are made on the same ground in service_papers.py.

A paper is Chinese in any language of the interface: it goes to people outside.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cases import access, disputes, items, numbering, texts, word, workflow
from cases.errors import NotAllowed
from cases.models import (
    AGREED,
    OF_SERVICE,
    Case,
    Dispute,
    DisputeOutcome,
    DisputeParty,
    Finding,
    Level,
    Outcome,
    Paper,
    PaperKind,
    PaperTemplate,
    Side,
    Source,
    State,
    Track,
)
from governance import permissions, units
from governance.access import record_look

if TYPE_CHECKING:
    from governance.models import User

FOLDER = Path(__file__).parent / "data" / "papers"
LINE = "paper"  # the action of the line in the case's history

# What a template may say: field → what it is. All values are texts, "" where there is nothing.
OF_ANY: Mapping[str, object] = {
    "title": _("文书名称"),
    "number": _("文书编号"),
    "unit": _("制作单位"),
    "made_by": _("经办人"),
    "made_on": _("制作日期"),
}
FIELDS: Mapping[str, object] = {
    **OF_ANY,
    "case_number": _("事件编号"),
    "item": _("事项"),
    "item_class": _("事项类别"),
    "description": _("情况描述"),
    "place": _("地点"),
    "district": _("区"),
    "street": _("街道"),
    "community": _("社区"),
    "grid": _("网格"),
    "level": _("办理层级"),
    "source": _("来源"),
    "reported_on": _("上报日期"),
    "department": _("承办部门"),
    "due": _("承诺期限"),
    "outcome": _("办理结果"),
    "result": _("办理情况"),
    "answer": _("回告内容"),
    "closed_on": _("结案日期"),
    # of the inspection's finding that the paper is about
    "what": _("检查发现"),
    "found_on": _("检查日期"),
    "ground": _("法律依据"),
    "due_on": _("整改期限"),
    "recheck_on": _("复查日期"),
}
SERVICE_FIELDS: Mapping[str, object] = {
    **OF_ANY,
    "service_number": _("代办编号"),
    "service": _("办事事项"),
    "conditions": _("受理条件"),
    "materials": _("已收材料"),
    "missing": _("待补材料"),
    "department": _("承办部门"),
    "district": _("区"),
    "street": _("街道"),
    "community": _("社区"),
    "grid": _("网格"),
    "limit": _("办理时限"),
    "entrusted_by": _("受托人"),
    "entrusted_on": _("委托日期"),
    "accepted_on": _("受理日期"),
    "due_by": _("办理期限"),
}
# Of persons, in clear: only the papers that need them know these.
REPORTER: Mapping[str, object] = {
    "reporter_name": _("反映人姓名"),
    "reporter_phone": _("反映人电话"),
}
PARTY: Mapping[str, object] = {"party": _("责任主体（当事人）")}
# What was said in a mediation is for those whom it concerns, and may name them.
AGREEMENT: Mapping[str, object] = {
    "request": _("调解请求"),
    "track": _("调解方式"),
    "host": _("主持单位"),
    "mediators": _("调解员"),
    "sessions": _("调解时间、地点"),
    "form": _("协议形式"),
    "terms": _("协议内容"),
    "obligations": _("履行事项"),
    "agreed_on": _("达成日期"),
}
APPLICANT: Mapping[str, object] = {
    "applicant_name": _("申请人姓名"),
    "applicant_phone": _("申请人电话"),
}
PERSONAL: Mapping[str, Mapping[str, object]] = {
    PaperKind.ACCEPTANCE_NOTICE: {"reporter_name": REPORTER["reporter_name"]},
    PaperKind.RECTIFICATION_ORDER: PARTY,
    PaperKind.MEDIATION_AGREEMENT: {**REPORTER, **PARTY, **AGREEMENT},
    PaperKind.MANDATE: REPORTER,
    PaperKind.SERVICE_MANDATE: APPLICANT,
    PaperKind.SERVICE_NOTICE: {"applicant_name": APPLICANT["applicant_name"]},
}
# Papers that may be about one finding.
OF_FINDING = (PaperKind.RECTIFICATION_ORDER, PaperKind.MEDIATION_AGREEMENT)


@dataclass(frozen=True)
class Layout:
    """What a kind of paper says, as the shipped templates and the printed page have it."""

    facts: tuple[str, ...]
    text: str
    signatures: tuple[str, ...]


@lru_cache(maxsize=1)
def layouts() -> dict[str, Layout]:
    with (FOLDER / "papers.toml").open("rb") as file:
        found = tomllib.load(file)
    return {
        kind: Layout(tuple(row["facts"]), row["text"].strip(), tuple(row["signatures"]))
        for kind, row in found.items()
    }


def known(kind: str) -> dict[str, object]:
    """The fields of one kind of paper."""
    own = SERVICE_FIELDS if kind in OF_SERVICE else FIELDS
    return {**own, **PERSONAL.get(kind, {})}


def samples(kind: str) -> dict[str, str]:
    return {name: f"〔{label}〕" for name, label in known(kind).items()}


# Making -----------------------------------------------------------------------------------------


@transaction.atomic
def make(
    case: Case, kind: str, *, by: User, now: datetime, finding: Finding | None = None
) -> Paper:
    """Number a paper, fill the template in force, keep it with the case, and write the line.

    Whose name stands in it in clear was looked at: an access record says so. Raises NotAllowed.
    """
    case = workflow.locked(case.pk)
    unit_id = issuer(case, kind, by)
    check(case, kind, finding)
    if kind == PaperKind.RECTIFICATION_ORDER:
        assert finding is not None
        number = finding.order_number
    else:
        number = free_number(kind, unit_id, now)
    said = {
        **fields(case, kind, finding),
        **of_paper(kind, number, unit_id, by, now),
        **personal(case, kind, finding, number=number, by=by, now=now),
    }
    if kind == PaperKind.MEDIATION_AGREEMENT:
        said |= agreement(case, unit_id)
    details = {"paper": number, "paper_kind": kind}
    line = workflow.line_of(case, LINE, by=by, at=now, before=case.state, details=details)
    paper = Paper(case=case, kind=kind, number=number, finding=finding, made_by=by, made_at=now)
    return keep(paper, said, line.save)


def keep(paper: Paper, said: Mapping[str, str], write_line: Callable[[], object]) -> Paper:
    """Fill the template in force and keep the file with its row and its line, or none of them."""
    data = word.render(template(paper.kind, localdate(paper.made_at)), said)
    paper.content = json.dumps(said, ensure_ascii=False)
    paper.sha256 = hashlib.sha256(data).hexdigest()
    paper.file.save("", ContentFile(data), save=False)
    try:
        paper.save()
        write_line()
    except BaseException:
        paper.file.delete(save=False)  # no row names it
        raise
    return paper


def free_number(kind: str, unit_id: int, now: datetime) -> str:
    """The unit's next number. Units of one name share what their papers are called: who comes
    second takes the next that is free."""
    while True:
        number = numbering.take(kind, unit_id, localdate(now).year)
        if not Paper.objects.filter(kind=kind, number=number).exists():
            return number


def kinds_for(user: User, case: Case) -> list[PaperKind]:
    """What this user may make of a case now; who mediates its dispute, the agreement alone."""
    if access.may_act(user, case, "case.make_paper"):
        kinds = [kind for kind in PaperKind if kind not in OF_SERVICE]
        return [kind for kind in kinds if not too_early(case, kind)]
    return [PaperKind.MEDIATION_AGREEMENT] if host(user, case) else []


def too_early(case: Case, kind: str) -> str:
    """Why there is nothing yet that this kind of paper could say; "" when there is."""
    if kind == PaperKind.ACCEPTANCE_NOTICE and case.state in {State.REPORTED, State.REFUSED}:
        return _t("事件尚未受理，不能制作受理告知书。")
    if kind == PaperKind.COMPLETION_NOTE and not case.outcome:
        return _t("事件尚无办理结果，不能制作办结单。")
    return ""


def host(user: User, case: Case) -> int | None:
    """The unit that the case's dispute was handed to, where the user makes its papers."""
    own = access.departments_of(user, "case.make_paper")
    if not own or not access.helps(user, case):
        return None
    units_ = Dispute.objects.filter(case=case, track_unit__in=own).values_list("track_unit")
    return next((unit for (unit,) in units_), None)


def issuer(case: Case, kind: str, by: User) -> int:
    """The unit in whose name somebody makes a paper of this case."""
    posts = permissions.posts_with(by, "case.make_paper")
    found = [post.unit_id for post in posts if access.covers(post, case)]
    if early := too_early(case, kind):
        raise NotAllowed(early)
    if kind not in kinds_for(by, case):
        raise NotAllowed(_t("您的岗位不能为该事件制作文书。"))
    unit_id = found[0] if found else host(by, case)
    assert unit_id is not None
    return unit_id


def check(case: Case, kind: str, finding: Finding | None) -> None:
    if kind == PaperKind.MEDIATION_AGREEMENT:
        failed = Dispute.objects.filter(case=case, ended_at__isnull=False)
        if failed.exclude(outcome__in=AGREED).exists():
            raise NotAllowed(_t("纠纷没有达成协议，不能制作调解协议书。"))
    if finding is not None and (kind not in OF_FINDING or finding.case_id != case.pk):
        raise NotAllowed(_t("该文书与检查发现不符。"))
    if kind != PaperKind.RECTIFICATION_ORDER:
        return
    if finding is None or not finding.order_number:
        raise NotAllowed(_t("请先责令整改，再制作责令整改通知书。"))
    if Paper.objects.filter(kind=kind, number=finding.order_number).exists():
        raise NotAllowed(_t("文书“%(number)s”已制作。") % {"number": finding.order_number})


def finding_of(case: Case, pk: int | None) -> Finding | None:
    """The finding of this case that a paper is to be about. Raises NotAllowed for another's."""
    found = case.findings.filter(pk=pk).first() if pk is not None else None
    if pk is not None and found is None:
        raise NotAllowed(_t("该文书与检查发现不符。"))
    return found


def template(kind: str, today: date) -> bytes:
    """The office's own template in force, else the one that comes with the platform."""
    rows = PaperTemplate.objects.filter(kind=kind, is_active=True, valid_from__lte=today)
    own = rows.order_by("-valid_from", "-pk").first()
    if own is None:
        return (FOLDER / f"{PaperKind(kind).value}.docx").read_bytes()
    with own.file.open("rb") as file:
        return bytes(file.read())


def fields(case: Case, kind: str, finding: Finding | None = None) -> dict[str, str]:
    """The facts of a case, and of a finding, as a template names them; none about a person."""
    with override(texts.CHINESE):
        item = items.facts(case.item_id)
        closed = case.first_closed_at
        return {
            "case_number": case.number,
            "item": item.title,
            "item_class": item.class_title,
            "description": case.description,
            "place": case.place,
            "district": units.name_of(case.district_id),
            "street": units.name_of(case.street_id),
            "community": units.name_of(case.community_id),
            "grid": units.name_of(case.grid_id),
            "level": str(Level(case.level).label),
            "source": str(Source(case.source).label),
            "reported_on": texts.day(localdate(case.reported_at)),
            "department": units.name_of(case.department_id),
            "due": texts.day(localdate(case.promise_due_at)) if case.promise_due_at else "",
            "outcome": str(Outcome(case.outcome).label) if case.outcome else "",
            "result": case.result,
            "answer": case.answer,
            "closed_on": texts.day(localdate(closed)) if closed else "",
            "what": finding.what if finding else "",
            "found_on": texts.day(localdate(finding.found_at)) if finding else "",
            "ground": finding.ground if finding else "",
            "due_on": texts.day(finding.due_on) if finding else "",
            "recheck_on": texts.day(finding.recheck_on) if finding else "",
        }


def of_paper(kind: str, number: str, unit_id: int, by: User, now: datetime) -> dict[str, str]:
    with override(texts.CHINESE):
        return {
            "title": str(PaperKind(kind).label),
            "number": number,
            "unit": units.name_of(unit_id),
            "made_by": str(by),
            "made_on": texts.day(localdate(now)),
        }


def personal(
    case: Case, kind: str, finding: Finding | None, *, number: str, by: User, now: datetime
) -> dict[str, str]:
    """The persons that this kind of paper names, in clear, after the look was written down."""
    asked = PERSONAL.get(kind, {})
    found = dict.fromkeys(asked, "")
    columns = [name for name in ("name", "phone") if f"reporter_{name}" in asked]
    if columns and case.reporter is not None:
        record_look(
            by,
            model="cases.Reporter",
            object_id=case.reporter_id,
            columns=columns,
            reason=number,
            now=now,
        )
        for column in columns:
            sealed = getattr(case.reporter, column)
            found[f"reporter_{column}"] = sealed.reveal() if sealed else ""
    if kind == PaperKind.MEDIATION_AGREEMENT:
        found |= in_dispute(case, number=number, by=by, now=now)
    if "party" in asked and finding is not None and finding.party.name:
        record_look(
            by,
            model="cases.Party",
            object_id=finding.party_id,
            columns=["name"],
            reason=number,
            now=now,
        )
        found["party"] = finding.party.name.reveal()
    return found


def agreement(case: Case, unit_id: int) -> dict[str, str]:
    """What the parties agreed on, and how they came to it; empty where nothing is written down:
    then the paper has lines to write on. Who stands in it was looked at before (`in_dispute`)."""
    said = dict.fromkeys(AGREEMENT, "")
    dispute = Dispute.objects.filter(case=case).first()
    if dispute is None:
        return {**said, "host": units.name_of(unit_id)}
    agreed = dispute.outcome in AGREED
    with override(texts.CHINESE):
        held = [
            f"{texts.day(localdate(row.held_at))} {row.place}"
            for row in dispute.sessions.order_by("held_at", "pk")
        ]
        forms = {
            DisputeOutcome.AGREED_WRITTEN: _t("书面协议"),
            DisputeOutcome.AGREED_ORAL: _t("口头协议"),
        }
        return {
            "request": dispute.request,
            "track": str(Track(dispute.track).label),
            "host": units.name_of(dispute.track_unit_id or unit_id),
            "mediators": "、".join(str(user) for user in dispute.mediators.order_by("pk")),
            "sessions": "\n".join(held),
            "form": str(forms[DisputeOutcome(dispute.outcome)]) if agreed else "",
            "terms": dispute.terms,
            "obligations": obligations(dispute) or ("无" if agreed else ""),
            "agreed_on": texts.day(localdate(dispute.ended_at)) if agreed else "",
        }


def obligations(dispute: Dispute) -> str:
    """Who does what by when, a line each."""
    rows = dispute.obligations.select_related("party__data_key").order_by("due_on", "pk")
    return "\n".join(
        f"{n}．{row.party.name.reveal() if row.party.name else ''}：{row.what}，"
        f"于{texts.day(row.due_on)}前履行"
        for n, row in enumerate(rows, start=1)
    )


def in_dispute(case: Case, *, number: str, by: User, now: datetime) -> dict[str, str]:
    """The parties of the case's dispute, in clear, instead of who reported; {} without one."""
    parties = DisputeParty.objects.filter(dispute__case=case).select_related("data_key")
    sides: dict[str, list[str]] = {side: [] for side in Side.values}
    for party in parties.order_by("added_at", "pk"):
        record_look(
            by,
            model="cases.DisputeParty",
            object_id=party.pk,
            columns=["name"],
            reason=number,
            now=now,
        )
        sides[party.side].append(party.name.reveal() if party.name else "")
    if not any(sides.values()):
        return {}
    return {
        "reporter_name": "、".join(sides[Side.APPLICANT]),
        "reporter_phone": "",
        "party": "、".join(sides[Side.RESPONDENT]),
    }


# Opening ----------------------------------------------------------------------------------------


def of_case(case: Case) -> Iterable[Paper]:
    return case.papers.select_related("made_by").order_by("made_at", "number")


def may_open(user: User, case: Case, kind: str) -> bool:
    """A paper with a name in clear is for those who may look at the reporter of the case, and an
    agreement for those who mediate."""
    if kind not in PERSONAL or access.may_act(user, case, "reporter.reveal"):
        return True
    return kind == PaperKind.MEDIATION_AGREEMENT and disputes.may_mediate(user, case)


def opened(user: User, number: str, key: UUID, now: datetime) -> Paper:
    """The paper of a case that this user sees, the look written down where it names a person.

    404 when it is not theirs to see, 403 when they see the case and not who is named in it.
    """
    case = access.case_for(user, number)
    rows = case.papers.select_related("data_key", "made_by")
    paper = rows.filter(pk=key).first()
    if paper is None:
        raise Http404
    if not may_open(user, case, paper.kind):
        raise PermissionDenied
    if paper.kind in PERSONAL:
        looked_at(paper, user, now)
    return paper


def looked_at(paper: Paper, user: User, now: datetime) -> None:
    record_look(
        user,
        model="cases.Paper",
        object_id=paper.pk,
        columns=["content"],
        reason=paper.number,
        now=now,
    )


def sheet(paper: Paper) -> dict[str, object]:
    """What the printed page shows: the layout of its kind with what the paper says."""
    layout = layouts()[paper.kind]
    said: dict[str, str] = json.loads(paper.content.reveal() or "{}")
    with override(texts.CHINESE):
        labels = {name: str(label) for name, label in known(paper.kind).items()}
    return {
        "title": said.get("title", ""),
        "number": paper.number,
        "facts": [(labels[name], said.get(name, "")) for name in layout.facts],
        "text": texts.fill(layout.text, said).split("\n") if layout.text else [],
        "signatures": layout.signatures,
        "unit": said.get("unit", ""),
        "made_on": said.get("made_on", ""),
    }


def download(paper: Paper) -> HttpResponse:
    """The Word file: by nginx where it stands in front, else from here; 404 once it was erased."""
    if not paper.file:
        raise Http404
    if settings.ACCEL_REDIRECT_PREFIX:
        response = HttpResponse(content_type=word.MIME)
        response.headers["X-Accel-Redirect"] = f"{settings.ACCEL_REDIRECT_PREFIX}{paper.file.name}"
    else:
        response = FileResponse(paper.file.open("rb"), content_type=word.MIME)  # type: ignore[assignment]
    return attached(response, f"{paper.number}.docx")


def attached(response: HttpResponse, name: str) -> HttpResponse:
    """To be kept under a name: RFC 6266's form, in which nothing of the name can break out."""
    plain = "paper.docx"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def choices(
    kinds: Collection[PaperKind], findings: Collection[Mapping[str, object]]
) -> list[tuple[str, str]]:
    """What may be made, as a select has it: "kind" or "kind:finding"."""
    plain = [kind for kind in kinds if kind != PaperKind.RECTIFICATION_ORDER]
    found = [(str(kind.value), str(kind.label)) for kind in plain]
    for row in findings:
        for kind in OF_FINDING:
            if kind not in kinds:
                continue
            if kind == PaperKind.RECTIFICATION_ORDER and not row["order"]:
                continue
            about = row["order"] if kind == PaperKind.RECTIFICATION_ORDER else row["what"]
            label = _t("%(name)s：%(text)s") % {"name": kind.label, "text": about}
            found.append((f"{kind.value}:{row['id']}", label))
    return found
