from django.urls import path

from diary import calendar, check_views, ended_views, notice_views, queue_views, views

app_name = "diary"
urlpatterns = [
    path("", queue_views.queues, name="queues"),
    path("give/", queue_views.give, name="give_duties"),
    path("notices/", notice_views.notices, name="notices"),
    path("notices/read/", notice_views.read_notices, name="read_notices"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/end/", calendar.end_calendar, name="end_calendar"),
    path("addresses/", views.addresses, name="addresses"),
    path("addresses/<int:pk>/end/", views.end_address, name="end_address"),
    path("<record:number>/ended/", ended_views.ended, name="ended"),
    path("<record:number>/put-right/", check_views.put_right, name="put_right"),
    path("<record:number>/<int:pk>/hold/", views.hold_chases, name="hold_chases"),
    path("<record:number>/<int:pk>/release/", views.release_chases, name="release_chases"),
]
