"""The API of the cases: the same verbs as the pages', and no rule of its own."""

from django.urls import path

from cases.api.campaign_moves import urls as campaign_urls
from cases.api.cases import Act, Cases, OneCase, SimilarTo
from cases.api.disputes import urls as dispute_urls
from cases.api.figures import urls as figure_urls
from cases.api.items import Items
from cases.api.papers import urls as paper_urls
from cases.api.photos import CasePhotos, Picture, Thumb
from cases.api.reviews import urls as review_urls
from cases.api.rules import urls as rule_urls
from cases.api.services import (
    MaterialPicture,
    OneService,
    RevealService,
    ServiceAct,
    ServiceItems,
    ServiceMaterials,
    Services,
)
from cases.api.suggestion_moves import urls as suggestion_urls
from cases.api.suggestions import Suggestions

service_urls = [
    path("service-items/", ServiceItems.as_view(), name="api_service_items"),
    path("services/", Services.as_view(), name="api_services"),
    path("services/<str:number>/", OneService.as_view(), name="api_service"),
    path("services/<str:number>/reveal/", RevealService.as_view(), name="api_service_reveal"),
    path(
        "services/<str:number>/materials/", ServiceMaterials.as_view(), name="api_service_materials"
    ),
    path(
        "services/<str:number>/materials/<uuid:key>/",
        MaterialPicture.as_view(),
        name="api_service_picture",
    ),
    path("services/<str:number>/<slug:action>/", ServiceAct.as_view(), name="api_service_act"),
]
urlpatterns = [
    path("items/", Items.as_view(), name="api_items"),
    path("cases/", Cases.as_view(), name="api_cases"),
    path("cases/<str:number>/", OneCase.as_view(), name="api_case"),
    path("cases/<str:number>/similar/", SimilarTo.as_view(), name="api_case_similar"),
    *paper_urls,
    *dispute_urls,
    *review_urls,
    *rule_urls,
    *figure_urls,
    path("cases/<str:number>/photos/", CasePhotos.as_view(), name="api_case_photos"),
    path("cases/<str:number>/<slug:action>/", Act.as_view(), name="api_case_act"),
    path("suggestions/", Suggestions.as_view(), name="api_suggestions"),
    *suggestion_urls,
    *campaign_urls,
    path("photos/<uuid:key>/", Picture.as_view(), name="api_photo"),
    path("photos/<uuid:key>/thumb/", Thumb.as_view(), name="api_photo_thumb"),
    *service_urls,
]
