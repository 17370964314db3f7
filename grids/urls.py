from django.urls import path

from grids.views import desk

app_name = "grids"
urlpatterns = [
    path("", desk.map_page, name="map"),
    path("boundaries.geojson", desk.boundaries, name="boundaries"),
    path("layers/stations/", desk.stations, name="stations"),
    path("layers/buildings/", desk.buildings, name="buildings"),
    path("layers/facilities/", desk.facilities, name="facilities"),
]
