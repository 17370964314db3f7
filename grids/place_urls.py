"""Addresses of the places: the same pages on the desk and on the phone; imports on the desk."""

from django.urls import include, path

from grids.views import imports, places

shared_urls = [
    path("", places.buildings, name="buildings"),
    path("buildings/new/", places.building_new, name="building_new"),
    path("buildings/<int:pk>/", places.building, name="building"),
    path("buildings/<int:pk>/edit/", places.building_edit, name="building_edit"),
    path("buildings/<int:pk>/plan/", places.building_plan, name="building_plan"),
    path("buildings/<int:pk>/house/", places.house_new, name="house_new"),
    path("buildings/<int:pk>/end/", places.building_end, name="building_end"),
    path("houses/<int:pk>/", places.house, name="house"),
    path("houses/<int:pk>/change/", places.house_change, name="house_change"),
    path("houses/<int:pk>/hazard/", places.hazard_new, name="hazard_new"),
    path("houses/<int:pk>/end/", places.house_end, name="house_end"),
    path("hazards/<int:pk>/clear/", places.hazard_clear, name="hazard_clear"),
    path("addresses/", places.address_search, name="addresses"),
    path("addresses/<int:pk>/", places.address, name="address"),
    path("addresses/<int:pk>/merge/", places.address_merge, name="address_merge"),
    path("facilities/", places.facilities, name="facilities"),
    path("facilities/new/", places.facility_new, name="facility_new"),
    path("facilities/<int:pk>/edit/", places.facility_edit, name="facility_edit"),
    path("facilities/<int:pk>/end/", places.facility_end, name="facility_end"),
]
desk_urls = [
    *shared_urls,
    path("imports/", imports.listing, name="imports"),
    path("imports/<int:pk>/", imports.job, name="import"),
    path("imports/<int:pk>/mapping/", imports.mapping, name="import_mapping"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:pk>/refused.csv", imports.refused, name="import_refused"),
]
urlpatterns = [
    path("places/", include((desk_urls, "places"))),
    path("m/places/", include((shared_urls, "phone_places"))),
]
