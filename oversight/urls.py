from django.urls import path

from oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("acts/", views.audit_events, name="audit_events"),
    path("access/", views.access_log, name="access_log"),
    path("time-limits/", views.time_limits, name="time_limits"),
    path("time-limits/<str:code>/", views.time_limit, name="time_limit"),
]
