"""Every address. A room's own addresses are in its urls.py; a public view says so on purpose."""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from api.views import Schema, WayIn
from diary import calendar
from workbench import errors
from workbench.health import health

# Only these three of allauth's addresses: including its urls would open public sign-up.
account_addresses = [
    path("sign-in/", login_not_required(account.login), name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
]

# The API: each room's own resources, in one name space.
resources: list[URLPattern | URLResolver] = [
    path("", WayIn.as_view(), name="way_in"),
    path("", include("cases.api.urls")),
    path("", include("conferences.api.urls")),
    path("", include("cram.api.urls")),
    path("", include("diary.api")),
    path("", include("diary.notices_api")),
    path("", include("intake.api")),
    path("", include("oversight.api")),
    path("", include("referrals.api.urls")),
    path("", include("workbench.api")),
    path("", include("workbench.transfers_api")),
]

urlpatterns = [
    path("health/", health, name="health"),
    path("", include(account_addresses)),
    path("", include("workbench.urls")),
    path("referrals/old-logs/", include("old_logs.urls")),  # before the room below it, whose addresses begin so too
    path("referrals/", include("referrals.urls")),
    path("cases/", include("cases.urls")),
    path("", include("cram.urls")),  # below a record, and below /cram/
    path("", include("conferences.urls")),  # below a record, and below /conferences/
    path("queues/", include("diary.urls")),
    path("calendar/<str:secret>.ics", calendar.feed, name="calendar_feed"),
    path("team/", include("team.urls")),
    path("oversight/", include("oversight.urls")),
    path("api/v1/", include((resources, "api"))),
    path("api/schema/", Schema.as_view(), name="api-schema"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many_requests
handler500 = errors.server_error
