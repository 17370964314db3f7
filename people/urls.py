"""Addresses of the registers, the same pages on the desk and on the phone."""

from django.urls import include, path

from people.views import changes, exports, persons, public_rights, rights

person_urls = [
    path("", persons.listing, name="list"),
    path("houses/", persons.houses, name="houses"),
    path("new/<int:house>/", persons.new, name="new"),
    path("changes/", changes.listing, name="changes"),
    path("changes/decide/", changes.decide, name="changes_decide"),
    path("residencies/<int:pk>/out/", persons.move_out, name="move_out"),
    path("<uuid:key>/", persons.page, name="person"),
    path("<uuid:key>/reveal/", persons.reveal, name="reveal"),
    path("<uuid:key>/correct/", persons.correct, name="correct"),
    path("<uuid:key>/move-in/<int:house>/", persons.move_in, name="move_in"),
    path("<uuid:key>/ask/<slug:kind>/", changes.ask, name="ask"),
    path("<uuid:key>/split/<int:pk>/", changes.split, name="split"),
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

urlpatterns = [
    path("exports/", include((export_urls, "exports"))),
    path("rights/", include((rights_urls, "rights"))),
    path("m/rights/", include((rights_urls, "rights_phone"))),
    path("report/rights/", include((public_urls, "public_rights"))),
    path("people/", include((person_urls, "people"))),
    path("m/people/", include((person_urls, "people_phone"))),
]
