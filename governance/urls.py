"""All addresses. Rooms above the ground floor are reached by dotted strings only."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from governance import api_views
from governance.access import for_everyone
from governance.events import events
from governance.views import desk

handler400 = "governance.api.bad_request"
handler404 = "governance.api.not_found"
handler500 = "governance.api.server_error"
urlpatterns = [
    path("healthz", desk.healthz, name="healthz"),
    path("readyz", desk.readyz, name="readyz"),
    path("login/", for_everyone(LoginView.as_view(redirect_authenticated_user=True)), name="login"),
    path("logout/", for_everyone(LogoutView.as_view()), name="logout"),
    path("i18n/", for_everyone(require_POST(set_language)), name="set_language"),
    path("home/", desk.home, name="home"),
    path("inbox/", desk.inbox, name="inbox"),
    path("inbox/read/", desk.inbox_read, name="inbox_read"),
    path("events/", events, name="events"),
    path("password/", desk.password_change, name="password_change"),
    path("password/done/", desk.password_change_done, name="password_change_done"),
    path("tokens/", desk.own_tokens, name="tokens"),
    path("permissions/", desk.permission_table, name="permissions"),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_views.routes)),
    path("api/v1/", include("grids.api")),
    path("api/v1/", include("cases.api")),
    path("api/schema/", api_views.Schema.as_view(), name="api_schema"),
    path("grids/", include("grids.urls")),
    path("", include("people.urls")),
    path("", include("grids.place_urls")),
    path("", include("cases.urls")),
]
