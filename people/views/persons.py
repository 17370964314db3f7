"""People, on the desk and on the phone: the list, one person, coming, going, correcting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, permissions, units
from governance.access import StaffRequest, needs, record_look
from governance.models import AccessRecord, UnitKind, User
from governance.surfaces import DESK, show, surface, to
from grids.models import House
from people import access, changes, finding, person_page, registering, visits
from people.errors import NotAllowed
from people.forms import CorrectForm, HomeForm, OutForm, RegisterForm, RevealForm
from people.models import Household, Person, Relation, Residency, ResidencyKind

PAGE = 25
NARROWED = 1000  # of whom a place, a kind or a grid leaves a few
PLACES = {"desk": "places", "phone": "phone_places"}
HOUSES = 30
MODEL = "people.Person"


@needs("person.see")
@require_http_methods(["GET", "POST"])
def listing(request: StaffRequest) -> HttpResponse:
    """Who lives in one's own units. What is searched for is posted: a number stays out of
    addresses and logs."""
    user, words = request.user, request.POST.get("q", "").replace("\x00", "").strip()
    rows = access.residencies(user).select_related("person__data_key", "household__house__building")
    kind, grid = request.GET.get("kind", ""), request.GET.get("grid", "")
    if kind in ResidencyKind.values:
        rows = rows.filter(kind=kind)
    if grid.isdecimal():
        rows = rows.filter(grid=int(grid))
    after = request.GET.get("after", "")
    if words:
        found = searched(user, rows, words, narrowed=bool(kind or grid))
    else:
        rows = rows.filter(pk__gt=int(after)) if after.isdecimal() else rows
        found = list(rows.order_by("pk")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE and not words else None
    context = {
        "rows": [row_of(request, row) for row in found[:PAGE]],
        "words": words,
        "cut": bool(words) and len(found) > PAGE,
        "kinds": [(c, label, c == kind) for c, label in ResidencyKind.choices],
        "grids": [(pk, name, str(pk) == grid) for pk, name in grids_of(user)],
        "kind": kind,
        "grid": grid,
        "next_url": next_url(request, more) if more else "",
        "filtered": bool(words or kind or grid),
        "may_change": permissions.may(user, "person.register"),
        "houses_url": to(request, "people:houses"),
        "visits_url": to(request, "people:visits"),
        "plans_url": to(request, "people:plans"),
        "places_url": reverse(f"{PLACES[surface(request)]}:buildings")
        if permissions.may(user, "place.see")
        else "",
        "import_url": reverse("people:imports") if permissions.may(user, "person.import") else "",
        "registers": registers(request),
        "changes_url": to(request, "people:changes") if may_decide(user) else "",
        "waiting": changes.waiting(user).count() if may_decide(user) else 0,
    }
    return show(request, "people/list.html", context)


def searched(
    user: User, rows: QuerySet[Residency], words: str, *, narrowed: bool
) -> list[Residency]:
    """Whom the words name, the likeliest first; one more than a page where there are more.

    Behind the name may stand where: a word of the estate, the building, the room.
    """
    who, *where = words.replace("-", " ").split() or [""]
    if where and not any(character.isdigit() for character in who):
        there = rows
        for word in where:
            there = there.filter(at_door(word, "household__house__"))
        if found := ranked(there, finding.find(user, who, NARROWED)):
            return found
    return ranked(rows, finding.find(user, words, NARROWED if narrowed else PAGE + 1))


def ranked(rows: QuerySet[Residency], keys: Sequence[UUID]) -> list[Residency]:
    rank = {key: n for n, key in enumerate(keys)}
    return sorted(rows.filter(person__in=keys), key=lambda row: (rank[row.person_id], row.pk))


def at_door(word: str, house: str = "") -> Q:
    """A word that is part of the estate, or begins the building, or is the room or the unit."""
    named = {
        "building__estate__contains": word,
        "building__name__startswith": word,
        "room": word,
        "unit_no": word,
    }
    found = Q()
    for name, value in named.items():
        found |= Q(**{f"{house}{name}": value})
    return found


# What else the list of people leads to: permission, page, icon, name.
REGISTERS = (
    ("entity.see", "people:entities", "building", _("法人单位")),
    ("tenancy.see", "people:tenancies", "key", _("出租房")),
    ("joint.see", "people:joint", "home", _("联户单位")),
)
# On the desk they stand in the navigation.
ON_PHONE = (("right.erase", "rights:list", "key", _("个人信息权利")),)


def registers(request: StaffRequest) -> list[dict[str, Any]]:
    shown = REGISTERS if surface(request) == DESK else REGISTERS + ON_PHONE
    return [
        {"url": to(request, page), "icon": icon, "label": label}
        for permission, page, icon, label in shown
        if permissions.may(request.user, permission)
    ]


def may_decide(user: User) -> bool:
    return permissions.may(user, changes.APPROVE)


def next_url(request: HttpRequest, after: int) -> str:
    asked = request.GET.copy()
    asked["after"] = str(after)
    return f"{request.path}?{asked.urlencode()}"


def grids_of(user: User) -> list[tuple[int, str]]:
    """The grids of the user's units."""
    held = access.places(user)
    return [
        (unit.pk, unit.name)
        for unit in units.known().values()
        if unit.kind == UnitKind.GRID and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in held)
    ]


