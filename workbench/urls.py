from django.urls import path

from workbench import views

app_name = "workbench"
urlpatterns = [
    path("", views.today, name="today"),
    path("cases/<record:number>/", views.case, name="case"),
]
