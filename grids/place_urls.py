"""Addresses of the places: the same pages on the desk and on the phone; imports on the desk."""

from django.urls import include, path

from grids.views import addresses, buildings, facilities, houses, imports

shared_urls = [
    path("", buildings.buildings, name="buildings"),
    path("buildings/new/", buildings.building_new, name="building_new"),
    path("buildings/<int:pk>/", buildings.building, name="building"),
    path("buildings/<int:pk>/edit/", buildings.building_edit, name="building_edit"),
    path("buildings/<int:pk>/plan/", buildings.building_plan, name="building_plan"),
    path("buildings/<int:pk>/house/", buildings.house_new, name="house_new"),
    path("buildings/<int:pk>/end/", buildings.building_end, name="building_end"),
    path("houses/<int:pk>/", houses.house, name="house"),
    path("houses/<int:pk>/change/", houses.house_change, name="house_change"),
    path("houses/<int:pk>/hazard/", houses.hazard_new, name="hazard_new"),
    path("houses/<int:pk>/end/", houses.house_end, name="house_end"),
    path("hazards/<int:pk>/clear/", houses.hazard_clear, name="hazard_clear"),
    path("addresses/", addresses.address_search, name="addresses"),
    path("addresses/<int:pk>/", addresses.address, name="address"),
    path("addresses/<int:pk>/merge/", addresses.address_merge, name="address_merge"),
    path("facilities/", facilities.facilities, name="facilities"),
    path("facilities/new/", facilities.facility_new, name="facility_new"),
    path("facilities/<int:pk>/edit/", facilities.facility_edit, name="facility_edit"),
    path("facilities/<int:pk>/end/", facilities.facility_end, name="facility_end"),
]
desk_urls = [
    *shared_urls,
    path("imports/", imports.listing, name="imports"),
    path("imports/<slug:kind>.csv", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.job, name="import"),
    path("imports/<int:pk>/mapping/", imports.mapping, name="import_mapping"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:pk>/refused.csv", imports.refused, name="import_refused"),
]
urlpatterns = [
    path("places/", include((desk_urls, "places"))),
    path("m/places/", include((shared_urls, "phone_places"))),
]