def row_of(request: HttpRequest, row: Residency) -> dict[str, Any]:
    return {
        "url": to(request, "people:person", row.person_id),
        "name": str(row.person),
        "document": row.person.document_number.masked if row.person.document_number else "—",
        "phone": row.person.phone.masked if row.person.phone else "—",
        "kind": row.get_kind_display(),
        "relation": row.get_relation_display(),
        "place": person_page.place(row),
        "since": row.began_on,
    }


# A house to live in -----------------------------------------------------------------------------


@needs("person.register")
@require_http_methods(["GET", "POST"])
def houses(request: StaffRequest) -> HttpResponse:
    """The houses of one's own units by building and room, for who comes or moves. What is searched
    for is posted: no address says who goes to live where."""
    words = request.POST.get("q", "").strip().replace("\x00", "")
    person = request.POST.get("person", request.GET.get("person", ""))
    found = list(house_search(request.user, words)) if words else []
    context = {
        "words": words,
        "search_url": to(request, "people:houses"),
        "person": person,
        "more": len(found) == HOUSES,
        "houses": [
            {
                "name": str(house),
                "grid": units.name_of(house.grid_id),
                "use": house.get_use_display(),
                "url": house_url(request, house, person),
            }
            for house in found
        ],
        "list_url": to(request, "people:list"),
    }
    return show(request, "people/houses.html", context)


def house_url(request: HttpRequest, house: House, person: str) -> str:
    """To register somebody new there, or to let a person who is registered move in."""
    try:
        return to(request, "people:move_in", UUID(person), house.pk)
    except ValueError:
        return to(request, "people:new", house.pk)


def house_search(user: User, words: str, permission: str = "person.register") -> QuerySet[House]:
    """Every word is part of the estate, the building or the room."""
    rows = House.objects.filter(access.within(user, permission), is_active=True)
    for word in words.replace("-", " ").split():
        rows = rows.filter(at_door(word))
    return rows.select_related("building").order_by("building", "unit_no", "room")[:HOUSES]


def house_for(user: User, pk: int, permission: str = "person.register") -> House:
    """The house, or 404 where the user registers nobody."""
    rows = House.objects.filter(access.within(user, permission), pk=pk, is_active=True)
    found = rows.select_related("building").first()
    if found is None:
        raise Http404
    return found


@needs("person.register")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, house: int) -> HttpResponse:
    """人来登记: one form."""
    place, user = house_for(request.user, house), request.user
    homes = households_of(request, place)
    form = RegisterForm(request.POST or None, homes=choices_of(homes))
    if request.method == "POST" and form.is_valid():
        try:
            done = registering.register(
                form.details(), place, by=user, now=clock.now(), **home(form, homes)
            )
        except NotAllowed as error:
            form.blame(error)
        else:
            said = _t("已登记。") if done.is_new else _t("该证件已登记过，已登记其在此居住。")
            messages.success(request, f"{said}{done.warning}")
            return redirect(to(request, "people:person", done.person.pk))
    context = {
        "form": form,
        "house": str(place),
        "homes": homes,
        "list_url": to(request, "people:list"),
    }
    return show(request, "people/new.html", context, 400 if form.errors else 200)


@dataclass
class Home:
    """A household of the house: who lives there, as a list shows them."""

    household: Household
    at: int
    members: list[dict[str, Any]]
    head: str = ""

    @property
    def label(self) -> str:
        """Of which household one speaks: by its number where a file gave one, else by when it
        came; and by its head, else by who came first."""
        name = self.head or self.members[0]["name"]
        said = {"at": self.at, "name": name, "n": len(self.members)}
        if number := self.household.number:
            return _t("户号 %(number)s：%(name)s（%(n)d 人）") % {**said, "number": number}
        return _t("第 %(at)d 户：%(name)s（%(n)d 人）") % said


