"""Addresses of the desk, the phone and the public pages. The API's are in cases/api.py."""

from django.urls import include, path

from cases.views import bulk, callbacks, desk, disputes, papers, phone, public, rules
from governance.views.desk import inbox, inbox_read

desk_urls = [
    path("", desk.queue_page, name="queue"),
    path("map/", desk.map_page, name="map"),
    path("map/points/", desk.map_points, name="points"),
    path("dispatch-rules/", rules.rules_page, name="rules"),
    path("bulk/", bulk.bulk_preview, name="bulk"),
    path("bulk/<int:pk>/", bulk.bulk_job, name="bulk_job"),
    path("callbacks/", callbacks.listing, name="callbacks"),
    path("callbacks/<int:pk>/", callbacks.record, name="callback"),
    path("cases/new/", desk.case_new, name="case_new"),
    path("cases/items/", desk.item_search, name="item_search"),
    path("cases/similar/", desk.similar, name="similar"),
    path("cases/<str:number>/", desk.case_view, name="case"),
    path("cases/<str:number>/similar/", desk.similar_to, name="similar_to"),
    path("cases/<str:number>/reporter/", desk.reveal, name="reveal"),
    path("cases/<str:number>/papers/", papers.make, name="paper_make"),
    path("cases/<str:number>/papers/<uuid:key>/", papers.page, name="paper"),
    path("cases/<str:number>/papers/<uuid:key>/file/", papers.file, name="paper_file"),
    path("cases/<str:number>/dispute/", disputes.desk_page, name="dispute"),
    path("cases/<str:number>/dispute/<slug:verb>/", disputes.desk_act, name="dispute_act"),
    path("reception/", disputes.reception, name="reception"),
    path("cases/<str:number>/<slug:code>/", desk.act, name="act"),
    path("papers/templates/<slug:kind>/", papers.template, name="paper_template"),
]
phone_urls = [
    path("", phone.tasks, name="tasks"),
    path("report/", phone.report, name="report"),
    path("inbox/", inbox, name="inbox"),
    path("inbox/read/", inbox_read, name="inbox_read"),
    path("cases/<str:number>/", phone.case_view, name="case"),
    path("cases/<str:number>/dispute/", disputes.phone_page, name="dispute"),
    path("cases/<str:number>/dispute/<slug:verb>/", disputes.phone_act, name="dispute_act"),
    path("cases/<str:number>/<slug:code>/", phone.act, name="act"),
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
