"""Addresses of the registers, the same pages on the desk and on the phone."""

from django.urls import include, path

from people.views import changes, entities, persons, support, visits

person_urls = [
    path("", persons.listing, name="list"),
    path("houses/", persons.houses, name="houses"),
    path("new/<int:house>/", persons.new, name="new"),
    path("changes/", changes.listing, name="changes"),
    path("changes/decide/", changes.decide, name="changes_decide"),
    path("residencies/<int:pk>/out/", persons.move_out, name="move_out"),
    path("visits/", visits.today, name="visits"),
    path("visits/new/<int:household>/", visits.new, name="visit_new"),
    path("visits/plans/", visits.plans, name="visit_plans"),
    path("visits/<str:number>/", visits.page, name="visit"),
    path("sheets/", visits.sheet_list, name="sheets"),
    path("sheets/<int:pk>/", visits.sheet, name="sheet"),
    path("plans/", support.listing, name="plans"),
    path("plans/<int:pk>/", support.page, name="plan"),
    path("plans/<int:pk>/leave/<uuid:member>/", support.leave, name="plan_leave"),
    path("plans/<int:pk>/<slug:verb>/", support.act, name="plan_act"),
    path("plans/steps/<int:pk>/done/", support.step_done, name="step_done"),
    path("entities/", entities.listing, name="entities"),
    path("entities/where/", entities.where, name="entity_where"),
    path("entities/new/", entities.new, name="entity_new"),
    path("entities/<int:pk>/", entities.page, name="entity"),
    path("entities/<int:pk>/reveal/", entities.reveal, name="entity_reveal"),
    path("entities/<int:pk>/<slug:verb>/", entities.act, name="entity_act"),
    path("licences/<int:pk>/renew/", entities.licence_renew, name="licence_renew"),
    path("licences/<int:pk>/end/", entities.licence_end, name="licence_end"),
    path("<uuid:key>/plans/new/", support.begin, name="plan_new"),
    path("<uuid:key>/", persons.page, name="person"),
    path("<uuid:key>/reveal/", persons.reveal, name="reveal"),
    path("<uuid:key>/correct/", persons.correct, name="correct"),
    path("<uuid:key>/move-in/<int:house>/", persons.move_in, name="move_in"),
    path("<uuid:key>/ask/<slug:kind>/", changes.ask, name="ask"),
    path("<uuid:key>/split/<int:pk>/", changes.split, name="split"),
]

urlpatterns = [
    path("people/", include((person_urls, "people"))),
    path("m/people/", include((person_urls, "people_phone"))),
]
