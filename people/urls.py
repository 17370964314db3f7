"""Addresses of the registers, the same pages on the desk and on the phone; imports on the desk."""

from django.urls import include, path

from people.views import (
    changes,
    entities,
    exports,
    imports,
    joint,
    persons,
    public_rights,
    rent,
    rights,
    support,
    tenancies,
    visits,
)

person_urls = [
    path("", persons.listing, name="list"),
    path("houses/", persons.houses, name="houses"),
    path("new/<int:house>/", persons.new, name="new"),
    path("changes/", changes.listing, name="changes"),
    path("changes/decide/", changes.decide, name="changes_decide"),
    path("changes/<uuid:key>/reveal/", changes.reveal, name="changes_reveal"),
    path("residencies/<int:pk>/out/", persons.move_out, name="move_out"),
    path("residencies/<int:pk>/correct/", persons.correct_home, name="correct_home"),
    path("visits/", visits.today, name="visits"),
    path("visits/new/<int:household>/", visits.new, name="visit_new"),
    path("visits/plans/", visits.plans, name="visit_plans"),
    path("visits/plans/<int:pk>/end/", visits.plan_end, name="visit_plan_end"),
    path("visits/<str:number>/", visits.page, name="visit"),
    path("visits/<str:number>/reveal/", visits.reveal, name="visit_reveal"),
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
    path("tenancies/", tenancies.listing, name="tenancies"),
    path("tenancies/houses/", tenancies.houses, name="tenancy_houses"),
    path("tenancies/houses/<int:pk>/", tenancies.house, name="tenancy_house"),
    path("tenancies/houses/<int:pk>/code/", tenancies.code, name="tenancy_code"),
    path("tenancies/<int:pk>/", tenancies.page, name="tenancy"),
    path("tenancies/<int:pk>/reveal/", tenancies.reveal, name="tenancy_reveal"),
    path("tenancies/<int:pk>/<slug:verb>/", tenancies.act, name="tenancy_act"),
    path("declarations/<uuid:key>/", tenancies.declaration, name="declaration"),
    path("declarations/<uuid:key>/open/", tenancies.declaration_open, name="declaration_open"),
    path(
        "declarations/<uuid:key>/confirm/",
        tenancies.declaration_confirm,
        name="declaration_confirm",
    ),
    path(
        "declarations/<uuid:key>/refuse/", tenancies.declaration_refuse, name="declaration_refuse"
    ),
    path("joint/", joint.listing, name="joint"),
    path("joint/new/", joint.where, name="joint_where"),
    path("joint/new/<int:household>/", joint.new, name="joint_new"),
    path("joint/<int:pk>/", joint.page, name="joint_unit"),
    path("joint/<int:pk>/head/", joint.head, name="joint_head"),
    path("joint/<int:pk>/dissolve/", joint.dissolve, name="joint_dissolve"),
    path("joint/<int:pk>/admit/<int:household>/", joint.admit, name="joint_admit"),
    path("joint/members/<int:pk>/release/", joint.release, name="joint_release"),
    path("<uuid:key>/plans/new/", support.begin, name="plan_new"),
    path("<uuid:key>/", persons.page, name="person"),
    path("<uuid:key>/reveal/", persons.reveal, name="reveal"),
    path("<uuid:key>/correct/", persons.correct, name="correct"),
    path("<uuid:key>/move-in/<int:house>/", persons.move_in, name="move_in"),
    path("<uuid:key>/ask/<slug:kind>/", changes.ask, name="ask"),
    path("<uuid:key>/split/<int:pk>/", changes.split, name="split"),
]

desk_person_urls = [
    *person_urls,
    path("imports/", imports.listing, name="imports"),
    path("imports/<slug:kind>.csv", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.job, name="import"),
    path("imports/<int:pk>/mapping/", imports.mapping, name="import_mapping"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:pk>/refused/", imports.refused, name="import_refused"),
]
rights_urls = [
    path("", rights.listing, name="list"),
    path("new/", rights.new, name="new"),
    path("<str:number>/", rights.page, name="request"),
    path("<str:number>/reveal/", rights.reveal, name="reveal"),
    path("<str:number>/verify/", rights.verify, name="verify"),
    path("<str:number>/copy/", rights.copy, name="copy"),
    path("<str:number>/end/", rights.end, name="end"),
]
public_urls = [
    path("", public_rights.ask, name="ask"),
    path("query/", public_rights.query, name="query"),
    path("<str:number>/", public_rights.progress, name="progress"),
    path("<str:number>/received/", public_rights.receipt, name="receipt"),
]
export_urls = [
    path("", exports.listing, name="list"),
    path("<int:pk>/decide/", exports.decide, name="decide"),
    path("<int:pk>/file/", exports.file, name="file"),
]

# For tenants without an account, by the code of the house.
rent_urls = [
    path("", rent.enter, name="enter"),
    path("received/", rent.received, name="received"),
    path("<str:code>/", rent.declare, name="declare"),
]

urlpatterns = [
    path("report/rent/", include((rent_urls, "rent"))),
    path("exports/", include((export_urls, "exports"))),
    path("rights/", include((rights_urls, "rights"))),
    path("m/rights/", include((rights_urls, "rights_phone"))),
    path("report/rights/", include((public_urls, "public_rights"))),
    path("people/", include((desk_person_urls, "people"))),
    path("m/people/", include((person_urls, "people_phone"))),
]