def households_of(request: StaffRequest, house: House) -> list[Home]:
    """The households that live in the house, the first to come first."""
    found: dict[int, Home] = {}
    for row in living_in(request.user, house).order_by("household", "pk"):
        home = found.setdefault(row.household_id, Home(row.household, len(found) + 1, []))
        home.members.append(row_of(request, row))
        if row.relation == Relation.HEAD:
            home.head = str(row.person)
    return list(found.values())


def choices_of(homes: list[Home]) -> list[tuple[str, str]]:
    return [(str(one.household.pk), one.label) for one in homes]


def home(form: HomeForm, homes: list[Home]) -> dict[str, Any]:
    """Where somebody settles, as the verbs take it."""
    return {**form.home(), "household": form.among(one.household for one in homes)}


def living_in(user: User, house: House) -> QuerySet[Residency]:
    rows = access.residencies(user).filter(household__house=house)
    return rows.select_related("person__data_key", "household__house__building").order_by("pk")


# One person -------------------------------------------------------------------------------------


@needs("person.see")
@require_GET
def page(request: StaffRequest, key: UUID) -> HttpResponse:
    if kept := access.merged_into(request.user, key):
        return redirect(to(request, "people:person", kept))
    person = access.person_for(request.user, key)
    return opened(request, person, clock.now())


