"""The command centre's desk: queue, case page, moves, new case, photos."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from cases import (
    access,
    bulk_moves,
    case_page,
    disputes,
    duplicates,
    entrusting,
    intake,
    items,
    opening,
    photos,
    points,
    queue,
    rows,
    suggesting,
    visits,
)
from cases.errors import NotAllowed
from cases.forms import DeskReportForm, ReportForm, RevealForm, SimilarForm, filter_row
from cases.intake import Report
from cases.models import Case, PhotoKind, Source
from cases.submissions import Conflict
from cases.views import acts
from cases.views.partials import partial
from governance import clock, permissions, units
from governance.access import StaffRequest, needs, record_look
from governance.models import User
from governance.uploads import BadPicture
from grids import geo, map_layers, maps, viewport
from people.models import Visit

CASES = "/cases/"


@needs("case.see")
@require_GET
@vary_on_headers("HX-Request")
def queue_page(request: StaffRequest) -> HttpResponse:
    """Tabs with counts, filters in the address, one page of cases by keyset."""
    now = clock.now()
    tabs = queue.tabs_for(request.user)
    key = request.GET.get("tab", "")
    tab = queue.BY_KEY.get(key) or default_tab(tabs)
    filters = filter_row(request.user, request.GET, tab.key)
    page = queue.page(
        filters.asked.apply(queue.rows(request.user, tab, now)),
        by_due=tab.by_due,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=page_size(request),
    )
    bulk = bulk_actions(request.user)
    context = {
        "filters": filters,
        "tabs": tab_links(request, tabs, tab, queue.counts(request.user, now, filters.asked)),
        "rows": rows.rows_for(page.lines, now, CASES, picked=bool(bulk)),
        "bulk": bulk,
        "next_url": address(request, after=page.next_key),
        "previous_url": address(request, before=page.previous_key),
        "empty_hint": _t("换一个标签，或清除筛选条件再看。"),
    }
    return render(request, partial(request, "cases/queue.html", "table"), context)


def bulk_actions(user: User) -> list[tuple[str, Any]]:
    """What this user may do to a selection of cases."""
    may = [action for action in bulk_moves.ACTIONS if permissions.may(user, f"case.{action}")]
    return [(action.value, action.label) for action in may]


def default_tab(tabs: list[queue.Tab]) -> queue.Tab:
    return tabs[0]


def page_size(request: HttpRequest) -> int:
    asked = request.GET.get("size", "")
    return int(asked) if asked.isdecimal() and int(asked) in {25, 50, 100} else queue.PAGE


def address(request: HttpRequest, **key: str) -> str:
    """The same list from another key on; "" without one."""
    if not all(key.values()):
        return ""
    kept = {k: v for k, v in request.GET.items() if v and k not in {"after", "before"}}
    return f"{request.path}?{urlencode({**kept, **key})}"


def tab_links(
    request: HttpRequest, tabs: list[queue.Tab], active: queue.Tab, counts: dict[str, int]
) -> list[dict[str, Any]]:
    kept = {k: v for k, v in request.GET.items() if v and k not in {"after", "before", "tab"}}
    return [
        {
            "key": tab.key,
            "label": tab.label,
            "count": counts.get(tab.key),
            "url": f"{request.path}?{urlencode({**kept, 'tab': tab.key})}",
            "active": tab is active,
        }
        for tab in tabs
    ]


@needs("case.see")
@require_GET
def case_view(request: StaffRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    return render(request, "cases/case.html", acts.page_context(request, case, CASES))


@needs("case.see")
@require_http_methods(["GET", "POST"])
def act(request: StaffRequest, number: str, code: str) -> HttpResponse:
    return acts.do_act(request, number, code, CASES, "cases")


@needs("reporter.reveal")
@require_POST
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """The reporter in clear, after the look was written down."""
    case = access.case_for(request.user, number)
    form = RevealForm(request.POST)
    if not access.may_act(request.user, case, "reporter.reveal") or case.reporter is None:
        raise Http404
    template = "cases/case.html#reporter"
    if not form.is_valid():
        return render(request, template, {"reporter": case_page.reporter(case, request.user)})
    record_look(
        request.user,
        model="cases.Reporter",
        object_id=case.reporter_id,
        columns=["name", "phone", "email"],
        reason=f"{case.number} {form.cleaned_data['reason']}",
        now=clock.now(),
    )
    shown = case_page.reporter(case, request.user, revealed=True)
    response = render(request, template, {"reporter": shown})
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("case.report")
@require_http_methods(["GET", "POST"])
def case_new(request: StaffRequest) -> HttpResponse:
    """A report by phone call, at the counter, or of what was found at a door."""
    visit = visit_of(request)
    form = DeskReportForm(
        request.POST or None,
        request.FILES or None,
        initial={
            "key": uuid.uuid4(),
            **{name: request.GET.get(name, "") for name in ("source", "then")},
            **found_at(request, visit),
        },
        residents=residents_of(request, visit),
        of_visit=visit is not None,
    )
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data.get("source", Source.VISIT)
        case = open_from(request, form, source=source, visit=visit)
        if case is not None:
            messages.success(request, _t("已登记，编号 %(number)s。") % {"number": case.number})
            return redirect(following(request.user, case, form.cleaned_data["then"]))
    status = 400 if form.is_bound and form.errors else 200
    context = {**report_context(form, request.user), "visit": visit_note(visit, CASES)}
    return kept_private(render(request, "cases/case_new.html", context, status=status), visit)


# From a visit -----------------------------------------------------------------------------------

LIKELY = 0.5  # of a suggested item: more than all others together


def visit_of(request: StaffRequest) -> Visit | None:
    """The visit whose finding goes on here, `?visit=` of the address; 404 for one that this user
    may not see."""
    number = request.GET.get("visit", "")
    return visits.visit_for(request.user, number) if number else None


def found_at(request: StaffRequest, visit: Visit | None) -> dict[str, Any]:
    """What a report's form begins with: the door, the words said there, and the item that they
    speak of where that is likelier than all others together."""
    if visit is None or request.method == "POST":
        return {}
    door = visits.door(visit)
    words = visits.words_of(visit, request.user, clock.now())
    likely = [one.item_id for one in suggesting.suggest(words)[:1] if one.confidence > LIKELY]
    return {
        "description": words,
        "place": door.place,
        "lon": door.lon,
        "lat": door.lat,
        "item": likely[0] if likely else None,
    }


def residents_of(request: StaffRequest, visit: Visit | None) -> list[tuple[int, str]]:
    """Who may be named as having said so, masked."""
    return visits.choices(visits.residents(request.user, visit)) if visit else []


def visit_note(visit: Visit | None, prefix: str) -> dict[str, str] | None:
    if visit is None:
        return None
    return {"number": visit.number, "url": visits.url_of(visit.number, prefix)}


def kept_private(response: HttpResponse, visit: Visit | None) -> HttpResponse:
    """What was said at a door stays in no cache."""
    if visit is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def following(user: User, case: Case, then: str) -> str:
    """Where who takes a report at the window goes on: nobody is asked a second time."""
    if then == "dispute" and disputes.may_mediate(user, case):
        return reverse("desk:dispute", args=[case.number])
    if then == "service" and entrusting.may_hand_over(user, case):
        return f"{reverse('desk:service_guide')}?{urlencode({'case': case.number})}"
    return reverse("desk:case", args=[case.number])


def own_places(user: User) -> set[tuple[str, int]]:
    """The grids, communities or streets of the own posts."""
    return {post.territory for post in permissions.posts_of(user) if post.territory}


def report_context(form: ReportForm, user: User) -> dict[str, Any]:
    """What a report form shows beside its fields; the map opens on the own places, else on all."""
    picked = str(form["item"].value() or "")
    known = items.items().get(int(picked)) if picked.isdecimal() else None
    return {
        "form": form,
        "item_search_url": reverse("desk:item_search"),
        "item_label": known.title if known else "",
        "boundary_url": reverse("grids:boundaries"),
        "map_extent": geo.extent(own_places(user)),
        "suggest_url": reverse("desk:similar"),
        "suggest_items_url": reverse("desk:suggest_items"),
        "facilities_url": reverse("desk:near_facilities"),
    }


def open_from(
    request: HttpRequest,
    form: ReportForm,
    *,
    source: str,
    item_id: int | None = None,
    visit: Visit | None = None,
) -> Case | None:
    """Open a case from a valid form with its pictures, all or nothing; None puts the reason into
    the form."""
    given = form.cleaned_data
    accuracy = given.get("accuracy_m")
    report = Report(
        item_id=item_id or given.get("item") or 0,
        description=given["description"],
        source=source,
        place=given["place"],
        lon=given["lon"],
        lat=given["lat"],
        accuracy_m=round(accuracy) if accuracy is not None else None,
        facility_id=given.get("facility"),
        visit=visit,
        resident_id=given.get("resident"),
        reporter_name=given.get("reporter_name", ""),
        reporter_phone=given.get("reporter_phone", ""),
        reporter_email=given.get("reporter_email", ""),
    )
    by = request.user if request.user.is_authenticated else None
    now, files = clock.now(), given["photos"]
    try:
        with photos.beside(files):
            case, new = intake.open_case(
                report, by=by, now=now, key=given["key"], photos=len(files)
            )
            for file in files if new else []:
                photos.add(case, file, kind=PhotoKind.BEFORE, by=by, now=now)
    except (NotAllowed, Conflict) as error:
        form.add_error(None, str(error))
    except BadPicture as error:
        form.add_error("photos", str(error))
    else:
        return case
    return None


@needs("case.see")
@require_GET
def map_page(request: StaffRequest) -> HttpResponse:
    """Grids with the open cases in them, coloured by their clocks."""
    context = {
        "units": maps.places(maps.rows(request.user)),
        "boundary_url": reverse("grids:boundaries"),
        "layers": map_layers.offered(request.user, shown=frozenset({"grids", "cases"})),
    }
    return render(request, "cases/map.html", context)


@needs("case.see")
@require_GET
def map_points(request: StaffRequest) -> HttpResponse:
    """The open cases of a viewport: ?bbox=west,south,east,north."""
    box = viewport.parse(request.GET.get("bbox", ""))
    if box is None:
        detail = _t("bbox 须为“西,南,东,北”四个经纬度。")
        return HttpResponse(orjson.dumps({"detail": detail}), "application/json", status=400)
    found = points.within(box, request.user, clock.now())
    return HttpResponse(orjson.dumps(found), "application/json")


@needs("item.see")
@require_GET
def item_search(request: StaffRequest) -> HttpResponse:
    """Items for what is being typed, as a list of buttons."""
    found = [
        {"value": item.pk, "label": item.title, "hint": item.class_title}
        for item in items.find(request.GET.get("q", ""))
    ]
    return render(request, "includes/item_results.html", {"items": found})


@needs("case.report")
@require_POST
def similar(request: StaffRequest) -> HttpResponse:
    """Open cases that what is being typed may repeat. By POST: words and place stay out of URLs."""
    return similar_at(request, CASES)


def similar_at(request: StaffRequest, prefix: str) -> HttpResponse:
    """The same, with addresses of the desk or of the phone. The community is that of the point."""
    form = SimilarForm(request.POST)
    form.is_valid()
    asked = form.cleaned_data
    own = next(iter(permissions.posts_of(request.user)), None)
    grid = opening.grid_of(asked.get("lon"), asked.get("lat"))
    place = units.known()[grid] if grid else own
    sought = duplicates.Sought(
        asked.get("item"),
        f"{asked.get('description', '')} {asked.get('place', '')}",
        asked.get("lon"),
        asked.get("lat"),
        place.community_id if place else None,
        clock.now(),
    )
    found = duplicates.candidates(sought, request.user) if asked.get("item") else []
    return acts.show_repeats(request, found, prefix)


@needs("case.report")
@require_POST
def suggest_items(request: StaffRequest) -> HttpResponse:
    """The items that the words being typed speak of. By POST: words stay out of URLs."""
    found = suggesting.suggest(request.POST.get("description", "")[:2000])
    return render(request, "includes/item_suggestions.html", {"items": suggested(found)})


def suggested(found: list[suggesting.Suggestion]) -> list[dict[str, Any]]:
    return [
        {
            "value": one.item_id,
            "label": items.facts(one.item_id).title,
            "percent": round(100 * one.confidence),
        }
        for one in found
    ]


@needs("case.join")
@require_GET
def similar_to(request: StaffRequest, number: str) -> HttpResponse:
    """The same for a case that waits to be accepted."""
    case = access.case_for(request.user, number)
    found = duplicates.of_case(case, request.user)
    return acts.show_repeats(request, found, CASES)


@needs("case.see")
@require_GET
def photo(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    return photos.download(access.photo_for(request.user, key).file)


@needs("case.see")
@require_GET
def photo_thumb(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    return photos.download(access.photo_for(request.user, key).thumb)


@needs("case.publish_photo")
@require_POST
def publish_photo(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Tick or untick that no person is visible: only then may residents see it."""
    row = access.photo_for(request.user, key)
    if row.kind == PhotoKind.PROOF or not access.may_act(
        request.user, row.case, "case.publish_photo"
    ):
        raise Http404
    row.no_person_visible = request.POST.get("no_person_visible") == "1"
    row.save(update_fields=["no_person_visible"])
    return redirect("desk:case", row.case.number)
