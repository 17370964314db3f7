"""The API of the cases: the same verbs as the pages', and no rule of its own."""

from django.urls import path

from cases.api.campaigns import Campaigns, OneCampaign, OneTask
from cases.api.cases import Act, Cases, OneCase
from cases.api.items import Items
from cases.api.photos import CasePhotos, Picture, Thumb
from cases.api.suggestions import Suggestions

urlpatterns = [
    path("items/", Items.as_view(), name="api_items"),
    path("cases/", Cases.as_view(), name="api_cases"),
    path("cases/<str:number>/", OneCase.as_view(), name="api_case"),
    path("cases/<str:number>/photos/", CasePhotos.as_view(), name="api_case_photos"),
    path("cases/<str:number>/<slug:action>/", Act.as_view(), name="api_case_act"),
    path("suggestions/", Suggestions.as_view(), name="api_suggestions"),
    path("campaigns/", Campaigns.as_view(), name="api_campaigns"),
    path("campaigns/tasks/<int:pk>/", OneTask.as_view(), name="api_campaign_task"),
    path("campaigns/<str:number>/", OneCampaign.as_view(), name="api_campaign"),
    path("photos/<uuid:key>/", Picture.as_view(), name="api_photo"),
    path("photos/<uuid:key>/thumb/", Thumb.as_view(), name="api_photo_thumb"),
]
