from django.urls import path

from oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("acts/", views.audit_events, name="audit_events"),
    path("access/", views.access_log, name="access_log"),
    path("time-limits/", views.time_limits, name="time_limits"),
    path("time-limits/bank-holidays/enter/", views.enter_bank_holidays, name="enter_bank_holidays"),
    path("time-limits/bank-holidays/<int:pk>/withdraw/", views.withdraw_bank_holiday, name="withdraw_bank_holiday"),
    path("time-limits/<str:code>/", views.time_limit, name="time_limit"),
    path("time-limits/<str:code>/<int:pk>/withdraw/", views.withdraw_limit, name="withdraw_limit"),
]
