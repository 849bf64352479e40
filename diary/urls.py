from django.urls import path

from diary import views

app_name = "diary"
urlpatterns = [
    path("", views.queues, name="queues"),
    path("addresses/", views.addresses, name="addresses"),
    path("addresses/<int:pk>/end/", views.end_address, name="end_address"),
    path("<record:number>/<int:pk>/hold/", views.hold_chases, name="hold_chases"),
    path("<record:number>/<int:pk>/release/", views.release_chases, name="release_chases"),
]