def opened(
    request: StaffRequest,
    person: Person,
    now: datetime,
    *,
    columns: Sequence[str] = (),
    reason: str = "",
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    """The page, masked or with these columns in clear. Every opening leaves a record, also of what
    stays masked, and also where a form comes back with its faults: there is no other way here."""
    record_look(
        request.user,
        model=MODEL,
        object_id=person.pk,
        columns=list(columns),
        reason=reason or _t("打开登记"),
        now=now,
    )
    context = page_context(request, person, revealed=bool(columns), **forms)
    response = show(request, "people/person.html", context, status)
    if columns:
        response.headers["Cache-Control"] = "no-store"
    return response


def page_context(
    request: StaffRequest, person: Person, *, revealed: bool, **forms: Any
) -> dict[str, Any]:
    user = request.user
    homes = access.residencies(user).filter(person=person)
    homes = homes.select_related("household__house__building").order_by("pk")
    mine = [home for home in homes if access.covers(user, home, "person.register")]
    visited = [home for home in homes if access.covers(user, home, visits.PERMISSION)]
    may_change = bool(mine)
    return {
        "person": person,
        "name": person.name.reveal() if revealed and person.name else str(person),
        "facts": person_page.facts(person, revealed=revealed),
        "revealed": revealed,
        "reveal": forms.get("reveal") or RevealForm(user=user),
        "reveal_url": to(request, "people:reveal", person.pk) if may_reveal(user) else "",
        "homes": [
            {
                "place": person_page.place(row),
                "kind": row.get_kind_display(),
                "relation": row.get_relation_display(),
                "since": row.began_on,
                "out_url": to(request, "people:move_out", row.pk) if row in mine else "",
                "out": forms.get(f"out{row.pk}") or OutForm(auto_id=f"id_out{row.pk}_%s"),
                "correct_url": to(request, "people:correct_home", row.pk) if row in mine else "",
                "correct": forms.get(f"home{row.pk}")
                or HomeForm(initial=home_now(row), auto_id=f"id_home{row.pk}_%s"),
                "visit_url": to(request, "people:visit_new", row.household_id)
                if row in visited
                else "",
            }
            for row in homes
        ],
        "correct": forms.get("correct") or CorrectForm(person=person),
        "correct_url": to(request, "people:correct", person.pk) if may_change else "",
        "move_url": f"{to(request, 'people:houses')}?person={person.pk}" if may_change else "",
        "plan_url": to(request, "people:plan_new", person.pk) if may_change else "",
        "asks": asks(request, person) if may_change else [],
        "waiting": [row.get_kind_display() for row in person.changes.filter(state="waiting")],
        "twins": twins(request, person) if may_change else [],
        "merges": merges(request, person) if may_decide(user) else [],
        "looks": looks(person),
        "list_url": to(request, "people:list"),
    }


def may_reveal(user: User) -> bool:
    return permissions.may(user, "person.reveal")


def asks(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    kinds = {"document": _t("申请更正证件"), "death": _t("登记死亡")}
    return [
        {"label": label, "url": to(request, "people:ask", person.pk, kind)}
        for kind, label in kinds.items()
    ]


def twins(request: StaffRequest, person: Person) -> list[dict[str, Any]]:
    found = finding.twins(person, request.user)
    url = to(request, "people:ask", person.pk, "merge")
    return [
        {
            "name": str(twin.person),
            "url": to(request, "people:person", twin.person.pk),
            "score": twin.score,
            "reasons": twin.reasons,
            "merge_url": f"{url}?into={twin.person.pk}",
        }
        for twin in found
    ]


def merges(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    return [
        {"at": row.at, "by": str(row.by), "url": to(request, "people:split", person.pk, row.pk)}
        for row in person.merges.filter(undone_at=None).select_related("by").order_by("pk")
    ]


def looks(person: Person) -> list[AccessRecord]:
    """The last looks at this person, for who looks as well."""
    rows = AccessRecord.objects.filter(model=MODEL, object_id=str(person.pk))
    return list(rows.select_related("user").order_by("-pk")[:10])


@needs("person.reveal")
@require_POST
def reveal(request: StaffRequest, key: UUID) -> HttpResponse:
    """The person in clear, after the look was written down with its reason."""
    person, now = access.person_for(request.user, key), clock.now()
    form = RevealForm(request.POST, user=request.user)
    if not form.is_valid():
        return opened(request, person, now, status=400, reveal=form)
    columns = [name for name in person_page.SHOWN if getattr(person, name)]
    return opened(request, person, now, columns=columns, reason=form.reason())


@needs("person.register")
@require_POST
def correct(request: StaffRequest, key: UUID) -> HttpResponse:
    person, now = access.person_for(request.user, key), clock.now()
    form = CorrectForm(request.POST, person=person)
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            registering.correct(person, form.changes(), version=version, by=request.user, now=now)
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已更正。"))
            return redirect(to(request, "people:person", key))
    return opened(request, person, now, status=400, correct=form)


@needs("person.register")
@require_http_methods(["GET", "POST"])
def move_in(request: StaffRequest, key: UUID, house: int) -> HttpResponse:
    """Somebody who is registered comes to live in another house, or in a second one."""
    person, place = access.person_for(request.user, key), house_for(request.user, house)
    homes = households_of(request, place)
    form = HomeForm(request.POST or None, homes=choices_of(homes))
    if request.method == "POST" and form.is_valid():
        try:
            registering.move_in(
                person, place, by=request.user, now=clock.now(), **home(form, homes)
            )
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已登记其在此居住。"))
            return redirect(to(request, "people:person", key))
    context = {
        "form": form,
        "house": str(place),
        "name": str(person),
        "homes": homes,
        "list_url": to(request, "people:person", key),
    }
    return show(request, "people/new.html", context, 400 if form.errors else 200)


@needs("person.register")
@require_POST
def move_out(request: StaffRequest, pk: int) -> HttpResponse:
    """人走注销: gone from the lists of here this very moment."""
    row = residency_for(request.user, pk)
    form = OutForm(request.POST, auto_id=f"id_out{pk}_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            registering.move_out(
                row, on=given["on"], leaving=given["leaving"], by=request.user, now=clock.now()
            )
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已注销。"))
            return redirect(to(request, "people:list"))
    return refused(request, row, **{f"out{pk}": form})


@needs("person.register")
@require_POST
def correct_home(request: StaffRequest, pk: int) -> HttpResponse:
    """Kind, relation to the head, day of arrival; and who is the head."""
    row = residency_for(request.user, pk)
    form = HomeForm(request.POST, auto_id=f"id_home{pk}_%s")
    if form.is_valid():
        try:
            done = registering.correct_home(row, by=request.user, now=clock.now(), **form.stay())
        except NotAllowed as error:
            form.blame(error)
        else:
            fresh = done.relation == Relation.HEAD != row.relation
            said = _t("已更正，请核对同住人与新户主的关系。") if fresh else _t("已更正。")
            messages.success(request, said)
            return redirect(to(request, "people:person", row.person_id))
    return refused(request, row, **{f"home{pk}": form})


def refused(request: StaffRequest, row: Residency, **forms: Any) -> HttpResponse:
    """The person's page with what was typed, and what is wrong with it."""
    person = access.person_for(request.user, row.person_id)
    return opened(request, person, clock.now(), status=400, **forms)


def residency_for(user: User, pk: int) -> Residency:
    """The residency, or 404 where nobody lives who is the user's to see."""
    row = access.residencies(user).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def home_now(row: Residency) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("kind", "relation", "began_on")}
