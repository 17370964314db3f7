"""Addresses of the desk, the phone and the public pages. The API's are in cases/api.py."""

from django.urls import include, path

from cases.views import (
    bulk,
    callbacks,
    desk,
    disputes,
    papers,
    phone,
    public,
    reviews,
    rules,
    services,
)
from governance.views.desk import inbox, inbox_read

# The same pages on the desk and on the phone.
service_urls = [
    path("services/", services.listing, name="services"),
    path("services/guide/", services.guide, name="service_guide"),
    path("services/new/<slug:code>/", services.new, name="service_new"),
    path("services/<str:number>/", services.page, name="service"),
    path("services/<str:number>/reveal/", services.reveal, name="service_reveal"),
    path("services/<str:number>/materials/", services.bring, name="service_bring"),
    path("services/<str:number>/materials/<uuid:key>/", services.picture, name="service_picture"),
    path("services/<str:number>/papers/", services.paper_make, name="service_paper_make"),
    path("services/<str:number>/<slug:code>/", services.act, name="service_act"),
]
desk_urls = [
    path("", desk.queue_page, name="queue"),
    path("map/", desk.map_page, name="map"),
    path("map/points/", desk.map_points, name="points"),
    path("dispatch-rules/", rules.rules_page, name="rules"),
    path("reviews/", reviews.listing, name="reviews"),
    path("reviews/<int:pk>/", reviews.detail, name="review"),
    path("reviews/<int:pk>/reply/", reviews.reply, name="review_reply"),
    path("reviews/<int:pk>/end/", reviews.end, name="review_end"),
    path("reviews/new/<str:number>/", reviews.new, name="review_new"),
    path("bulk/", bulk.bulk_preview, name="bulk"),
    path("bulk/<int:pk>/", bulk.bulk_job, name="bulk_job"),
    path("callbacks/", callbacks.listing, name="callbacks"),
    path("callbacks/<int:pk>/", callbacks.record, name="callback"),
    path("cases/new/", desk.case_new, name="case_new"),
    path("cases/items/", desk.item_search, name="item_search"),
    path("cases/similar/", desk.similar, name="similar"),
    path("cases/suggest/", desk.suggest_items, name="suggest_items"),
    path("cases/<str:number>/", desk.case_view, name="case"),
    path("cases/<str:number>/similar/", desk.similar_to, name="similar_to"),
    path("cases/<str:number>/reporter/", desk.reveal, name="reveal"),
    path("cases/<str:number>/papers/", papers.make, name="paper_make"),
    path("cases/<str:number>/papers/<uuid:key>/", papers.page, name="paper"),
    path("cases/<str:number>/papers/<uuid:key>/file/", papers.file, name="paper_file"),
    path("cases/<str:number>/dispute/", disputes.desk_page, name="dispute"),
    path(
        "cases/<str:number>/dispute/parties/<uuid:key>/",
        disputes.desk_reveal,
        name="dispute_reveal",
    ),
    path("cases/<str:number>/dispute/<slug:verb>/", disputes.desk_act, name="dispute_act"),
    path("reception/", disputes.reception, name="reception"),
    path("cases/<str:number>/<slug:code>/", desk.act, name="act"),
    path("papers/templates/<slug:kind>/", papers.template, name="paper_template"),
    path("services/<str:number>/papers/<uuid:key>/", services.paper, name="service_paper"),
    path(
        "services/<str:number>/papers/<uuid:key>/file/",
        services.paper_file,
        name="service_paper_file",
    ),
    *service_urls,
]
phone_urls = [
    path("", phone.tasks, name="tasks"),
    path("report/", phone.report, name="report"),
    path("inbox/", inbox, name="inbox"),
    path("inbox/read/", inbox_read, name="inbox_read"),
    path("cases/<str:number>/", phone.case_view, name="case"),
    path("cases/<str:number>/dispute/", disputes.phone_page, name="dispute"),
    path(
        "cases/<str:number>/dispute/parties/<uuid:key>/",
        disputes.phone_reveal,
        name="dispute_reveal",
    ),
    path("cases/<str:number>/dispute/<slug:verb>/", disputes.phone_act, name="dispute_act"),
    path("cases/<str:number>/<slug:code>/", phone.act, name="act"),
    *service_urls,
]
public_urls = [
    path("", public.report, name="report"),
    path("received/<str:number>/", public.receipt, name="receipt"),
    path("query/", public.query, name="query"),
    path("progress/<str:number>/", public.progress, name="progress"),
    path("progress/<str:number>/rate/", public.rate, name="rate"),
    path("progress/<str:number>/reply/", public.reply, name="reply"),
    path("progress/<str:number>/urge/", public.urge, name="urge"),
    path("areas.geojson", public.areas, name="areas"),
    path("photo/<uuid:key>/", public.photo, name="photo"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
]

urlpatterns = [
    path("", include((desk_urls, "desk"))),
    path("m/", include((phone_urls, "phone"))),
    path("report/", include((public_urls, "public"))),
    path("photos/<uuid:key>/", desk.photo, name="photo"),
    path("photos/<uuid:key>/thumb/", desk.photo_thumb, name="photo_thumb"),
    path("photos/<uuid:key>/public/", desk.publish_photo, name="photo_publish"),
]
