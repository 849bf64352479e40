from django.urls import path

from old_logs import views

app_name = "old_logs"
urlpatterns = [
    path("", views.old_logs, name="old_logs"),
    path("<int:pk>/", views.old_log, name="old_log"),
    path("<int:pk>/columns/", views.choose_columns, name="choose_columns"),
    path("<int:pk>/download/", views.download_rest, name="download_rest"),
    path("<int:pk>/discard/", views.discard_old_log, name="discard_old_log"),
]
