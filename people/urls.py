"""Addresses of the registers, the same pages on the desk and on the phone."""

from django.urls import include, path

from people.views import changes, persons

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

urlpatterns = [
    path("people/", include((person_urls, "people"))),
    path("m/people/", include((person_urls, "people_phone"))),
]
