"""Every address. A room's own addresses are in its urls.py; a public view says so on purpose."""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from workbench import errors
from workbench.health import health

# Only these three of allauth's addresses: including its urls would open public sign-up.
account_addresses = [
    path("sign-in/", login_not_required(account.login), name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
]

urlpatterns = [
    path("health/", health, name="health"),
    path("", include(account_addresses)),
    path("", include("workbench.urls")),
    path("referrals/", include("referrals.urls")),
    path("cases/", include("cases.urls")),
    path("queues/", include("diary.urls")),
    path("conferences/", include("conferences.urls")),
    path("team/", include("team.urls")),
    path("oversight/", include("oversight.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many_requests
handler500 = errors.server_error
